r"""Lips that somebody else has made: expression numbers or whole tracks from a file."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from dnt_core.clips.face_cache import SUFFIX, read_face_cache
from dnt_core.plain_files import read_arrays, read_cells

_WIDTH = 64
_ENDS_WITHIN = 0.1  # s of sound beyond the last given frame, which is then held


class GivenLips:
    r"""Expression numbers from a file; a :class:`~dnt_core.audio.lip_motion.LipMotion`.

    Args:
        path: ``.face3d.npz`` (a face cache: the expression of speech alone where it has that, else of its
            tracks), ``.npy`` or ``.npz`` with (T, 64), or ``.csv`` with 64 numbers per line, or with ARKit's
            blend shapes by name, such as Live Link Face's: of these the jaw's and the mouth's are taken, for
            the built-in face model.
        fps: frames per second of a ``.npy``, ``.npz`` or ``.csv``; a face cache has its own.

    Attributes:
        face_model: the model that the numbers belong to, None where the file does not say.

    Raises:
        FileNotFoundError: no such file.
        ValueError: another kind of file, another shape, NaN, or fps missing.
    """

    def __init__(self, path: str | os.PathLike, fps: float | None = None) -> None:
        self._path, self.face_model = Path(path), None
        if not self._path.is_file():
            raise FileNotFoundError(f"{path} does not exist; expected a file with expression numbers")
        if self._path.name.endswith(SUFFIX):
            cache = read_face_cache(self._path)
            self.face_model, fps = cache.face_model, float(cache.fps)
            speech = cache.speech_expression
            numbers = cache.face_parameters().expression.numpy() if speech is None else speech
        else:
            numbers, self.face_model = _numbers(self._path)
        if fps is None or not 0 < fps < float("inf"):
            raise ValueError(f"{path} does not say its frames per second; give fps > 0, got {fps!r}")
        if numbers.ndim != 2 or numbers.shape[1] != _WIDTH or not len(numbers):
            raise ValueError(f"{path} holds an array of shape {numbers.shape}, expected (T, {_WIDTH})")
        bad = ~np.isfinite(numbers).all(axis=1)
        if bad.any():
            raise ValueError(f"{path} holds NaN or infinity, first in frame {int(np.argmax(bad))}")
        self._numbers, self._fps = numbers.astype(np.float32), float(fps)

    def __call__(self, sound: np.ndarray, rate: int, fps: float, frames: int) -> np.ndarray:
        r"""The given numbers at other frame times, linear between neighbours; the sound is not heard.

        Raises:
            ValueError: fps out of range, or more time asked for than was given.
        """
        if not 0 < fps < float("inf"):
            raise ValueError(f"fps is {fps!r}, expected a number of frames per second > 0")
        at, last = np.arange(frames) / fps * self._fps, len(self._numbers) - 1
        if frames and at[-1] > last + _ENDS_WITHIN * self._fps + 1e-6:
            raise ValueError(
                f"{self._path} ends at {last / self._fps:.2f} s, but {frames} frames at {fps:g} fps "
                f"last until {(frames - 1) / fps:.2f} s"
            )
        low = np.clip(np.floor(at).astype(int), 0, last)
        share = np.clip(at - low, 0.0, 1.0)[:, None].astype(np.float32)
        return self._numbers[low] * (1 - share) + self._numbers[np.minimum(low + 1, last)] * share


def _numbers(path: Path) -> tuple[np.ndarray, str | None]:
    r"""(T, 64), and the face model that they belong to where the file tells."""
    try:
        if path.suffix == ".csv":
            return _table(path)
        if path.suffix not in (".npy", ".npz"):
            raise ValueError(f"expected {SUFFIX}, .npy, .npz or .csv")
        held = read_arrays(path)
        if isinstance(held, np.ndarray):
            return held, None
        names = [n for n, value in held.items() if value.ndim == 2 and value.shape[1] == _WIDTH]
        if len(names) != 1:
            raise ValueError(f"expected one array of shape (T, {_WIDTH}) in it, it holds {list(held)}")
        return held[names[0]], None
    except (OSError, EOFError, ValueError) as error:
        raise ValueError(f"{path} cannot be read as expression numbers: {error}") from error


def _table(path: Path) -> tuple[np.ndarray, str | None]:
    rows = [row for row in read_cells(path) if row and row[0][:1] != "#"]
    head, *rows = rows or [[""]]
    head = [name.strip().lower().replace("_", "") for name in head]
    if any(len(row) != len(head) for row in rows):
        raise ValueError(f"expected as many cells in every line, {len(head)} as in the first")
    index = head[0] in ("", "index")  # pandas writes its own first, and counts columns without names
    if "jawopen" in head:
        shapes = {name: head.index(name) for name in head if name.startswith(("jaw", "mouth"))}
        values = {name: [float(row[place]) for row in rows] for name, place in shapes.items()}
        return _of_shapes(values, len(rows)), "procedural"
    if not index and head != [str(i) for i in range(len(head))]:
        rows.insert(0, head)
    return np.array([[float(cell) for cell in row[index:]] for row in rows]), None


def _of_shapes(values: dict[str, list[float]], count: int) -> np.ndarray:
    r"""The built-in model's movements bear ARKit's names, but for the side: mouthSmile_L, mouthSmileLeft."""
    from dnt_core.face3d.procedural.bases import movements_to_expression
    from dnt_core.face3d.procedural.movements import MOVEMENTS

    weights = np.zeros((count, len(MOVEMENTS)))
    for column, name in enumerate(MOVEMENTS):
        stem, _, side = name.lower().partition("_")
        weights[:, column] = values.get(stem + {"l": "left", "r": "right"}.get(side, ""), 0.0)
    return movements_to_expression(weights)
