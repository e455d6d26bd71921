r"""A clip to start with: the built-in actor says one sentence, filmed once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dnt_core.live.errors import LiveError

SECONDS = 2.4  # a whole sentence of seven syllables, and hardly any silence after it
EXPRESSION, LEVEL, INTENSITY = "neutral", "1", 0.0


def default_clip(
    identity: str | None, image_size: int, tell: Callable[[str], None] = lambda line: None
) -> Path:
    r"""The clip of a built-in actor at some size; filmed into ``runs/live`` when it is not there.

    Args:
        tell: is given a line before the filming, which takes tens of seconds.

    Raises:
        LiveError: the weights are of nobody built in.
    """
    from dnt_core.actor import PEOPLE, ActorConfig, FilmConfig
    from dnt_core.actor.filming import Shot, film_shot
    from dnt_core.workbook.session import repository_root

    if identity not in PEOPLE:
        whose = f"of {identity!r}" if identity else "that do not say whose they are"
        raise LiveError(f"weights {whose} need a clip; built-in are only {', '.join(PEOPLE)}")
    knobs = ActorConfig(mesh_resolution=35_709 if image_size >= 192 else 9_000)
    plan = FilmConfig((identity,), 1, SECONDS, image_size=image_size + image_size % 2, knobs=knobs)
    root = repository_root() / "runs" / "live" / f"{identity}_{image_size}_{SECONDS:g}s"
    shot = Shot(identity, EXPRESSION, LEVEL, INTENSITY, 1)
    if not shot.video(root).is_file():
        tell(f"filming the {SECONDS:g} s in which {identity} speaks, into {root}; once")
        film_shot(plan, shot, root)
    return shot.video(root)
