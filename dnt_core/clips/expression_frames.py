r"""Frames of expression numbers with their labels: from any folder of face caches."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import torch
from torch import Tensor

from dnt_core.ciec import EXPRESSIONS, NEUTRAL
from dnt_core.clips.clip import Clip
from dnt_core.clips.face_cache import FaceCache, read_face_cache
from dnt_core.clips.scanner import scan
from dnt_core.clips.splits import split_by_clip
from dnt_core.face3d.parameters import STORAGE_COLUMNS
from dnt_core.face3d.registry import face_model_family

_PER_FRAME = ("expression", "type", "intensity", "clip", "truth", "speech", "closed")


@dataclass(frozen=True, eq=False)
class ExpressionFrames:
    r"""N frames of several clips, one after the other.

    Attributes:
        clips: labels of the clips; sentences: what each of them says, "" where nobody knows.
        expression: (N, 64) β as reconstructed: what the network is given.
        type: (N,) int64 index into ``EXPRESSIONS``; intensity: (N,) in [0, 1], of the clip's level.
        clip: (N,) int64 position in ``clips``.
        truth, speech: (N, 64) the true β and that of the speech alone; closed: (N,) bool, lips that p, b or m
            shuts. Only the built-in actor knows them; else None.
        face_model: which face model the numbers belong to.
        fps: of each clip, frames per second.
    """

    clips: tuple[Clip, ...]
    sentences: tuple[str, ...]
    expression: Tensor
    type: Tensor
    intensity: Tensor
    clip: Tensor
    truth: Tensor | None = None
    speech: Tensor | None = None
    closed: Tensor | None = None
    face_model: str = ""
    fps: tuple[Fraction | float, ...] = ()

    def __len__(self) -> int:
        return len(self.expression)

    @property
    def neutral(self) -> Tensor:
        r"""(N,) bool: frames of neutral clips."""
        return self.type == NEUTRAL

    @property
    def level(self) -> Tensor:
        r"""(N,) int64 level 1 … 3 of each frame's clip."""
        return torch.tensor([clip.level for clip in self.clips])[self.clip]

    def at(self, frames: Tensor | slice) -> ExpressionFrames:
        r"""Some of the frames (indices, a mask or a slice); the list of clips stays."""
        chosen = {key: getattr(self, key) for key in _PER_FRAME}
        return replace(self, **{key: value[frames] for key, value in chosen.items() if value is not None})

    def of_clips(self, positions: Iterable[int]) -> ExpressionFrames:
        r"""The frames of the clips at these positions, renumbered."""
        positions = [int(p) for p in positions]
        number = torch.full((len(self.clips),), -1)
        number[positions] = torch.arange(len(positions))
        kept = number[self.clip] >= 0
        frames = self.at(kept)
        return replace(
            frames,
            clips=tuple(self.clips[p] for p in positions),
            sentences=tuple(self.sentences[p] for p in positions),
            clip=number[self.clip[kept]],
            fps=tuple(self.fps[p] for p in positions),
        )

    def split(self, test: float = 0.2, seed: int = 0) -> tuple[ExpressionFrames, ExpressionFrames]:
        r"""Whole clips train or test, about the same share of every cell; a cell with one clip trains.

        Raises:
            ValueError: a share outside (0, 1); no cell has two clips.
        """
        cells = [clip.take[:3] for clip in self.clips]
        takes = {cell: len({c.take for c in self.clips if c.take[:3] == cell}) for cell in set(cells)}
        enough = [i for i, cell in enumerate(cells) if takes[cell] > 1]
        if not enough:
            raise ValueError("no cell (actor, expression, level) has two clips, so none can be held out")
        _, tested = split_by_clip([self.clips[i] for i in enough], test, seed)
        held_out = {enough[i] for i in tested}
        return self.of_clips(i for i in range(len(self.clips)) if i not in held_out), self.of_clips(
            sorted(held_out)
        )

    def of_sentences(self, sentences: Sequence[str], but: bool = False) -> ExpressionFrames:
        r"""The clips that say one of these sentences, or (``but``) all the others."""
        return self.of_clips(i for i, s in enumerate(self.sentences) if (s in sentences) != but)

    def of_actor(self, actor: str) -> ExpressionFrames:
        r"""The clips of one actor.

        Raises:
            ValueError: there is none.
        """
        positions = [i for i, clip in enumerate(self.clips) if clip.actor == actor]
        if not positions:
            known = ", ".join(sorted({clip.actor for clip in self.clips}))
            raise ValueError(f"no clip of actor {actor!r}; there are clips of {known}")
        return self.of_clips(positions)


