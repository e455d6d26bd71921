r"""Making the clips of a study: intensities drawn, rendered, written under names that tell nothing.

**Intensities** of a group are drawn uniformly in [0, 1] under the condition that no two are closer than
``min_gap`` (``observers.draw_groups``). The practice group's are evenly spread, 0 … 1, and its order is easy.

**Nothing tells the intensity.** File names are random; every file has the same settings and the same
provenance record: that it is synthetic and made for the study, neither the expression nor the intensity,
which the records of a film hold. The visible mark stays. Which clip is which stands in ``manifest.csv``
alone, and that never reaches the page.
"""

from __future__ import annotations

import csv
import os
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from dnt_core.atomic_write import atomic_path, is_part
from dnt_core.ciec import CIEC_TYPES
from dnt_core.clips import provenance_record, write_video
from dnt_core.studies.perceptual_study.collecting.study_plan import (
    COLUMNS,
    MANIFEST,
    SAID,
    StudyPlan,
    read_plan,
)
from dnt_core.studies.perceptual_study.observers import draw_groups

MIN_GAP = 0.1
MADE_OF = "made_of"  # a further column of the manifest
_DRAWN = "drawn.csv"  # the manifest of clips that are still being made


@dataclass(frozen=True)
class ClipOrder:
    r"""What is to be rendered: ``speech`` numbers the group, all of whose clips speak and move alike."""

    identity: str
    expression: str
    intensity: float
    speech: int


@dataclass(frozen=True)
class RenderedClip:
    r"""Frames (H, W, 3) uint8 RGB, frames a second, mono sound in [−1, 1] and its rate in Hz."""

    frames: Iterable[np.ndarray]
    fps: Fraction | float
    sound: np.ndarray | None
    sample_rate: int


Render = Callable[[ClipOrder], RenderedClip]


def make_clips(
    folder: str | os.PathLike,
    render: Render,
    identities: Sequence[str],
    expressions: Sequence[str] = CIEC_TYPES,
    m: int = 4,
    seed: int = 0,
    min_gap: float = MIN_GAP,
    practice: tuple[str, str] | None = None,
    made_of: str = "",
    progress: bool = True,
) -> StudyPlan:
    r"""Render the clips of a study into a folder and write its manifest last; goes on where it was stopped.

    Args:
        folder: for the clips; one that holds a finished study is read and left as it is.
        render: called with a :class:`ClipOrder` for each clip. If it has a method ``said(speech)``, what that
            returns is the sentence that a group's clips say, for their captions.
        identities: folder names of the people; there is a group for each pair of identity and expression, 3
            × 7 = 21 in the paper.
        expressions: some of ``CIEC_TYPES``.
        m: clips in a group.
        seed: of the intensities; file names are always fresh.
        min_gap: least difference of two intensities in a group; larger: easier to order.
        practice: identity and expression of the practice group; the first identity, happy, by default.
        made_of: what ``render`` draws with, kept beside every clip in the manifest; clips that were begun
            with something else are not gone on with.
        progress: show a bar.

    Raises:
        ValueError: the folder is a file or holds other files, or clips begun with another plan; an unknown
            expression.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file; expected a folder for the clips")
    if (folder / MANIFEST).is_file():
        return read_plan(folder)
    design = _design(identities, expressions, m, seed, min_gap, practice).assign(made_of=made_of)
    speech = {group: number for number, group in enumerate(dict.fromkeys(design["group"]))}
    if hasattr(render, SAID):
        design[SAID] = [render.said(speech[group]) for group in design["group"]]
    drawn = _drawn(folder, design)
    rows = drawn.to_dict("records")
    for row in tqdm(rows, "clips drawn", unit="clip", disable=not progress):
        path = folder / row["file"]
        if path.exists():
            continue
        order = ClipOrder(row["identity"], row["expression"], row["intensity"], speech[row["group"]])
        clip = render(order)
        record = provenance_record("dnt study")
        write_video(path, clip.frames, clip.fps, clip.sound, clip.sample_rate, provenance=record)
    os.replace(folder / _DRAWN, folder / MANIFEST)
    return read_plan(folder)


def _design(identities, expressions, m: int, seed: int, min_gap: float, practice) -> pd.DataFrame:
    design = draw_groups(identities, expressions, m, seed, min_gap).assign(practice=0)
    who, what = practice or (identities[0], "happy" if "happy" in expressions else expressions[0])
    easy = {"group": "practice", "identity": who, "expression": what, "practice": 1}
    rows = [easy | {"clip": f"practice-{i + 1}", "intensity": round(i / (m - 1), 6)} for i in range(m)]
    return pd.concat([pd.DataFrame(rows), design], ignore_index=True)


def _drawn(folder: Path, design: pd.DataFrame) -> pd.DataFrame:
    r"""The design with a file for each clip: from the folder if one was drawn there, else newly named."""
    path = folder / _DRAWN
    columns = [*COLUMNS, *([SAID] if SAID in design else []), MADE_OF]
    fixed = [c for c in COLUMNS if c != "file"]
    if path.is_file() and not all(is_part(clip) for clip in folder.glob("*.mp4")):
        # as text, whatever a name looks like: 1234e5 is no number, and 007 keeps its zeros
        begun = pd.read_csv(path, dtype=str, keep_default_na=False).reindex(columns=columns, fill_value="")
        other = {"another plan": fixed, "other weights or of another length": [MADE_OF]}
        for what, compared in other.items():
            if not begun[compared].equals(design[compared].astype(str)):
                raise ValueError(f"{folder} holds clips that were begun with {what}; delete it, or choose "
                                 "another folder")  # fmt: skip
        return begun.astype({"intensity": float, "practice": int})
    if folder.is_dir() and not all(is_part(there) or there == path for there in folder.iterdir()):
        raise ValueError(f"{folder} holds other files and no {MANIFEST}; choose an empty folder")
    drawn = design.assign(file=[f"{secrets.token_hex(8)}.mp4" for _ in range(len(design))])
    with atomic_path(path) as part:
        drawn[columns].to_csv(part, index=False, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    return drawn
