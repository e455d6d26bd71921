r"""How near ``dnt track`` comes to the actor's truth: the table of docs/tracking_accuracy.md.

The actor is filmed (22 clips of M003, 1.5 s, 256 px) and tracked from its pixels and from landmarks with 3 px
of noise, without its truth. Four comparisons:

- ``numbers``: landmarks of, and truth from, the cache. The film shows more than these numbers hold: of what
  brows, eyes and cheeks do, they have a share only (``ActorConfig.geometry_share``);
- ``film``: landmarks and truth of what the film shows, as a detector would see it;
- ``person``: the same, with one identity that the landmarks of all clips tell, as ``dnt track`` does it;
- ``limit``: the same, with the person's true identity given.

Beside the means of each stand the parts of the error of the face's points in the picture: what is the same in
all clips, what is the same in each clip, and the rest. A texture is learnt with the first. Each is measured
for the face as fitted and for its decoupled face, from which a generator draws.

    python -m benchmarks.measure_tracking --every 1 --out measure_tracking.json
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import nn

from dnt_core.actor import ActorConfig, FilmConfig, film
from dnt_core.actor.performance import LIPS_AND_JAW
from dnt_core.atomic_write import write_json
from dnt_core.clips import Clip, FaceCache, iterate_frames, read_face_cache, scan
from dnt_core.face3d import FaceParameters, MorphableModel, PerspectiveCamera, load_face_model
from dnt_core.face3d.procedural.bases import movements_to_expression
from dnt_core.tracking.fit_quality import fit_quality, mean_face
from dnt_core.tracking.landmark_fit import OWN_LANDMARKS, FitOptions, fit_landmarks
from dnt_core.tracking.one_person import fit_person
from dnt_core.tracking.pixel_fit import PixelOptions, fit_pixels
from dnt_core.tracking.segment_fit import EXPRESSION, IDENTITY
from dnt_core.tracking.surface_points import facing
from dnt_core.training.decoupling_weights import load_decoupling_network

NOISE = 3.0  # px of 256


def shown_numbers(cache: FaceCache, knobs: ActorConfig = ActorConfig()) -> np.ndarray:  # noqa: B008 (frozen)
    r"""(T, 257): the true numbers of an actor's cache, with all of the expression that its film shows."""
    columns = movements_to_expression(np.eye(64))
    weights, speech = (
        np.linalg.solve(columns.T, beta.astype(np.float64).T).T
        for beta in (cache.truth_parameters[:, EXPRESSION], cache.speech_expression)
    )
    carried = np.where(LIPS_AND_JAW, 1.0, knobs.geometry_share)
    shown = cache.truth_parameters.copy()
    shown[:, EXPRESSION] = (speech + (weights - speech) / carried) @ columns
    return shown


def marks_of(model: MorphableModel, camera: PerspectiveCamera, rows: np.ndarray) -> np.ndarray:
    r"""(T, 257) → (T, 68, 2) px."""
    faces = FaceParameters.from_vector(torch.from_numpy(rows), order="storage")
    return camera.project(model.posed_landmarks(faces))[..., :2].numpy()


def track(
    clip: Clip, truth: np.ndarray, noise: np.ndarray, model: MorphableModel, identity: np.ndarray | None,
    options: FitOptions = OWN_LANDMARKS, pixels: PixelOptions | None = None,
) -> dict[str, np.ndarray]:  # fmt: skip
    r"""A clip of the actor's tracked from its frames and its noisy landmarks: stage → (T, 257).

    Args:
        clip: of the actor.
        truth: (T, 257) whose landmarks are seen.
        noise: (T, 68, 2) px of the clip's picture, added to them.
        model: the face model.
        identity: (80,) alpha that is known; None fits it.
        options: of the fit to landmarks.
        pixels: of the fit to pixels.
    """
    camera = PerspectiveCamera(read_face_cache(clip.face_cache).image_size[0])
    seen = marks_of(model, camera, truth) + noise
    first = fit_landmarks(model, seen, camera, options, identity)
    then = fit_pixels(model, seen, iterate_frames(clip.video), first, camera, options, pixels)
    return {"mean_face": mean_face(then.parameters), "landmarks": first.parameters, "pixels": then.parameters}


