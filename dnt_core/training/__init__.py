r"""Fitting the networks: losses, data, loops, checkpoints that a stopped run goes on from."""
