r"""The actor's truth as other tools would have tracked it: in crops that move with each frame, in their
formats.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from scipy.io import savemat
from scipy.optimize import least_squares

from dnt_core.actor.parameter_clips import parameter_clips
from dnt_core.clips import write_video
from dnt_core.face3d import FaceParameters, PerspectiveCamera, load_face_model

WIDTH, HEIGHT, FPS = 480, 360, 30
BOX = (20, 90, 300, 300)  # top, left, side: where the actor's own camera looks in the frame
MODEL = "procedural:900"


@dataclass(frozen=True)
class Filmed:
    r"""true: (T, 257) as the standing camera of ``BOX`` sees the face; frame: (T, 68, 2) px of the video's
    frame.
    """

    true: np.ndarray
    frame: np.ndarray


@lru_cache(maxsize=2)
def filmed(n_frames: int = 24) -> Filmed:
    cache = next(c.cache for c in parameter_clips(["M003"], 1, 1) if c.clip.expression == "happy")
    true = np.array(cache.truth_parameters[:n_frames], np.float64)
    t = np.linspace(0, 2 * np.pi, n_frames)
    true[:, 225] += 0.25 * np.sin(t)  # a head that moves more than the actor's
    true[:, 254:256] += 0.15 * np.stack([np.sin(t), np.cos(2 * t)], -1)
    in_box = landmarks_of(true)
    return Filmed(true, (in_box + 0.5) * BOX[2] / 224 + [BOX[1], BOX[0]] - 0.5)


def landmarks_of(vectors: np.ndarray, size: int = 224) -> np.ndarray:
    r"""(T, 68, 2) px of the default camera's picture."""
    model = load_face_model(MODEL)
    faces = FaceParameters.from_vector(torch.as_tensor(vectors, dtype=torch.float64), order="storage")
    return PerspectiveCamera(size).project(model.posed_landmarks(faces))[..., :2].numpy()


def standard_windows(points: np.ndarray, width: int, height: int) -> np.ndarray:
    r"""The tool's crop of each frame, written anew as a loop: (T, 3) left, top, side in px of the frame."""
    standard = np.array(
        [[-0.31148657, 0.29036078, 0.13377953], [0.30979887, 0.28972036, 0.13179526],
         [0.0032535, -0.04617932, 0.55244243], [-0.25216928, -0.38133916, 0.22405732],
         [0.2484662, -0.38128236, 0.22235769]]
    )  # fmt: skip
    windows = []
    for p in points:
        five = np.array([(p[36] + p[39]) / 2, (p[42] + p[45]) / 2, p[30], p[48], p[54]])
        five[:, 1] = height - 1 - five[:, 1]
        design, flat = np.zeros((10, 8)), np.zeros(10)
        for i, (x, y) in enumerate(five):
            design[2 * i, :3], design[2 * i, 3] = standard[i], 1
            design[2 * i + 1, 4:7], design[2 * i + 1, 7] = standard[i], 1
            flat[2 * i], flat[2 * i + 1] = x, y
        k = np.linalg.lstsq(design, flat, rcond=None)[0]
        s = 102.0 / ((np.linalg.norm(k[:3]) + np.linalg.norm(k[4:7])) / 2)
        w, h = int(width * s), int(height * s)
        left = int(w / 2 - 112 + (k[3] - width / 2) * s)
        up = int(h / 2 - 112 + (height / 2 - k[7]) * s)
        windows.append([left * width / w, up * height / h, 224 * width / w, s, k[3], k[7]])
    return np.array(windows)


@lru_cache(maxsize=2)
def tracked(n_frames: int = 24) -> tuple[np.ndarray, np.ndarray]:
    r"""What a perfect tool would store, (T, 257) in its moving crops, and those crops (T, 6)."""
    film = filmed(n_frames)
    windows = standard_windows(film.frame, WIDTH, HEIGHT)
    target = (film.frame + 0.5 - windows[:, None, :2]) * 224 / windows[:, None, 2:3] - 0.5
    stored = film.true.copy()
    for t in range(n_frames):

        def off(pose, t=t):
            vector = film.true[t].copy()
            vector[224:227], vector[254:257] = pose[:3], pose[3:]
            return (landmarks_of(vector[None])[0] - target[t]).ravel()

        start = np.r_[film.true[t, 224:227], 0, 0, 0]
        found = least_squares(off, start, method="lm").x
        stored[t, 224:227], stored[t, 254:257] = found[:3], found[3:]
    return stored, windows


def write_film(path: Path, n_frames: int = 24, size: tuple[int, int] = (HEIGHT, WIDTH)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_video(path, np.full((n_frames, *size, 3), 90, np.uint8), FPS, mark=False)
    return path


def write_deep3d(folder: Path, stored: np.ndarray, lm68: np.ndarray | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for t, row in enumerate(stored.astype(np.float32)):
        held = {
            "id": row[None, :80], "exp": row[None, 80:144], "tex": row[None, 144:224],
            "angle": row[None, 224:227], "gamma": row[None, 227:254], "trans": row[None, 254:257],
        }  # fmt: skip
        if lm68 is not None:
            held["lm68"] = lm68[t][None].astype(np.float32)
        savemat(folder / f"{t:06d}.mat", held)
    return folder
