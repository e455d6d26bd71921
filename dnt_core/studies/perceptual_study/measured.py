r"""Clips drawn by the generator and the intensity a regressor reads off them: what simulated observers see.

A group's clips differ in the intensity alone. Geometry, sentence and light of all clips of an identity are
those of one clip of the built-in actor, who says a sentence with a neutral face, decoupled as in training;
a few of its moments stand for the clip. The meter has learnt from the *actor's* faces at MEAD's levels, seen
through the same geometry, and has never seen what the generator draws.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from dnt_core.ciec import CIEC_TYPES, LEVEL_INTENSITY, encode
from dnt_core.face3d import FaceParameters, MorphableModel
from dnt_core.metrics.intensity_meter import TEXELS, IntensityMeter, face_texels
from dnt_core.networks.folded_pose import FoldedPose
from dnt_core.networks.frame_inputs import frame_inputs
from dnt_core.networks.generator import FrameInputs, Generator
from dnt_core.training.generator_weights import identity_and_size, load_decoupling_of, load_generator

SPEECH = 1.0


@dataclass(frozen=True)
class SpeakingFace:
    r"""A generator and one sentence that its clips say.

    Args:
        identity: one of the built-in actor's people.
        weights: of its generator; pictures have the size S that the file's name says.
        model: face model the geometry is built with.
        moments: T times ∈ [0, 1] of the sentence that stand for the clip.
    """

    identity: str
    weights: Path
    model: MorphableModel
    moments: tuple[float, ...]

    def acted(self, expression: str, intensity: float) -> Tensor:
        r"""The actor at the moments: pictures (T, 3, S, S) RGB in [0, 1]."""
        from dnt_core.actor.stills import actor_still

        which, size = (self.identity, expression, float(intensity)), identity_and_size(self.weights)[1]
        stills = np.stack([actor_still(*which, size, moment, SPEECH) for moment in self.moments])
        return torch.from_numpy(stills).permute(0, 3, 1, 2).float() / 255

    @cached_property
    def frames(self) -> list[FrameInputs]:
        r"""What the generator is told of each moment, B = 1: a neutral face, decoupled."""
        from dnt_core.actor.stills import actor_numbers

        numbers = [actor_numbers(self.identity, "neutral", 0.0, moment, SPEECH) for moment in self.moments]
        pictures, seen = self.acted("neutral", 0.0), FaceParameters.stack(numbers)
        drawn = load_decoupling_of(self.weights, self._loaded[1]).decouple(seen)
        each = [slice(t, t + 1) for t in range(len(pictures))]
        return [frame_inputs(self.model, pictures[t], seen[t], drawn[t]) for t in each]

    @cached_property
    def _loaded(self) -> tuple[Generator, dict[str, Any]]:
        return load_generator(self.weights)

    @cached_property
    def folded(self) -> list[FoldedPose]:
        return [FoldedPose(self._loaded[0], frame) for frame in self.frames]

    @torch.no_grad()
    def generated(self, expressions: Sequence[str], intensities: Sequence[float]) -> Tensor:
        r"""N clips as the generator draws them, (N, T, 3, S, S) in [0, 1]."""
        values = torch.from_numpy(np.array(intensities, dtype=np.float32))  # a copy: a table's are read-only
        ciec = encode(list(expressions), values)
        return torch.stack([pose(ciec).image.clamp(0, 1) for pose in self.folded], dim=1)

    @cached_property
    def meter(self) -> IntensityMeter:
        r"""What intensity looks like on this face: learnt from the actor's pictures at MEAD's levels."""
        shown = [("neutral", 0.0)] + [(name, x) for name in CIEC_TYPES for x in LEVEL_INTENSITY.values()]
        texels = np.stack([self.unwrapped(self.acted(*cell)) for cell in shown])  # (N, T, 3, t, t)
        labels = [cell for cell in shown for _ in self.moments]
        return IntensityMeter.fit(texels.reshape(-1, *texels.shape[2:]), *zip(*labels, strict=True))

    def unwrapped(self, clip: Tensor) -> np.ndarray:
        r"""A clip's faces (T, 3, S, S) → texels (T, 3, t, t), all through the one geometry of the clips.

        The actor's, too: through the geometry of his own smile its corners lie on other texels, and a meter
        that learnt them there would not find them on a generated clip.
        """
        pairs = zip(clip, self.frames, strict=True)
        return np.concatenate([face_texels(picture[None], frame, TEXELS) for picture, frame in pairs])

    def read(self, expressions: Sequence[str], clips: Iterable[Tensor]) -> np.ndarray:
        r"""Measured intensity (N,) ∈ [0, 1] of clips (T, 3, S, S): the mean over the moments, clipped."""
        readings = [
            self.meter(self.unwrapped(clip), name).mean()
            for name, clip in zip(expressions, clips, strict=True)
        ]
        return np.clip(readings, 0, 1)


def speaking_faces(
    weights: Mapping[str, Path], model: MorphableModel, moments: Sequence[float]
) -> dict[str, SpeakingFace]:
    r"""Identity → its speaking face, for generators as ``find_generators`` gives them; more moments: steadier
    readings, slower."""
    return {who: SpeakingFace(who, path, model, tuple(moments)) for who, path in weights.items()}


def measured_intensities(
    design: pd.DataFrame, faces: Mapping[str, SpeakingFace]
) -> tuple[pd.DataFrame, dict[str, Tensor]]:
    r"""Draws every clip of a study and reads its intensity.

    Args:
        design: as :func:`~dnt_core.studies.perceptual_study.observers.draw_groups` gives it.
        faces: identity → speaking face.

    Returns:
        The design's rows of the identities that have a face, with a column ``measured`` ∈ [0, 1]; and the
        clips, name → (T, 3, S, S) RGB in [0, 1].

    Raises:
        ValueError: no identity of the design has a face.
    """
    parts, pictures = [], {}
    for identity, rows in design.groupby("identity", sort=False):
        if identity in faces:
            face, shown = faces[identity], list(rows["expression"])
            clips = face.generated(shown, rows["intensity"])
            parts.append(rows.assign(measured=face.read(shown, clips)))
            pictures |= zip(rows["clip"], clips, strict=True)
    if not parts:
        wanted = ", ".join(design["identity"].unique())
        raise ValueError(f"there are no generator weights of {wanted}; expected some of one of them")
    return pd.concat(parts), pictures