@torch.no_grad()
def seen_points(model: MorphableModel, rows: np.ndarray, decoupling: nn.Module | None) -> tuple:
    r"""(T, 257) → some vertices in the picture (T, N, 2) px of 256, and which face the camera (T, N)."""
    faces = FaceParameters.from_vector(torch.from_numpy(rows), order="storage")
    vertices = model.posed(faces if decoupling is None else decoupling.decouple(faces))
    camera, some = PerspectiveCamera(256), slice(None, None, 8)
    weight = facing(vertices[:, some].numpy(), model.normals(vertices)[:, some].numpy(), camera.distance)
    return camera.project(vertices)[:, some, :2].double().numpy(), weight > 0


def parts_of_error(model: MorphableModel, fits: list, truths: list, decoupling=None) -> dict[str, float]:
    r"""Root mean squares, px of 256, of what the points are off by: the "same" in all clips, in each "clip",
    and in each "frame" besides.

    Args:
        model: of both. fits, truths: of each clip, (T, 257).
        decoupling: f_d; None: the faces as they are.
    """
    off, seen = [], []
    for fit, truth in zip(fits, truths, strict=True):
        true, weight = seen_points(model, truth, decoupling)
        off.append((seen_points(model, fit, decoupling)[0] - true) * weight[..., None])
        seen.append(weight)
    sums, counts = np.stack([x.sum(axis=0) for x in off]), np.stack([w.sum(axis=0) for w in seen])
    same = sums.sum(axis=0) / np.maximum(counts.sum(axis=0), 1)[:, None]
    clip = sums / np.maximum(counts, 1)[..., None]
    rest = sum((((x - c) ** 2).sum(-1) * w).sum() for x, c, w in zip(off, clip, seen, strict=True))
    squares = {
        "same": ((same**2).sum(-1) * counts).sum(), "clip": (((clip - same) ** 2).sum(-1) * counts).sum(),
        "frame": rest,
    }  # fmt: skip
    return {name: round(float(np.sqrt(square / counts.sum())), 2) for name, square in squares.items()}


def averaged(many: list[dict[str, float]]) -> dict[str, float]:
    r"""The mean of each number over the clips."""
    return {key: round(float(np.mean([one[key] for one in many])), 3) for key in many[0]}


def main() -> None:
    r"""Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=1, help="take every so many-th of the 22 clips")
    parser.add_argument("--film", type=Path, default=Path("runs") / "data" / "tracking_256")
    parser.add_argument("--out", type=Path, default=Path("measure_tracking.json"))
    asked = parser.parse_args()
    film(asked.film, FilmConfig(actors=("M003",), clips_per_cell=1, seconds=1.5, image_size=256, fps=30))
    clips, model = list(scan(asked.film))[:: asked.every], load_face_model("procedural:4000")
    record = {"clips": len(clips), "noise_px": NOISE}
    decoupling, camera = load_decoupling_network("M003_speech"), PerspectiveCamera(256)
    for name in ("numbers", "film", "person", "limit"):
        rng, measured, fits, truths, seen = np.random.default_rng(0), {}, [], [], []
        for clip in clips:
            cache = read_face_cache(clip.face_cache)
            truths.append(cache.truth_parameters if name == "numbers" else shown_numbers(cache))
            seen.append(rng.normal(0, NOISE, (len(cache), 68, 2)))
        known = truths[0][0, IDENTITY].astype(np.float64) if name == "limit" else None
        if name == "person":
            marks = [marks_of(model, camera, rows) + noise for rows, noise in zip(truths, seen, strict=True)]
            known = fit_person(model, [(one, camera) for one in marks], OWN_LANDMARKS)
        for clip, truth, noise in zip(clips, truths, seen, strict=True):
            for stage, rows in track(clip, truth, noise, model, known).items():
                measured.setdefault(stage, []).append(fit_quality(model, rows, truth, 256).to_dict())
            fits.append(rows)
        record[name] = {stage: averaged(many) for stage, many in measured.items()} | {
            "parts_px": parts_of_error(model, fits, truths),
            "decoupled_parts_px": parts_of_error(model, fits, truths, decoupling),
        }
        write_json(asked.out, record)
        print(name, record[name], flush=True)


if __name__ == "__main__":
    main()