def frames_from_caches(
    clips: Sequence[Clip],
    caches: Sequence[FaceCache],
    sentences: Sequence[str] | None = None,
    closed: Sequence[np.ndarray] | None = None,
) -> ExpressionFrames:
    r"""Joins caches of 257 numbers with their clips' labels; frames without a face are left out.

    Truth and speech are kept when every cache has them.

    Raises:
        ValueError: no clip; caches of different face models, whose numbers mean different things.
    """
    if not clips or len(clips) != len(caches):
        raise ValueError(f"expected at least one clip with a cache each, got {len(clips)} and {len(caches)}")
    models = sorted({cache.face_model for cache in caches})
    if len({face_model_family(name) for name in models}) > 1:
        named = {cache.face_model: clip for clip, cache in zip(clips, caches, strict=True)}
        such = ", ".join(f"{name} (such as {named[name].name})" for name in models)
        raise ValueError(f"caches of different face models cannot be mixed: {such}")
    seen = [cache.has_face for cache in caches]
    counts = torch.tensor([int(rows.sum()) for rows in seen])
    columns = STORAGE_COLUMNS["expression"]
    values = {"expression": [cache.parameters[:, columns] for cache in caches]}
    if all(cache.truth_parameters is not None and cache.speech_expression is not None for cache in caches):
        values["truth"] = [cache.truth_parameters[:, columns] for cache in caches]
        values["speech"] = [cache.speech_expression for cache in caches]
    if closed is not None:
        values["closed"] = list(closed)
    return ExpressionFrames(
        clips=tuple(clips),
        sentences=tuple(sentences) if sentences is not None else ("",) * len(clips),
        type=torch.tensor([EXPRESSIONS.index(clip.expression) for clip in clips]).repeat_interleave(counts),
        intensity=torch.tensor([clip.intensity for clip in clips]).repeat_interleave(counts),
        clip=torch.arange(len(clips)).repeat_interleave(counts),
        face_model=models[0],
        fps=tuple(cache.fps for cache in caches),
        **{
            key: torch.from_numpy(np.concatenate([v[rows] for v, rows in zip(value, seen, strict=True)]))
            for key, value in values.items()
        },
    )


def frames_from_folder(
    root: str | os.PathLike, actors: Sequence[str] | None = None, view: str | None = "front"
) -> ExpressionFrames:
    r"""Every clip below a MEAD-layout folder that has a ``.face3d.npz`` beside it, whoever reconstructed it.

    Args:
        actors: only these; view: only this camera, None for all.

    Raises:
        ValueError: no clip has a cache, or nobody is neutral: equations 2 and 3 need neutral frames.
    """
    index = scan(root).filter(actor=actors, view=view)
    clips = [clip for clip in index if clip.face_cache is not None]
    if not clips:
        raise ValueError(f"{root}: none of {len(index)} clips has a .face3d.npz beside it")
    if not any(clip.expression == "neutral" for clip in clips):
        raise ValueError(
            f"{root}: no neutral clip has a .face3d.npz; the network learns what neutral is from them"
        )
    return frames_from_caches(clips, [read_face_cache(clip.face_cache) for clip in clips])
