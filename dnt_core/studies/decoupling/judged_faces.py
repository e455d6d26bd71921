r"""How often a trained discriminator is right: on clips that it has seen, and on others."""

from __future__ import annotations

import torch

from dnt_core.ciec import encode
from dnt_core.clips.expression_frames import ExpressionFrames
from dnt_core.training.decoupling import DecouplingTraining


@torch.inference_mode()
def share_judged_rightly(training: DecouplingTraining, frames: ExpressionFrames) -> float:
    r"""Mean of two shares: real neutral faces that D calls real, and decoupled ones that it calls made.

    A D that learnt its training clips by heart is right more often on these than on other clips.

    Args:
        training: with its D and f_d. An informed D is told the frame's label with a decoupled face, and the
            label of a frame drawn at random with a real one.
        frames: neutral ones, and ones with an expression; f_d decouples the latter.

    Returns:
        In [0, 1]; 1/2 is guessing.
    """
    neutral, others = frames.expression[frames.neutral], frames.at(~frames.neutral)
    told = drawn = None
    if training.config.informed:
        told = encode(others.type, others.intensity)  # (N, 7)
        rows = torch.randint(len(told), (len(neutral),), generator=torch.Generator().manual_seed(0))
        drawn = told[rows]
    made = training.discriminator(training.result(others.expression), told)
    real = training.discriminator(neutral, drawn)
    return float(((real > 0).float().mean() + (made < 0).float().mean()) / 2)
