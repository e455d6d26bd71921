r"""What is to be filmed: the plan of a film, its clips, what is said in them and the seed of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from dnt_core.actor.actor_config import ActorConfig
from dnt_core.actor.people import PEOPLE, get_person
from dnt_core.actor.speech import Sentence, sentences_within
from dnt_core.arguments import check_type, whole_number
from dnt_core.ciec import CIEC_TYPES, EXPRESSIONS, LEVEL_INTENSITY, check_intensity, intensity_to_level

SCANNED, PLAYED_BY = "ICT", "M003"  # ICT-FaceKit's head as an actor, and whose voice and timing it has


@dataclass(frozen=True)
class FilmConfig:
    r"""What is filmed.

    Args:
        actors: names of :data:`PEOPLE`, at least one.
        clips_per_cell: clips of every (expression, level), at least 1.
        seconds: length of every clip in s, long enough for the shortest phrase (about 0.7 s).
        fps: frames per second, above 0.
        image_size: side of the square picture, even, 32 … 1024 px.
        intensities: None films MEAD's levels 1–3 (neutral: level 1); numbers in (0, 1] film the seven
            expressions at these intensities, in folders ``level_<3·intensity>`` (0.33 and 0.67 are levels 1
            and 2).
        seed: everything random follows from it, at least 0.
        knobs: see :class:`ActorConfig`.
        face_model: "procedural", or "ict": ICT-FaceKit's head acts, as the one actor ``ICT``.

    Raises:
        TypeError: a number of clips, a size or a seed that is not whole, knobs that are none.
        ValueError: a value out of range, an unknown actor or face model, no actor, no intensity.
    """

    actors: tuple[str, ...] = ("M003",)
    clips_per_cell: int = 1
    seconds: float = 1.0
    fps: float = 30.0
    image_size: int = 128
    intensities: tuple[float, ...] | None = None
    seed: int = 0
    knobs: ActorConfig = field(default_factory=ActorConfig)
    face_model: str = "procedural"

    def __post_init__(self) -> None:
        if self.face_model not in ("procedural", "ict"):
            raise ValueError(
                f"face model {self.face_model!r} cannot act: its shapes have no names; expected procedural, "
                "or ict (ICT-FaceKit, whose 53 shapes do)"
            )
        if self.face_model == "ict":
            object.__setattr__(self, "actors", (SCANNED,))
        else:
            for actor in self.actors:
                get_person(actor)
        if not self.actors or self.intensities == ():
            raise ValueError("a film plan needs at least one actor, and at least one intensity or None")
        check_type(self.knobs, ActorConfig, "knobs", "an ActorConfig")
        whole_number(self.seed, "film plan's seed", 0)
        if whole_number(self.clips_per_cell, "clips_per_cell", 0) < 1 or not 0 < self.fps < float("inf"):
            got = f"{self.clips_per_cell} clips at {self.fps} fps"
            raise ValueError(f"a film plan needs clips and frames, got {got}")
        if whole_number(self.image_size, "image_size", 0) % 2:
            raise ValueError(f"H.264 needs an even image size, got {self.image_size} px")
        if not 32 <= self.image_size <= 1024:
            raise ValueError(f"film image size must lie in [32, 1024] px, got {self.image_size}")
        sentences_within(self.seconds)  # says so when there is none
        for intensity in self.intensities or ():
            if check_intensity(intensity, "film plan's intensity") == 0.0:
                said = "intensity 0 is the neutral expression, which a film without intensities contains"
                raise ValueError(said)

    @property
    def n_frames(self) -> int:
        r"""Frames a clip."""
        return max(1, round(self.seconds * self.fps))

    def shots(self) -> list[Shot]:
        r"""Every clip of the plan, in the order of filming."""
        if self.intensities is None:
            levels = [(str(level), x) for level, x in LEVEL_INTENSITY.items()]
            cells = [(e, level, x) for e in CIEC_TYPES for level, x in levels] + [("neutral", "1", 0.0)]
        else:
            levels = [(f"{intensity_to_level(x):.4g}", x) for x in self.intensities]
            cells = [(e, level, x) for e in CIEC_TYPES for level, x in levels]
        numbers = range(1, self.clips_per_cell + 1)
        return [Shot(a, e, level, x, n) for a in self.actors for e, level, x in cells for n in numbers]

    def sentence(self, number: int) -> Sentence:
        r"""What is said in clip ``number`` of every cell: the same words in every expression.

        Args:
            number: of the clip, from 1; the sentences that fit come again after the last one.
        """
        choice = sentences_within(self.seconds)
        return choice[(number - 1 + self.seed) % len(choice)]


@dataclass(frozen=True)
class Shot:
    r"""One clip: who, which expression, the folder's level, the intensity in [0, 1], the clip's number.

    Args:
        actor: a name of :data:`PEOPLE`.
        expression: one of ``EXPRESSIONS``.
        level: the number in the folder's name, such as "1".
        intensity: in [0, 1].
        number: of the clip, from 1.
    """

    actor: str
    expression: str
    level: str
    intensity: float
    number: int

    def video(self, root: Path) -> Path:
        r"""Where the mp4 goes.

        Args:
            root: the film's folder.
        """
        return self._file(root / self.actor / "video" / "front", ".mp4")

    def audio(self, root: Path) -> Path:
        r"""Where the m4a goes.

        Args:
            root: the film's folder.
        """
        return self._file(root / self.actor / "audio", ".m4a")

    def _file(self, folder: Path, suffix: str) -> Path:
        return folder / self.expression / f"level_{self.level}" / f"{self.number:03d}{suffix}"


def shot_seed(plan: FilmConfig, shot: Shot) -> int:
    r"""The seed of one clip: differs between all clips, the same in every run.

    Args:
        plan: what is filmed.
        shot: one clip of it.
    """
    cell = [
        EXPRESSIONS.index(shot.expression),
        round(1e4 * shot.intensity),
        shot.number,
        list(PEOPLE).index(shot.actor),
    ]
    return int(np.random.SeedSequence([plan.seed, *cell]).generate_state(1)[0])
