r"""``python -m dnt_core``: the command ``dnt``."""

from dnt_core.cli import app

app(prog_name="dnt")
