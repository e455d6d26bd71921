r"""How many updates do ResNet-50 and the small net need before Table 1 looks like the paper's?

``python -m dnt_core.studies.where_are_expressions.learning_curve`` writes
``weights/learning_curve_table1.json``, which notebook 02 shows. Half an hour on one core; each fit is kept,
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
from typing import TYPE_CHECKING, Any

import torch

from dnt_core.atomic_write import write_json
from dnt_core.metrics.classifier_fit import FitConfig
from dnt_core.metrics.expression_classifier import NETWORKS
from dnt_core.paths import runs_folder, weights_folder
from dnt_core.studies.where_are_expressions.cross_validation import CrossValidation, cross_validate
from dnt_core.studies.where_are_expressions.input_cache import StudyInputs, make_inputs

if TYPE_CHECKING:
    from matplotlib.axes import Axes

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
        network: one of :data:`NETWORKS`.
        target: "type" or "level".
    """
    mine = [p for p in points if p["network"] == network and p["target"] == target]
    last = max(mine, key=lambda point: point["updates"])
    return {**last, "ratio": last["without_texture"] / last["with_texture"]}


def draw_learning_curve(points: Sequence[Mapping[str, Any]]) -> list[Axes]:
    r"""Cross-entropy of the type against updates, one panel per net, with and without texture.

    Args:
        points: of :func:`learning_curve`.
    """
    import matplotlib.pyplot as plt

    from dnt_core.plotting import style
    from dnt_core.studies.where_are_expressions.figures import WITH_COLOR, WITHOUT_COLOR

    networks = list(dict.fromkeys(point["network"] for point in points))
    size = (4.4 * len(networks), 3.3)
    with style():
        _, ((*axes,),) = plt.subplots(
            1, len(networks), figsize=size, sharey=True, layout="constrained", squeeze=False
        )
    for ax, network in zip(axes, networks, strict=True):
        mine = [p for p in points if p["network"] == network and p["target"] == "type"]
        updates = [p["updates"] for p in mine]
        ax.plot(
            updates, [p["without_texture"] for p in mine], "s-", color=WITHOUT_COLOR, label="Rd w/o color"
        )
        ax.plot(updates, [p["with_texture"] for p in mine], "o-", color=WITH_COLOR, label="Rd with textures")
        ax.set(xscale="log", yscale="log", xlabel="updates of the weights", title=NETWORKS[network])
        ax.set_xticks(updates, [str(n) for n in updates])
        ax.set_yticks([0.003, 0.01, 0.03, 0.1, 0.3, 1], ["0.003", "0.01", "0.03", "0.1", "0.3", "1"])
        ax.minorticks_off()
        for p in mine:  # the ratio stands between the two points, on the line that it belongs to
            high, low = p["without_texture"], p["with_texture"]
            ax.vlines(p["updates"], low, high, color="#999999", lw=1, zorder=0)
            ax.annotate(
                f"{high / low:.1f} ×",
                (p["updates"], (low * high) ** 0.5),
                ha="center",
                va="center",
                fontsize=9,
                bbox={"fc": "white", "ec": "none", "pad": 1},
            )
        ax.margins(x=0.12)
    axes[0].set_ylabel("cross-entropy of the type, nats")
    axes[0].legend(loc="lower left", fontsize=8)
    return axes


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
