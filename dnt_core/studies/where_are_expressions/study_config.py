r"""How large the study is in each profile, and the film that it looks at."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dnt_core.metrics.classifier_fit import FitConfig
from dnt_core.metrics.expression_classifier import NETWORKS
from dnt_core.studies.where_are_expressions.input_cache import InputConfig
from dnt_core.studies.where_are_expressions.warm_start import imagenet_weights


@dataclass(frozen=True)
class StudyConfig:
    r"""Sizes of a whole study; more of each is slower and closer to the paper.

    Attributes:
        film: fields of the actor's :class:`FilmConfig`. frames_per_clip: taken evenly from each. inputs:
            pictures.
        main: fits of Table 1. side: fits of controls, sweep and folds by clip, with a smaller net where
            ``main`` is slow.
        folds, side_folds: of Table 1, of the rest. sweep_inputs: larger pictures where there is time, or
            the folds of the skin are lost in the pixels, not in the mesh. They are rendered larger still, so
            that a fine mesh is not thinned out to single vertices. sweep_folds: how many of ``side_folds``
            the sweep tests. resolutions: vertices of the sweep. noises: of the 64 numbers.
        whole_scan: vertices of the scan of the whole movement. warm_start: fits that make the weights
            ``main`` starts from on another actor; None starts from nothing. jobs: fits side by side; None:
            one for every core.
    """

    film: Mapping[str, Any]
    frames_per_clip: int
    inputs: InputConfig
    main: FitConfig
    side: FitConfig
    folds: int
    side_folds: int
    sweep_inputs: InputConfig
    sweep_folds: int
    resolutions: tuple[int, ...]
    noises: tuple[float, ...]
    whole_scan: int
    warm_start: FitConfig | None = None
    other_actor: Mapping[str, Any] = field(default_factory=dict)
    jobs: int | None = None


def _small(epochs: int) -> FitConfig:
    return FitConfig("small", epochs, batch_size=16, learning_rate=4e-3, shift=1, brightness=0.15)


def with_network(main: FitConfig, network: str = "") -> FitConfig:
    r"""Table 1's fits with another net, such as the paper's: one core needs a night for it, a GPU minutes.

    Args:
        main: of the profile's Table 1; its epochs and batch size are kept.
        network: one of :data:`NETWORKS`, or "": the profile's own.
    """
    if network in ("", main.network):
        return main
    return FitConfig(network, main.epochs, main.batch_size, 1e-3, early_size=32)


def _film(
    clips_per_cell: int, seconds: float, fps: float, image_size: int, actor: str = "M003"
) -> dict[str, Any]:
    sizes = {"clips_per_cell": clips_per_cell, "seconds": seconds, "fps": fps, "image_size": image_size}
    return {"actors": (actor,), **sizes}


SIZES: dict[str, StudyConfig] = {
    "nbval": StudyConfig(
        _film(2, 0.8, 5.0, 64), 2, InputConfig(24, 64, "procedural:2000"), _small(2), _small(2), 2, 2,
        InputConfig(32, 128, "procedural:2000"), 2, (500, 2_000), (0.0, 1.0), 2_000, jobs=1,
    ),
    "quick": StudyConfig(
        _film(3, 0.8, 5.0, 96), 4, InputConfig(48, 96, "procedural:9000"), _small(12), _small(12), 3, 3,
        InputConfig(48, 192, "procedural:9000"), 2, (1_000, 16_000), (0.0, 1.5), 6_000,
    ),
    "laptop": StudyConfig(
        _film(6, 0.8, 15.0, 128), 4, InputConfig(48, 128), _small(40), _small(20), 10, 4,
        InputConfig(96, 320), 4, (500, 9_000, 100_000), (0.0, 0.25, 1.0), 9_000,
        FitConfig("resnet50", 12, 32, 1e-3, early_size=32), _film(3, 0.8, 15.0, 128, "W009"),
    ),
    "paper": StudyConfig(
        _film(30, 3.0, 30.0, 256), 20, InputConfig(224, 256),
        FitConfig("resnet50", 20, 32, 1e-3), FitConfig("resnet18", 20, 32, 1e-3), 10, 10,
        InputConfig(224, 512), 10, (500, 2_000, 9_000, 36_000, 100_000), (0.0, 0.25, 0.5, 1.0, 2.0), 9_000,
    ),
}  # fmt: skip


def film_for(folder: Path, film: Mapping[str, Any], progress: bool = True, **knobs: float) -> Path:
    r"""The actor's film of these sizes, filmed if it is not there.

    Args:
        folder: where films lie; each plan, and each version of the actor, has a folder of its own in it.
        film: fields of :class:`FilmConfig`.
        progress: show a bar.
        knobs: fields of :class:`ActorConfig` that are turned.
    """
    from dnt_core.actor import ActorConfig, FilmConfig
    from dnt_core.actor import film as shoot
    from dnt_core.actor.filming import FORMAT

    plan = FilmConfig(**film, knobs=ActorConfig(**knobs))
    key = hashlib.sha256(f"{FORMAT} {plan!r}".encode()).hexdigest()[:8]
    return shoot(folder / key, plan, progress=progress)


def in_words(plan: FitConfig, image_size: int, frames: int, folds: int, folds_run: int, kind: str) -> str:
    r"""What was run, as the table says it.

    Args:
        plan: of the classifier.
        image_size: S px.
        frames: N.
        folds: of the cross-validation.
        folds_run: how many of them were tested; 0: all.
        kind: "frame" or "clip".
    """
    done = f"{folds} folds" if folds_run in (0, folds) else f"{folds_run} of {folds} folds"
    start = "from scratch" if not plan.weights else "from weights of a net that saw another actor"
    if plan.weights and plan.weights == imagenet_weights(plan.network):
        start = "from ImageNet's weights"
    size = f"{image_size} px, {frames} frames, {plan.epochs} epochs"
    return f"{NETWORKS[plan.network]}, {size} {start}, {done} by {kind}"
