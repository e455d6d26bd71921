r"""The paper's own first step where a user has Wav2Lip's checkpoint: new lips for a neutral video.

Wav2Lip redraws the mouth of an existing video. Here that video is our neutral one, so that pose, background
and light are those of the test and the methods differ in nothing else.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from dnt_core.audio.mel import log_mel, mel_windows
from dnt_core.audio.wav2lip_frames import face_boxes, speak
from dnt_core.audio.wav2lip_lips import BATCH
from dnt_core.metrics.copied_frames import into_hole
from dnt_core.networks.wav2lip import Wav2Lip
from dnt_core.studies.table2.test_clips import Step, TestClips, uint8_frames
from dnt_core.studies.table2.two_steps import Edit, edited


def wav2lip_step(network: Wav2Lip) -> Step:
    r"""A clip's pictures with lips that Wav2Lip draws for the clip's sound.

    The face's box comes from the clip's landmarks. A clip without sound or landmarks stays as it is.

    Args:
        network: from :func:`~dnt_core.networks.wav2lip.load_wav2lip`; it learnt 25 frames per second.
    """

    def redraw(clips: TestClips, clip: int, pictures: Tensor) -> Tensor:
        (fps, samples), landmarks = clips.sound(clip), clips.landmarks(clip)
        if samples is None or landmarks is None:
            return pictures
        frames, boxes = uint8_frames(pictures), face_boxes(landmarks, clips.size, clips.size)
        numbers = clips.frames(clip)  # frames without a face are not among them, but their sound is
        windows = mel_windows(log_mel(samples), fps, int(numbers[-1]) + 1)[numbers]
        parts = [slice(start, start + BATCH) for start in range(0, len(frames), BATCH)]
        spoken = np.concatenate([speak(network, frames[p], boxes[p], windows[p]) for p in parts])
        made = torch.from_numpy(spoken).permute(0, 3, 1, 2).to(pictures) / 255
        return into_hole(made, clips.film(clip).frame)

    return redraw


def edit_step(edit: Edit) -> Step:
    r"""A second step on pictures that a whole clip's first step has made."""

    return lambda clips, clip, pictures: edited(pictures, clips.film(clip), edit)
