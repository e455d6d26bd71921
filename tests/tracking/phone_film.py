r"""A film as a phone takes it, made from the built-in actor, and landmarks as a detector finds them in it."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from scipy.ndimage import map_coordinates

from dnt_core.actor.film_config import FilmConfig
from dnt_core.actor.film_frame import FilmRenderer
from dnt_core.actor.filming import act, truth
from dnt_core.clips import FaceCache, write_video

FPS = Fraction(30000, 1001)


@dataclass(frozen=True)
class PhoneFilm:
    r"""A film and what is known of it.

    Attributes:
        video: mp4, stored lying on its side with a display matrix that turns it upright.
        landmarks: (T, 68, 2) true column and row in px of the upright frame.
        truth: of the actor, in its own square picture.
        upside_down: (T,) bool: the picture of the frame is upside down.
    """

    video: Path
    landmarks: np.ndarray
    truth: FaceCache
    upside_down: np.ndarray


def phone_film(
    path: Path,
    seconds: float = 1.0,
    width: int = 180,
    height: int = 320,
    expression: str = "happy",
    shake: float = 0.015,
    upside_down: tuple[int, ...] = (),
    covered: tuple[int, ...] = (),
    seed: int = 0,
) -> PhoneFilm:
    r"""Films the actor from the hand: portrait, stored sideways, 29.97 fps, shaking, its exposure drifting.

    Args:
        path: ends in ``.mp4``.
        seconds: of the film.
        width: of the upright picture, px, even; the actor's square is as wide.
        height: likewise.
        expression: at level 2.
        shake: typical distance of the hand from its middle, in widths.
        upside_down: frames whose picture is turned by 180 degrees, and the face in it.
        covered: frames in which a finger lies on the lens.
        seed: of the hand.
    """
    plan = FilmConfig(seconds=seconds, fps=float(FPS), image_size=width)
    shot = next(s for s in plan.shots() if s.expression == expression and s.level == "2")
    performance, sound = act(plan, shot)
    renderer, known = FilmRenderer(width), truth(performance, width)
    count, rng = plan.n_frames, np.random.default_rng(seed)
    t = np.arange(count) / float(FPS)
    wave = [np.sin(2 * np.pi * (f * t + rng.random())) for f in (0.4, 1.1, 2.9, 0.5, 1.3, 3.1, 0.7)]
    hand = shake * width * np.stack([sum(wave[:3]), sum(wave[3:6])], -1) + rng.normal(0, 0.3, (count, 2))
    roll = 0.03 * wave[6]
    gain = 1 + 0.25 * np.sin(2 * np.pi * t / max(t[-1], 1) * 1.5) + 0.1 * (t > t.mean())
    turned = np.isin(np.arange(count), upside_down)
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    own = (width - 1) / 2  # of the actor's square
    landmarks = np.empty((count, 68, 2))

    def frames():
        row, column = np.mgrid[:height, :width].astype(float)
        for i in range(count):
            angle = roll[i] + np.pi * turned[i]
            c, s = np.cos(angle), np.sin(angle)
            landmarks[i] = (known.landmarks[i] - own) @ np.array([[c, s], [-s, c]]) + middle + hand[i]
            x, y = column - middle[0] - hand[i, 0], row - middle[1] - hand[i, 1]
            at = [-s * x + c * y + own, c * x + s * y + own]
            picture = renderer.frame(performance, i).astype(float)
            seen = np.stack(
                [map_coordinates(picture[..., k], at, order=1, mode="nearest") for k in range(3)], -1
            )
            light = 0.15 if i in covered else gain[i]
            grain = rng.normal(0, 2.5, seen.shape)
            seen = np.full_like(seen, 60) if i in covered else seen
            upright = np.clip(seen * light + grain, 0, 255).astype(np.uint8)
            yield np.ascontiguousarray(upright[:, ::-1].transpose(1, 0, 2))  # as the sensor lies

    write_video(path, frames(), FPS, audio=sound, mark=False, provenance=False)
    turn_upright(path, width, height)
    return PhoneFilm(path, landmarks, known, turned)


def turn_upright(path: Path, width: int, height: int) -> None:
    r"""Writes a quarter turn clockwise into the header of the first track, as phones do."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 44
    data[at : at + 36] = struct.pack(">9i", 0, 65536, 0, -65536, 0, 0, width << 16, 0, 1 << 30)
    path.write_bytes(data)


def detected(film: PhoneFilm, noise: float = 3.0, lost: tuple[int, ...] = (), turned: tuple[int, ...] = (),
             mirrored: tuple[int, ...] = (), seed: int = 1) -> np.ndarray:  # fmt: skip
    r"""(T, 68, 2): the landmarks with ``noise`` px per axis, some frames without, some turned by 180 degrees
    about their middle, some with left and right exchanged."""
    found = film.landmarks + np.random.default_rng(seed).normal(0, noise, film.landmarks.shape)
    middle = found.mean(axis=1, keepdims=True)
    for k in turned:
        found[k] = 2 * middle[k] - found[k]
    for k in mirrored:
        found[k] = (found[k] - middle[k]) * [-1, 1] + middle[k]
    found[list(lost)] = np.nan
    return found
