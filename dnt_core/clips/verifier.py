r"""Trying out the files of a scan: does the video decode, is there sound in it, does the cache fit?

And what has to be done to it to be read: whether a phone's clip is turned, its sound offset, its frames moved
in time.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import av
from tqdm.auto import tqdm

from dnt_core.atomic_write import write_json
from dnt_core.cache.built_once import code_digest
from dnt_core.clips.cache_rows import why_rows_differ
from dnt_core.clips.clip import VIEWS, Clip, Problem
from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.clip_index import ClipIndex
from dnt_core.clips.crop_box import in_picture
from dnt_core.clips.face_cache import read_face_cache
from dnt_core.clips.media_reading import MediaReading, open_reading
from dnt_core.clips.sound import SAMPLE_RATE, check_samples
from dnt_core.freed_memory import keep_freed_memory
from dnt_core.paths import cache_folder, version_of
from dnt_core.plain_files import read_json

_KEPT = 20_000  # clips that are known to be good
_APART = 0.25  # s between the lengths of a film and its sound file from which they are of two recordings


def verify_clips(index: ClipIndex, full: bool = False, progress: bool = False) -> ClipIndex:
    r"""Decodes every clip's first and last frames (``full``: all), its sound and its cache, in threads.

    Args:
        index: what a scan found.
        full: decode every frame.
        progress: show a bar.

    Returns:
        the index without the clips whose video does not decode, without sounds and caches that are of no use,
        and with a problem for each; and for each clip that is not read as it is stored one line that says
        why.
    """
    keep_freed_memory()
    with _ffmpeg_speaks(), ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda clip: _verify_clip(clip, full), index.clips)
        results = list(tqdm(results, total=len(index), desc="verifying clips", disable=not progress))
    clips = tuple(clip for clip, _ in results if clip is not None)
    tried = {p.path for _, problems in results for p in problems if p.kind != "adapted"}
    old = tuple(problem for problem in index.problems if problem.path not in tried)
    return replace(index, clips=clips, problems=old + tuple(p for _, problems in results for p in problems))


def readable_front(index: ClipIndex, actor: str | None = None) -> tuple[list[Clip], list[Problem]]:
    r"""The clips seen from the front whose video decodes, and what is wrong with the others.

    Downloads of MEAD hold cut-off films; one of them should not end a training on the others. Which clips are
    good is kept in the cache folder, so that a training that goes on does not decode them again; changed
    files, and this package's readers when they change, are tried anew.

    Args:
        index: of a scan that did not verify.
        actor: whose; None: everybody's.

    Returns:
        clips, without caches that do not fit; and a problem per film or cache that is left out.
    """
    wanted = tuple(clip for clip in index if clip.view == "front" and actor in (None, clip.actor))
    others = set(VIEWS) - {"front"}

    def concerns(problem: Problem) -> bool:
        below = {part.lower() for part in problem.path.parts[len(index.root.parts) :]}
        theirs = actor is None or actor in Path(os.path.abspath(problem.path)).parts
        return problem.left_out and theirs and not below & others

    place = cache_folder() / "built" / "readable_clips.json"
    try:
        known = dict.fromkeys(read_json(place, list))
    except (OSError, ValueError, TypeError):
        known = {}
    keys = {clip: _key(clip) for clip in wanted}
    new = tuple(clip for clip in wanted if keys[clip] not in known)
    tried = verify_clips(replace(index, clips=new, problems=tuple(filter(concerns, index.problems))))
    found = {clip.name: clip for clip in tried.clips}
    if good := [keys[clip] for clip in new if found.get(clip.name) == clip]:
        with suppress(OSError):
            write_json(place, [*known, *good][-_KEPT:])
    clips = [clip if keys[clip] in known else found.get(clip.name) for clip in wanted]
    problems = [p for p in tried.problems if p.left_out or p.kind == "bad cache"]
    return [clip for clip in clips if clip is not None], problems


def _key(clip: Clip) -> str:
    r"""Differs where a clip's files differ, or how they are read."""
    files = (clip.video, clip.audio, clip.face_cache)
    parts = (*(path and version_of(path) for path in files), code_digest("clips"))
    return hashlib.blake2b(repr(parts).encode(), digest_size=10).hexdigest()


