r"""The shipped weights on frames they never saw: everything notebook 04 measures, opened in one line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import nn

from dnt_core.actor import FilmConfig
from dnt_core.actor.film_config import Shot
from dnt_core.actor.profile_film import film_config
from dnt_core.ciec import LEVEL_INTENSITY
from dnt_core.face3d import check_face_model
from dnt_core.metrics.classifier_eval import PictureClassifiers
from dnt_core.metrics.copied_frames import FilmedBlend
from dnt_core.metrics.image_metrics import Predict, drawn_by
from dnt_core.metrics.intensity_meter import IntensityMeter, fit_meter
from dnt_core.metrics.lip_reader import LipReader
from dnt_core.networks.generator import Generator
from dnt_core.profiles import PROFILES
from dnt_core.studies.dynamic_texture import baselines
from dnt_core.studies.dynamic_texture.acted_again import act_again
from dnt_core.studies.dynamic_texture.eval_frames import (
    EvalConfig,
    Moments,
    draw_moments,
    first_of_each_cell,
    frames_of_performance,
    split_shots,
    spread_frames,
)
from dnt_core.studies.dynamic_texture.sweep import Sweep, sweep_intensity
from dnt_core.studies.dynamic_texture.unseen_combinations import (
    UnseenCombination,
    find_unseen_combinations,
    lips_moved_by_actor,
    mouth_shapes,
)
from dnt_core.training.decoupling_weights import load_decoupling_network
from dnt_core.training.generator_data import GeneratorData
from dnt_core.training.generator_weights import all_generators, open_generator
from dnt_core.training.static_baseline import refit, static_from

UNSEEN = (0.5, 1.5, 2.5)  # levels that no clip was filmed at
BEYOND = 1001  # number of a clip that no film has


def shipped_weights(folder: str | os.PathLike, actor: str = "M003") -> Path:
    r"""The largest generator of an actor in a folder.

    Raises:
        FileNotFoundError: there is none; the sentence says how one is made.
    """
    found = all_generators(folder)
    if actor not in found:
        raise FileNotFoundError(
            f"{folder} has no generator_{actor}_<size>.safetensors; `dnt train generator` makes one"
        )
    return found[actor][max(found[actor])].path


class GeneratorEvaluation:
    r"""A generator of a built-in actor, and moments of the laptop profile's film to measure it on.

    Args:
        weights: a file of ``dnt train generator``.
        folder: where drawn moments lie; made if missing. sizes: how many. decoupling: weights of f_d; None
            for the one that the generator was trained with, which may be none.
        plan: of the film that trained; None for the laptop profile's.

    Raises:
        FileNotFoundError: no such weights. ValueError: weights that do not say whose they are.
    """

    def __init__(
        self, weights: str | os.PathLike, folder: str | os.PathLike, sizes: EvalConfig | None = None,
        decoupling: str | os.PathLike | None = None, plan: FilmConfig | None = None, progress: bool = True,
    ) -> None:  # fmt: skip
        path = Path(weights)
        opened = open_generator(path)
        if opened.identity is None:
            raise ValueError(f"{path} does not say whose generator it holds")
        self.actor, self.size = opened.identity, opened.image_size
        self.generator, self.notes = opened.generator, opened.made_with
        check_face_model(opened.face_model, "procedural", path, "the built-in actor")
        self.sizes, self.folder, self.progress = sizes or EvalConfig(), Path(folder), progress
        self.plan = plan or film_config(PROFILES["laptop"], actors=(self.actor,))
        self.decoupling: nn.Module | None = (
            load_decoupling_network(decoupling) if decoupling else opened.decoupling()
        )
        seed = int(self.notes.get("seed", 0))
        self.train_shots, self.held_shots = split_shots(self.plan, seed)
        self.drawn_shots = first_of_each_cell(self.train_shots, self.sizes.train_clips)

    def draw(self, moments: Moments, plan: FilmConfig | None = None) -> GeneratorData:
        r"""Frames of the film, ready for the generator."""
        return draw_moments(
            plan or self.plan, moments, self.folder, self.size, self.decoupling, progress=self.progress
        )

    @cached_property
    def train(self) -> GeneratorData:
        r"""Some of the frames the generator was trained on."""
        return self.draw(spread_frames(self.drawn_shots, self.sizes.train, 0, 0.8, self.plan.n_frames))

    @cached_property
    def held(self) -> GeneratorData:
        r"""Frames of whole clips that it never saw."""
        return self.draw(spread_frames(self.held_shots, self.sizes.held, 0, 1, self.plan.n_frames))

    @cached_property
    def within(self) -> GeneratorData:
        r"""The paper's test: the last fifth of clips whose first four fifths trained."""
        return self.draw(spread_frames(self.drawn_shots, self.sizes.within, 0.8, 1, self.plan.n_frames))

    @cached_property
    def between_moments(self) -> tuple[FilmConfig, Moments]:
        r"""A plan at intensities that no training clip has, and which moments of it are drawn."""
        plan = replace(self.plan, intensities=tuple(level / 3 for level in UNSEEN))
        shots = [shot for shot in plan.shots() if shot.number <= self.sizes.between_clips]
        return plan, spread_frames(shots, self.sizes.between, 0, 1, plan.n_frames)

    @cached_property
    def between(self) -> GeneratorData:
        r"""The actor at intensities that no training clip has."""
        plan, moments = self.between_moments
        return self.draw(moments, plan)

    def between_at(self, step: float) -> GeneratorData:
        r"""The moments of ``between``, acted so many levels higher: the same words, head and light.

        Args:
            step: −0.5 for the filmed level below each (neutral counts as 0), 0.5 for the one above.
        """
        plan, moments = self.between_moments
        own = {_at_level(shot, 3 * shot.intensity + step): shot for shot in moments}

        def draw(plan: FilmConfig, shot: Shot, frames: Sequence[int]) -> tuple:
            performance = act_again(plan, own[shot], shot.expression, shot.intensity)
            return frames_of_performance(plan, performance, frames)

        return draw_moments(
            plan, {shot: moments[origin] for shot, origin in own.items()}, self.folder / "acted_again",
            self.size, self.decoupling, progress=self.progress, draw=draw,
        )  # fmt: skip

    @cached_property
    def spoken_moments(self) -> Moments:
        r"""Neutral clips that did not train: one of the film's, then some that the film does not have."""
        first = next(shot for shot in self.held_shots if shot.expression == "neutral")
        more = [replace(first, number=BEYOND + k) for k in range(self.sizes.swept_clips - 1)]
        return spread_frames([first, *more], self.sizes.swept, 0, 1, self.plan.n_frames)

    @cached_property
    def spoken(self) -> GeneratorData:
        r"""Speech without expression."""
        return self.draw(self.spoken_moments)

    @cached_property
    def widest_mouth(self) -> tuple[Shot, int]:
        r"""A neutral shot that did not train, and the number of its frame with the widest mouth."""
        shot = next(shot for shot in self.held_shots if shot.expression == "neutral")
        return shot, int(mouth_shapes(self.plan, shot, self.decoupling)[:, 0].argmax())

    @property
    def open_mouth(self) -> GeneratorData:
        r"""That one frame."""
        shot, frame = self.widest_mouth
        return self.draw({shot: [frame]})

    @cached_property
    def observer(self) -> PictureClassifiers:
        r"""Notebook 02's classifiers, fitted on training frames."""
        return PictureClassifiers.fit(self.train, rows_of(self.train))

    @cached_property
    def meter(self) -> IntensityMeter:
        r"""The intensity meter, fitted on training frames."""
        return fit_meter(self.train, rows_of(self.train))

    @cached_property
    def reader(self) -> LipReader:
        r"""The lip reader, fitted on training frames."""
        return LipReader.fit(self.train, rows_of(self.train))

    @cached_property
    def static(self) -> Generator:
        r"""The static baseline."""
        ciecs = torch.stack([torch.from_numpy(clip.ciec) for clip in self.train.clips])
        static = static_from(self.generator, ciecs)
        refit(static, self.train, rows_of(self.train), self.sizes.static_steps)
        return static

    @cached_property
    def between_baselines(self) -> dict[str, Predict]:
        r"""The generator and what else may draw an intensity between two filmed ones, by name."""
        return {
            "generator": drawn_by(self.generator),
            "its textures, blended": baselines.blended_textures(self.generator),
            "its frames, blended": baselines.blended_frames(self.generator),
            "filmed frames, blended": FilmedBlend(self.train, rows_of(self.train)),
            "static texture": drawn_by(self.static),
        }

    @cached_property
    def sweep(self) -> Sweep:
        r"""All expressions at all intensities on neutral clips that did not train."""
        return sweep_intensity(self.generator, self.spoken, rows_of(self.spoken), self.meter, self.reader)

    def ghosts(self) -> list[UnseenCombination]:
        r"""Mouths of held-out clips that no training clip of an expression at full intensity has."""
        return find_unseen_combinations(self.plan, self.train_shots, self.held_shots, self.decoupling)

    def actor_lip_shift_mm(self) -> dict[str, float]:
        r"""expression → how far it moves the actor's own lips at level 3."""
        return lips_moved_by_actor(self.plan, [s for s in self.held_shots if s.intensity == 1])


def _at_level(shot: Shot, level: float) -> Shot:
    whole = round(level)
    return replace(shot, level=str(whole), intensity=LEVEL_INTENSITY[whole] if whole else 0.0)


def rows_of(data: GeneratorData) -> np.ndarray:
    r"""All rows."""
    return np.arange(len(data))
