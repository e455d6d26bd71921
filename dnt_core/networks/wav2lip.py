r"""Wav2Lip's network: a face with its lower half hidden, and the sound of the moment → the face that says it.

Written from the list of its layers and keys, so that its authors' checkpoint fits; the paper takes it for the
first step from sound to lips (section 3.4).
"""

from __future__ import annotations

import os

import torch
from torch import Tensor, nn

from dnt_core.networks.user_checkpoint import load_user_network

FACE_SIZE = 96  # px: side of the square crop that goes in and comes out
FACE_CHANNELS = 6  # a blue-green-red face with its lower half at 0, then a reference face
MEL_BANDS, MEL_COLUMNS = 80, 16  # of the window of sound that belongs to a frame: dnt_core.audio.mel
EMBEDDING = 512


class ConvBlock(nn.Module):
    r"""Convolution (or transposed convolution), batch norm, ReLU.

    Args:
        conv: the convolution.
        adds_input: the block's input is added to its result before the ReLU.
    """

    def __init__(self, conv: nn.Conv2d | nn.ConvTranspose2d, adds_input: bool = False) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(conv, nn.BatchNorm2d(conv.out_channels))
        self.adds_input = adds_input

    def forward(self, x: Tensor) -> Tensor:
        result = self.conv_block(x)
        return torch.relu(result + x if self.adds_input else result)


def _conv(
    n_in: int, n_out: int, kernel: int, stride: int | tuple[int, int] = 1, padding: int = 0
) -> ConvBlock:
    return ConvBlock(nn.Conv2d(n_in, n_out, kernel, stride, padding))


def _residual(channels: int) -> ConvBlock:
    return ConvBlock(nn.Conv2d(channels, channels, 3, 1, 1), adds_input=True)


def _down(n_in: int, n_out: int, residuals: int) -> nn.Sequential:
    return nn.Sequential(_conv(n_in, n_out, 3, 2, 1), *(_residual(n_out) for _ in range(residuals)))


def _up(n_in: int, n_out: int) -> nn.Sequential:
    doubled = nn.ConvTranspose2d(n_in, n_out, 3, stride=2, padding=1, output_padding=1)
    return nn.Sequential(ConvBlock(doubled), _residual(n_out), _residual(n_out))


class Wav2Lip(nn.Module):
    r"""The generator: 36.3 million numbers under 352 keys, those of the authors' checkpoint.

    The face encoder's seven stages are kept. The decoder starts from the sound's embedding; behind the result
    of each of its seven stages the encoder's stage of the same size is concatenated, the last one first.
    """

    def __init__(self) -> None:
        super().__init__()
        self.face_encoder_blocks = nn.ModuleList([
            nn.Sequential(_conv(FACE_CHANNELS, 16, 7, 1, 3)),  # 96 x 96
            _down(16, 32, residuals=2),  # 48
            _down(32, 64, residuals=3),  # 24
            _down(64, 128, residuals=2),  # 12
            _down(128, 256, residuals=2),  # 6
            _down(256, 512, residuals=1),  # 3
            nn.Sequential(_conv(512, 512, 3), _conv(512, 512, 1)),  # 1
        ])  # fmt: skip
        self.audio_encoder = nn.Sequential(
            _conv(1, 32, 3, 1, 1), _residual(32), _residual(32),  # 80 x 16
            _conv(32, 64, 3, (3, 1), 1), _residual(64), _residual(64),  # 27 x 16
            _conv(64, 128, 3, 3, 1), _residual(128), _residual(128),  # 9 x 6
            _conv(128, 256, 3, (3, 2), 1), _residual(256),  # 3 x 3
            _conv(256, EMBEDDING, 3), _conv(EMBEDDING, EMBEDDING, 1),  # 1 x 1
        )  # fmt: skip
        self.face_decoder_blocks = nn.ModuleList([
            nn.Sequential(_conv(EMBEDDING, 512, 1)),  # 1
            nn.Sequential(ConvBlock(nn.ConvTranspose2d(1024, 512, 3)), _residual(512)),  # 3
            _up(1024, 512),  # 6
            _up(768, 384),  # 12
            _up(512, 256),  # 24
            _up(320, 128),  # 48
            _up(160, 64),  # 96
        ])  # fmt: skip
        self.output_block = nn.Sequential(_conv(80, 32, 3, 1, 1), nn.Conv2d(32, 3, 1), nn.Sigmoid())

    def forward(self, mel: Tensor, faces: Tensor) -> Tensor:
        r"""Sound and faces → faces.

        Args:
            mel: (B, 1, 80, 16), or (B, T, 1, 80, 16), from :func:`dnt_core.audio.mel.mel_windows`.
            faces: (B, 6, 96, 96), or (B, 6, T, 96, 96), in [0, 1]: blue, green, red with the rows from 48 on
                at 0, then blue, green, red of a reference.

        Returns:
            (B, 3, 96, 96), or (B, 3, T, 96, 96), blue, green, red in [0, 1].

        Raises:
            ValueError: other shapes.
        """
        if faces.ndim == 5 and mel.ndim == 5:
            if mel.shape[:2] != (faces.shape[0], faces.shape[2]):
                raise ValueError(_expected(mel, faces))
            batch = len(faces)
            # the first moment of every clip, then the second of every clip, …
            stacked = self(mel.transpose(0, 1).flatten(0, 1), faces.permute(2, 0, 1, 3, 4).flatten(0, 1))
            return stacked.unflatten(0, (-1, batch)).permute(1, 2, 0, 3, 4)  # (B, 3, T, 96, 96)
        face_shape = (FACE_CHANNELS, FACE_SIZE, FACE_SIZE)
        if mel.shape != (len(faces), 1, MEL_BANDS, MEL_COLUMNS) or faces.shape[1:] != face_shape:
            raise ValueError(_expected(mel, faces))
        kept, x = [], faces
        for stage in self.face_encoder_blocks:
            x = stage(x)
            kept.append(x)
        x = self.audio_encoder(mel)  # (B, 512, 1, 1)
        for stage in self.face_decoder_blocks:
            x = torch.cat([stage(x), kept.pop()], dim=1)
        return self.output_block(x)


def load_wav2lip(path: str | os.PathLike | None = None) -> Wav2Lip:
    r"""Wav2Lip with the weights of its authors' checkpoint, which the user brings.

    Args:
        path: the checkpoint; ``None`` looks for the asset "wav2lip".

    Raises:
        FileNotFoundError: there is none.
        ValueError: the file is no checkpoint, or does not fit the network.
    """
    return load_user_network(Wav2Lip, "wav2lip", path)


def _expected(mel: Tensor, faces: Tensor) -> str:
    return (
        "expected mel (B, 1, 80, 16) with faces (B, 6, 96, 96), or (B, T, 1, 80, 16) with (B, 6, T, 96, 96), "
        f"got {tuple(mel.shape)} with {tuple(faces.shape)}"
    )
