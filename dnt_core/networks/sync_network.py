r"""A small network in SyncNet's manner, to be trained on one actor: lips and sound → two vectors.

It stands where SyncNet's weights are missing. Its numbers are its own: vectors of length 1, so that distances
lie in [0, 2], where SyncNet's have no bound. Compare its CSS with the real film's and with other sound's, not
with published ones.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

LIP_FRAMES = 5  # at 25 frames per second: 0.2 s, as long as the window of sound
LIP_SIZE = 48  # px
MEL_BANDS, MEL_COLUMNS = 80, 16
EMBEDDING = 128
_LEAST_CONTRAST = 0.02


class SyncNetwork(nn.Module):
    r"""Two streams of convolutions, 0.26 million numbers: 1.0 MB in float32, 0.5 MB as stored."""

    def __init__(self) -> None:
        super().__init__()
        self.lips = nn.Sequential(
            *_layers(3 * LIP_FRAMES, 24), *_layers(24, 32), *_layers(32, 48), *_layers(48, 64),  # 64 x 3 x 3
            nn.Flatten(), nn.Linear(64 * 9, EMBEDDING),
        )  # fmt: skip
        self.sound = nn.Sequential(
            *_layers(1, 16, (2, 1)), *_layers(16, 32), *_layers(32, 48), *_layers(48, 64),  # 64 x 5 x 2
            nn.Flatten(), nn.Linear(64 * 10, EMBEDDING),
        )  # fmt: skip

    def embed_lips(self, mouths: Tensor) -> Tensor:
        r"""Five mouths each, any colour and light: their mean colour and contrast are taken out.

        Args:
            mouths: (B, 5, 3, 48, 48), red, green, blue in [0, 1], from
                :func:`dnt_core.metrics.sync_inputs.mouth_crops`.

        Returns:
            (B, 128) of length 1.

        Raises:
            ValueError: another shape.
        """
        shape = (LIP_FRAMES, 3, LIP_SIZE, LIP_SIZE)
        if mouths.ndim != 5 or mouths.shape[1:] != shape:
            raise ValueError(f"expected mouths (B, {', '.join(map(str, shape))}), got {tuple(mouths.shape)}")
        x = mouths - mouths.mean((1, 3, 4), keepdim=True)
        x = x / (x.std((1, 2, 3, 4), keepdim=True) + _LEAST_CONTRAST)
        return F.normalize(self.lips(x.flatten(1, 2)), dim=1)

    def embed_sound(self, mel: Tensor) -> Tensor:
        r"""Windows of the log-mel (B, 1, 80, 16), in [-4, 4] → (B, 128) of length 1.

        Raises:
            ValueError: another shape.
        """
        if mel.ndim != 4 or mel.shape[1:] != (1, MEL_BANDS, MEL_COLUMNS):
            raise ValueError(f"expected mel (B, 1, {MEL_BANDS}, {MEL_COLUMNS}), got {tuple(mel.shape)}")
        return F.normalize(self.sound(mel / 4), dim=1)


def in_clip_loss(lips: Tensor, sound: Tensor, temperature: float = 0.1) -> Tensor:
    r"""Cross-entropy of finding the right sound among a clip's own windows, and the right lips likewise.

    Windows of other clips are not compared: they differ by voice, words and light, which would let a network
    do well that knows nothing of time.

    Args:
        lips: (clips, windows, D) of length 1. sound: likewise.
        temperature: by which similarities are divided; lower: near misses count more.

    Returns:
        () mean over both directions; ln(windows) for a network that knows nothing.
    """
    similarity = lips @ sound.mT / temperature  # (clips, windows, windows)
    clips, windows = similarity.shape[:2]
    right = torch.arange(windows, device=lips.device).repeat(clips)
    forth, back = (F.cross_entropy(s.reshape(-1, windows), right) for s in (similarity, similarity.mT))
    return (forth + back) / 2


def _layers(n_in: int, n_out: int, stride: int | tuple[int, int] = 2) -> tuple[nn.Module, ...]:
    return nn.Conv2d(n_in, n_out, 3, stride, 1, bias=False), nn.BatchNorm2d(n_out), nn.ReLU()
