r"""How near ``dnt track`` comes to the actor's truth: the table of docs/tracking_accuracy.md.

The actor is filmed (22 clips of M003, 1.5 s, 256 px) and tracked from its pixels and from landmarks with 3 px
of noise, without its truth. Three comparisons:

- ``numbers``: landmarks of, and truth from, the cache. The film shows more than these numbers hold: of what
  brows, eyes and cheeks do, they have a share only (``ActorConfig.geometry_share``);
- ``film``: landmarks and truth of what the film shows, as a detector would see it;
- ``limit``: the same, with the person's true identity given.

    python -m benchmarks.measure_tracking --every 1 --out measure_tracking.json
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from dnt_core.actor import ActorConfig, FilmConfig, film
from dnt_core.actor.performance import LIPS_AND_JAW
from dnt_core.atomic_write import write_json
from dnt_core.clips import Clip, FaceCache, iterate_frames, read_face_cache, scan
from dnt_core.face3d import FaceParameters, MorphableModel, PerspectiveCamera, load_face_model
from dnt_core.face3d.procedural.bases import movements_to_expression
from dnt_core.tracking.fit_quality import fit_quality, mean_face
from dnt_core.tracking.landmark_fit import OWN_LANDMARKS, FitOptions, fit_landmarks
from dnt_core.tracking.pixel_fit import PixelOptions, fit_pixels
from dnt_core.tracking.segment_fit import EXPRESSION, IDENTITY

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
    for name in ("numbers", "film", "limit"):
        rng, measured = np.random.default_rng(0), {}
        for clip in clips:
            cache = read_face_cache(clip.face_cache)
            truth = cache.truth_parameters if name == "numbers" else shown_numbers(cache)
            known = truth[0, IDENTITY].astype(np.float64) if name == "limit" else None
            noise = rng.normal(0, NOISE, (len(truth), 68, 2))
            for stage, rows in track(clip, truth, noise, model, known).items():
                measured.setdefault(stage, []).append(fit_quality(model, rows, truth, 256).to_dict())
        record[name] = {stage: averaged(many) for stage, many in measured.items()}
        write_json(asked.out, record)
        print(name, record[name], flush=True)


if __name__ == "__main__":
    main()
