r"""Poses of crops that move with each frame, carried into one crop that stands still.

Deep3DFaceRecon and its relatives cut a 224-px square around each frame's face before they look at it, so a
pose says where the face lies in a square that is another one in the next frame. Stored as they are, such
poses put the landmarks 11 px of 256 beside the face on average. The squares follow from five landmarks by a
fixed rule (:func:`alignment_windows`), and with them every pose can be carried into one square of the video.
"""

from __future__ import annotations

import numpy as np
import torch

from dnt_core.clips import face_box
from dnt_core.clips.crop_box import FACE_MARGIN
from dnt_core.face3d import FaceParameters, MorphableModel, PerspectiveCamera, rotation_matrix
from dnt_core.face3d.crop_pose import crop_pose
from dnt_core.tracking.landmark_model import euler_angles, principal_point, project, small_turn

WANDERS = 1.4  # what a face passes over, in its own extents, from which it wanders
CROP_SIZE = 224  # px of the moving crop
IMAGE_SIZE = 256  # px that cached landmarks mean
RESCALE = 102.0  # px of the crop per unit of the standard points
# The standard positions of right eye, left eye, nose tip and the mouth's corners (the person's own right
# first).
FIVE_POINTS = np.array(
    [
        [-0.31148657, 0.29036078, 0.13377953],
        [0.30979887, 0.28972036, 0.13179526],
        [0.0032535, -0.04617932, 0.55244243],
        [-0.25216928, -0.38133916, 0.22405732],
        [0.2484662, -0.38128236, 0.22235769],
    ]
)


def five_of_68(landmarks: np.ndarray) -> np.ndarray:
    r"""(T, 68, 2) → (T, 5, 2): eyes (the middle of their corners), nose tip, mouth corners."""
    right, left = landmarks[:, [36, 39]].mean(axis=1), landmarks[:, [42, 45]].mean(axis=1)
    return np.stack([right, left, landmarks[:, 30], landmarks[:, 48], landmarks[:, 54]], axis=1)


def alignment_windows(points: np.ndarray, width: int, height: int) -> np.ndarray:
    r"""The crop that Deep3DFaceRecon and its relatives cut for each frame, from its landmarks.

    Scaled orthography onto five standard points gives scale and centre; the picture is resized by 102 over
    that scale, and 224 px are cut around the centre, with sizes and corners truncated to whole px.

    Args:
        points: (T, 5, 2) or (T, 68, 2) landmarks, column and row in px of the frame (pixel centres at
            integers).
        width: of the frame, px.
        height: of the frame, px.

    Returns:
        (T, 3) column and row of the crop's upper left edge and its side, in px of the frame.
    """
    points = np.asarray(points, np.float64)
    five = five_of_68(points) if points.shape[1] == 68 else points
    up = np.stack([five[..., 0], height - 1 - five[..., 1]], -1)  # y up
    design = np.concatenate([FIVE_POINTS, np.ones((5, 1))], axis=1)
    rows = np.linalg.pinv(design) @ up  # (T, 4, 2)
    scale = np.linalg.norm(rows[:, :3], axis=1).mean(axis=-1)
    return windows_of_alignment(RESCALE / scale, rows[:, 3], width, height)


def windows_of_alignment(scale: np.ndarray, shift: np.ndarray, width: int, height: int) -> np.ndarray:
    r"""The same from the alignment's own numbers, which SadTalker keeps.

    Args:
        scale: (T,) by which the frame is resized.
        shift: (T, 2) centre, px of the frame, y up.
        width, height: of the frame, px.
    """
    scale = np.asarray(scale, np.float64)
    wide, high = np.trunc(width * scale), np.trunc(height * scale)
    left = np.trunc(wide / 2 - CROP_SIZE / 2 + (shift[:, 0] - width / 2) * scale)
    top = np.trunc(high / 2 - CROP_SIZE / 2 + (height / 2 - shift[:, 1]) * scale)
    per_px = width / wide
    return np.stack([left * per_px, top * height / high, CROP_SIZE * per_px], -1)


def to_frame(landmarks: np.ndarray, windows: np.ndarray) -> np.ndarray:
    r"""Landmarks (T, 68, 2) in px of each frame's crop → px of the frame."""
    return (landmarks + 0.5) * (windows[:, None, 2:] / CROP_SIZE) + windows[:, None, :2] - 0.5


def in_crop(landmarks: np.ndarray, crop: tuple[int, int, int, int]) -> np.ndarray:
    r"""Landmarks in px of the frame → px of the crop's ``IMAGE_SIZE`` picture."""
    top, left, side, _ = crop
    return (landmarks + 0.5 - [left, top]) * (IMAGE_SIZE / side) - 0.5


def standing_crop(windows: np.ndarray) -> tuple[int, int, int, int]:
    r"""One square for the whole clip: (top, left, side, side) in px of the frame, around the middle of all
    crops.

    Its side is the crops' median side, more where the face wanders: every crop's inner 70 % lies in it.
    """
    centre = windows[:, :2] + windows[:, 2:] / 2
    low = (centre - 0.35 * windows[:, 2:]).min(axis=0)
    high = (centre + 0.35 * windows[:, 2:]).max(axis=0)
    side = int(np.ceil(max(float(np.median(windows[:, 2])), float((high - low).max())) / 2)) * 2
    left, top = np.round((low + high) / 2 - side / 2).astype(int)
    return int(top), int(left), side, side


