r"""Trying out the files of a scan: does the video decode, is there sound in it, does the cache fit?"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from tqdm.auto import tqdm

from dnt_core.clips.clip import Clip, Problem
from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.clip_index import ClipIndex
from dnt_core.clips.face_cache import read_face_cache
from dnt_core.clips.media_file import open_media
from dnt_core.clips.sound import read_audio


def verify_clips(index: ClipIndex, full: bool = False, progress: bool = False) -> ClipIndex:
    r"""Decodes every clip's first and last frames (``full``: all), its sound and its cache, in threads.

    Returns:
        the index without the clips whose video does not decode, without sounds and caches that are of no use,
        and with a problem for each.
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda clip: _verify_clip(clip, full), index.clips)
        results = list(tqdm(results, total=len(index), desc="verifying clips", disable=not progress))
    clips = tuple(clip for clip, _ in results if clip is not None)
    tried = {problem.path for _, problems in results for problem in problems}
    old = tuple(problem for problem in index.problems if problem.path not in tried)
    return replace(index, clips=clips, problems=old + tuple(p for _, problems in results for p in problems))


def _verify_clip(clip: Clip, full: bool) -> tuple[Clip | None, list[Problem]]:
    problems = []
    try:
        n_frames, has_sound = _decode_video(clip.video, full)
    except ClipError as error:
        return None, [Problem(clip.video, _reason("damaged", clip.video, error))]
    if clip.audio is not None:
        try:
            read_audio(clip.audio)
        except ClipError as error:
            problems.append(Problem(clip.audio, _reason("damaged", clip.audio, error), left_out=False))
            clip = replace(clip, audio=None)
    elif not has_sound:
        problems.append(Problem(clip.video, "no sound: neither a sound file nor a track in the video", False))
    if clip.face_cache is not None:
        try:
            rows = len(read_face_cache(clip.face_cache))
            if n_frames and rows != n_frames:
                raise ClipError(f"{clip.face_cache} has {rows} rows for a video of {n_frames} frames")
        except ClipError as error:
            problems.append(Problem(clip.face_cache, _reason("bad cache", clip.face_cache, error), False))
            clip = replace(clip, face_cache=None)
    return clip, problems


def _decode_video(path: Path, full: bool) -> tuple[int, bool]:
    r"""Decodes all frames, or the first and those after the last key frame → frames, has sound."""
    with open_media(path) as container:
        if not container.streams.video:
            raise ClipError(f"{path} has no video track")
        stream = container.streams.video[0]
        stream.thread_count = 1
        count, end = 0, None
        for frame in container.decode(stream):
            count += 1
            end = _check(frame, path)
            if not full:
                break
        if not full and count and stream.duration:
            container.seek((stream.start_time or 0) + stream.duration, stream=stream)
            for frame in container.decode(stream):
                end = max(end, _check(frame, path))
        if not count:
            raise ClipError(f"{path} has a video track without a single frame in it")
        if stream.duration and stream.average_rate:
            expected = float(stream.duration * stream.time_base)
            if end < expected - 2.5 / float(stream.average_rate):
                raise ClipError(f"{path} ends after {end:.2f} of {expected:.2f} seconds")
        return (count if full else stream.frames), bool(container.streams.audio)


def _check(frame, path: Path) -> float:
    if frame.is_corrupt:
        raise ClipError(f"{path} is damaged at {frame.time or 0:.2f} s")
    return frame.time or 0.0


def _reason(kind: str, path: Path, error: ClipError) -> str:
    return f"{kind}: {str(error).removeprefix(str(path)).strip(' :')}"
