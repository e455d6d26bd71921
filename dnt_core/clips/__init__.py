r"""clips/: a MEAD-layout folder → labelled clips, frames, sound."""
