r"""A verdict per clip of a folder that was scanned with ``verify``: what is wrong with which."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dnt_core.clips.clip import Problem
from dnt_core.clips.clip_index import ClipIndex
from dnt_core.clips.face_cache import face_cache_path

GOOD, ADAPTED, LACKING, LEFT_OUT = "good", "adapted", "lacking", "left out"
VERDICTS = {
    GOOD: "read as they are",
    ADAPTED: "read, but not as they are stored",
    LACKING: "read, but with something missing or not used",
    LEFT_OUT: "not read",
}


@dataclass(frozen=True)
class Verdict:
    r"""One clip, or a file that is of no clip: its name, one of :data:`VERDICTS`, and the reasons."""

    name: str
    verdict: str
    reasons: tuple[str, ...]


def verdicts(index: ClipIndex) -> list[Verdict]:
    r"""Clips that are good first, those left out last, so that a terminal ends with what is worst.

    Args:
        index: of :func:`~dnt_core.clips.scan` with ``verify``.
    """
    by_path: dict = {}
    for problem in index.problems:
        by_path.setdefault(problem.path, []).append(problem)
    rows = []
    for clip in index.clips:
        own = (clip.video, clip.audio, face_cache_path(clip.video))
        found = [problem for path in own if path is not None for problem in by_path.pop(path, [])]
        # the video's own track is as good as a file; a clip without either is said to have "no sound"
        found = [problem for problem in found if problem.kind != "no sound file"]
        if not found:
            verdict = GOOD
        else:
            verdict = ADAPTED if all(p.kind == "adapted" for p in found) else LACKING
        rows.append(Verdict(clip.name, verdict, tuple(_said(p) for p in found)))
    for path, found in by_path.items():
        name = path.relative_to(index.root) if path.is_relative_to(index.root) else path
        verdict = LEFT_OUT if any(p.left_out for p in found) else LACKING
        rows.append(Verdict(name.as_posix(), verdict, tuple(_said(p) for p in found)))
    order = list(VERDICTS)
    return sorted(rows, key=lambda row: (order.index(row.verdict), row.name))


def _said(problem: Problem) -> str:
    r"""The reason for a table: one way to go on, the shortest."""
    return re.sub(", or ffmpeg -i .*", "", problem.reason.removeprefix("adapted: "), flags=re.DOTALL)
