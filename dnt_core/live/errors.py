r"""The one exception of this room."""


class LiveError(ValueError):
    r"""A live face cannot be made or drawn as asked; one sentence names the value and what was expected."""
