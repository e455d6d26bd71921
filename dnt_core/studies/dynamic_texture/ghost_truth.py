r"""Ghosts held against the truth: the actor acts a mouth and an expression that never occurred together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from dnt_core.ciec import encode
from dnt_core.metrics.lip_reader import landmarks_of
from dnt_core.metrics.psnr import psnr
from dnt_core.studies.dynamic_texture.acted_again import draw_again
from dnt_core.studies.dynamic_texture.generator_evaluation import GeneratorEvaluation
from dnt_core.studies.dynamic_texture.unseen_combinations import UnseenCombination


class JudgedGhost(NamedTuple):
    r"""One ghost beside what the actor shows. Distances are means over the 20 mouth landmarks, in mm.

    Attributes:
        expression: of the ghost. source: expression and level of the clip that the mouth comes from.
        frame: clip and frame of that mouth, the same for ghosts on the same frame.
        distance: from that mouth to the nearest one of the expression in training; usual: of its own clips.
        moved: how far the ghost's picture has the lips from the source's picture, as the reader sees both.
        actor_moved: how far the actor has them from there.
        lips_off: how far the lips that are read in the ghost's picture are from the actor's.
        reader_error: how far the lips that are read in the *actor's* picture are from the actor's.
        psnr_face: of the ghost's picture against the actor's, dB, inside the face.
        pictures: (3, 3, S, S): the source as filmed, the ghost, the actor.
    """

    expression: str
    source: str
    frame: str
    distance: float
    usual: float
    moved: float
    actor_moved: float
    lips_off: float
    reader_error: float
    psnr_face: float
    pictures: Tensor


@torch.no_grad()
def judge_ghosts(
    study: GeneratorEvaluation, ghosts: Sequence[UnseenCombination] | None = None
) -> list[JudgedGhost]:
    r"""Draws each ghost and lets the actor act it.

    Args:
        ghosts: None: those of :meth:`GeneratorEvaluation.ghosts`.
    """
    return [_judged(study, ghost) for ghost in (study.ghosts() if ghosts is None else ghosts)]


def _judged(study: GeneratorEvaluation, ghost: UnseenCombination) -> JudgedGhost:
    data = study.draw({ghost.shot: [ghost.frame]})
    taken, box = data.batch([0]), data.batch([0]).frame.mouth_box
    asked = encode(ghost.expression, torch.tensor([1.0]))
    own, drawn = (study.generator(taken.frame, code).image for code in (taken.ciec, asked))
    acted = draw_again(study.plan, ghost.shot, [ghost.frame], ghost.expression, 1.0, study.size)
    middle = ((box[:, :2] + box[:, 2:]) / 2).numpy()[:, None]
    true = (acted.lips - middle) * study.reader.millimetres  # (1, 20, 2) mm, as the reader gives them
    before = (landmarks_of(data, np.array([0])) - middle) * study.reader.millimetres
    seen = {name: study.reader(picture, box) for name, picture in
            (("own", own), ("drawn", drawn), ("acted", acted.pictures))}  # fmt: skip
    return JudgedGhost(
        ghost.expression, f"{ghost.shot.expression} {ghost.shot.level}", f"{ghost.shot} {ghost.frame}",
        ghost.distance, ghost.usual,
        _apart(seen["drawn"], seen["own"]), _apart(true, before),
        _apart(seen["drawn"], true), _apart(seen["acted"], true),
        float(psnr(drawn, acted.pictures, taken.frame.mask)),
        torch.cat([taken.target, drawn, acted.pictures]),
    )  # fmt: skip


def _apart(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.linalg.norm(first - second, axis=-1).mean())
