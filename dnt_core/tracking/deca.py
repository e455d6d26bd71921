r"""DECA's and EMOCA's codes: FLAME with a jaw joint, whose 68 landmarks are refitted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from dnt_core.assets import require_asset
from dnt_core.face3d.flame import EMBEDDING, JAW, N_SHAPE, landmark_places, read_flame
from dnt_core.face3d.restricted_pickle import read_npy, read_pickle
from dnt_core.plain_files import read_arrays
from dnt_core.tracking.foreign_track import ForeignTrack, TrackError, frame_numbers, plain_rows

OTHER_FLAME = re.compile("2017|2019|2023|female|male", re.IGNORECASE)  # models whose codes mean other faces
MOST_TURNED = 39  # degrees to each side for which FLAME knows the outline
CODES = {"exp": 50, "pose": 6, "cam": 3}  # and shape, 100 or 300
SHAPES = {"landmarks2d": (68, 2), "tform": (3, 3), "shape": (100,), "exp": (50,), "pose": (6,), "cam": (3,)}


def read_deca(paths: Sequence[Path]) -> ForeignTrack:
    r"""DECA's or EMOCA's results: landmarks (``landmarks2d``), or the codes shape, exp, pose, cam of each
    frame.

    One ``.npz``, ``.npy`` or ``.pkl`` per clip with T rows, or one ``.mat``, ``.npy`` or ``.pkl`` per frame,
    or EMOCA's folder of each frame with a ``.npy`` per code.
    Landmarks are in [-1, 1] of each frame's crop. With the 3 x 3 matrix ``tform`` (frame px → crop px of
    224) they go into the frame; without it the whole square frame is taken for the crop. Codes need FLAME
    itself (``$DNT_FLAME``).

    Raises:
        TrackError, ValueError: files that hold neither; one sentence that names what is missing.
        FileNotFoundError: codes, and no FLAME.
    """
    files, numbers = (
        frame_numbers(list(map(Path, paths))) if len(paths) > 1 else (list(map(Path, paths)), None)
    )
    rows = [_codes(path) for path in files]
    joined = {
        key: np.concatenate([row[key] for row in rows]) for key in rows[0] if all(key in row for row in rows)
    }
    note = ""
    if "landmarks2d" in joined:
        points = joined["landmarks2d"][..., :2].copy()
        points[~points.any(axis=(1, 2))] = np.nan  # a frame without a face
    else:
        missing = [key for key in ("shape", *CODES) if key not in joined]
        if missing == ["cam"] and files[0].is_dir():
            raise TrackError(
                f"{files[0]}: no cam.npy; EMOCA writes no camera, so its codes do not say where the face is: "
                "write the camera beside them, or track the video from its 68 landmarks: "
                "dnt track VIDEO --landmarks FILE"
            )
        if missing:
            raise TrackError(
                f"{files[0]}: no {missing[0]!r} and no 'landmarks2d'; expected DECA's shape, exp, pose, cam"
            )
        points = codes_to_landmarks(joined, files[0])
        if other := OTHER_FLAME.search((flame := require_asset("flame")).stem):
            note = f"its codes are of FLAME 2020's generic_model.pkl, and {flame.name} ({other[0]}) was taken"
    if "tform" not in joined:
        return ForeignTrack("DECA", landmarks=points, landmarks_in="unit", numbers=numbers, note=note)
    crop = (points + 1) * 112  # px of 224, as the tool scales them
    flat = np.concatenate([crop, np.ones((*crop.shape[:2], 1))], axis=-1)
    back = _back(joined["tform"], len(points), files[0])
    points = (flat @ back.transpose(0, 2, 1))[..., :2]
    return ForeignTrack("DECA", landmarks=points, numbers=numbers, note=note)


def _back(tform: np.ndarray, count: int, path: Path) -> np.ndarray:
    r"""(T, 3, 3) from px of the crop to px of the frame; NaN where a matrix is none, as of a lost frame.

    The tool crops by matrices whose last row is 0 0 1, and hands them on inverted and transposed.
    """
    if len(tform) not in (1, count):
        raise TrackError(f"{path}: {len(tform)} matrices 'tform' for {count} frames")
    tform = np.broadcast_to(tform, (count, 3, 3)).copy()
    known = np.isfinite(tform).all((1, 2)) & (np.abs(np.linalg.det(np.nan_to_num(tform))) > 1e-12)
    if not known.any():
        raise TrackError(f"{path}: no 'tform' can be inverted; expected 3 x 3 matrices of frame px → crop px")
    tform[~known] = np.eye(3)
    if np.allclose(tform[known, 2], [0, 0, 1], atol=1e-6):
        back = np.linalg.inv(tform)
    elif np.allclose(tform[known][..., 2], [0, 0, 1], atol=1e-6):
        back = tform.transpose(0, 2, 1).copy()
    else:
        raise TrackError(f"{path}: 'tform' is no matrix of a crop: its last row is not 0 0 1")
    back[~known] = np.nan
    return back


def _codes(path: Path) -> dict[str, np.ndarray]:
    suffix = path.suffix.lower()
    if path.is_dir():
        held = {key: read_npy(file) for key in SHAPES if (file := path / f"{key}.npy").is_file()}
    elif suffix == ".mat":
        from dnt_core.face3d.bfm.mat_file import read_mat

        held = read_mat(path, (), ("shape", *CODES, "landmarks2d", "tform"))
    elif suffix == ".npz":
        held = read_arrays(path)
    else:
        held = read_npy(path) if suffix == ".npy" else read_pickle(path)
    if isinstance(held, list | tuple) and held and all(isinstance(frame, dict) for frame in held):
        held = {  # one dictionary per frame
            key: np.concatenate([plain_rows(frame[key], *shape) for frame in held])
            for key, shape in SHAPES.items()
            if all(key in frame for frame in held)
        }
    if not isinstance(held, dict):
        raise TrackError(f"{path}: expected a dictionary of DECA's codes, got {type(held).__name__}")
    wanted = {
        key: np.asarray(held[key], np.float64)
        for key in ("shape", *CODES, "landmarks2d", "tform")
        if key in held
    }
    for key, value in wanted.items():
        if key in ("landmarks2d", "tform"):
            wanted[key] = value = _per_frame(key, value)
            columns = (2, 3) if key == "landmarks2d" else (3,)  # points may have a depth
            if value.ndim != 3 or value.shape[1] != SHAPES[key][0] or value.shape[2] not in columns:
                raise TrackError(
                    f"{path}: {key} has shape {np.shape(held[key])}, expected (frames, "
                    f"{', '.join(map(str, SHAPES[key]))})"
                )
        else:
            wanted[key] = np.atleast_2d(value)
            if key in CODES and wanted[key].shape[1] != CODES[key]:
                raise TrackError(f"{path}: {key} has shape {value.shape}, expected (frames, {CODES[key]})")
    return wanted


def _per_frame(key: str, value: np.ndarray) -> np.ndarray:
    r"""Landmarks and matrices with an axis of frames; 136 numbers per frame, or the two rows of an affine
    matrix, as what they stand for."""
    if key == "landmarks2d" and value.shape[-1:] == (136,):
        value = value.reshape(-1, 68, 2)
    if key == "tform" and value.shape[-2:] == (2, 3):
        last = np.broadcast_to([0.0, 0.0, 1.0], (*value.shape[:-2], 1, 3))
        value = np.concatenate([value, last], axis=-2)
    value = value[None] if value.ndim == 2 else value
    return value[:, 0] if value.ndim == 4 and value.shape[1] == 1 else value


def codes_to_landmarks(codes: dict[str, np.ndarray], path: Path) -> np.ndarray:
    r"""(T, 68, 2) in [-1, 1] of the crop, row downwards, from FLAME's codes.

    The vertices are shape and expression, pose blend shapes of the jaw, linear blend skinning of head and
    jaw, then the orthographic camera (scale, x, y). As the tool's ``landmarks2d``, the jaw's landmarks lie on
    the outline that is seen, where ``landmark_embedding.npy`` says which that is at a turn of the head.
    """
    file = require_asset("flame")
    flame = read_flame(file)
    shape, expression = codes["shape"], codes["exp"]
    count = max(map(len, codes.values()))
    if shape.shape[1] > N_SHAPE or len(shape) not in (1, count):
        raise TrackError(f"{path}: shape has shape {shape.shape}, expected (1 or {count}, 100)")
    jaw = Rotation.from_rotvec(codes["pose"][:, 3:]).as_matrix()
    head = Rotation.from_rotvec(codes["pose"][:, :3]).as_matrix()
    chosen, places, shares = _places(landmark_places(file.with_name(EMBEDDING), flame["f"]), head, count)
    basis = flame["shapedirs"]
    betas = np.concatenate([np.broadcast_to(shape, (count, shape.shape[1])), expression], axis=1)
    used = np.r_[: shape.shape[1], N_SHAPE : N_SHAPE + expression.shape[1]]
    regressor = flame["J_regressor"]  # joints and landmarks are linear in the codes: no need of all vertices
    joints = regressor @ flame["v_template"] + np.einsum(
        "jck,tk->tjc", np.einsum("jv,vck->jck", regressor, basis[..., used]), betas
    )
    vertices = flame["v_template"][chosen] + np.einsum("vck,tk->tvc", basis[chosen][..., used], betas)
    first = 9 * (JAW - 1)
    vertices = vertices + np.einsum(
        "vck,tk->tvc", flame["posedirs"][chosen][..., first : first + 9], (jaw - np.eye(3)).reshape(-1, 9)
    )
    arm = vertices - joints[:, JAW, None]
    turned = arm @ jaw.transpose(0, 2, 1) + joints[:, JAW, None]
    vertices = vertices + flame["weights"][chosen, JAW][:, None] * (turned - vertices)
    points = np.einsum("tlk,tlkc->tlc", shares, vertices[np.arange(count)[:, None, None], places])
    root = joints[:, 0, None]
    points = (points - root) @ head.transpose(0, 2, 1) + root
    cam = codes["cam"]
    flat = cam[:, None, :1] * (points[..., :2] + cam[:, None, 1:])
    return flat * [1, -1]


def _places(
    embedded: list[tuple[np.ndarray, np.ndarray]], head: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Ids (N,) of the vertices that landmarks lie between; of each frame's landmarks the places (T, 68, 3)
    among these, and the shares."""
    (corners, shares), *outline = embedded
    corners, shares = np.tile(corners, (count, 1, 1)), np.tile(shares, (count, 1, 1))
    for outlines, their_shares in outline:
        turn = np.degrees(np.arctan2(-head[:, 2, 0], np.hypot(head[:, 0, 0], head[:, 1, 0])))
        turn = turn.round().clip(-MOST_TURNED, MOST_TURNED).astype(int)
        row = np.where(turn < 0, MOST_TURNED - turn, turn)
        corners[:, :17], shares[:, :17] = outlines[row], their_shares[row]
    chosen, places = np.unique(corners, return_inverse=True)
    return chosen, places.reshape(corners.shape), shares
