r"""``dnt track`` on the command line: bars, one line per video, a picture of each fit."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence, Set
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from dnt_core.assets import ASSETS
from dnt_core.clips import ClipError, FaceCache, count_frames, face_cache_path, read_face_cache, scan
from dnt_core.clips.media_suffixes import VIDEO_SUFFIXES, of_pictures
from dnt_core.face3d import FACE_MODELS, face_model_family
from dnt_core.tracking.fit_picture import save_fit_picture
from dnt_core.tracking.foreign_track import TrackError
from dnt_core.tracking.importing import Imported, import_track
from dnt_core.tracking.landmark_fit import FITTED, TRUSTED
from dnt_core.tracking.one_person import identity_of_videos, person_folders, tracked_identities
from dnt_core.tracking.pixel_fit import PixelOptions
from dnt_core.tracking.placing import older, placed, said_of_doubles
from dnt_core.tracking.video_track import landmarks_beside, track_video

PICTURE_SUFFIX = ".face3d.png"


def track_with_progress(
    videos: Sequence[Path],
    landmarks: Sequence[Path] = (),
    face_model: str | None = None,
    out: Path | None = None,
    labels: Path | None = None,
    actor: str = "me",
    pixels: bool = True,
    again: bool = False,
    landmarks_size: str | None = None,
) -> list[Path]:
    r"""Tracks videos one after the other; those that have a cache are passed over, so a stopped run goes on.

    Clips of one person in MEAD's layout get one identity: that of the person's clips which were tracked
    before, else the one that all of these videos tell together.

    Args:
        videos: see :func:`~dnt_core.tracking.video_track.track_video`; a folder stands for the videos in it,
            one in MEAD's layout for its clips seen from the front.
        landmarks: of the one video given.
        face_model: a name, or the file of one; None is "procedural".
        out: folder in MEAD's layout that the videos are copied into first, with the landmarks that lie
            beside them.
        labels: CSV of the copies; None: the videos' names.
        actor: whose videos, where the names do not say.
        pixels: fit to the pixels, too.
        again: track videos that have a cache already.
        landmarks_size: "WIDTHxHEIGHT" px of the frames that the landmarks were found in; None: as their files
            say, else the videos'.

    Returns:
        the caches.

    Raises:
        TrackError: every video failed, with the last one's sentence; else what failed is printed and the
            rest goes on.
    """
    videos = _without_folders(videos)
    if landmarks and len(videos) != 1:
        raise TrackError(f"--landmarks belong to one video, {len(videos)} given")
    face_model, size = _by_name(face_model), _size(landmarks_size)
    places = [placed(video, out, labels, actor) for video in videos]
    for double in said_of_doubles(places, out) if out is not None else ():
        print(double)
    shared: dict[Path, Path] = {}
    for video in places:
        if shared.setdefault(face_cache_path(video), video) != video:
            raise TrackError(
                f"{shared[face_cache_path(video)]} and {video} would share one cache, "
                f"{face_cache_path(video).name}; give one of them another name"
            )
    made, failed = [], []
    anew = {video for video in places if again or not face_cache_path(video).is_file()}
    identities = _identities(places, anew, face_model or "procedural", size)
    for video in places:
        cache = face_cache_path(video)
        if cache.is_file() and not again:
            try:
                there = read_face_cache(cache)
            except ClipError as error:
                failed.append(TrackError(f"{error}; --again tracks it anew"))
                if len(places) == 1:
                    raise failed[0] from error
                print(failed[-1])
                continue
            print(f"{cache}: there already{_unlike(there, cache, video, face_model, size, landmarks)}")
            made.append(cache)
            _picture(cache, video, there)  # a run may have ended between the two
            continue
        bars: dict[str, tqdm] = {}

        def show(stage: str, done: int, total: int, bars=bars, name=video.name) -> None:
            if stage not in bars:
                for ended in bars.values():  # its clock stands still from here on
                    ended.close()
                bars[stage] = tqdm(total=total, desc=f"{name}: {stage}", unit="frame")
            bars[stage].update(done - bars[stage].n)

        try:
            found = track_video(
                video,
                landmarks,
                face_model or "procedural",
                pixels=PixelOptions() if pixels else None,
                progress=show,
                landmarks_size=size,
                identity=identities.get(video),
            )
        except (ValueError, OSError, ImportError) as error:
            if len(places) == 1:
                if isinstance(error, ImportError):
                    raise OSError(str(error)) from error
                raise
            failed.append(error)
            tqdm.write(f"{video}: {error}")
            continue
        finally:
            for bar in bars.values():
                bar.close()
        made.append(_told(found, video))
    if failed and not made:
        raise TrackError(f"none of {len(places)} videos could be tracked; the last one: {failed[-1]}")
    if failed:
        print(f"{len(failed)} of {len(places)} videos could not be tracked, as is said above")
    return made


def _identities(
    places: Sequence[Path], anew: Set[Path], face_model: str, size: tuple[int, int] | None
) -> dict[Path, np.ndarray]:
    """The identity of each video to track whose person is known, with a sentence for each person."""
    people: dict[Path, list[Path]] = {}
    alone = []
    for video, folder in person_folders(places).items():
        here = alone if folder is None else people.setdefault(folder, [])
        if video in anew:
            here.append(video)
    if len(alone) > 1:
        print(f"{len(alone)} videos get an identity each; with --out, those of one person get one together")
    found = {}
    for folder, mine in people.items():
        identity, whose = _tracked_before(folder, mine, face_model)
        if identity is None and len(mine) > 1:
            with tqdm(total=len(mine), desc=f"{folder.name}: identity", unit="clip") as bar:
                try:
                    identity = identity_of_videos(
                        mine, face_model, lambda _, done, total, bar=bar: bar.update(done - bar.n), size
                    )
                except (ValueError, OSError, ImportError):  # none can be tracked, as each will say
                    continue
            whose = f"identity: one for {len(mine)} clips"
        if whose:
            print(f"{folder.name}: {whose}")
        if identity is not None:
            found |= dict.fromkeys(mine, identity)
    return found


def _tracked_before(folder: Path, mine: Sequence[Path], face_model: str) -> tuple[np.ndarray | None, str]:
    """The identity of a person's clips but some, None without any; what to say of it, or ""."""
    before, frames = tracked_identities(folder, mine, face_model)
    count, different = len(before), len(np.unique(before, axis=0))
    if not count:
        return None, ""
    clips = f"{count} clip{'s' * (count > 1)}"
    if different > 1:
        said = f"the {clips} tracked before have {different} identities; --again with all gives them one"
        said = f"identity: the mean of several, as {said}" if mine else said
        return np.average(before, axis=0, weights=frames), said
    said = f"identity: that of the {clips} tracked before" if mine else ""
    return before[0], said + ("; --again with all finds one of all" if len(mine) > count else "")