def square_of_landmarks(landmarks: np.ndarray) -> tuple[int, int, int, int]:
    r"""One square for the whole clip around the landmarks of all frames: (top, left, side, side), px of the
    frame.

    That of ``face_box``, but for a face that wanders: ``face_box`` leaves a margin in proportion to all that
    the face passes over, which makes the face small in its square. Here the margin is in proportion to the
    face.

    Args:
        landmarks: (T, 68, 2) px, finite.
    """
    low, high = landmarks.min((0, 1)), landmarks.max((0, 1))
    reach, face = (high - low).max(), float(np.median(np.ptp(landmarks, axis=1).max(axis=1)))
    if reach < WANDERS * face:
        return face_box(landmarks)
    side = int(np.ceil((reach + (FACE_MARGIN - 1) * face) / 2)) * 2
    column, row = (low + high) / 2
    return (
        round(float(row) - 0.1 * FACE_MARGIN * face - side / 2),
        round(float(column) - side / 2),
        side,
        side,
    )


def usual(landmarks: np.ndarray) -> np.ndarray:
    r"""(T,) bool: the face stands within three of its widths of where it mostly is; others are other
    faces.

    Args:
        landmarks: (T, 68, 2) px, NaN where there is no face.
    """
    middle = landmarks.mean(axis=1)
    width = np.nanmedian(np.ptp(landmarks[..., 0], axis=1))
    off = np.linalg.norm(middle - np.nanmedian(middle, axis=0), axis=-1)
    return np.nan_to_num(off, nan=np.inf) < 3 * width


def carry(
    parameters: FaceParameters,
    windows: np.ndarray,
    crop: tuple[int, int, int, int],
    camera: PerspectiveCamera | None = None,
    model: MorphableModel | None = None,
) -> FaceParameters:
    r"""Poses of each frame's own crop → poses in one crop of the video, as ``PerspectiveCamera()`` sees it.

    Args:
        parameters: batch (T,), as ``camera`` sees them in each frame's crop.
        windows: (T, 3) those crops, px of the frame.
        crop: (top, left, side, side) of the one crop, px of the frame.
        camera: of the moving crops; default: ``PerspectiveCamera()``.
        model: the face model, if it is there: the pose is then refined until its 68 landmarks lie where they
            lay, which takes out the two cameras' difference in perspective.

    Returns:
        batch (T,); only the pose differs.
    """
    camera = camera or PerspectiveCamera()
    windows = torch.as_tensor(windows, dtype=torch.float64)
    top, left, side, _ = crop
    shrink = camera.image_size / windows[:, 2:]  # px of the moving crop per px of the frame
    corner = (torch.tensor([left, top], dtype=torch.float64) - windows[:, :2]) * shrink
    given = parameters.to(torch.float64)
    carried = crop_pose(given, camera, torch.cat([corner, side * shrink], -1))
    carried = _seen_alike(given, camera, carried)
    if model is not None:
        scale = PerspectiveCamera().image_size / (side * shrink)
        seen = camera.project(model.posed_landmarks(given))[..., :2]
        target = (seen + 0.5 - corner[:, None]) * scale[:, None] - 0.5
        shape = model.shape(given.identity, given.expression, model.landmark_indices)
        carried = _fit_pose(carried, shape.numpy(), target.numpy())
    return carried.to(parameters.dtype)


def _seen_alike(given: FaceParameters, camera: PerspectiveCamera, carried: FaceParameters) -> FaceParameters:
    r"""Turns the carried head so that it stands to its line of sight as the given head stood to its own."""
    rays = [
        torch.nn.functional.normalize(p.translation - p.translation.new_tensor([0, 0, c.distance]), dim=-1)
        for p, c in ((given, camera), (carried, PerspectiveCamera()))
    ]
    axis = torch.linalg.cross(*rays, dim=-1)
    sine = axis.norm(dim=-1, keepdim=True).clamp(min=1e-12)
    turn = axis / sine * torch.atan2(sine, (rays[0] * rays[1]).sum(-1, keepdim=True))
    rotation = small_turn(turn.numpy()) @ rotation_matrix(carried.angles).numpy()
    return carried.replace(angles=torch.from_numpy(euler_angles(rotation)))


def _fit_pose(
    start: FaceParameters, shape: np.ndarray, target: np.ndarray, rounds: int = 4
) -> FaceParameters:
    r"""The pose whose projections come nearest to the target, by Gauss-Newton; all frames at once."""
    camera = PerspectiveCamera()
    rotation, translation = rotation_matrix(start.angles).numpy(), start.translation.numpy().copy()
    f, middle = camera.scale * camera.focal, principal_point(camera)
    for _ in range(rounds):
        screen, posed = project(shape, rotation, translation, camera)
        depth = camera.distance - posed[..., 2]
        arm = posed - translation[:, None]
        a, b = f / depth, (screen - middle) * [1, -1] / depth[..., None]  # by x or y, by z
        zero = np.zeros_like(a)
        column = np.stack(
            [
                b[..., 0] * arm[..., 1],
                a * arm[..., 2] - b[..., 0] * arm[..., 0],
                -a * arm[..., 1],
                a,
                zero,
                b[..., 0],
            ],
            -1,
        )
        row = np.stack(
            [
                a * arm[..., 2] - b[..., 1] * arm[..., 1],
                b[..., 1] * arm[..., 0],
                -a * arm[..., 0],
                zero,
                -a,
                -b[..., 1],
            ],
            -1,
        )
        jacobian = np.concatenate([column, row], axis=1)  # (T, 136, 6)
        residual = np.concatenate([target[..., 0] - screen[..., 0], target[..., 1] - screen[..., 1]], axis=1)
        turned = jacobian.transpose(0, 2, 1)
        change = np.linalg.solve(turned @ jacobian + 1e-9 * np.eye(6), turned @ residual[..., None])[..., 0]
        rotation, translation = small_turn(change[:, :3]) @ rotation, translation + change[:, 3:]
    return start.replace(
        angles=torch.from_numpy(euler_angles(rotation)), translation=torch.from_numpy(translation)
    )
