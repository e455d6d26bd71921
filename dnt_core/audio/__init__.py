r"""Sound → features of sound → lips: the audio submodule of section 3.4."""
