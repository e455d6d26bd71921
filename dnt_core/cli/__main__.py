r"""``python -m dnt_core.cli``."""

from dnt_core.cli import app

app(prog_name="dnt")
