r"""A CIEC path as a film: every frame of the clip drawn with the expression of its moment, with the sound."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from dnt_core.arguments import check_type
from dnt_core.ciec_path import CIECPath, parse_path
from dnt_core.clips import provenance_record, write_video
from dnt_core.live.scene import Pose

Progress = Callable[[int, int], None]  # frames done, frames in all


def film_face(
    face: Any, path: CIECPath | str, out: str | os.PathLike, *, pose: Pose = (0.0, 0.0, 0.0),
    progress: Progress | None = None,
) -> Path:  # fmt: skip
    r"""Writes an mp4 with the clip's sound, a visible "SYNTHETIC" mark and a provenance record (section 5.1).

    Args:
        face: a :class:`~dnt_core.live.engine.LiveFace`, or anything called as one with ``ciec`` and ``frame``
            that has ``n_frames``, ``fps``, ``audio`` and perhaps ``provenance``.
        path: the expression over time, or its text form such as ``"happy:0→1→0, sad:0→0.8"``.
        out: the mp4; written whole or not at all.
        pose: degrees added to the clip's yaw, pitch and roll, as ``LiveFace`` takes them.
        progress: called after every frame with the frames done and those in all.

    Returns:
        ``out``.

    Raises:
        TypeError: a path that is neither a text nor a :class:`~dnt_core.ciec_path.CIECPath`.
        ValueError: a text that is no path, a path in seconds that ends after the clip, an ``out`` that is no
            ``.mp4``.

    Examples:
        >>> live = dnt_core.LiveFace("generator.safetensors")  # doctest: +SKIP
        >>> dnt_core.film_face(live, "happy:0→1→0", "smile.mp4")  # seconds of drawing  # doctest: +SKIP
    """
    path = parse_path(path) if isinstance(path, str) else path
    check_type(path, CIECPath, "path", "a path over time or its text")
    path.check_within(face.n_frames / face.fps, "the clip")
    vectors = path.vectors(face.n_frames, float(face.fps))  # (T, 7)
    samples, rate = face.audio or (None, 16_000)
    if samples is not None:
        samples = np.asarray(samples[: round(rate * face.n_frames / face.fps)], np.float32).clip(-1, 1)
    record = provenance_record("dnt_core.live", expression=str(path), **getattr(face, "provenance", {}))
    return write_video(out, _drawn(face, vectors, pose, progress), face.fps, samples, rate, provenance=record)


def film_bytes(face: Any, path: CIECPath | str, **options: Any) -> bytes:
    r"""As :func:`film_face`, the file's bytes in place of a file."""
    with tempfile.TemporaryDirectory(prefix="dnt_film_") as folder:
        return film_face(face, path, Path(folder) / "film.mp4", **options).read_bytes()


def _drawn(face: Any, vectors: np.ndarray, pose: Pose, progress: Progress | None) -> Iterator[np.ndarray]:
    for frame, vector in enumerate(vectors):
        yield face(ciec=vector, frame=frame, pose=pose)
        if progress is not None:
            progress(frame + 1, len(vectors))
