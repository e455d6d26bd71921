r"""Profiles: the sizes of a run. A profile changes sizes, never the path through the code."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

#: Name of the environment variable that says the profile where nobody chose one (the tests' is ``nbval``).
PROFILE_VARIABLE = "DNT_PROFILE"
#: The profile where nobody chose one and the variable is not set; what the notebooks hold.
DEFAULT_PROFILE = "quick"


@dataclass(frozen=True)
class Profile:
    r"""Sizes of one run.

    Every field says in which direction it turns: larger is slower and closer to the paper.

    Args:
        name: ``nbval``, ``quick``, ``laptop`` or ``paper``.
        image_size: side of the square frames in px.
        mesh_vertices: vertices of the procedural face model (the paper's BFM crop has 35,709).
        texture_size: side of the unwrapped and neural textures in texels.
        actors: how many identities are filmed.
        clips_per_cell: clips for each (expression, level) of an actor; MEAD has 30.
        seconds: length of a filmed clip in s.
        fps: frames per second of a filmed clip; MEAD has 30.
        cell_timeout: seconds after which a notebook cell is stopped, ``None`` for never.
    """

    name: str
    image_size: int
    mesh_vertices: int
    texture_size: int
    actors: int
    clips_per_cell: int
    seconds: float
    fps: float = 30.0
    cell_timeout: int | None = None

    @property
    def face_model(self) -> str:
        r"""The source string for ``dnt_core.face3d.load_face_model``."""
        return f"procedural:{self.mesh_vertices}"

    @property
    def frames_per_clip(self) -> int:
        r"""Frames in one filmed clip, at least one."""
        return max(1, round(self.seconds * self.fps))

    def pick(self, *, nbval: T, quick: T, laptop: T, paper: T) -> T:
        r"""The value for this profile, for a size that only one notebook knows.

        >>> get_profile("quick").pick(nbval=2, quick=50, laptop=2000, paper=100_000)
        50

        Args:
            nbval: for the tests.
            quick: for first contact and CI.
            laptop: for an evening on a CPU.
            paper: for the paper's sizes.
        """
        return {"nbval": nbval, "quick": quick, "laptop": laptop, "paper": paper}[self.name]


PROFILES: dict[str, Profile] = {
    p.name: p
    for p in (
        Profile("nbval", 64, 2_000, 64, actors=1, clips_per_cell=1, seconds=0.8, fps=10, cell_timeout=300),
        Profile("quick", 128, 9_000, 128, actors=1, clips_per_cell=1, seconds=1.0, cell_timeout=600),
        Profile("laptop", 256, 35_709, 256, actors=3, clips_per_cell=3, seconds=2.5, cell_timeout=6 * 3600),
        Profile("paper", 256, 35_709, 256, actors=3, clips_per_cell=30, seconds=4.0),
    )
}


def get_profile(name: str | None = None) -> Profile:
    r"""The profile of that name.

    Args:
        name: a key of :data:`PROFILES`; None: what the environment variable ``DNT_PROFILE`` names, else
            :data:`DEFAULT_PROFILE`.

    Raises:
        ValueError: the name (or the variable's value) is no profile.
    """
    asked = name or os.environ.get(PROFILE_VARIABLE) or DEFAULT_PROFILE
    if asked not in PROFILES:
        where = "" if name else f" (from the environment variable {PROFILE_VARIABLE})"
        raise ValueError(f"there is no profile {asked!r}{where}; expected one of {', '.join(PROFILES)}")
    return PROFILES[asked]