def import_with_progress(
    files: Sequence[Path],
    video: Path | None,
    name: str | None,
    landmarks: Sequence[Path] = (),
    face_model: str | None = None,
    out: Path | None = None,
    labels: Path | None = None,
    actor: str = "me",
    landmarks_size: str | None = None,
) -> Path:
    r"""Imports another tool's track of one video; arguments as :func:`track_with_progress` and
    ``import_track``.

    Raises:
        TrackError: no video, besides ``import_track``'s reasons.
    """
    if video is None:
        raise TrackError("--import needs --video: the clip that the other tool read")
    face_model, place = _by_name(face_model), placed(video, out, labels, actor)
    size, folder = _size(landmarks_size), person_folders([place])[place]
    identity, whose = _tracked_before(folder, [place], face_model or "procedural") if folder else (None, "")
    found = import_track(files, place, name, landmarks, face_model, landmarks_size=size, identity=identity)
    if folder and whose and FITTED in found.cache.source:
        print(f"{folder.name}: {whose}")
    return _told(found, place)


def _without_folders(paths: Sequence[Path]) -> list[Path]:
    made: list[Path] = []
    for path in map(Path, paths):
        if not path.is_dir():
            made.append(path)
            continue
        try:
            inside = [clip.video for clip in scan(path) if clip.view == "front"]
        except ClipError:  # in no layout
            seen = (p for p in path.iterdir() if not p.name.startswith("."))
            inside = sorted(p for p in seen if p.suffix.lower() in VIDEO_SUFFIXES)
        if not inside:
            raise TrackError(f"{path}: no video in this folder{of_pictures(path)}")
        made += inside
    return made


def _size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    found = re.fullmatch(r"([1-9]\d{0,4})\s*[xX×]\s*([1-9]\d{0,4})", text.strip())
    if found is None:
        raise ValueError(f"--landmarks-size {text!r}: expected width and height in px, such as 640x360")
    return int(found[1]), int(found[2])


def _by_name(face_model: str | None) -> str | None:
    """A face model given as a file is found by its name from then on, which is what caches hold: another
    folder, or another machine, has the file elsewhere."""
    family = None if face_model is None else face_model_family(face_model)
    if family not in FACE_MODELS or family == face_model or not Path(str(face_model)).exists():
        return face_model  # a name, or what load_face_model has a sentence for
    os.environ[ASSETS[FACE_MODELS[family].asset].variable] = str(Path(str(face_model)).resolve())
    return family


def _unlike(
    there: FaceCache,
    cache: Path,
    video: Path,
    face_model: str | None,
    size: object,
    landmarks: Sequence[Path],
) -> str:
    """What a cache that is passed over is not, of what was asked for; "" where nothing says so."""
    why = []
    if face_model is not None and face_model_family(face_model) != face_model_family(there.face_model):
        why.append(f"of the face model {there.face_model!r}")
    try:
        n_frames = count_frames(video)
    except ClipError as error:
        return f", but {error}"
    if len(there) != n_frames:
        why.append(f"of {len(there)} frames where the video has {n_frames}")
    if older(cache, video):
        why.append("older than the video")
    points = landmarks or filter(None, [landmarks_beside(video)])
    if any(older(cache, path) for path in map(Path, points) if path.exists()):
        why.append("older than its landmarks")
    if size is not None:
        why.append("perhaps of landmarks of another size")
    return f", but {' and '.join(why)}: --again tracks it anew" if why else ""


def _told(found: Imported, video: Path) -> Path:
    cache = found.cache
    trust = np.ones(len(cache)) if cache.confidence is None else cache.confidence
    line = f"{found.path}: {len(cache)} frames, {cache.face_model}, {int((trust > TRUSTED).sum())} trusted"
    line += _picture(found.path, video, cache, again=True)
    print(line + (f"; {found.note}" if found.note else ""))
    return found.path


def _picture(path: Path, video: Path, cache: FaceCache, again: bool = False) -> str:
    r"""Draws a fit beside its cache where no picture of it is, or anew → what to say of it."""
    picture = Path(str(path).removesuffix(".face3d.npz") + PICTURE_SUFFIX)
    if picture.is_file() and not again:
        return ""
    try:
        return f"; look at {save_fit_picture(picture, video, cache).name}"
    except (ValueError, OSError) as error:  # such as a face model that is not here
        return f"; no picture: {error}"
