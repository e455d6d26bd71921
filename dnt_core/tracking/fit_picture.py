r"""The fit over the frames, to be looked at: frames, the model drawn into them, and the landmarks on both."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from dnt_core.atomic_write import atomic_path
from dnt_core.clips import FaceCache, read_video, video_info
from dnt_core.clips.crop_box import in_picture
from dnt_core.face3d import PerspectiveCamera, load_face_model
from dnt_core.rendering.interpolate import interpolate_attributes
from dnt_core.rendering.rasterizer import rasterize
from dnt_core.tracking.landmark_fit import TRUSTED

SEEN, FITTED = (0, 255, 0), (255, 40, 40)


def fit_picture(video: Path, cache: FaceCache, columns: int = 6, size: int = 256) -> np.ndarray:
    r"""(2 S, columns S, 3) uint8: evenly spaced frames with a face above, the fitted face drawn into them
    below.

    Green are the cache's landmarks, red the fitted face's; a frame that is not trusted has a red rim. Frames
    without a face are shown, with that rim, only where the clip has no others.
    """
    seen = np.flatnonzero(cache.has_face) if cache.has_face.any() else np.arange(len(cache))
    chosen = seen[np.unique(np.linspace(0, len(seen) - 1, columns).round().astype(int))]
    model, camera = load_face_model(cache.face_model), PerspectiveCamera(size)
    faces = cache.face_parameters()[torch.from_numpy(chosen)]
    with torch.no_grad():
        vertices, colors = model(faces)
        screen = camera.project(vertices)
        fragments = rasterize(screen, model.triangles, size)
        drawn = interpolate_attributes(fragments, model.triangles, colors.clamp(0, 1)).numpy()
        covered = (fragments.pix_to_face[..., 0] >= 0).numpy()
    fitted = model.landmarks(screen)[..., :2].numpy()
    above, below = [], []
    for k, t in enumerate(chosen):
        frame = read_video(video, None, size, cache.crop, int(t), int(t) + 1).frames[0]
        picture = np.where(covered[k][..., None], (drawn[k] * 255).round(), frame).astype(np.uint8)
        frame = frame.copy()
        if cache.landmarks is not None:
            scale = size / (cache.image_size or (size, size))[0]
            draw_dots(frame, (cache.landmarks[t] + 0.5) * scale - 0.5, SEEN)
        draw_dots(frame, fitted[k], FITTED)
        if cache.confidence is not None and cache.confidence[t] <= TRUSTED:
            frame[:3], frame[-3:], frame[:, :3], frame[:, -3:] = (FITTED,) * 4
        above.append(frame)
        below.append(picture)
    return np.concatenate([np.concatenate(above, axis=1), np.concatenate(below, axis=1)])


def save_fit_picture(path: Path, video: Path, cache: FaceCache) -> Path:
    r"""Writes :func:`fit_picture` as a PNG, whole or not at all."""
    from matplotlib.image import imsave

    info = video_info(video)
    picture = fit_picture(video, in_picture(cache, info.height, info.width))
    with atomic_path(path) as part:
        imsave(part, picture)
    return Path(path)


def draw_dots(picture: np.ndarray, points: np.ndarray, color: tuple[int, int, int], arm: int = 1) -> None:
    r"""Draws crosses of 2 arm + 1 px into (H, W, 3) uint8 at (N, 2) column and row; outside none is drawn."""
    height, width = picture.shape[:2]
    for column, row in np.round(points).astype(int):
        if arm <= column < width - arm and arm <= row < height - arm:
            picture[row - arm : row + arm + 1, column] = color
            picture[row, column - arm : column + arm + 1] = color
