r"""Tracking and importing: frames a second of processor time, on the actor's truth.

``track.frames_per_s`` is the fit to landmarks and then to pixels at 256 px, as ``dnt track`` does it,
without decoding and without finding landmarks; ``track.landmarks.frames_per_s`` the first part alone.
``track.carry.frames_per_s`` carries poses of moving crops into one. The full face model, one clip of two
seconds.
"""

from __future__ import annotations

import time

import numpy as np
import torch

from dnt_core.actor.parameter_clips import parameter_clips
from dnt_core.face3d import FaceParameters, PerspectiveCamera, load_face_model
from dnt_core.rendering.interpolate import interpolate_attributes
from dnt_core.rendering.rasterizer import rasterize
from dnt_core.tracking.fixed_crop import alignment_windows, carry, standing_crop
from dnt_core.tracking.landmark_fit import OWN_LANDMARKS, fit_landmarks
from dnt_core.tracking.pixel_fit import fit_pixels

FRAMES, SIZE = 60, 256


def run() -> dict[str, float]:
    r"""Processor time, so that a busy machine counts less; the second of two passes."""
    model, camera = load_face_model("procedural"), PerspectiveCamera(SIZE)
    cache = next(c.cache for c in parameter_clips(["M003"], 1, 1) if len(c.cache) >= FRAMES)
    vectors = torch.from_numpy(cache.truth_parameters[:FRAMES].copy())
    faces = FaceParameters.from_vector(vectors, order="storage")
    noise = np.random.default_rng(0).normal(0, 3, (FRAMES, 68, 2))
    landmarks = camera.project(model.posed_landmarks(faces))[..., :2].numpy() + noise
    pictures = np.concatenate([_picture(model, camera, faces[t : t + 1]) for t in range(FRAMES)])
    options, rates = OWN_LANDMARKS, {}
    for _ in range(2):
        start = time.process_time()
        fit = fit_landmarks(model, landmarks, camera, options)
        middle = time.process_time()
        fit_pixels(model, landmarks, pictures, fit, camera, options)
        end = time.process_time()
        rates["track.landmarks.frames_per_s"] = FRAMES / (middle - start)
        rates["track.frames_per_s"] = FRAMES / (end - start)
    windows = alignment_windows(landmarks, SIZE, SIZE)
    start = time.process_time()
    carry(faces, windows, standing_crop(windows), None, model)
    rates["track.carry.frames_per_s"] = FRAMES / (time.process_time() - start)
    return rates


def _picture(model, camera: PerspectiveCamera, face: FaceParameters) -> np.ndarray:
    with torch.no_grad():
        vertices, colors = model(face)
        fragments = rasterize(camera.project(vertices), model.triangles, SIZE)
        drawn = interpolate_attributes(fragments, model.triangles, colors.clamp(0, 1))
    return (drawn * 255).round().byte().numpy()


if __name__ == "__main__":
    print(run())
