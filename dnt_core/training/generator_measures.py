r"""What a trained generator's record says of it: frames it never saw, beside film and the mean face."""

from __future__ import annotations

import numpy as np

from dnt_core.clips import read_face_cache
from dnt_core.clips.labelled_frames import LEFT_OUT, TARGETS
from dnt_core.face3d import load_face_model
from dnt_core.metrics.classifier_eval import PictureClassifiers, labels_of
from dnt_core.metrics.feature_distance import feature_distance
from dnt_core.metrics.image_metrics import drawn_by, mean_face, measure, spread
from dnt_core.metrics.sharpness import sharpness, skin_texels
from dnt_core.networks.generator import Generator
from dnt_core.training.generator_data import GeneratorData
from dnt_core.training.generator_stages import HeldOut

SEEN = 600  # training frames that the observer is fitted to


def measure_held_out(
    generator: Generator,
    data: GeneratorData,
    held: HeldOut,
    test_frames: int = 200,
    face_model: str = "",
) -> dict[str, float]:
    r"""PSNR and SSIM of both kinds of held-out frames; of held-out clips (where there are none, of the last
    frames of those that trained) also sharpness and, where the clips are not all of one expression or of one
    level, the learnt features' distance and what an observer reads.

    Args:
        test_frames: so many frames of each kind, evenly spread.
        face_model: source for ``load_face_model``; "" takes the one named in the clips' caches.

    Returns:
        ``<kind>.<name>`` of the generator, ``mean_face.<kind>.<name>`` of the mean face,
        ``film.<kind>.ce_type`` and ``….ce_level`` (nats) of the filmed frames; kinds are "held_out_clips" and
        "within_clips".
    """
    found: dict[str, float] = {}
    kinds = {"held_out_clips": held.clips, "within_clips": held.within}
    kinds = {name: spread(rows, test_frames) for name, rows in kinds.items() if len(rows)}
    draw = drawn_by(generator)
    trivial = mean_face(data, spread(held.train, 400))
    for name, predict in (("", draw), ("mean_face.", trivial)):
        for kind, rows in kinds.items():
            values = measure(predict, data, rows)
            found |= {f"{name}{kind}.{key}": value for key, value in values.items()}
    kind, rows = next(iter(kinds.items()))
    skin = skin_texels(load_face_model(face_model or read_face_cache(data.clips[0].face_cache).face_model))
    values = sharpness(draw, data, rows, skin)
    if _tells_apart(data, held.train):
        observer = PictureClassifiers.fit(data, spread(held.train, SEEN))
        values["feature_distance"] = feature_distance(observer.nets["type"], draw, data, rows)
        values |= observer.cross_entropy(draw, data, rows)
        film = observer.cross_entropy(lambda batch: batch.target, data, rows)
        found |= {f"film.{kind}.{key}": value for key, value in film.items()}
    found |= {f"{kind}.{key}": value for key, value in values.items()}
    return {key: round(value, 4) for key, value in found.items()}


def _tells_apart(data: GeneratorData, rows: np.ndarray) -> bool:
    """Whether there are two expressions and two levels to tell apart."""
    labels = [labels_of(data, rows, target) for target in TARGETS]
    return all(len(np.unique(known[known != LEFT_OUT])) > 1 for known in labels)
