r"""Where the nets of Table 1 start: at random weights, at ImageNet's, or at those of a net that saw another
actor."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from dnt_core.clips import scan
from dnt_core.clips.labelled_frames import labelled_frames
from dnt_core.metrics.classifier_fit import FitConfig
from dnt_core.studies.where_are_expressions.input_cache import make_inputs
from dnt_core.studies.where_are_expressions.study_config import StudyConfig, film_for
from dnt_core.studies.where_are_expressions.warm_start import imagenet_weights, make_warm_start


def with_start(
    main: FitConfig,
    sizes: StudyConfig,
    film_folder: str | os.PathLike,
    inputs_folder: str | os.PathLike,
    synthetic: bool,
) -> FitConfig:
    r"""The plan of Table 1's fits with the weights that its net starts from.

    The small net starts from random weights, and so does any net without a better start. ResNet-50 starts
    from ImageNet's weights where their file is at hand. Otherwise, on the synthetic film, it starts from a
    net that was trained on the film of another actor, which is made first.

    Args:
        main: of Table 1; its seed is the seed of the other actor's fit, too.
        sizes: of the profile.
        film_folder: where films lie; the other actor's weights are kept there.
        inputs_folder: where the other actor's pictures are kept.
        synthetic: whether the study's film is the built-in actor's.

    Returns:
        ``main``, or ``main`` with the path of a file of weights.
    """
    film_folder = Path(film_folder)
    if weights := imagenet_weights(main.network):
        return replace(main, weights=weights)
    if main.network != "resnet50" or sizes.warm_start is None or not synthetic:
        return main
    frames = labelled_frames(scan(film_for(film_folder, sizes.other_actor)), sizes.frames_per_clip, 2)
    other = make_inputs(frames, Path(inputs_folder), sizes.inputs)
    plan = replace(sizes.warm_start, seed=main.seed)
    return replace(main, weights=str(make_warm_start(other, plan, film_folder / "other_actor.safetensors")))
