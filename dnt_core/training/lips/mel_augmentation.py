r"""What another microphone, codec, vocal tract or synthesiser does to a spectrogram, of chance, crop by crop.

Sounds are recorded with rooms, noise and telephones before they are training data
(:mod:`~dnt_core.training.lips.augmentation`); what costs little on a spectrogram is drawn anew in every step.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from dnt_core.audio.mel import BANDS, MAX_VALUE, SILENCE

_DB = 2 * MAX_VALUE / 100.0  # mel units per decibel
_HEARD = SILENCE + 1e-3  # sums of silence are rounded
_REACH = 6  # columns and bands over which a blur is summed, on each side


def another_recording(
    mel: Tensor, generator: torch.Generator, *, equaliser_db: float, warp: float, blur: float
) -> Tensor:
    r"""Every crop as something else would have recorded it.

    Args:
        mel: (B, T, 80) in [-4, 4], columns of :func:`~dnt_core.audio.mel.log_mel`.
        generator: decides everything.
        equaliser_db: standard deviation of a smooth curve over the bands.
        warp: largest relative shift of the bands, as of another length of vocal tract.
        blur: largest standard deviation, in columns and bands, of a Gaussian that smears half of the crops:
            a voice that statistics made has no sharp edges in its spectrogram.

    Returns:
        (B, T, 80) in [-4, 4].
    """
    mel = _equalised(_warped(mel, warp, generator), equaliser_db, generator)
    mel = _smeared(mel, blur, generator) if blur > 0 else mel
    return _through_a_codec(_compressed(mel, generator), generator).clamp(-MAX_VALUE, MAX_VALUE)


def _uniform(low: float, high: float, n: int, generator: torch.Generator) -> Tensor:
    return low + (high - low) * torch.rand(n, 1, 1, generator=generator)


def _warped(mel: Tensor, warp: float, generator: torch.Generator) -> Tensor:
    factor = _uniform(1 - warp, 1 + warp, len(mel), generator)[:, 0]
    places = (torch.arange(BANDS) * factor).clamp(max=BANDS - 1.0)  # (B, 80)
    low = places.long().clamp(max=BANDS - 2)
    share = (places - low)[:, None]
    index = low[:, None].expand(-1, mel.shape[1], -1)
    return mel.gather(2, index) * (1 - share) + mel.gather(2, index + 1) * share


def _equalised(mel: Tensor, deviation: float, generator: torch.Generator) -> Tensor:
    knots = torch.randn(len(mel), 1, 7, generator=generator) * (deviation * _DB)
    curve = F.interpolate(knots, size=BANDS, mode="linear", align_corners=True)
    return mel + curve * (mel > _HEARD)


def _smeared(mel: Tensor, blur: float, generator: torch.Generator) -> Tensor:
    r"""Half of the crops, over time and over bands."""
    n = len(mel)
    at = torch.arange(-_REACH, _REACH + 1.0)
    image = mel[None]  # the crops are channels
    for shape in ((n, 1, -1, 1), (n, 1, 1, -1)):
        chosen = torch.rand(n, 1, 1, generator=generator) < 0.5
        deviation = torch.where(chosen, _uniform(0.2, blur, n, generator), torch.tensor(0.05))
        kernel = torch.exp(-0.5 * (at / deviation[:, 0]).square())
        kernel = (kernel / kernel.sum(1, keepdim=True)).reshape(shape)
        pad = (0, 0, _REACH, _REACH) if shape[2] == -1 else (_REACH, _REACH, 0, 0)
        image = F.conv2d(F.pad(image, pad, mode="replicate"), kernel, groups=n)
    return image[0]


def _compressed(mel: Tensor, generator: torch.Generator) -> Tensor:
    r"""Soft sounds nearer to the loudest, or farther from it."""
    loudest = mel.amax((1, 2), keepdim=True)
    factor = torch.where(
        torch.rand(len(mel), 1, 1, generator=generator) < 0.5, _uniform(0.75, 1.25, len(mel), generator), 1.0
    )
    return torch.where(mel > _HEARD, loudest + factor * (mel - loudest), mel)


def _through_a_codec(mel: Tensor, generator: torch.Generator) -> Tensor:
    r"""Of some crops the highest bands are empty or come and go, of some a few bands anywhere are missing."""
    n, columns = mel.shape[:2]
    band, floor = torch.arange(BANDS), mel.amin((1, 2), keepdim=True)
    highest = torch.randint(48, BANDS, (n, 1, 1), generator=generator)  # about 2.8 kHz and more
    kind = torch.rand(n, 1, 1, generator=generator)
    steps = torch.rand(n, -(-columns // 4), BANDS, generator=generator) < 0.5  # for 50 ms each
    comes_and_goes = steps.repeat_interleave(4, 1)[:, :columns]
    lost = (band >= highest) & ((kind < 0.12) | ((kind < 0.24) & comes_and_goes))
    first = torch.randint(BANDS, (n, 1, 1), generator=generator)
    width = torch.randint(2, 12, (n, 1, 1), generator=generator)
    lost |= (kind > 0.8) & (band >= first) & (band < first + width)
    return torch.where(lost, floor.expand_as(mel), mel)
