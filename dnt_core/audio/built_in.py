r"""The built-in way from sound to lips: nothing licensed, any voice, whole or as a stream."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from dnt_core.audio.lips_network import FUTURE, PAST, LipsNetwork, composed, relative_to_level
from dnt_core.audio.mel import BANDS, COLUMNS_PER_SECOND, SILENCE
from dnt_core.audio.mouth_movements import LIP_MOVEMENTS, to_expression
from dnt_core.audio.sound_stream import StreamMel, StreamResampler
from dnt_core.checkpoint import read_checkpoint, to_be_filled
from dnt_core.clips.sound import SAMPLE_RATE, check_samples
from dnt_core.paths import user_path, version_of, weights_folder

SHIPPED = "lips_from_sound.safetensors"  # in dnt_core.paths.weights_folder()
SHARPNESS = 1.3  # of closures; measured on held-out voices
#: Seconds of sound after a frame's time that must have come before the frame is certain.
LOOK_AHEAD = (FUTURE + 1) / COLUMNS_PER_SECOND + 0.025
_BLOCK = 20 * COLUMNS_PER_SECOND  # columns computed at once, so that memory does not grow with the sound


def load_lips_network(path: str | os.PathLike | None = None) -> LipsNetwork:
    r"""The network of a weights file, ready to use; read once, and anew where the file has changed.

    Args:
        path: of :func:`~dnt_core.training.lips.weights.save_lips_network`; default: the shipped one.

    Raises:
        FileNotFoundError, ValueError: no such file, or not one of this network.
    """
    return _lips_network(*version_of(weights_folder() / SHIPPED if path is None else user_path(path)))


@lru_cache(maxsize=4)
def _lips_network(path: Path, changed: int, size: int) -> LipsNetwork:
    held = read_checkpoint(path)
    if "input.weight" not in held.states.get("network", ()) or "width" not in held.notes:
        raise ValueError(
            f"{path} holds no network from sound to lips; it holds {', '.join(sorted(held.states))}"
        )
    with to_be_filled():
        network = LipsNetwork(int(held.notes["width"])).float()
        held.restore(network=network)
    return network.eval().requires_grad_(False)


class BuiltInLips:
    r"""Sound → expression numbers of the built-in face; a :class:`~dnt_core.audio.lip_motion.LipMotion`.

    Args:
        weights: file of another network than the shipped one.
        network: a network itself, instead of a file.
        sharpness: how decidedly lips close, see :func:`~dnt_core.audio.lips_network.composed`.
    """

    face_model = "procedural"

    def __init__(
        self,
        weights: str | os.PathLike | None = None,
        network: LipsNetwork | None = None,
        sharpness: float = SHARPNESS,
    ) -> None:
        self.network = network or load_lips_network(weights)
        self.sharpness = sharpness

    def __call__(self, sound: np.ndarray, rate: int, fps: float, frames: int) -> np.ndarray:
        r"""See :class:`~dnt_core.audio.lip_motion.LipMotion`; after the sound the mouth rests."""
        return to_expression(self.movements(sound, rate, fps, frames))

    def movements(self, sound: np.ndarray, rate: int, fps: float, frames: int) -> np.ndarray:
        r"""The same as (T, 11) movements in [0, 1], for faces with other expression numbers.

        Raises:
            ValueError: a sound that is empty, not floating or not finite; rate, fps or frames out of range.
        """
        if frames != int(frames) or frames < 0:
            raise ValueError(f"frames is {frames!r}, expected a whole number >= 0")
        sound = check_samples(sound, "the sound")
        stream = self.stream(rate, fps)
        step = 10 * int(rate)
        made = [stream.feed_movements(sound[k : k + step]) for k in range(0, sound.size, step)]
        made.append(stream.finish_movements(frames))
        return np.concatenate(made)[:frames]

    def stream(self, rate: int, fps: float) -> LipStream:
        r"""The same for sound that comes piece by piece."""
        return LipStream(self.network, rate, fps, self.sharpness)


class LipStream:
    r"""Sound in pieces → the frames that are certain; cut how one likes, the whole is the same.

    A frame is certain when :data:`LOOK_AHEAD` seconds of sound after its time have come. Memory does not
    grow.

    Args:
        network: of :func:`load_lips_network`.
        rate: of the sound, Hz.
        fps: frames per second, > 0; frame i shows time i / fps.
        sharpness: see :class:`BuiltInLips`.

    Raises:
        ValueError: a rate or fps out of range.
    """

    def __init__(self, network: LipsNetwork, rate: int, fps: float, sharpness: float = SHARPNESS) -> None:
        if not 0 < fps < float("inf"):
            raise ValueError(f"fps is {fps!r}, expected a number of frames per second > 0")
        self._network, self._fps, self._sharpness = network, float(fps), sharpness
        self._resampler, self._mel = StreamResampler(rate), StreamMel()
        self._samples = 0  # at 16 kHz
        self._heard = np.full((PAST, BANDS), SILENCE, np.float32)  # columns from self._next - PAST on
        self._next = 0  # first column whose mouth is not computed, even
        self._mouth = np.zeros((0, len(LIP_MOVEMENTS)), np.float32)  # computed columns still needed
        self._mouth_first = 0  # index of the first of them
        self._frame = 0  # next frame
        self._finished = False

    def feed(self, sound: np.ndarray) -> np.ndarray:
        r"""Hear (N,) more samples; returns the (k, 64) expression numbers of the frames now certain."""
        return to_expression(self.feed_movements(sound))

    def finish(self, frames: int | None = None) -> np.ndarray:
        r"""The sound is over; returns the (k, 64) that are left.

        Args:
            frames: how many there are to be in all; None: as many as cover the sound. What lies after the
                sound is silent.

        Raises:
            RuntimeError: called twice.
        """
        return to_expression(self.finish_movements(frames))

    def feed_movements(self, sound: np.ndarray) -> np.ndarray:
        r"""As :meth:`feed`, as (k, 11) movements."""
        if self._finished:
            raise RuntimeError("the stream of lips was finished; start another one")
        if np.size(sound) == 0:
            return np.zeros((0, len(LIP_MOVEMENTS)), np.float32)
        self._listen(self._mel.feed(self._count(self._resampler.feed(check_samples(sound, "the sound")))))
        return self._frames()

    def finish_movements(self, frames: int | None = None) -> np.ndarray:
        r"""As :meth:`finish`, as (k, 11) movements."""
        if self._finished:
            raise RuntimeError("the stream of lips was finished; start another one")
        self._listen(self._mel.feed(self._count(self._resampler.finish())))
        if self._samples:
            self._listen(self._mel.finish())
        self._finished = True
        if frames is None:
            frames = int(np.ceil(self._samples / SAMPLE_RATE * self._fps - 1e-6))
        last_column = int(np.ceil(max(0, frames - 1) / self._fps * COLUMNS_PER_SECOND)) + 1
        made = [self._frames(frames)]
        while self._next <= last_column:
            self._listen(
                np.full((min(_BLOCK, last_column - self._next + FUTURE + 3), BANDS), SILENCE, np.float32)
            )
            made.append(self._frames(frames))
        return np.concatenate(made)

    def _count(self, samples: np.ndarray) -> np.ndarray:
        self._samples += samples.size
        return samples

    def _listen(self, columns: np.ndarray) -> None:
        r"""Compute the mouth at every column that has its context."""
        self._heard = np.concatenate([self._heard, columns])
        while (pairs := min((len(self._heard) - PAST - FUTURE + 1) // 2, _BLOCK // 2)) > 0:
            piece = torch.from_numpy(self._heard[: PAST + 2 * pairs + FUTURE - 1])[None]
            with torch.inference_mode():
                raw = torch.sigmoid(self._network.logits(self._network.hidden(relative_to_level(piece))))
                mouth = composed(raw, self._sharpness)[0].numpy()
            self._mouth = np.concatenate([self._mouth, mouth])
            self._heard = self._heard[2 * pairs :]
            self._next += 2 * pairs

    def _frames(self, limit: int | None = None) -> np.ndarray:
        r"""The frames whose time lies between computed columns."""
        certain = int(np.floor((self._next - 1) / COLUMNS_PER_SECOND * self._fps + 1e-9)) + 1
        end = max(self._frame, certain if limit is None else min(certain, limit))
        at = np.arange(self._frame, end) / self._fps * COLUMNS_PER_SECOND
        low = np.minimum(np.floor(at).astype(int), max(self._next - 2, 0))
        share = (at - low)[:, None].astype(np.float32)
        low -= self._mouth_first
        made = (
            self._mouth[low] * (1 - share) + self._mouth[low + 1] * share
            if end > self._frame
            else np.zeros((0, len(LIP_MOVEMENTS)), np.float32)
        )
        self._frame = end
        keep = max(0, int(np.floor(end / self._fps * COLUMNS_PER_SECOND)) - 1 - self._mouth_first)
        keep = min(keep, len(self._mouth))
        self._mouth, self._mouth_first = self._mouth[keep:], self._mouth_first + keep
        return made
