r"""SyncNet (v2): five frames of a face, and 0.2 s of sound → two vectors, close to each other when in sync.

Written from the list of its layers and keys, so that ``syncnet_v2.model`` fits. The paper's CSS is measured
with it (section 5.3, :mod:`dnt_core.metrics.sync_confidence`).
"""

from __future__ import annotations

import os

from torch import Tensor, nn

from dnt_core.networks.user_checkpoint import load_user_network

CEPSTRA, SOUND_STEPS = 13, 20  # the MFCC window: 13 numbers, 20 steps of 10 ms
LIP_FRAMES, LIP_SIZE = 5, 224  # at 25 frames per second, px
EMBEDDING = 1024


class SyncNet(nn.Module):
    r"""Two streams, 13.6 million numbers under 102 keys, those of the authors' file."""

    def __init__(self) -> None:
        super().__init__()
        self.netcnnaud = nn.Sequential(
            *_layers(nn.Conv2d(1, 64, 3, padding=1)),
            nn.MaxPool2d(1, 1),  # changes nothing; it is counted in the keys
            *_layers(nn.Conv2d(64, 192, 3, padding=1)),
            nn.MaxPool2d(3, (1, 2)),  # 11 x 9
            *_layers(nn.Conv2d(192, 384, 3, padding=1)),
            *_layers(nn.Conv2d(384, 256, 3, padding=1)),
            *_layers(nn.Conv2d(256, 256, 3, padding=1)),
            nn.MaxPool2d(3, 2),  # 5 x 4
            *_layers(nn.Conv2d(256, 512, (5, 4))),  # 1 x 1
        )
        self.netfcaud = _head()
        self.netfclip = _head()
        self.netcnnlip = nn.Sequential(
            *_layers(nn.Conv3d(3, 96, (5, 7, 7), (1, 2, 2))),  # 1 x 109 x 109
            nn.MaxPool3d((1, 3, 3), (1, 2, 2)),  # 54
            *_layers(nn.Conv3d(96, 256, (1, 5, 5), (1, 2, 2), (0, 1, 1))),  # 26
            nn.MaxPool3d((1, 3, 3), (1, 2, 2), (0, 1, 1)),  # 13
            *_layers(nn.Conv3d(256, 256, (1, 3, 3), padding=(0, 1, 1))),
            *_layers(nn.Conv3d(256, 256, (1, 3, 3), padding=(0, 1, 1))),
            *_layers(nn.Conv3d(256, 256, (1, 3, 3), padding=(0, 1, 1))),
            nn.MaxPool3d((1, 3, 3), (1, 2, 2)),  # 6
            *_layers(nn.Conv3d(256, 512, (1, 6, 6))),  # 1
        )

    def embed_sound(self, mfcc: Tensor) -> Tensor:
        r"""MFCC windows (B, 1, 13, 20), from :func:`dnt_core.audio.mfcc.mfcc_windows` → (B, 1024).

        Raises:
            ValueError: another shape.
        """
        if mfcc.ndim != 4 or mfcc.shape[1:] != (1, CEPSTRA, SOUND_STEPS):
            raise ValueError(f"expected MFCC (B, 1, {CEPSTRA}, {SOUND_STEPS}), got {tuple(mfcc.shape)}")
        return self.netfcaud(self.netcnnaud(mfcc).flatten(1))

    def embed_lips(self, frames: Tensor) -> Tensor:
        r"""Faces (B, 3, 5, 224, 224), blue, green, red in [0, 255], five frames at 25 per second → (B, 1024).

        Raises:
            ValueError: another shape.
        """
        if frames.ndim != 5 or frames.shape[1:] != (3, LIP_FRAMES, LIP_SIZE, LIP_SIZE):
            raise ValueError(
                f"expected faces (B, 3, {LIP_FRAMES}, {LIP_SIZE}, {LIP_SIZE}), got {tuple(frames.shape)}"
            )
        return self.netfclip(self.netcnnlip(frames).flatten(1))


def load_syncnet(path: str | os.PathLike | None = None) -> SyncNet:
    r"""SyncNet with the weights of its authors' file, which the user brings.

    Args:
        path: the file; ``None`` looks for the asset "syncnet".

    Raises:
        FileNotFoundError: there is none.
        ValueError: the file is no checkpoint, or does not fit the network.
    """
    return load_user_network(SyncNet, "syncnet", path)


def _layers(conv: nn.Conv2d | nn.Conv3d) -> tuple[nn.Module, nn.Module, nn.Module]:
    norm = nn.BatchNorm2d if isinstance(conv, nn.Conv2d) else nn.BatchNorm3d
    return conv, norm(conv.out_channels), nn.ReLU()


def _head() -> nn.Sequential:
    return nn.Sequential(nn.Linear(512, 512), nn.BatchNorm1d(512), nn.ReLU(), nn.Linear(512, EMBEDDING))
