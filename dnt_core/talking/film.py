r"""``talk``: sound or text and a path of expressions → an mp4, in parts that a second call goes on from."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dnt_core.arguments import check_type, shown, whole_number
from dnt_core.ciec_path import CIECPath, parse_path
from dnt_core.lazy_exports import without_collecting
from dnt_core.parallel import torch_threads
from dnt_core.paths import user_path
from dnt_core.talking.film_parts import FilmInParts, check_places, request_key
from dnt_core.talking.lips import in_tenths, left_out
from dnt_core.talking.sounds import SampleSound, Sound, check_sound, open_sound, spoken_text

if TYPE_CHECKING:
    from dnt_core.training.generator_weights import TrainedGenerator

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
        weights: a file of ``dnt train generator``; None: the actor's, as ``dnt_core.load`` finds them.
        size: S px; None: the largest that there are weights for.
        lips: a :class:`~dnt_core.audio.lip_motion.LipMotion`; "built-in"; "wav2lip" (which needs ``clip`` and
            weights with a decoupling network); the path of a ``.face3d.npz`` whose lips are taken (numbers
            without a frame rate: ``lip_motion("given", path=…, fps=…)``), or of weights that ``dnt
            train lips`` made; None: the built-in one, or what is known of a sentence of the actor.
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
    out, size = user_path(out), None if size is None else whole_number(size, "size")
    check_type(expression, (str, CIECPath), "expression", "a path over time, its text, or 'auto'")
    seed = whole_number(seed, "seed", 0)
    path = None if isinstance(expression, str) and expression.strip().lower() == "auto" else expression
    path = parse_path(path) if isinstance(path, str) else path
    audio, clip, weights = map(_at_home, (audio, clip, weights))
    check_places(out, audio, text, clip)
    if language is not None and text is None:
        raise ValueError(f"the language {language!r} is of a text, and a sound was given")
    with _starting():
        source, whose = _weights_of(weights, actor, size, tell)
        from dnt_core.talking.pipeline import check_lips, frame_count, speak_frames
        from dnt_core.talking.speaking_face import SpeakingFace
    sound, known_lips = _heard(audio, text, whose or "M003", language)
    if path is not None:
        path.check_within(sound.seconds, "the sound")
    with _starting():
        lips = _lip_motion(lips, known_lips, source, clip, tell)
    if path is None:
        path = _path_of_voice(sound, tell)
    opened = _open_face(SpeakingFace, source, whose, clip, tell)
    asked = {point.type for point in path.key_points if point.intensity}
    for said in filter(None, (sound.note, opened.note, source.unseen(asked), left_out(lips, sound))):
        tell(said)
    check_lips(opened, lips)
    job = FilmInParts(opened, sound, path, out, request_key(opened, sound, lips, path, mark, seed))
    if job.is_done():
        tell(f"{out} is there already, made from the same sound and path")
        return out
    total = frame_count(sound, opened.fps)
    done = min(job.frames_done(), total)  # the last part may be a short one
    if done:
        tell(f"going on at {done / opened.fps:g} s of {sound.seconds:.1f} s")
    frames = speak_frames(opened, sound, lips, path, seed=seed, start=done)
    try:
        with closing(frames):
            job.write_parts(_counted(frames, done, total, progress), total, mark)
        return job.join(total)
    except (OSError, ValueError):
        if not job.is_done():
            raise
        tell(f"{out} was made by another process meanwhile")  # which took the parts away
        return out


def _at_home(given):
    return user_path(given) if isinstance(given, str | os.PathLike) else given


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


def _heard(audio, text: str | None, actor: str, language: str | None) -> tuple[Sound, Any]:
    if text is not None:
        return spoken_text(text, actor, language)
    if isinstance(audio, tuple):
        return check_sound(SampleSound(*audio), "the sound"), None
    return open_sound(audio), None


def _weights_of(
    weights, actor: str | None, size: int | None, tell: Tell = lambda line: None
) -> tuple[TrainedGenerator, str | None]:
    """The weights, and whose they are, where they or the caller say it."""
    from dnt_core.talking_face import file_of_actor
    from dnt_core.training.generator_weights import open_generator

    if weights is None:
        actor = "M003" if actor is None else actor
        return open_generator(file_of_actor(actor, size, tell)), actor
    if not Path(weights).is_file():
        raise FileNotFoundError(f"no weights {weights}; expected a file of `dnt train generator`")
    found = open_generator(weights)
    for what, wanted, there in (("size", size, found.image_size), ("actor", actor, found.identity)):
        if None not in (wanted, there) and wanted != there:
            raise ValueError(f"{weights} are of {what} {there}, not {wanted}")
    return found, found.identity or actor


def _open_face(kind, source: TrainedGenerator, whose: str | None, clip, tell: Tell):
    closed = clip is None
    if clip is None:
        from dnt_core.talking.listening import idle_clip

        clip = idle_clip(whose, source.image_size, tell=tell)
    with _starting():
        return kind(source.path, clip, closed=closed)


@contextmanager
def _starting() -> Iterator[None]:
    r"""For what is done once, before the first frame: small sums, for which two threads wait longer than one
    adds, and imports."""
    with without_collecting(), torch_threads(1):
        yield


def _lip_motion(lips, known, source: TrainedGenerator, clip, tell: Tell = lambda line: None):
    if lips is None and known is not None:
        return known
    if lips == "wav2lip":
        return _wav2lip_lips(source, clip, tell)
    if lips is None or isinstance(lips, str | os.PathLike):
        from dnt_core.audio.lip_motion import lip_motion

        if lips is not None and Path(lips).suffix:
            own = Path(lips).suffix == ".safetensors"
            return lip_motion("built-in", weights=lips) if own else lip_motion("given", path=lips)
        if lips == "given":  # as a sentence about unknown ways offers it
            raise ValueError("given lips are those of a file; name the file in its place, such as lips.npy")
        return lip_motion("built-in" if lips is None else str(lips))
    return lips


def _wav2lip_lips(source: TrainedGenerator, clip, tell: Tell):
    r"""Wav2Lip draws lips into the clip's frames, and f_d takes the expression out of what is found there."""
    from dnt_core.audio.lip_motion import lip_motion

    if clip is None:
        raise ValueError("lips by Wav2Lip are drawn into a clip's frames; give the clip")
    decoupling = source.decoupling()
    if decoupling is None:
        raise ValueError(
            f"{source.path} was trained without a decoupling network, which lips by Wav2Lip need"
        )
    progress = in_tenths("Wav2Lip has drawn", "pictures", tell)
    return lip_motion("wav2lip", clip=clip, decoupling=decoupling, progress=progress)


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
