r"""Sound and film inside a notebook's page: players whose data lie in the page itself."""

from __future__ import annotations

import base64
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dnt_core.clips import read_audio, read_provenance, read_video, write_video
from dnt_core.clips.sound import SAMPLE_RATE, write_audio

if TYPE_CHECKING:
    from IPython.display import HTML

LARGEST_FILM = 300_000  # bytes
_QUALITIES = (22, 26, 30, 34)  # x264's constant rate factor; higher: smaller


def sound_player(samples: np.ndarray, sample_rate: int = SAMPLE_RATE, name: str = "") -> HTML:
    r"""A player of a sound.

    Args:
        samples: (N,) floating, mono, in [-1, 1].
        sample_rate: Hz.
        name: shown before it.
    """
    with tempfile.TemporaryDirectory() as folder:
        data = write_audio(Path(folder) / "sound.flac", samples, sample_rate).read_bytes()
    return _player("audio", "audio/flac", data, name, "")  # VS Code has no AAC


def film_player(
    film: str | os.PathLike, width: int = 256, name: str = "", largest: int = LARGEST_FILM
) -> HTML:
    r"""A player of a film with its sound.

    Args:
        film: an mp4.
        width: px in the page.
        name: shown before it.
        largest: bytes that may go into a notebook; a larger film is shown in a lower quality.

    Raises:
        ValueError: a film that is larger even so.
    """
    data = Path(film).read_bytes()
    if len(data) > largest:
        data = _smaller(film, largest)
    return _player("video", "video/mp4", data, name, f" loop playsinline width={width}")


def _smaller(film: str | os.PathLike, largest: int) -> bytes:
    r"""The film encoded again, in the best quality that fits."""
    video, sound, record = read_video(film), read_audio(film), read_provenance(film)
    with tempfile.TemporaryDirectory() as folder:
        for crf in _QUALITIES:
            again = write_video(
                Path(folder) / f"{crf}.mp4", video.frames, video.fps, sound,
                crf=crf, mark=False, provenance=record, preset="slow",
            )  # fmt: skip
            if (size := again.stat().st_size) <= largest:
                return again.read_bytes()
    raise ValueError(
        f"{film} has {size} bytes in the lowest quality, expected at most {largest} in a notebook"
    )


def _player(tag: str, kind: str, data: bytes, name: str, more: str) -> HTML:
    from IPython.display import HTML

    source = f"data:{kind};base64,{base64.b64encode(data).decode()}"
    return HTML(f'<div>{name}</div><{tag} controls preload="auto"{more} src="{source}"></{tag}>')
