r"""The dynamic neural texture measured: on frames, clips and intensities that it never saw (section 5.2)."""
