r"""Makes the made-up frames importable."""
