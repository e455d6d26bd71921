r"""Landmarks in tables and lines of text, as other tools and people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dnt_core.plain_files import read_cells
from dnt_core.tracking.followed_face import followed
from dnt_core.tracking.foreign_track import TrackError
from dnt_core.tracking.landmark_objects import COUNTS, FRAME_KEYS, numbered_points
from dnt_core.tracking.mediapipe_landmarks import MESH_POINTS, OF_478

MOST_FRAMES = 10_000_000  # of a video, and no more
LEAST_SLOPE = 0.02  # a face spans more: a tenth of a metre, five metres away


@dataclass(frozen=True, eq=False)
class LandmarkTable:
    r"""What a CSV holds.

    Attributes:
        landmarks: (T, 68, 2); NaN where it says that it found no face.
        source: "OpenFace", or "landmarks".
        confidence: (T,), or None: it has none.
        rows: (T,) frame of each row, from 0; None: one row per frame.
        size: width and height px of the frames, where it says it; else None.
        note: a sentence where it holds several people, or "".
    """

    landmarks: np.ndarray
    source: str
    confidence: np.ndarray | None
    rows: np.ndarray | None
    size: tuple[int, int] | None
    note: str = ""


def landmark_table(path: Path) -> LandmarkTable:
    r"""Landmarks of a CSV: OpenFace's, or any table of 136 numbers per row.

    Raises:
        TrackError: no such table; one sentence that names the file.
        ValueError: no text in UTF-8, or no CSV.
    """
    table = [row for row in read_cells(path) if any(cell.strip() for cell in row)]
    if not table:
        raise TrackError(f"{path}: empty, expected a row of landmarks per frame")
    head = [cell.strip() for cell in table[0]]
    if any(name.lower().replace("_", "") == "jawopen" for name in head):
        raise TrackError(
            f"{path}: ARKit's blend shapes, and no landmarks; a track needs 68 points per frame, and "
            "`dnt talk --lips` takes the mouth of these"
        )
    named = not _is_number(head[0]) or head == [str(i) for i in range(len(head))]  # so pandas counts columns
    table = table[named:]
    if named and table:  # of columns of text, such as a picture's name, nothing is read
        text = [i for i, cell in enumerate(table[0]) if cell.strip() and not _is_number(cell)]
        text = [i for i in text if not any(_is_number(row[i]) for row in table if len(row) > i)]
        table = (
            [["" if i in text else cell for i, cell in enumerate(row)] for row in table] if text else table
        )
    try:
        rows = np.array([[float(c) if c.strip() else np.nan for c in row] for row in table])
    except ValueError as error:
        lengths = {len(row) for row in table}
        why = f"rows of {min(lengths)} to {max(lengths)} cells" if len(lengths) > 1 else str(error)[:90]
        raise TrackError(f"{path}: expected numbers, as many in every row: {why}") from error
    if rows.ndim != 2 or not len(rows):
        raise TrackError(f"{path}: rows of different lengths, or none")
    if named and len(head) > rows.shape[1]:
        raise TrackError(f"{path}: {len(head)} columns are named, but its rows have {rows.shape[1]}")
    column = {name: i for i, name in reversed(list(enumerate(head)))} if named else {}
    if "Z_0" not in column:  # OpenFace's X_0 … Z_67 beside its x_0 … y_67 are mm in space
        column = {name.lower(): i for name, i in reversed(column.items())} | column
    landmarks = _of_columns(path, rows, head if named else [], column)
    size = _size_by_space(rows, column)
    confidence = rows[:, column["confidence"]] if "confidence" in column else None
    if "success" in column:
        landmarks[rows[:, column["success"]] < 0.5] = np.nan
    by = next((name for name in FRAME_KEYS if name in column), None)
    frames = None if by is None else _frames(path, by, rows[:, column[by]])
    base, last = (0, 0) if frames is None else (min(1, int(frames.min())), int(frames.max()))
    note = ""
    if "face_id" in column and len(people := np.unique(ids := rows[:, column["face_id"]])) > 1:
        sizes = np.nan_to_num(np.ptp(landmarks, axis=1)) ** 2
        mine = ids == max(people, key=lambda who: sizes[ids == who].sum())
        landmarks, frames = landmarks[mine], None if frames is None else frames[mine]
        confidence = None if confidence is None else confidence[mine]
        note = f"{len(people)} people by face_id: the one that fills most of the film is taken"
    if frames is not None:
        each, chosen = np.unique(frames, return_index=True)
        if len(each) < len(frames):
            faces = [np.flatnonzero(frames == frame) for frame in each]
            picked, said = followed([list(landmarks[of_frame]) for of_frame in faces])
            chosen = [of_frame[k or 0] for of_frame, k in zip(faces, picked, strict=True)]
            landmarks[[row for row, k in zip(chosen, picked, strict=True) if k is None]] = np.nan
            note = note or said
        landmarks, confidence = landmarks[chosen], None if confidence is None else confidence[chosen]
        frames = each - base
    source = "OpenFace" if "success" in column else "landmarks"
    gaps = frames is not None and len(frames) != last - base + 1
    return LandmarkTable(landmarks, source, confidence, frames if gaps else None, size, note)


def _of_columns(path: Path, rows: np.ndarray, head: list[str], column: dict[str, int]) -> np.ndarray:
    r"""(T, 68, 2) of a table, by the names of its columns where it has such."""
    for places in numbered_points(column).values():
        count = len(places)
        if count >= 68 and sorted(places) in (list(range(count)), list(range(1, count + 1))):
            if count not in COUNTS:
                raise TrackError(
                    f"{path}: columns of {count} points, expected 68 (iBUG's), or MediaPipe's 468 or 478"
                )
            pairs = [places[number] for number in sorted(places)]
            chosen = OF_478 if count in MESH_POINTS else range(68)
            return np.stack([rows[:, [pairs[i][axis] for i in chosen]] for axis in (0, 1)], -1)
    if rows.shape[1] == 137 and head[:1] in ([""], ["index"], ["frame"]):  # pandas writes its index first
        rows, head = rows[:, 1:], head[1:]
    if rows.shape[1] != 136:
        mm = ", which are px; X_0 to Z_67 are mm in space" if "Z_0" in column else ""
        raise TrackError(
            f"{path}: expected columns x_0 to y_67 (OpenFace){mm}, or 136 numbers per row, a row per frame"
        )
    letters = [re.sub("[^xy]", "", name.lower())[-1:] for name in head]
    if letters.count("x") == letters.count("y") == 68:
        of_axes = [[i for i, letter in enumerate(letters) if letter == axis] for axis in "xy"]
        return np.stack([rows[:, places] for places in of_axes], -1)
    return points_of_rows(rows)


def points_of_rows(rows: np.ndarray) -> np.ndarray:
    r"""(T, 68, 2) of rows of 136 numbers whose order nothing names: pairs of column and row, unless only
    another order gives faces: all columns first, or rows before columns.

    Args:
        rows: (T, 136).
    """
    pairs = rows.reshape(-1, 68, 2)
    halves = rows.reshape(-1, 2, 68).transpose(0, 2, 1)
    orders = (pairs, halves, pairs[..., ::-1], halves[..., ::-1])
    return next((points for points in orders if _upright(points)), pairs).copy()


def columns_first(points: np.ndarray) -> np.ndarray:
    r"""(T, 68, 2) of points that may have their rows before their columns: exchanged where only that gives
    faces. No turned picture looks so: exchanging the two also mirrors a face.
    """
    exchanged = points[..., ::-1]
    return exchanged if not _upright(points) and _upright(exchanged) else points


def _upright(points: np.ndarray) -> bool:
    r"""Whether most are faces as one stands: eyes above nose, mouth and chin, the right one on the left."""
    seen = points[np.isfinite(points).all((1, 2)) & (np.ptp(points, axis=(1, 2)) > 0)]
    right, left, nose, mouth, chin = (
        seen[:, first:last].mean(axis=1) for first, last in ((36, 42), (42, 48), (31, 36), (48, 68), (7, 10))
    )
    down = np.stack([right[:, 1], nose[:, 1], mouth[:, 1], chin[:, 1]])
    stand = (right < left)[:, 0] & (np.diff(down, axis=0) > 0).all(axis=0)
    return 2 * int(stand.sum()) > len(seen)


def _size_by_space(rows: np.ndarray, column: dict[str, int]) -> tuple[int, int] | None:
    r"""Width and height of OpenFace's frames: twice its camera's middle, onto which its points in space
    X_0 … Z_67 (mm) are projected; None: the table has none, or they are not those of one camera.
    """
    names = [[f"{axis}_{i}" for i in range(68)] for axis in "xyXYZ"]
    if not all(name in column for of_axis in names for name in of_axis):
        return None
    x, y, across, down, depth = (rows[:, [column[name] for name in of_axis]] for of_axis in names)
    seen = np.isfinite(x + y + across + down) & (depth > 0)
    size = []
    for screen, space in ((x, across), (y, down)):
        slope = space[seen] / depth[seen]
        if not len(slope) or np.ptp(slope) < LEAST_SLOPE:
            return None
        line = np.stack([slope, np.ones_like(slope)], 1)
        (focal, middle), *_ = np.linalg.lstsq(line, screen[seen], rcond=None)
        if np.abs(line @ (focal, middle) - screen[seen]).mean() > 1 or focal <= 0 or middle < 1:
            return None
        size.append(round(2 * middle))
    return size[0], size[1]


def _frames(path: Path, name: str, numbers: np.ndarray) -> np.ndarray:
    whole = np.isfinite(numbers).all() and (numbers == np.round(numbers)).all()
    if not whole or np.ptp(numbers) > MOST_FRAMES:
        raise TrackError(
            f"{path}: expected whole numbers in the column {name!r}, of one video, got {numbers.min():g} to "
            f"{numbers.max():g}"
        )
    return numbers.astype(np.int64)


def points_of_text(path: Path) -> np.ndarray:
    r"""(N, 2) points of one frame's file, N 0, 5 or 68, or (T, 68, 2) of a file that holds a whole clip.

    A line has column and row, perhaps with a number before them that counts the points or one behind them;
    or all 136 numbers of a frame; or, as SadTalker writes a clip, one number. In iBUG's format, which begins
    with ``version`` and ``n_points``, the upper left pixel is 1, 1; elsewhere it is 0, 0.

    Raises:
        TrackError: no such lines; one sentence that names the file.
    """
    lines = [line for line in path.read_text(errors="replace").splitlines() if line.strip()]
    decimal = all(re.fullmatch(r"(-?\d+,\d+\s+)+-?\d+,\d+", line.strip()) for line in lines[-5:])
    words = [line.replace(",", "." if decimal else " ").split() for line in lines]
    words = [word for word in words if word and _is_number(word[0])]
    try:
        table = [[float(number) for number in word] for word in words]
    except ValueError as error:
        raise TrackError(f"{path}: expected 68 lines of column and row ({error})") from error
    widths = {len(row) for row in table}
    if widths == {136} or (widths == {1} and len(table) % 136 == 0):
        clip = points_of_rows(np.array(table).reshape(-1, 136))
        return clip if len(clip) > 1 else clip[0]
    if widths == {68} and len(table) in (2, 3):  # as 3DDFA writes a frame: columns, rows, depths
        return np.array(table[:2]).T
    if table and (len(widths) > 1 or not widths <= {2, 3}):
        raise TrackError(
            f"{path}: lines of {min(widths)} to {max(widths)} numbers, expected 68 lines of column and row"
        )
    if not table:
        return np.zeros((0, 2))
    if len(table) not in (5, 68):
        raise TrackError(f"{path}: {len(table)} points, expected 68 lines of column and row")
    value = np.array(table).reshape(len(table), -1)
    counted = value.shape[1] == 3 and (np.diff(value[:, 0]) == 1).all() and value[0, 0] in (0, 1)
    points = value[:, 1:3] if counted else value[:, :2]
    return points - 1 if any(line.lstrip().startswith("n_points") for line in lines[:2]) else points


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
