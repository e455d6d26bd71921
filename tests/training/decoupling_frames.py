r"""Made-up frames of expression numbers with a known answer: speech, and a mood on top."""

from pathlib import Path

import torch

from dnt_core.ciec import EXPRESSIONS
from dnt_core.clips.clip import CELLS, Clip
from dnt_core.clips.expression_frames import ExpressionFrames


def made_up_frames(clips_per_cell=4, length=12, seed=0, cells=CELLS):
    generator = torch.Generator().manual_seed(seed)
    mood = torch.zeros(8, 64)
    mood[:7] = 1.5 * torch.randn(7, 64, generator=generator)
    clips, speech, shift = [], [], []
    for expression, level in cells:
        for number in range(1, clips_per_cell + 1):
            clips.append(Clip("M003", "front", expression, level, number, Path(f"{number:03d}.mp4")))
            speech.append(torch.randn(length, 64, generator=generator))
            shift.append((clips[-1].intensity * mood[clips[-1].type_index]).expand(length, 64))
    speech = torch.cat(speech)
    truth = speech + torch.cat(shift)
    number = torch.arange(len(clips)).repeat_interleave(length)
    per_clip = lambda values: torch.tensor(values).repeat_interleave(length)  # noqa: E731
    return ExpressionFrames(
        tuple(clips), tuple(f"sentence {c.number % 2}" for c in clips),
        truth + 0.1 * torch.randn(truth.shape, generator=generator),
        per_clip([EXPRESSIONS.index(c.expression) for c in clips]), per_clip([c.intensity for c in clips]),
        number, truth, speech, torch.rand(len(number), generator=generator) < 0.2, fps=(25.0,) * len(clips),
    )  # fmt: skip
