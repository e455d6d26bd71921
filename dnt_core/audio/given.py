r"""Lips that somebody else has made: expression numbers or whole tracks from a file."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np

from dnt_core.audio.blend_shapes import ShapeTable, plain_names, shapes_of_cells, shapes_of_json
from dnt_core.clips.face_cache import SUFFIX, read_face_cache
from dnt_core.clips.frame_grid import rows_at
from dnt_core.paths import user_path
from dnt_core.plain_files import read_arrays, read_cells

_WIDTH = 64
_LOST = 0.5  # s of lips without a face that pass without a word
_ENDS_WITHIN = 0.1  # s of sound beyond the last given frame, which is then held


class GivenLips:
    r"""Expression numbers from a file; a :class:`~dnt_core.audio.lip_motion.LipMotion`.

    Args:
        path: ``.face3d.npz`` (a face cache: the expression of speech alone where it has that, else of its
            tracks), ``.npy`` or ``.npz`` with (T, 64), ``.csv`` with 64 numbers per line, or ARKit's blend
            shapes by name, a ``.csv`` such as Live Link Face's or a ``.json`` of Audio2Face, BEAT or
            MediaPipe: of these the jaw's and the mouth's are taken, for the built-in face model.
        fps: frames per second of a file that does not say; a face cache does, and so does a recording of
            blend shapes with times.

    Attributes:
        face_model: the model that the numbers belong to, None where the file does not say.
        seconds: how long they last.
        note: what to say of their times, or of frames without a face, or "".
        key: a name of the numbers and their times.

    Raises:
        FileNotFoundError: no such file.
        ValueError: another kind of file, another shape, NaN, fps missing, or another one than the file's
            times say.
    """

    def __init__(self, path: str | os.PathLike, fps: float | None = None) -> None:
        path = user_path(path)
        self._path, self.face_model, times, self.note = path, None, None, ""
        if not self._path.is_file():
            raise FileNotFoundError(f"{path} does not exist; expected a file with expression numbers")
        if self._path.name.endswith(SUFFIX):
            cache = read_face_cache(self._path)
            self.face_model, fps = cache.face_model, float(cache.fps)
            speech = cache.speech_expression
            numbers = cache.face_parameters().expression.numpy() if speech is None else speech
            if (lost := int((~cache.has_face).sum())) > _LOST * fps:
                self.note = f"{lost} of {len(cache)} frames of the lips show no face: they lie between others"
        else:
            held = _numbers(self._path, fps)
            if isinstance(held, ShapeTable):
                numbers, times, fps, self.note = held
                self.face_model = "procedural"
            else:
                numbers = held
        if fps is None or not 0 < fps < float("inf"):
            raise ValueError(
                f"{path} does not say its frames per second; give fps > 0 (--lips-fps), got {fps!r}"
            )
        if numbers.ndim != 2 or numbers.shape[1] != _WIDTH or not len(numbers):
            raise ValueError(f"{path} holds an array of shape {numbers.shape}, expected (T, {_WIDTH})")
        bad = ~np.isfinite(numbers).all(axis=1)
        if bad.any():
            raise ValueError(f"{path} holds NaN or infinity, first in frame {int(np.argmax(bad))}")
        self._numbers = numbers.astype(np.float32)
        self._times = np.arange(len(numbers)) / float(fps) if times is None else times  # s
        self.seconds = float(self._times[-1]) + 1 / float(fps)
        digest = hashlib.sha256(self._numbers.tobytes() + self._times.tobytes())
        self.key = f"given {digest.hexdigest()}"

    def __call__(self, sound: np.ndarray, rate: int, fps: float, frames: int) -> np.ndarray:
        r"""The given numbers at other frame times, linear between neighbours; the sound is not heard.

        Raises:
            ValueError: fps out of range, or more time asked for than was given.
        """
        if not 0 < fps < float("inf"):
            raise ValueError(f"fps is {fps!r}, expected a number of frames per second > 0")
        seconds = np.arange(frames) / fps
        if frames and seconds[-1] > self._times[-1] + _ENDS_WITHIN + 1e-6:
            raise ValueError(
                f"{self._path} ends at {self._times[-1]:.2f} s, but {frames} frames at {fps:g} fps "
                f"last until {seconds[-1]:.2f} s"
            )
        at = np.interp(seconds, self._times, np.arange(len(self._times)))
        return rows_at(self._numbers, at, np.float32)


def _numbers(path: Path, fps: float | None) -> np.ndarray | ShapeTable:
    r"""(T, 64), or what a recording of blend shapes says."""
    suffix = path.suffix.lower()
    try:
        if suffix == ".csv":
            return _table(path, fps)
        if suffix == ".json":
            return shapes_of_json(path, fps)
        if suffix not in (".npy", ".npz"):
            raise ValueError(f"expected {SUFFIX}, .npy, .npz, .csv, or .json")
        held = read_arrays(path)
        if isinstance(held, np.ndarray):
            return held
        names = [n for n, value in held.items() if value.ndim == 2 and value.shape[1] == _WIDTH]
        if len(names) != 1:
            raise ValueError(f"expected one array of shape (T, {_WIDTH}) in it, it holds {list(held)}")
        return held[names[0]]
    except (OSError, EOFError, ValueError) as error:
        raise ValueError(f"{path} cannot be read as expression numbers: {error}") from error


def _table(path: Path, fps: float | None) -> np.ndarray | ShapeTable:
    rows = [row for row in read_cells(path) if row and row[0][:1] != "#"]
    rows = [row[0].split() if len(row) == 1 else row for row in rows]  # as np.savetxt writes
    head, *rows = rows or [[""]]
    if any(len(row) != len(head) for row in rows):
        raise ValueError(f"expected as many cells in every line, {len(head)} as in the first")
    shapes = plain_names(head)
    if "jawopen" in shapes:
        return shapes_of_cells(shapes, rows, fps)
    index = head[0].strip().lower() in ("", "index")  # pandas writes its own first, and numbers the columns
    if not index and [name.strip() for name in head] != [str(i) for i in range(len(head))]:
        rows.insert(0, head)
    try:
        return np.array([[float(cell) for cell in row[index:]] for row in rows])
    except ValueError as error:
        wanted = f"{_WIDTH} numbers in every line, or ARKit's blend shapes by name, with JawOpen among them"
        raise ValueError(f"{error}; expected {wanted}") from error
