r"""``talk``: sound or text and a path of expressions → an mp4, in parts that a second call goes on from."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from dnt_core.arguments import check_type, shown, whole_number
from dnt_core.ciec_path import CIECPath, parse_path
from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.face_cache import face_cache_path
from dnt_core.clips.provenance import provenance_record, read_provenance
from dnt_core.paths import runs_folder
from dnt_core.talking.sounds import (
    SampleSound,
    Sound,
    check_sound,
    file_key,
    open_sound,
    sound_key,
    spoken_text,
)

FORMAT = 3  # raised when the same arguments give another film
PART_SECONDS = 10.0
Progress = Callable[[int, int], None]  # frames done, frames in all
Tell = Callable[[str], None]


def talk(
    audio: str | os.PathLike | tuple[np.ndarray, int] | None = None,
    expression: str | CIECPath = "neutral:0",
    out: str | os.PathLike = "talk.mp4",
    *,
    text: str | None = None,
    language: str | None = None,
    actor: str | None = None,
    clip: str | os.PathLike | None = None,
    weights: str | os.PathLike | None = None,
    size: int | None = None,
    lips: Any = None,
    mark: bool = True,
    seed: int = 0,
    progress: Progress | None = None,
    tell: Tell = lambda line: None,
) -> Path:
    r"""A sound in, a talking face out (section 3.4, figure 1), as an mp4 with that sound.

    Sound is read and frames are drawn and written as a stream, so memory does not grow with the length. What
    is done is kept in parts of ten seconds under the runs folder until the film is whole: the same call after
    an interruption goes on there, and after the film is whole it only says so.

    Args:
        audio: any file PyAV reads (wav, mp3, m4a, ogg, a video's track), or (samples (N,), rate in Hz).
        expression: a path over time, such as ``"happy:0→1→0, sad:0→0.8"``, with times in seconds or shares,
            or ``"auto"``: what the voice itself sounds like, phrase by phrase.
        out: the mp4; written whole or not at all.
        text: to speak in place of a sound, see :func:`~dnt_core.talking.sounds.spoken_text`.
        language: of the text, as espeak-ng names it, for example "de"; None: English.
        actor: whose face, of the shipped or trained weights; None: M003, or whom the weights are of.
        clip: mp4 with its ``.face3d.npz`` beside it, whose head and background are taken; None: the built-in
            actor of that name at rest, filmed once.
        weights: a file of ``dnt train generator``; None: the actor's.
        size: S px; None: the largest that there are weights for.
        lips: a :class:`~dnt_core.audio.lip_motion.LipMotion`; "built-in"; "wav2lip" (which needs ``clip`` and
            weights with a decoupling network); the path of a ``.face3d.npz`` whose lips are taken (numbers
            without a frame rate: ``lip_motion("given", path=…, fps=…)``); None: the built-in one, or what is
            known of a sentence of the actor.
        mark: burn the visible "SYNTHETIC" mark into every frame.
        seed: of the blinks, at least 0.
        progress: called after every frame is drawn with the frames done and those in all.
        tell: is given a line on what takes long or was there already.

    Returns:
        ``out``.

    Raises:
        FileNotFoundError: no weights, no clip, no file of lips.
        TypeError: an argument of another kind, such as samples without their rate, or a seed that is no whole
            number.
        ValueError: neither sound nor text, or both; a sound that is silent, too short, broken or not finite;
            a text that is no path, or a path that ends after the sound; a clip without a 3D face; unknown
            lips, or lips of another face model. Nothing is overwritten then.
        OSError: text, and no espeak-ng.

    Examples:
        >>> dnt_core.talk("speech.wav", "happy:0→1→0", "talk.mp4")  # seconds of drawing  # doctest: +SKIP
    """
    _check_kinds(audio, text, out, lips)
    out, size = Path(out), None if size is None else whole_number(size, "size")
    check_type(expression, (str, CIECPath), "expression", "a path over time, its text, or 'auto'")
    seed = whole_number(seed, "seed", 0)
    path = None if expression == "auto" else expression
    path = parse_path(path) if isinstance(path, str) else path
    _check_places(out, audio, text, clip)
    if language is not None and text is None:
        raise ValueError(f"the language {language!r} is of a text, and a sound was given")
    source, whose = _file_of(weights, actor, size)
    sound, known_lips = _heard(audio, text, whose, language)
    from dnt_core.talking.pipeline import check_lips, check_within, frame_count, speak_frames
    from dnt_core.talking.speaking_face import SpeakingFace

    if path is not None:
        check_within(path, sound)
    lips = _lip_motion(lips, known_lips, source, clip)
    if path is None:
        path = _path_of_voice(sound, tell)
    opened = _open_face(SpeakingFace, source, clip, tell)
    if opened.note:
        tell(opened.note)
    check_lips(opened, lips)
    job = _Job(opened, sound, path, out, _request_key(opened, sound, lips, path, mark, seed))
    if job.is_done():
        tell(f"{out} is there already, made from the same sound and path")
        return out
    total, done = frame_count(sound, opened.fps), job.frames_done()
    if done:
        tell(f"going on at {done / opened.fps:g} s of {sound.seconds:.1f} s")
    frames = speak_frames(opened, sound, lips, path, seed=seed, start=done)
    try:
        job.write_parts(_counted(frames, done, total, progress), total, mark)
    finally:
        frames.close()
    return job.join(total)


@dataclass(frozen=True)
class _Job:
    """One film that is made in parts, in a folder named by all that it depends on."""

    face: Any
    sound: Sound
    path: CIECPath
    out: Path
    key: str

    @property
    def folder(self) -> Path:
        return runs_folder() / "talk" / "parts" / self.key[:24]

    @property
    def part_frames(self) -> int:
        return max(1, round(PART_SECONDS * self.face.fps))

    def part(self, number: int) -> Path:
        return self.folder / f"{number:05d}.mp4"

    def is_done(self) -> bool:
        try:
            return self.out.is_file() and (read_provenance(self.out) or {}).get("request") == self.key
        except ClipError:
            return False

    def frames_done(self) -> int:
        """Frames in whole parts, from the first on without a gap."""
        number = 0
        while self.part(number).is_file():
            number += 1
        return number * self.part_frames

    def write_parts(self, frames: Iterator[np.ndarray], total: int, mark: bool) -> None:
        from dnt_core.clips.video_writer import write_video

        for number in range(self.frames_done() // self.part_frames, -(-total // self.part_frames)):
            some = islice(frames, self.part_frames)
            write_video(
                self.part(number), some, self.face.fps, mark=mark, provenance=False, preset="superfast"
            )

    def join(self, total: int) -> Path:
        from dnt_core.talking.joining import join_parts

        parts = [self.part(number) for number in range(-(-total // self.part_frames))]
        record = provenance_record(
            "dnt_core.talk", request=self.key, expression=str(self.path), weights=self.face.weights.name,
            identity=self.face.identity or "unknown", clip=self.face.clip.name,
        )  # fmt: skip
        join_parts(
            self.out, parts, self.part_frames, self.face.fps, self.sound.blocks(), self.sound.rate, record
        )
        shutil.rmtree(self.folder, ignore_errors=True)
        return self.out


def _counted(frames: Iterator[np.ndarray], done: int, total: int, progress: Progress | None):
    for frame in frames:
        done += 1
        if progress is not None:  # before it is taken: nobody asks for a frame after a part's last one
            progress(done, total)
        yield frame


def _check_kinds(audio, text, out, lips) -> None:
    wanted = "a file of sound, or (samples (N,), rate in Hz)"
    check_type(audio, (str, os.PathLike, tuple, type(None)), "audio", wanted)
    if isinstance(audio, tuple) and [np.ndim(part) > 0 for part in audio] != [True, False]:
        raise TypeError(f"audio must be {wanted}, got ({', '.join(map(shown, audio))})")
    check_type(text, (str, type(None)), "text", "words")
    check_type(out, (str, os.PathLike), "out", "a file name ending in .mp4")
    if not (callable(lips) or hasattr(lips, "stream")):
        check_type(lips, (str, os.PathLike, type(None)), "lips", "a LipMotion, its name, or a file of lips")


def _check_places(out: Path, audio, text, clip) -> None:
    if (audio is None) == (text is None):
        raise ValueError("give a sound or a text, and not both")
    if out.suffix.lower() != ".mp4":
        raise ValueError(f"the film goes to an .mp4, got {out}")
    if out.is_dir():
        raise ValueError(f"cannot write {out}: a folder of that name is there, expected a file name")
    for what, given in (("sound", audio), ("clip", clip)):
        is_file = isinstance(given, (str, os.PathLike)) and Path(given).exists()
        if is_file and out.exists() and out.samefile(given):
            raise ValueError(f"the film would overwrite its {what}, {given}; give another --out")
    folder = next(p for p in out.absolute().parents if p.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK):  # said before hours of drawing
        raise ValueError(f"cannot write {out}: {folder} is no folder that can be written to")


def _heard(audio, text: str | None, actor: str, language: str | None) -> tuple[Sound, Any]:
    if text is not None:
        return spoken_text(text, actor, language)
    if isinstance(audio, tuple):
        return check_sound(SampleSound(*audio), "the sound"), None
    return open_sound(audio), None


def _file_of(weights, actor: str | None, size: int | None) -> tuple[Path, str]:
    """The weights, and whose they are."""
    from dnt_core.talking_face import file_of_actor

    if weights is None:
        return file_of_actor(actor or "M003", size), actor or "M003"
    if not Path(weights).is_file():
        raise FileNotFoundError(f"no weights {weights}; expected a file of `dnt train generator`")
    from dnt_core.training.generator_weights import open_generator

    found = open_generator(weights)
    for what, wanted, there in (("size", size, found.image_size), ("actor", actor, found.identity)):
        if wanted not in (None, there):
            raise ValueError(f"{weights} are of {what} {there}, not {wanted}")
    return Path(weights), found.identity or "M003"


def _open_face(kind, source: Path, clip, tell: Tell):
    if clip is not None:
        return kind(source, clip)
    from dnt_core.talking.listening import idle_clip
    from dnt_core.training.generator_weights import open_generator

    opened = open_generator(source)
    return kind(source, idle_clip(opened.identity, opened.image_size, tell=tell), closed=True)


def _lip_motion(lips, known, source: Path, clip):
    if lips is None and known is not None:
        return known
    if lips == "wav2lip":
        return _wav2lip_lips(source, clip)
    if lips is None or isinstance(lips, str | os.PathLike):
        from dnt_core.audio.lip_motion import lip_motion

        if lips is not None and Path(lips).suffix:
            return lip_motion("given", path=lips)
        return lip_motion("built-in" if lips is None else str(lips))
    return lips


def _wav2lip_lips(source: Path, clip):
    r"""Wav2Lip draws lips into the clip's frames, and f_d takes the expression out of what is found there."""
    from dnt_core.audio.lip_motion import lip_motion
    from dnt_core.training.generator_weights import open_generator

    if clip is None:
        raise ValueError("lips by Wav2Lip are drawn into a clip's frames; give the clip")
    decoupling = open_generator(source).decoupling()
    if decoupling is None:
        raise ValueError(f"{source} was trained without a decoupling network, which lips by Wav2Lip need")
    return lip_motion("wav2lip", clip=clip, decoupling=decoupling)


def _path_of_voice(sound: Sound, tell: Tell) -> CIECPath:
    from dnt_core.audio.sound_stream import StreamResampler
    from dnt_core.audio.voice_expression import auto_path, read_expression
    from dnt_core.clips.sound import SAMPLE_RATE

    resampler = StreamResampler(sound.rate)  # block by block: a third of the memory
    samples = np.concatenate([*map(resampler.feed, sound.blocks()), resampler.finish()])
    readings = [  # resampled sound may be a part of a sample longer
        replace(reading, end=min(reading.end, sound.seconds))
        for reading in read_expression(samples, SAMPLE_RATE)
    ]
    for reading in readings:
        tell(f"the voice: {reading}")
    path = auto_path(readings)
    tell(f"the path: {path}")
    return path


def _request_key(face, sound: Sound, lips, path: CIECPath, mark: bool, seed: int) -> str:
    r"""A name of all that the film depends on; lips that do not say what they are make it new every time."""
    cache = face_cache_path(face.clip)
    whose = getattr(lips, "key", None) or _key_of_lips(lips)
    says = {
        "format": FORMAT, "sound": sound_key(sound), "path": str(path), "weights": file_key(face.weights),
        "clip": [file_key(face.clip), file_key(cache)], "lips": whose, "mark": mark, "seed": seed,
    }  # fmt: skip
    return hashlib.sha256(json.dumps(says, sort_keys=True).encode()).hexdigest()


def _key_of_lips(lips) -> str:
    network = getattr(lips, "network", None)
    if network is not None:
        from dnt_core.checkpoint import network_key

        return f"{type(lips).__name__} {network_key(network)} {getattr(lips, 'sharpness', '')}"
    if hasattr(lips, "speech"):
        return f"speech {lips.speech.sentence.text} {lips.speech.seed}"
    return secrets.token_hex(8)
