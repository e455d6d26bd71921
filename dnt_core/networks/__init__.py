r"""The networks of figure 2, one file each."""
