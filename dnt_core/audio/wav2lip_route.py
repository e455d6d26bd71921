r"""The paper's route from sound to lips, behind the same call as the other routes.

It needs what is licensed: checkpoints of Wav2Lip and WM3DR, and a decoupling network that was trained on
expressions of the Basel face model, to which WM3DR's numbers belong.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from dnt_core.audio.mel import N_FFT
from dnt_core.audio.sound_stream import to_16_khz
from dnt_core.audio.wav2lip_frames import clip_boxes
from dnt_core.audio.wav2lip_lips import BATCH, SpokenExpressions, lips_by_wav2lip
from dnt_core.checkpoint import network_key
from dnt_core.clips import Clip, face_cache_path, load_clip, video_info
from dnt_core.clips.clip_reading import frames_that_fit
from dnt_core.clips.sound import check_samples, fit_length
from dnt_core.networks.decoupling_network import DecouplingNetwork
from dnt_core.networks.wav2lip import load_wav2lip
from dnt_core.networks.wm3dr_network import load_wm3dr

_LARGEST_SIDE = 512  # px: WM3DR's; of larger films the face is cut out


class Wav2LipLips:
    r"""Sound → neutral expression numbers of the Basel face model, by Wav2Lip, WM3DR and f_d.

    Args:
        clip: a video whose ``.face3d.npz`` with landmarks lies beside it; its frames are given new lips.
        decoupling: f_d for the Basel face model, such as
            :func:`~dnt_core.training.decoupling_weights.load_decoupling_network` opens.
        wav2lip: Wav2Lip's checkpoint; ``None`` looks for the asset "wav2lip".
        wm3dr: WM3DR's checkpoint; ``None`` looks for the asset "wm3dr".
        batch: frames through Wav2Lip at once.
        progress: called with the pictures done and all of them, after every batch.

    Attributes:
        face_model: the model that the numbers belong to.
        result: what the last call found, before the decoupling network too; ``None`` before the first.

    Raises:
        FileNotFoundError: no checkpoint; the sentence says where it was looked for.
        ValueError: a file that is no checkpoint or does not fit, or a clip without a cache or landmarks.
    """

    face_model = "bfm2009"

    def __init__(
        self,
        clip: str | os.PathLike,
        decoupling: DecouplingNetwork,
        wav2lip: str | os.PathLike | None = None,
        wm3dr: str | os.PathLike | None = None,
        batch: int = BATCH,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self._wav2lip, self._wm3dr = load_wav2lip(wav2lip), load_wm3dr(wm3dr)
        self._decoupling = decoupling
        info = video_info(clip)
        large = max(info.height, info.width) > _LARGEST_SIDE
        video = Clip("", "", "neutral", 1, 0, Path(clip), None, face_cache_path(clip))
        height, width = (_LARGEST_SIDE,) * 2 if large else (info.height, info.width)
        self._clip = load_clip(
            video,
            size=_LARGEST_SIDE if large else None,
            crop="face" if large else None,
            stop=frames_that_fit(height, width),  # a longer clip's first ones are given lips, to and fro
        )
        self._boxes = clip_boxes(self._clip)
        self._batch, self._progress = batch, progress
        self.result: SpokenExpressions | None = None

    @property
    def key(self) -> str:
        r"""A name of the three networks."""
        return " ".join(map(network_key, (self._wav2lip, self._wm3dr, self._decoupling)))

    def __call__(self, sound: np.ndarray, rate: int, fps: float, frames: int) -> np.ndarray:
        r"""The face, frame by frame; frame i shows time i / fps. After the sound it hears silence.

        Args:
            sound: (N,) floating, mono, in [-1, 1].
            rate: samples per second, Hz.
            fps: frames per second of the result, > 0.
            frames: how many, T >= 0.

        Returns:
            (T, 64) float32.

        Raises:
            ValueError: a sound that is empty, not floating or not finite; rate, fps or frames out of range;
                WM3DR does not find the face.
        """
        if frames != int(frames) or frames < 0:
            raise ValueError(f"frames is {frames!r}, expected a whole number >= 0")
        samples = to_16_khz(check_samples(sound, "the sound"), rate)
        if frames == 0:
            return np.zeros((0, 64), np.float32)
        self.result = lips_by_wav2lip(
            self._wav2lip,
            self._wm3dr,
            self._decoupling,
            self._clip.frames,
            self._boxes,
            fit_length(samples, max(len(samples), N_FFT)),  # too short a sound has no spectrum
            self._clip.fps,
            int(frames),
            fps,
            self._batch,
            self._progress,
        )
        return self.result.neutral.numpy()
