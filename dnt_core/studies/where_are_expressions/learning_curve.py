r"""How many updates do ResNet-50 and the small net need before Table 1 looks like the paper's?

``python -m dnt_core.studies.where_are_expressions.learning_curve`` writes
``weights/learning_curve_table1.json``, which notebook 02 reads. Half an hour on one core; each fit is kept,
so that a stopped command goes on.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import torch

from dnt_core.atomic_write import write_json
from dnt_core.metrics.classifier_fit import FitConfig
from dnt_core.paths import runs_folder, weights_folder
from dnt_core.studies.where_are_expressions.cross_validation import CrossValidation, cross_validate
from dnt_core.studies.where_are_expressions.input_cache import StudyInputs, make_inputs

SETTINGS = ("rd_textures", "rd_no_color")  # one input of each group
EPOCHS = (6, 15, 40)
FOLDS = 4  # one of them is tested: a quarter of the frames


def learning_curve(
    inputs: StudyInputs,
    plan: FitConfig,
    epochs: Sequence[int],
    folder: str | os.PathLike,
    target: str = "type",
) -> list[dict[str, Any]]:
    r"""The same fold fitted once with each number of epochs.

    Args:
        inputs: frames with their pictures.
        plan: of the fits; its ``epochs`` are replaced.
        epochs: from few to many.
        folder: results of fits that are done lie there.
        target: "type" or "level".

    Returns:
        for each number of epochs ``network``, ``target``, ``epochs``, ``updates`` (steps of the optimiser),
        ``with_texture``, ``without_texture`` (nats on the held-out frames) and ``seconds`` of both fits.
    """
    points = []
    for n in epochs:
        what = CrossValidation(SETTINGS, (target,), "frame", FOLDS, 1, replace(plan, epochs=n))
        found = cross_validate(inputs, what, folder, 1, progress=False)
        rich, grey = (found[setting, target][0] for setting in SETTINGS)
        points.append({
            "network": plan.network, "target": target, "epochs": n,
            "updates": -(-rich.seen // n // plan.batch_size) * n,
            "with_texture": round(rich.cross_entropy, 4), "without_texture": round(grey.cross_entropy, 4),
            "seconds": round(rich.seconds + grey.seconds),
        })  # fmt: skip
    return points


def shipped_curve() -> dict[str, Any]:
    r"""The record that :func:`main` wrote and the project ships."""
    return json.loads(_record_file().read_text())


def reached(points: Sequence[Mapping[str, Any]], network: str, target: str = "type") -> Mapping[str, Any]:
    r"""The point of one net and target with the most updates, with its ``ratio`` (without over with texture).

    Args:
        points: of :func:`learning_curve`.
        network: one of the classifiers, such as "small".
        target: "type" or "level".
    """
    mine = [p for p in points if p["network"] == network and p["target"] == target]
    last = max(mine, key=lambda point: point["updates"])
    return {**last, "ratio": last["without_texture"] / last["with_texture"]}


def _record_file() -> Path:
    return weights_folder() / "learning_curve_table1.json"


def main(seed: int = 0) -> None:
    r"""The curve on the laptop profile's film and pictures; the record is written after each net."""
    from dnt_core.actor.profile_film import actor_folder
    from dnt_core.clips import scan
    from dnt_core.clips.labelled_frames import labelled_frames
    from dnt_core.profiles import get_profile
    from dnt_core.studies.where_are_expressions.study_config import SIZES, film_for, with_network
    from dnt_core.studies.where_are_expressions.warm_start import make_warm_start

    sizes, work = SIZES["laptop"], runs_folder() / "learning_curve"
    folder = actor_folder(get_profile("laptop")).with_name("laptop_where")
    film = film_for(folder, sizes.film)
    frames = labelled_frames(scan(film), sizes.frames_per_clip, FOLDS)
    inputs = make_inputs(frames, work / "inputs", sizes.inputs, jobs=1)
    start = time.time()
    small = replace(sizes.main, seed=seed)
    points = [
        *learning_curve(inputs, small, EPOCHS, work),
        *learning_curve(inputs, small, EPOCHS, work, "level"),
    ]
    other = film_for(folder, sizes.other_actor)
    seen = make_inputs(
        labelled_frames(scan(other), sizes.frames_per_clip, 2), work / "inputs", sizes.inputs, jobs=1
    )
    warm = make_warm_start(seen, replace(sizes.warm_start, seed=seed), work / "other_actor.safetensors")
    plan = replace(with_network(sizes.main, "resnet50"), weights=str(warm), seed=seed)
    for n in EPOCHS:
        points += learning_curve(inputs, plan, (n,), work)
        write_json(_record_file(), {
            "command": "python -m dnt_core.studies.where_are_expressions.learning_curve",
            "date": date.today().isoformat(),
            "seed": seed,
            "machine": f"{platform.machine()}, 1 thread, torch {torch.__version__.split('+')[0]}",
            "seconds": round(time.time() - start),
            "measured_on": f"{len(frames)} frames of {len(frames.clips)} clips of the built-in synthetic "
            f"actor, {sizes.inputs.image_size} px, 1 of {FOLDS} folds by frame; ResNet-50 starts from a net "
            "that saw another actor",
            "points": points,
        })  # fmt: skip
        print(points[-1], flush=True)


if __name__ == "__main__":
    main()
