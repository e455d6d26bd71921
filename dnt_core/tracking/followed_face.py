r"""One person of several in a film: faces are followed from frame to frame by their places."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

REACH = 0.7  # of its diagonal: a face that is farther from where it was last seen is another one
GROWTH = 2.0  # times its diagonal: so is one that is so much larger or smaller


def followed(frames: Sequence[Sequence[np.ndarray]]) -> tuple[list[int | None], str]:
    r"""Which face of each frame is the person's who fills most of the film.

    Two faces that one frame shows are two people; so what is followed of somebody who was seen beside the
    person is never taken for the person, also where the person is lost. Faces that were never seen beside
    each other may be one person's, before and after a cut.

    Args:
        frames: of each frame the points (N, 2 or 3) of its faces; NaN: not found.

    Returns:
        the number of the person's face in each frame, None: not seen; and a sentence where a frame has
        several, else "".
    """
    places, sizes = np.zeros((0, 2)), np.zeros(0)
    tracks: list[dict[int, int]] = []
    areas: list[float] = []
    several = shown = 0
    for t, faces in enumerate(frames):
        seen = {k: box for k, face in enumerate(faces) if (box := _box(face)) is not None}
        several, shown = several + (len(seen) > 1), shown + bool(seen)
        near = [
            (float(distance), track, k)
            for k, (place, size) in seen.items()
            for track, distance in zip(*_within_reach(place, size, places, sizes), strict=True)
        ]
        taken: dict[int, int] = {}
        for _, track, k in sorted(near):
            if track not in taken.values() and k not in taken:
                taken[k] = track
        for k, (place, size) in seen.items():
            if (track := taken.get(k, -1)) < 0:
                track = len(tracks)
                tracks.append({})
                areas.append(0.0)
                places, sizes = np.vstack([places, place]), np.append(sizes, size)
            tracks[track][t], places[track], sizes[track] = k, place, size
            areas[track] += size**2
    person: dict[int, int] = {}
    for track in sorted(range(len(tracks)), key=lambda n: -areas[n]):
        if person.keys().isdisjoint(tracks[track]):
            person |= tracks[track]
    note = f"several faces in {several} frames: the one that fills most of the film is followed"
    if len(person) < shown:
        note += f", and {shown - len(person)} frames show others alone"
    return [person.get(t) for t in range(len(frames))], note if several else ""


def _within_reach(
    place: np.ndarray, size: float, places: np.ndarray, sizes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    distances = np.linalg.norm(places - place, axis=1) / np.maximum(sizes, size)
    near = (distances < REACH) & (np.maximum(sizes, size) < GROWTH * np.minimum(sizes, size))
    return np.flatnonzero(near), distances[near]


def _box(face: np.ndarray) -> tuple[np.ndarray, float] | None:
    r"""Middle and diagonal of a face, in the points' unit; None: none of it was found."""
    seen = face[np.isfinite(face).all(axis=1), :2]
    if not len(seen) or not (extent := np.ptp(seen, axis=0)).any():
        return None
    return (seen.min(axis=0) + seen.max(axis=0)) / 2, float(np.hypot(*extent))