@contextmanager
def _ffmpeg_speaks() -> Iterator[None]:
    r"""FFmpeg's warnings can be captured inside the block; PyAV drops them otherwise."""
    level, repeated = av.logging.get_level(), av.logging.get_skip_repeated()
    av.logging.set_level(av.logging.WARNING)
    av.logging.set_skip_repeated(False)
    try:
        yield
    finally:
        av.logging.set_level(level)
        av.logging.set_skip_repeated(repeated)


def _verify_clip(clip: Clip, full: bool) -> tuple[Clip | None, list[Problem]]:
    try:
        with av.logging.Capture() as log:
            return _tried(clip, full, log)
    except Exception as error:  # one clip never ends a scan, whatever is wrong with it
        said = f"unreadable: {type(error).__name__}: {error}"
        return None, [Problem(clip.video, " ".join(said.split()))]


def _tried(clip: Clip, full: bool, log: list) -> tuple[Clip | None, list[Problem]]:
    problems: list[Problem] = []
    own_sound = SAMPLE_RATE if clip.audio is None else None
    try:
        with open_reading(clip.video, sample_rate=own_sound, threads=1, checked=True) as reading:
            if full:
                reading.decode_all()
            else:
                reading.decode_ends()
            if clip.audio is None and reading.has_sound:
                check_samples(reading.sound(), str(clip.video), ClipError)
    except ClipError as error:
        return None, [Problem(clip.video, _reason("damaged", clip.video, error))]
    remarks = reading.remarks
    if clip.audio is not None:
        try:
            remarks += _try_sound(clip.audio, reading, problems)
        except ClipError as error:
            problems.append(Problem(clip.audio, _reason("damaged", clip.audio, error), left_out=False))
            clip = replace(clip, audio=None, bad_audio=str(problems[-1]))
    elif not reading.has_sound:
        why = (
            f"its file is damaged: {clip.bad_audio}"
            if clip.bad_audio
            else "neither a sound file nor a track in the video"
        )
        problems.append(Problem(clip.video, f"no sound: {why}", False))
    if clip.face_cache is not None:
        try:
            cache = read_face_cache(clip.face_cache)
            why = why_rows_differ(cache, reading)
            if why is not None:
                have = f"{len(cache)} rows for a video of {reading.timeline.n_frames} frames"
                raise ClipError(f"{clip.face_cache} has {have}{why}")
            in_picture(cache, reading.height, reading.width)
        except ClipError as error:
            problems.append(Problem(clip.face_cache, _reason("bad cache", clip.face_cache, error), False))
            clip = replace(clip, face_cache=None)
    if not any(problem.kind == "damaged" for problem in problems):
        remarks += _warnings(log)
    if remarks:
        problems.append(Problem(clip.video, "adapted: " + "; ".join(remarks), left_out=False))
    return clip, problems


def _try_sound(path: Path, film: MediaReading, problems: list[Problem]) -> list[str]:
    r"""Decodes a clip's sound file, adds a problem where it cannot be the film's → what was done to it."""
    with open_reading(path, video=False, sample_rate=SAMPLE_RATE, threads=1, checked=True) as reading:
        samples = check_samples(reading.sound(), str(path), ClipError)
    seconds = len(samples) / SAMPLE_RATE
    if abs(seconds - film.seconds) > _APART:
        lasts = f"the sound lasts {seconds:.2f} s, the film {film.seconds:.2f} s"
        reason = f"other recording: {lasts}, so they can hardly be of one"
        problems.append(Problem(path, reason, left_out=False))
    return [f"{path.name}: {remark}" for remark in reading.remarks]


def _warnings(log: list[tuple[int, str, str]]) -> list[str]:
    r"""FFmpeg's own warnings of one clip, as one phrase; those that mean nothing to a reader left out."""
    said = [" ".join(text.split()) for level, _, text in log if level <= av.logging.ERROR]
    if not said:
        return []
    return [f"decoder warnings: {len(said)}, the first: {said[0][:100]}"]


def _reason(kind: str, path: Path, error: ClipError) -> str:
    r"""The error as "kind: details"; a reading's own kind (truncated, HDR …) counts more than ``kind``."""
    said = str(error).removeprefix(str(path)).strip(" :")
    own = re.fullmatch(r"cannot be read: ([A-Za-z ]+: .*)", said, re.DOTALL)
    return own.group(1) if own else f"{kind}: {said.removeprefix(f'is {kind} ')}"
