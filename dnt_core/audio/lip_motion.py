r"""Sound to lips: what every route offers, and the routes by name.

A route is added by :func:`register_lip_motion`; its module is imported only when it is asked for.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

#: Level of what lips are given, 20 dB below full scale; quieter sounds are raised to it, because the built-in
#: lips hear nobody in a sound that stays 40 dB below full scale.
HEARD = 0.1
LOUDEST = 3 * HEARD  # of a sound that is raised; above lie clicks and knocks
SHORTEST = 0.2  # s of sound that lips follow
QUIETEST = 1e-3  # of the loudest sample: 60 dB below full scale, where nothing is left to hear


class LipMotion(Protocol):
    r"""Anything that gives the neutral expression of a face speaking."""

    def __call__(self, sound: np.ndarray, rate: int, fps: float, frames: int) -> np.ndarray:
        r"""The face, frame by frame; frame i shows time i / fps.

        Args:
            sound: (N,) floating, mono, in [-1, 1].
            rate: samples per second, Hz.
            fps: frames per second, > 0.
            frames: how many, T >= 0.

        Returns:
            (T, 64) float32 expression numbers of the route's face model, without any expression.
        """
        ...


#: name → where the route's class or function stands, "module:name"
_ROUTES = {
    "built-in": "dnt_core.audio.built_in:BuiltInLips",
    "given": "dnt_core.audio.given:GivenLips",
    "wav2lip": "dnt_core.audio.wav2lip_route:Wav2LipLips",
}


def register_lip_motion(name: str, where: str | Callable[..., LipMotion]) -> None:
    r"""Adds a route.

    Args:
        name: what it is asked for by.
        where: "module:name" of what makes it, or that itself.

    Raises:
        ValueError: the name is taken.
    """
    if name in _ROUTES:
        raise ValueError(f"there is already a way from sound to lips called {name!r}")
    _ROUTES[name] = where


def lip_motion(name: str = "built-in", **options: Any) -> LipMotion:
    r"""A route by name.

    Args:
        name: "built-in", "wav2lip", "given", or a registered one.
        options: what the route's own class takes, for example ``weights`` or ``path``.

    Raises:
        ValueError: an unknown name, a route that is not in this installation, or options that it needs or
            does not know.
    """
    if name not in _ROUTES:
        raise ValueError(f"no way from sound to lips is called {name!r}; there are {', '.join(_ROUTES)}")
    where = _ROUTES[name]
    if callable(where):
        return _made(name, where, options)
    module, _, attribute = where.partition(":")
    try:
        made = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"the way {name!r} from sound to lips cannot be opened here: {error}") from error
    return _made(name, made, options)


def _made(name: str, route: Callable[..., LipMotion], options: dict[str, Any]) -> LipMotion:
    asked = inspect.signature(route)
    try:
        asked.bind(**options)
    except TypeError as error:
        needs = [name for name, about in asked.parameters.items() if about.default is about.empty]
        missing = [option for option in needs if option not in options]
        unknown = [option for option in options if option not in asked.parameters]
        said = f"has no option {unknown[0]!r}" if unknown else f"needs {' and '.join(missing)}"
        there = ", ".join(asked.parameters) or "none"
        raise ValueError(f"the way {name!r} from sound to lips {said}; its options are {there}") from error
    return route(**options)
