r"""Makes the random checkpoints of tests/networks importable."""
