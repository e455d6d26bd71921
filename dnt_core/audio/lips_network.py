r"""The built-in network from sound to lips: a few temporal convolutions over Wav2Lip's log-mel.

Nothing in it knows where a sound begins or ends: every convolution is "valid" and the spectrogram is
continued with silence on both sides. So a part of the sound with enough context gives what the whole gives,
and the network can follow a stream. A frame hears :data:`PAST` columns before its time, :data:`FUTURE` after
it: 3.65 s, most of it only for the level, and 0.34 s.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dnt_core.audio.mel import BANDS, COLUMNS_PER_SECOND, MAX_VALUE, SILENCE
from dnt_core.audio.mouth_movements import LIP_MOVEMENTS

_DB = 2 * MAX_VALUE / 100.0  # mel units per decibel
LEVEL_PAST, LEVEL_FUTURE = (
    3 * COLUMNS_PER_SECOND,
    6,
)  # columns in which the loudest counts as the voice's level
_SMOOTH = 2  # columns on each side over which loudness is averaged
_QUIETEST = -2.0  # mel units; below this nothing counts as a voice
_RANGE = (-4.0, 1.0)  # mel units below and above the level that are told apart: 50 dB, 12.5 dB
# (step, reach before) of each block's three taps, in pairs of columns; 1 = centred, 2 = only the past
BLOCKS = ((1, 1), (2, 1), (4, 1), (8, 2), (1, 1))
_NET_PAST = 1 + sum(step * reach for step, reach in BLOCKS)  # pairs of columns
_NET_FUTURE = 1 + sum(step * (2 - reach) for step, reach in BLOCKS)
NET_PAST, NET_FUTURE = 2 * _NET_PAST, 2 * _NET_FUTURE
LEVEL_REACH_PAST, LEVEL_REACH_FUTURE = LEVEL_PAST + _SMOOTH, LEVEL_FUTURE + _SMOOTH
PAST = NET_PAST + LEVEL_REACH_PAST  # columns of 12.5 ms that the mouth at a column depends on, before it
FUTURE = NET_FUTURE + 1 + LEVEL_REACH_FUTURE  # and after it
_CLOSE = LIP_MOVEMENTS.index("mouthClose")
_JAW = LIP_MOVEMENTS.index("jawOpen")
_PRESS = LIP_MOVEMENTS.index("mouthPress")
_PARTING = [LIP_MOVEMENTS.index(n) for n in ("mouthFunnel", "mouthLowerDown", "mouthUpperUp")]


def relative_to_level(mel: Tensor) -> Tensor:
    r"""A spectrogram against the loudest of the last 3 s, so that how loud a recording is does not matter.

    Args:
        mel: (..., T, 80) in [-4, 4], columns of :func:`~dnt_core.audio.mel.log_mel`.

    Returns:
        (..., T - LEVEL_REACH_PAST - LEVEL_REACH_FUTURE, 80) in [-4, 1]: without the columns whose level is
        not known.
    """
    ten = torch.tensor(10.0, device=mel.device)
    power = torch.exp(mel * (torch.log(ten) / (20.0 * _DB))).mean(-1)  # (..., T)
    flat = power.reshape(-1, 1, power.shape[-1])
    smooth = F.avg_pool1d(flat, 2 * _SMOOTH + 1, 1)
    loudest = F.max_pool1d(smooth, LEVEL_PAST + LEVEL_FUTURE + 1, 1)
    level = torch.log10(loudest) * (20.0 * _DB)
    level = level.reshape(*mel.shape[:-2], -1, 1).clamp(min=_QUIETEST)
    heard = mel[..., LEVEL_REACH_PAST : mel.shape[-2] - LEVEL_REACH_FUTURE, :]
    return (heard - level).clamp(*_RANGE)


def with_silence(mel: Tensor, before: int, after: int) -> Tensor:
    r"""(..., T, 80) continued by silent columns on both sides."""
    return F.pad(mel, (0, 0, before, after), value=SILENCE)


class _Block(nn.Module):
    def __init__(self, width: int, step: int, reach: int) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(width, width, 3, dilation=step)
        self.norm = nn.BatchNorm1d(width)
        self.mix = nn.Conv1d(width, width, 1)
        self.skip = (step * reach, step * (2 - reach))

    def forward(self, x: Tensor) -> Tensor:
        before, after = self.skip
        kept = x[..., before : x.shape[-1] - after]
        return kept + self.mix(F.gelu(self.norm(self.convolution(x))))


class LipsNetwork(nn.Module):
    r"""Level-free log-mel → the movements of the mouth, 80 times a second.

    Args:
        width: channels of every layer.
        symbols: sounds that a second output tells apart in training (0: without it).
    """

    def __init__(self, width: int = 128, symbols: int = 0) -> None:
        super().__init__()
        self.width = width
        self.input = nn.Conv1d(2 * BANDS, width, 3)
        self.blocks = nn.ModuleList(_Block(width, step, reach) for step, reach in BLOCKS)
        self.norm = nn.BatchNorm1d(width)
        self.output = nn.Conv1d(width, 2 * len(LIP_MOVEMENTS), 1)
        self.symbols = nn.Conv1d(width, 2 * symbols, 1) if symbols else None

    def hidden(self, heard: Tensor) -> Tensor:
        r"""(B, T, 80) → (B, width, T/2 less the context in pairs)."""
        batch, columns, bands = heard.shape
        pairs = heard.reshape(batch, columns // 2, 2 * bands).transpose(1, 2)
        x = self.input(pairs)
        for block in self.blocks:
            x = block(x)
        return F.gelu(self.norm(x))

    def logits(self, hidden: Tensor) -> Tensor:
        r"""(B, width, N) → (B, 2N, 11) before the sigmoid; in mouthClose's place the lips' closure."""
        return _unpaired(self.output(hidden))

    def symbol_logits(self, hidden: Tensor) -> Tensor:
        r"""(B, width, N) → (B, 2N, symbols)."""
        return _unpaired(self.symbols(hidden))

    def forward(self, heard: Tensor) -> Tensor:
        r"""The mouth, column by column.

        Args:
            heard: (B, T, 80) of :func:`relative_to_level`, T even and greater than the context.

        Returns:
            (B, T - NET_PAST - NET_FUTURE, 11) movements in [0, 1], :data:`LIP_MOVEMENTS`.
        """
        return composed(torch.sigmoid(self.logits(self.hidden(heard))))


def _unpaired(x: Tensor) -> Tensor:
    batch, channels, n = x.shape
    return x.reshape(batch, 2, channels // 2, n).permute(0, 3, 1, 2).reshape(batch, 2 * n, channels // 2)


def composed(raw: Tensor, sharpness: float = 1.0) -> Tensor:
    r"""What closed lips do, as in the actor: they meet however far the jaw is open, and nothing parts them.

    Args:
        raw: (..., 11) in [0, 1]; in mouthClose's place the closure c.
        sharpness: 1 leaves c as it is; higher: lips that nearly close close, those that hardly do stay open.

    Returns:
        (..., 11): mouthClose = c · jawOpen, mouthPress times c, what parts lips times 1 - c.
    """
    closure = ((raw[..., _CLOSE] - 0.5) * sharpness + 0.5).clamp(0.0, 1.0)
    factors = [torch.ones_like(closure)] * len(LIP_MOVEMENTS)
    factors[_PRESS] = closure
    for k in _PARTING:
        factors[k] = 1.0 - closure
    moved = torch.stack(factors, -1) * raw
    moved = moved.clone()
    moved[..., _CLOSE] = closure * raw[..., _JAW]
    return moved
