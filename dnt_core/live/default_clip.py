r"""A clip to start with: the built-in actor says one sentence.

Those of the shipped weights lie in ``clips/`` beside this file, so that nobody waits for a film;
``python -m dnt_core.live.default_clip`` films them anew after the actor or :data:`SECONDS` changed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dnt_core.live.errors import LiveError
from dnt_core.paths import runs_folder

SECONDS = 2.4  # a whole sentence of seven syllables, and hardly any silence after it
EXPRESSION, LEVEL, INTENSITY = "neutral", "1", 0.0


SHIPPED = Path(__file__).with_name("clips")
OF_WEIGHTS = (("M003", 128), ("M003", 256), ("M011", 128), ("W009", 128), ("W009", 256))  # identity, px


def default_clip(
    identity: str | None, image_size: int, tell: Callable[[str], None] = lambda line: None
) -> Path:
    r"""The clip of a built-in actor at some size: the shipped one, else filmed into ``runs/live`` once.

    Args:
        tell: is given a line before the filming, which takes tens of seconds.

    Raises:
        LiveError: the weights are of nobody built in.
    """
    from dnt_core.actor.film_config import Shot
    from dnt_core.actor.people import PEOPLE

    if identity not in PEOPLE:
        whose = f"of {identity!r}" if identity else "that do not say whose they are"
        raise LiveError(f"weights {whose} need a clip; built-in are only {', '.join(PEOPLE)}")
    shot = Shot(identity, EXPRESSION, LEVEL, INTENSITY, 1)
    name = f"{identity}_{image_size}_{SECONDS:g}s"
    if (shipped := shot.video(SHIPPED / name)).is_file():
        return shipped
    root = runs_folder() / "live" / name
    if not shot.video(root).is_file():
        tell(f"filming the {SECONDS:g} s in which {identity} speaks, into {root}; once")
        film_default_clip(identity, image_size, root)
    return shot.video(root)


def said() -> str:
    r"""The sentence of these clips."""
    from dnt_core.actor import FilmConfig

    return FilmConfig(("M003",), 1, SECONDS).sentence(1).text


def film_default_clip(identity: str, image_size: int, root: Path) -> None:
    r"""Films the clip of a built-in actor into ``root``, in MEAD's layout and ``image_size`` px."""
    from dnt_core.actor import ActorConfig, FilmConfig
    from dnt_core.actor.film_config import Shot
    from dnt_core.actor.filming import film_shot

    knobs = ActorConfig(mesh_resolution=35_709 if image_size >= 192 else 9_000)
    plan = FilmConfig((identity,), 1, SECONDS, image_size=image_size + image_size % 2, knobs=knobs)
    film_shot(plan, Shot(identity, EXPRESSION, LEVEL, INTENSITY, 1), root)


if __name__ == "__main__":
    for who, size in OF_WEIGHTS:
        film_default_clip(who, size, SHIPPED / f"{who}_{size}_{SECONDS:g}s")
