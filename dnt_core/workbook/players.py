r"""Sound and film inside a notebook's page: players whose data lie in the page itself."""

from __future__ import annotations

import base64
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dnt_core.clips.sound import SAMPLE_RATE, write_audio

if TYPE_CHECKING:
    from IPython.display import HTML

LARGEST_FILM = 300_000  # bytes


def sound_player(samples: np.ndarray, sample_rate: int = SAMPLE_RATE, name: str = "") -> HTML:
    r"""A player of a sound.

    Args:
        samples: (N,) floating, mono, in [-1, 1].
        sample_rate: Hz.
        name: shown before it.
    """
    with tempfile.TemporaryDirectory() as folder:
        data = write_audio(Path(folder) / "sound.m4a", samples, sample_rate).read_bytes()
    return _player("audio", "audio/mp4", data, name, "")


def film_player(
    film: str | os.PathLike, width: int = 256, name: str = "", largest: int = LARGEST_FILM
) -> HTML:
    r"""A player of a film with its sound.

    Args:
        film: an mp4.
        width: px in the page.
        name: shown before it.
        largest: bytes that may go into a notebook.

    Raises:
        ValueError: a film that is larger.
    """
    data = Path(film).read_bytes()
    if len(data) > largest:
        raise ValueError(f"{film} has {len(data)} bytes, expected at most {largest} in a notebook")
    return _player("video", "video/mp4", data, name, f" loop playsinline width={width}")


def _player(tag: str, kind: str, data: bytes, name: str, more: str) -> HTML:
    from IPython.display import HTML

    source = f"data:{kind};base64,{base64.b64encode(data).decode()}"
    return HTML(f'<div>{name}</div><{tag} controls preload="auto"{more} src="{source}"></{tag}>')
