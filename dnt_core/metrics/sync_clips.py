r"""Clips turned once into what the sync network learns from: mouths and log-mel, one file per clip."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from dnt_core.atomic_write import atomic_path
from dnt_core.audio.mel import log_mel, mel_windows
from dnt_core.clips import Clip, load_clip, read_face_cache, video_info
from dnt_core.clips.frame_order import longest_run
from dnt_core.clips.sound import SAMPLE_RATE
from dnt_core.metrics.sync_inputs import FPS, count_windows, mouth_crops
from dnt_core.networks.sync_network import LIP_SIZE
from dnt_core.parallel import run_parallel

FORMAT = 1  # raised when the same clip gives other numbers
LEAST_FRAMES = 10  # of a clip, at 25 per second
MARGIN = 4  # px around the 48 of a mouth, to shift it by in training
_LARGEST_SIDE = 512  # px of a frame: larger ones are scaled down while they are read


@dataclass(frozen=True, eq=False)
class SyncClip:
    r"""One clip at 25 frames per second.

    Attributes:
        clip: its labels.
        mouths: (T, 3, 56, 56) uint8, a margin of 4 px included.
        mel: (windows, 1, 80, 16) float32, the sound of each window of five frames; windows <= T - 4.
    """

    clip: Clip
    mouths: Tensor
    mel: Tensor

    def __len__(self) -> int:
        return len(self.mel)

    @property
    def centred(self) -> Tensor:
        r"""(T, 3, 48, 48) uint8: the mouths without the margin."""
        return self.mouths[..., MARGIN : MARGIN + LIP_SIZE, MARGIN : MARGIN + LIP_SIZE]


def read_sync_clips(
    clips: Sequence[Clip], folder: str | os.PathLike, jobs: int | None = None, progress: bool = True
) -> list[SyncClip]:
    r"""Reads clips, and keeps what was read, so that an interrupted run goes on where it stopped.

    Args:
        clips: labelled clips with sound and with landmarks in their caches.
        folder: for one file per clip, written whole or not at all; a changed clip makes another file.
        jobs: clips read side by side; default one for every core.
        progress: show a bar.

    Raises:
        ValueError: no clips, or one without sound, without landmarks, or shorter than 0.4 s.
    """
    clips = list(clips)
    if not clips:
        raise ValueError("there is no clip to learn from; expected a folder in MEAD's layout")
    files = [Path(folder) / f"{_key(clip)}.safetensors" for clip in clips]
    missing = [(file, clip) for file, clip in zip(files, clips, strict=True) if not file.exists()]
    run_parallel(_read_to, missing, "mouths", "clip", jobs, progress)
    found = []
    for clip, file in zip(clips, files, strict=True):
        try:
            arrays = load_file(file)
        except (SafetensorError, OSError) as error:
            raise ValueError(f"{file} is damaged ({error}); delete it and run again") from error
        found.append(SyncClip(clip, arrays["mouths"], arrays["mel"]))
    return found


def read_sync_clip(clip: Clip) -> SyncClip:
    r"""Reads one clip: of one with frames without a face the longest part between two of them.

    Raises:
        ValueError: no sound, a damaged one, no landmarks, no face, or shorter than 0.4 s.
    """
    info = video_info(clip.video)
    size = None if max(info.height, info.width) <= _LARGEST_SIDE else _LARGEST_SIDE
    loaded = load_clip(clip, fps=FPS, size=size, crop=None if size is None else "face")
    if loaded.audio is None:
        raise ValueError(why_silent(clip))
    if loaded.landmarks is None:
        raise ValueError(f"{clip.video} has no landmarks in a .face3d.npz beside it")
    seen = np.flatnonzero(loaded.face.has_face)
    if not len(seen):
        raise ValueError(f"{clip.face_cache}: no frame has a face (confidence 0); nothing to learn from")
    first, last = seen[longest_run(seen)][[0, -1]].tolist()
    part = slice(first, last + 1)
    audio = loaded.audio[first * SAMPLE_RATE // FPS : (last + 1) * SAMPLE_RATE // FPS]
    mouths = mouth_crops(loaded.frames[part], loaded.landmarks[part], LIP_SIZE + 2 * MARGIN)
    windows = count_windows(len(mouths), len(audio))
    if windows < 6:
        raise ValueError(
            f"{clip.video} has {len(mouths)} frames at {FPS} per second with a face and sound for "
            f"{len(audio) * FPS // SAMPLE_RATE}, expected {LEAST_FRAMES} or more"
        )
    mel = torch.from_numpy(mel_windows(log_mel(audio), FPS, windows))[:, None]
    return SyncClip(clip, mouths, mel)


def why_silent(clip: Clip) -> str:
    r"""Why a clip has no sound to learn from, in one sentence."""
    if clip.bad_audio:
        return f"{clip.video}: its sound is damaged: {clip.bad_audio}"
    return f"{clip.video} has no sound, which the sync network is trained on"


def hold_out_numbers(clips: Sequence[SyncClip], share: float = 0.2) -> tuple[list[SyncClip], list[SyncClip]]:
    r"""Clips that train and clips that test: all clips of the highest numbers test.

    The built-in actor says the same sentence in every clip of one number, so that its held-out sentences are
    never heard in training; in MEAD a number means nothing, and this is a split by clip.

    Args:
        clips: of several numbers.
        share: of the numbers that test, in (0, 1); at least one does, and one trains.

    Raises:
        ValueError: a share outside (0, 1), or all clips have one number.
    """
    numbers = sorted({c.clip.number for c in clips})
    if not 0 < share < 1 or len(numbers) < 2:
        raise ValueError(
            f"holding out {share:g} of the clip numbers {numbers} is impossible; expected a share between 0 "
            "and 1 and clips of at least two numbers (film with more clips per cell)"
        )
    tested = set(numbers[-min(len(numbers) - 1, max(1, round(share * len(numbers)))) :])
    return [c for c in clips if c.clip.number not in tested], [c for c in clips if c.clip.number in tested]


def _read_to(file: Path, clip: Clip) -> None:
    read = read_sync_clip(clip)
    with atomic_path(file) as part:
        save_file({"mouths": read.mouths.contiguous(), "mel": read.mel.contiguous()}, part)


def _key(clip: Clip) -> str:
    parts = [str(FORMAT), clip.name]
    for path in (clip.video, clip.audio, clip.face_cache):
        if path is not None:
            stat = Path(path).stat()
            parts.append(f"{Path(path).resolve()} {stat.st_size} {stat.st_mtime_ns}")
    if clip.face_cache is not None and not read_face_cache(clip.face_cache).has_face.all():
        parts.append("the longest part with a face")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]
