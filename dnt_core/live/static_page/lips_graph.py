r"""The built-in network from sound to lips as a graph: from samples to the mouth, the log-mel included."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dnt_core.audio.built_in import SHARPNESS, load_lips_network
from dnt_core.audio.lip_motion import HEARD, LOUDEST, QUIETEST
from dnt_core.audio.lips_network import FUTURE, PAST, LipsNetwork, composed, relative_to_level, with_silence
from dnt_core.audio.mel import (
    COLUMNS_PER_SECOND,
    HOP,
    MAX_VALUE,
    MIN_DB,
    N_FFT,
    PREEMPHASIS,
    REFERENCE_DB,
    mel_filter_bank,
)  # fmt: skip
from dnt_core.audio.mouth_movements import LIP_MOVEMENTS
from dnt_core.clips.held_level import HELD, LEVEL_BLOCK
from dnt_core.clips.sound import SAMPLE_RATE
from dnt_core.live.static_page.graph_files import WEIGHTS, WeightsFile, graph_bytes
from dnt_core.live.static_page.parts_file import parts_file

_AFTER = FUTURE + 4  # silent columns after the sound: the mouth is known up to two columns after its end
_BINS = N_FFT // 2 + 1


class HeardMouth(nn.Module):
    r"""A whole sound → the mouth at every column of its spectrogram, as
    :class:`~dnt_core.audio.built_in.LipStream` computes it piece by piece for ``dnt talk``, which raises
    quiet sounds as well.

    Args:
        network: its weights are shared.
    """

    inputs, outputs = ("sound",), ("mouth",)

    def __init__(self, network: LipsNetwork) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("bank", torch.from_numpy(mel_filter_bank().copy()))
        self.register_buffer("steps", torch.arange(N_FFT, dtype=torch.float32))

    def log_mel(self, sound: Tensor) -> Tensor:
        r"""(1, N) at 16 kHz, N > 400 → (1, columns, 80), :func:`~dnt_core.audio.mel.log_mel` transposed."""
        emphasised = sound - PREEMPHASIS * F.pad(sound[:, :-1], (1, 0))
        padded = F.pad(emphasised[None], (N_FFT // 2, N_FFT // 2), mode="reflect")
        real, imaginary = F.conv1d(padded, self._waves(), stride=HOP).split(_BINS, 1)
        bands = (real.square() + imaginary.square()).sqrt().transpose(1, 2) @ self.bank.T
        decibels = 20 / math.log(10) * bands.clamp(min=10 ** (MIN_DB / 20)).log() - REFERENCE_DB
        return (2 * MAX_VALUE * (decibels - MIN_DB) / -MIN_DB - MAX_VALUE).clamp(-MAX_VALUE, MAX_VALUE)

    def _waves(self) -> Tensor:
        """(802, 1, 800) windowed cosines and sines; computed in the graph, so that no file holds them."""
        products = self.steps[:_BINS, None] @ self.steps[None]  # which the exporter does not fold
        turns = torch.remainder(products, N_FFT) * (2 * math.pi / N_FFT)
        window = 0.5 - 0.5 * torch.cos(self.steps * (2 * math.pi / N_FFT))
        return torch.cat([torch.cos(turns), torch.sin(turns)])[:, None] * window

    def _level(self, sound: Tensor) -> Tensor:
        """(1, N) → (), :class:`~dnt_core.clips.held_level.HeldLevel`."""
        block = round(LEVEL_BLOCK * SAMPLE_RATE)
        sizes = (F.max_pool1d(sound[None], block) + F.max_pool1d(-sound[None], block)) / 2
        return (-F.max_pool1d(-sizes, HELD, 1, HELD // 2)).amax()

    def forward(self, sound: Tensor) -> Tensor:
        r"""(1, N) → (columns, 11) movements; column k at time k / 80 s, at least two after the sound."""
        gain = (HEARD / self._level(sound).clamp(min=QUIETEST)).clamp(min=1)
        raised = torch.where(gain > 1, (gain * (sound - sound.mean())).clamp(-LOUDEST, LOUDEST), sound)
        heard = relative_to_level(with_silence(self.log_mel(raised), PAST, _AFTER))
        heard = heard[:, : heard.shape[1] // 2 * 2]
        return composed(torch.sigmoid(self.network.logits(self.network.hidden(heard))), SHARPNESS)[0]


def lips_file() -> bytes:
    r"""The shipped network as a page's file: graph and weights.

    Raises:
        FileNotFoundError, ValueError: no such weights; torch cannot express the network.
    """
    store = WeightsFile()
    graph = HeardMouth(load_lips_network()).eval()
    lengths = {"sound": {1: "samples"}, "mouth": {0: "columns"}}
    data = graph_bytes(graph, [torch.zeros(1, SAMPLE_RATE)], [], store, lengths)
    header = {
        "rate": SAMPLE_RATE, "columns_per_second": COLUMNS_PER_SECOND, "movements": list(LIP_MOVEMENTS),
        "weights": store.table,
    }  # fmt: skip
    return parts_file(header, {"lips.onnx": data, WEIGHTS: store.to_bytes()})
