r"""Frames in their order, drawn side by side while the sound is read: nothing waits that need not."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from dnt_core.audio.blinks import BlinkTrain, blink_expression
from dnt_core.ciec_path import CIECPath
from dnt_core.own_process import OwnProcess
from dnt_core.parallel import torch_threads
from dnt_core.talking.lips import lip_frames
from dnt_core.talking.sounds import Sound
from dnt_core.talking.speaking_face import SpeakingFace

MOST = 4  # threads that draw
TOGETHER = 5  # frames that one of them draws at a time


def frame_count(sound: Sound, fps: float) -> int:
    r"""How many frames cover the sound."""
    return max(1, int(np.ceil(sound.seconds * fps - 1e-6)))


def speak_frames(
    face: SpeakingFace, sound: Sound, lips, path: CIECPath, *, seed: int = 0, start: int = 0
) -> Generator[np.ndarray, None, None]:
    r"""The pictures (S, S, 3) uint8 of a face that says a sound, one after the other.

    The sound is read as the frames are taken; some of them are drawn ahead, a few at a time on each thread.

    Args:
        face: whose.
        sound: what it says.
        lips: a :class:`~dnt_core.audio.lip_motion.LipMotion` of the face's face model.
        path: the expression over time.
        seed: of the blinks.
        start: frame to begin with; those before it are not drawn.

    Raises:
        ValueError: a path in seconds that ends after the sound, lips of another face model.
        RuntimeError: frames are taken in a process that was forked meanwhile.
    """
    path.check_within(sound.seconds, "the sound")
    check_lips(face, lips)
    return _drawn(face, _asked_for(face, sound, lips, path, seed, start))


def check_lips(face: SpeakingFace, lips) -> None:
    r"""Raises a ValueError where the lips are another face model's."""
    theirs, ours = getattr(lips, "face_model", None), face.face_model.partition(":")[0]
    if theirs is not None and theirs.partition(":")[0] != ours:
        raise ValueError(
            f"the lips' numbers belong to the face model {theirs}, the clip's to {ours}: "
            "give lips of that model, see dnt_core.audio.lip_motion"
        )


def _asked_for(face, sound, lips, path, seed, start) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Frame of the clip, expression numbers (64,), CIEC (7,), for every frame from ``start`` on."""
    frames = frame_count(sound, face.fps)
    blinks, blink = BlinkTrain(face.fps, seed), blink_expression(face.face_model)
    k = 0
    for rows in lip_frames(lips, sound, face.fps, frames):
        times = np.arange(k, k + len(rows))
        codes = path.at(times / face.fps if path.in_seconds else times / max(1, frames - 1))  # (n, 7)
        for row, code in zip(rows, codes, strict=True):
            closed = next(blinks)
            if k >= start:
                yield int(face.order[k % len(face.order)]), row + closed * blink, code
            k += 1


def _drawn(face: SpeakingFace, asked_for: Iterator[tuple]) -> Generator[np.ndarray, None, None]:
    threads = max(1, min(MOST, os.cpu_count() or 1))
    pool = ThreadPoolExecutor(threads, "talk", initializer=torch.set_num_threads, initargs=(1,))
    ahead: deque = deque()
    process = OwnProcess("a stream of frames")
    # OpenBLAS's threads spin after each product of the sound's: a quarter of the processor's time
    with torch_threads(1), threadpool_limits(1, "blas"):
        try:
            while (some := list(islice(asked_for, TOGETHER))) or ahead:
                if some:
                    ahead.append(pool.submit(face.pictures, some))
                if not some or len(ahead) > threads:
                    for picture in ahead.popleft().result():
                        process.check()
                        yield picture
        finally:  # also where nobody takes the rest
            pool.shutdown(wait=True, cancel_futures=True)
