r"""Clips by trained generators: one neutral, speaking head, drawn again with each expression and intensity.

All clips of a group share the film of a neutral head, its speech, its sound and its pose; what differs is the
CIEC alone. So nothing but the generator's expression can tell an observer which clip is stronger.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from dnt_core.actor import FilmRenderer, get_person, perform
from dnt_core.actor.speech import Sentence, sentences_within, synthesize
from dnt_core.ciec import encode
from dnt_core.face3d import FaceParameters, check_face_model, load_face_model
from dnt_core.networks.decoupling_network import DecouplingNetwork
from dnt_core.networks.frame_inputs import frame_inputs
from dnt_core.networks.generator import FrameInputs, Generator
from dnt_core.rendering.draw_mesh import as_bytes
from dnt_core.studies.perceptual_study.collecting.clip_making import ClipOrder, RenderedClip
from dnt_core.training.generator_weights import open_generator

_BATCH = 5  # frames drawn at once


class _Group(NamedTuple):
    """What the clips of one group share."""

    key: tuple[str, int]
    frames: list[FrameInputs]
    sound: np.ndarray


class GeneratedClips:
    r"""Renders the clips of a study, see :func:`~...clip_making.make_clips`.

    Args:
        weights: files of ``dnt train generator``, one an identity, of the built-in actor's people.
        seconds: length of a clip; the speech in it is shorter and the head comes to rest after it.
        fps: frames a second; more: smoother, slower to make.

    Raises:
        FileNotFoundError: a file is not there.
        ValueError: a file that does not say whose it is, or two files of one identity.
    """

    def __init__(self, weights: Sequence[str | os.PathLike], seconds: float = 2.0, fps: float = 25.0) -> None:
        self.seconds, self.fps = seconds, fps
        self.generators: dict[str, tuple[Generator, int]] = {}
        self._digests: list[str] = []
        self._decouplers: dict[str, DecouplingNetwork | None] = {}
        for path in map(Path, weights):
            opened = open_generator(path)
            if (identity := opened.identity) is None:
                raise ValueError(f"{path} does not say whose generator it holds")
            if get_person(identity).name in self.generators:
                raise ValueError(f"{path}: there is another file of {identity}; expected one an identity")
            check_face_model(opened.face_model, "procedural", path, "the built-in actor")
            self.generators[identity] = (opened.generator, opened.image_size)
            self._digests.append(f"{path.stem} {hashlib.sha256(path.read_bytes()).hexdigest()[:12]}")
            self._decouplers[identity] = opened.decoupling()
        self._sentences = sentences_within(seconds)
        self._group: _Group | None = None

    @property
    def identities(self) -> tuple[str, ...]:
        r"""Whom the weights are of."""
        return tuple(self.generators)

    @property
    def made_of(self) -> str:
        r"""Length, frame rate and weights, in a line that is another one when any of them changes."""
        return f"{self.seconds:g} s at {self.fps:g} frames/s, {', '.join(self._digests)}"

    def said(self, speech: int) -> str:
        r"""The sentence of a group's clips, see :class:`~...clip_making.ClipOrder`."""
        return self._sentence(speech).text

    def _sentence(self, speech: int) -> Sentence:
        return self._sentences[speech % len(self._sentences)]

    def __call__(self, order: ClipOrder) -> RenderedClip:
        r"""One clip; the clips of a group are asked for one after the other."""
        if order.identity not in self.generators:
            raise ValueError(f"no weights of {order.identity!r}; there are {', '.join(self.generators)}")
        group = self._shared(order.identity, order.speech)
        frames = self._draw(order, group.frames)
        return RenderedClip(frames, Fraction(self.fps).limit_denominator(1001), group.sound, 16_000)

    @torch.inference_mode()
    def _draw(self, order: ClipOrder, frames: list[FrameInputs]) -> Iterator[np.ndarray]:
        generator, _ = self.generators[order.identity]
        for part in frames:
            ciec = encode([order.expression] * len(part.hole), order.intensity)
            image = generator(part, ciec.float()).image.permute(0, 2, 3, 1)
            yield from as_bytes(image).numpy()

    def _shared(self, identity: str, speech: int) -> _Group:
        if self._group is None or self._group.key != (identity, speech):
            self._group = _Group((identity, speech), *self._neutral_head(identity, speech))
        return self._group

    def _neutral_head(self, identity: str, speech: int) -> tuple[list[FrameInputs], np.ndarray]:
        seed = int(np.random.SeedSequence([0, speech]).generate_state(1)[0])
        n_frames = max(1, round(self.seconds * self.fps))
        said = synthesize(self._sentence(speech), seed, get_person(identity).voice, "neutral", 0.0)
        acted = perform(identity, "neutral", 0.0, said, self.fps, n_frames, seed)
        size = self.generators[identity][1]
        film = FilmRenderer(size)
        model = load_face_model(f"procedural:{acted.knobs.mesh_resolution}")
        seen = FaceParameters.from_vector(torch.from_numpy(acted.storage_vectors(True)), order="storage")
        drawn = self._decouple(identity, seen)
        frames = []
        for start in range(0, n_frames, _BATCH):
            part = slice(start, min(start + _BATCH, n_frames))
            shot = np.stack([film.frame(acted, i) for i in range(part.start, part.stop)])
            pictures = torch.from_numpy(shot).permute(0, 3, 1, 2).float() / 255  # (T, 3, S, S)
            frames.append(frame_inputs(model, pictures, seen[part], drawn[part]))
        return frames, said.fitted(self.fps, n_frames).waveform

    def _decouple(self, identity: str, seen: FaceParameters) -> FaceParameters:
        r"""The geometry that the generator was trained on: as reconstructed where it had no f_d."""
        if (decoupling := self._decouplers[identity]) is None:
            return seen
        with torch.no_grad():
            return decoupling.decouple(seen)
