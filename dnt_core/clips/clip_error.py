r"""The one exception of this room."""


class ClipError(ValueError):
    r"""A clip, its sound or its cache cannot be used; one sentence names the file and says why."""
