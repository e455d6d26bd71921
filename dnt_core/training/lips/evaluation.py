r"""How well lips follow a sound whose phoneme times are known: correlation, closures, millimetres."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from dnt_core.audio.mouth_movements import LIP_MOVEMENTS
from dnt_core.clips.sound import SAMPLE_RATE
from dnt_core.metrics.lip_metrics import CLOSED_MM, correlation
from dnt_core.training.lips.landmarks import lips_mm, opening_mm
from dnt_core.training.lips.spoken import Spoken

_LATE = 1  # frames by which a closure may be early or late

#: (sound (N,), rate, fps, frames) → (T, 11) movements
Movements = Callable[[np.ndarray, int, float, int], np.ndarray]


def true_movements(spoken: Spoken, fps: float, frames: int) -> tuple[np.ndarray, np.ndarray]:
    r"""The actor's mouth for the known phoneme times: (T, 11) movements and (T,) bool, p, b or m closed."""
    mouth = spoken.mouth(fps, frames)
    return np.stack([mouth[name] for name in LIP_MOVEMENTS], axis=1), mouth.closed


def measure(
    movements: Movements,
    clips: Sequence[Spoken],
    fps: float = 25.0,
    sounds: Sequence[np.ndarray] | None = None,
) -> dict[str, float]:
    r"""One way from sound to lips, measured on clips.

    Args:
        movements: the way.
        clips: voices whose sounds are known in time.
        fps: frames per second at which it is measured.
        sounds: other recordings of the same clips (noise, telephone …); default: the clips' own.

    Returns:
        ``correlation``: of the lips' opening over time, mean over clips (a mouth that never moves counts 0).
        ``lips_correlation``: of all 60 lip coordinates, each against its mean of the clip.
        ``error_mm``: mean distance of the 20 mouth landmarks while somebody speaks.
        ``closure_recall``: share of the closures of p, b, m in which the lips meet, at most one frame off.
        ``closure_frames``: share of the frames of p, b, m in which they meet.
        ``closure_precision``: share of the frames within speech in which the lips meet that lie within one
        frame of a true meeting (0 where they never meet).
        ``meets``: number of frames within speech in which the lips meet.
        ``closures``, ``clips``: numbers of closures and of clips.
    """
    rows, events, hits = [], 0, 0
    for k, clip in enumerate(clips):
        sound = clip.waveform if sounds is None else sounds[k]
        frames = int(np.ceil(clip.waveform.size / SAMPLE_RATE * fps))
        truth, closed = true_movements(clip, fps, frames)
        made = np.asarray(movements(sound, SAMPLE_RATE, fps, frames), np.float64)
        times = np.arange(frames) / fps
        speaks = (times >= clip.segments[0].end - 0.1) & (times <= clip.segments[-1].start + 0.1)
        wanted, got = opening_mm(truth), opening_mm(made)
        for start, end in _runs(closed):
            events += 1
            hits += bool((got[max(0, start - _LATE) : end + _LATE] <= CLOSED_MM).any())
        meets, true_meets = (got <= CLOSED_MM) & speaks, wanted <= CLOSED_MM
        near = np.convolve(true_meets, np.ones(2 * _LATE + 1), "same") > 0
        apart = np.linalg.norm(lips_mm(made) - lips_mm(truth), axis=-1).mean(-1)
        rows.append(
            {
                "correlation": _correlation(got, wanted),
                "lips_correlation": _correlation(_centred(lips_mm(made)), _centred(lips_mm(truth))),
                "error_mm": float(apart[speaks].mean()),
                "closed": (int((got[closed] <= CLOSED_MM).sum()), int(closed.sum())),
                "meets": (int((meets & near).sum()), int(meets.sum())),
            }
        )
    share = {name: np.sum([row[name] for row in rows], axis=0) for name in ("closed", "meets")}
    return {
        **{
            n: float(np.mean([row[n] for row in rows]))
            for n in ("correlation", "lips_correlation", "error_mm")
        },
        "closure_recall": hits / max(events, 1),
        "closure_frames": float(share["closed"][0] / max(share["closed"][1], 1)),
        "closure_precision": float(share["meets"][0] / max(share["meets"][1], 1)),
        "meets": int(share["meets"][1]),
        "closures": events,
        "clips": len(rows),
    }


def restlessness(movements: Movements, sound: np.ndarray, fps: float = 25.0) -> dict[str, float]:
    r"""How much a mouth moves to a sound in which nobody speaks: opening and its change per frame, mm."""
    frames = int(sound.size / SAMPLE_RATE * fps)
    opening = opening_mm(movements(sound.astype(np.float32), SAMPLE_RATE, fps, frames))
    return {"opening_mm": float(np.abs(opening).mean()), "change_mm": float(np.abs(np.diff(opening)).mean())}


def _centred(lips: np.ndarray) -> np.ndarray:
    return (lips - lips.mean(0)).reshape(-1)


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(correlation(torch.from_numpy(a), torch.from_numpy(b)))


def _runs(mask: np.ndarray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
