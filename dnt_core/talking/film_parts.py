r"""A talking film in parts of ten seconds under the runs folder, from which a stopped one goes on."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from dnt_core.ciec_path import CIECPath
from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.face_cache import face_cache_path
from dnt_core.clips.provenance import provenance_record, read_provenance
from dnt_core.face3d import face_model_key
from dnt_core.paths import runs_folder
from dnt_core.talking.sounds import Sound, file_key, sound_key

FORMAT = 4  # raised when the same arguments give another film
PART_SECONDS = 10.0


@dataclass(frozen=True)
class FilmInParts:
    r"""One film that is made in parts, in a folder named by all that it depends on.

    Args:
        face: the :class:`~dnt_core.talking.speaking_face.SpeakingFace` that speaks.
        sound: what it speaks.
        path: its expression over time.
        out: the mp4 that the parts become.
        key: see :func:`request_key`.
    """

    face: Any
    sound: Sound
    path: CIECPath
    out: Path
    key: str

    @property
    def folder(self) -> Path:
        r"""Where the parts lie; those of the same film under another name are another process's."""
        name = hashlib.sha256(f"{self.key} {self.out.absolute()}".encode()).hexdigest()
        return runs_folder() / "talk" / "parts" / name[:24]

    @property
    def part_frames(self) -> int:
        r"""Frames of a whole part."""
        return max(1, round(PART_SECONDS * self.face.fps))

    def part(self, number: int) -> Path:
        r"""The file of part ``number``, from 0."""
        return self.folder / f"{number:05d}.mp4"

    def is_done(self) -> bool:
        r"""Whether ``out`` is this film already."""
        try:
            return self.out.is_file() and (read_provenance(self.out) or {}).get("request") == self.key
        except ClipError:
            return False

    def frames_done(self) -> int:
        r"""Frames in whole parts, from the first on without a gap."""
        number = 0
        while self.part(number).is_file():
            number += 1
        return number * self.part_frames

    def write_parts(self, frames: Iterator[np.ndarray], total: int, mark: bool) -> None:
        r"""Writes the parts that are missing, each whole or not at all.

        Args:
            frames: (S, S, 3) uint8 each, from the first one of the first missing part on.
            total: frames of the whole film.
            mark: burn the visible "SYNTHETIC" mark into them.
        """
        from dnt_core.clips.video_writer import write_video

        for number in range(self.frames_done() // self.part_frames, -(-total // self.part_frames)):
            some = islice(frames, self.part_frames)
            write_video(
                self.part(number), some, self.face.fps, mark=mark, provenance=False, preset="superfast"
            )

    def join(self, total: int) -> Path:
        r"""Joins the parts with the sound into ``out``, removes them, and gives ``out`` back.

        Args:
            total: frames of the whole film.
        """
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


def _may_be_written(out: Path) -> bool:
    r"""Nothing is there, or an empty file, or a film that this package made."""
    try:
        return not out.is_file() or not out.stat().st_size or read_provenance(out) is not None
    except ClipError:
        return False


def check_places(out: Path, audio, text, clip) -> None:
    r"""A ValueError where a film cannot or should not be written to ``out``, before hours of drawing."""
    if (audio is None) == (text is None):
        given = "neither was given" if text is None else "both were given"
        raise ValueError(f"give a sound or a text, and not both: {given}")
    if out.suffix.lower() != ".mp4":
        raise ValueError(f"the film goes to an .mp4, got {out}")
    if out.is_dir():
        raise ValueError(f"cannot write {out}: a folder of that name is there, expected a file name")
    for what, given in (("sound", audio), ("clip", clip)):
        is_file = isinstance(given, (str, os.PathLike)) and Path(given).exists()
        if is_file and out.exists() and out.samefile(given):
            raise ValueError(f"the film would overwrite its {what}, {given}; give another --out")
    if not _may_be_written(out):
        raise ValueError(f"{out} is there, and no film of this package; give another --out, or remove it")
    folder = next(p for p in out.absolute().parents if p.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise ValueError(f"cannot write {out}: {folder} is no folder that can be written to")


def request_key(face, sound: Sound, lips, path: CIECPath, mark: bool, seed: int) -> str:
    r"""A name of all that the film depends on; lips that do not say what they are make it new every time."""
    cache = face_cache_path(face.clip)
    whose = getattr(lips, "key", None) or _key_of_lips(lips)
    says = {
        "format": FORMAT, "sound": sound_key(sound), "path": str(path), "weights": file_key(face.weights),
        "clip": [file_key(face.clip), file_key(cache)], "lips": whose, "mark": mark, "seed": seed,
    }  # fmt: skip
    if model := face_model_key(face.face_model):  # a file of the user's
        says["face_model"] = model
    return hashlib.sha256(json.dumps(says, sort_keys=True).encode()).hexdigest()


def _key_of_lips(lips) -> str:
    network = getattr(lips, "network", None)
    if network is not None:
        from dnt_core.checkpoint import network_key

        return f"{type(lips).__name__} {network_key(network)} {getattr(lips, 'sharpness', '')}"
    if hasattr(lips, "speech"):
        return f"speech {lips.speech.sentence.text} {lips.speech.seed}"
    return secrets.token_hex(8)
