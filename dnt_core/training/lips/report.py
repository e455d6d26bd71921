r"""The table of the built-in lips: every judge, every baseline, other recordings, sound without a voice."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import numpy as np

from dnt_core.audio.built_in import BuiltInLips
from dnt_core.clips.sound import SAMPLE_RATE
from dnt_core.training.lips.augmentation import music, noise
from dnt_core.training.lips.baselines import fit_baselines
from dnt_core.training.lips.evaluation import measure, restlessness
from dnt_core.training.lips.held_out import actor_clips, espeak_clips, flite_clips, german_clips, rerecorded
from dnt_core.training.lips.spoken import FLITE_VOICES, Spoken, flite_available

RECORDINGS = ("quiet", "loud", "noise", "room", "telephone", "low", "high")
_REST = 10  # s of sound without a voice


def judges() -> dict[str, list[Spoken]]:
    r"""Name → clips; flite's voices only where flite is installed."""
    made = {"actor": actor_clips(), "espeak": espeak_clips(), "german": german_clips()}
    if flite_available():
        made["flite"] = flite_clips()
    return made


def lips_report(
    lips: BuiltInLips, fps: float = 25.0, recordings: Mapping[str, Sequence[Spoken]] | None = None
) -> dict[str, float]:
    r"""Everything measured, flat: ``<judge>.<metric>``, ``<judge>.<baseline>.<metric>``,
    ``flite.<recording>.<metric>``, ``rest.<sound>.<metric>``, ``realtime_factor``.

    Args:
        lips: what is measured.
        fps: frames per second at which it is measured.
        recordings: people's own by speaker, measured in all as the judge ``recordings`` and each as
            ``recordings.<speaker>``.
    """
    made: dict[str, float] = {}
    baselines, clips = fit_baselines(), judges()
    for speaker, said in (recordings or {}).items():
        _add(made, f"recordings.{speaker}", measure(lips.movements, said, fps))
        clips["recordings"] = [*clips.get("recordings", ()), *said]
    for name, group in clips.items():
        _add(made, name, measure(lips.movements, group, fps))
        for baseline in ("mean_mouth", "loudness", "mfcc_vowels"):
            _add(made, f"{name}.{baseline}", measure(getattr(baselines, baseline), group, fps))
    if "flite" in clips:
        for voice in FLITE_VOICES:
            own = [clip for clip in clips["flite"] if clip.name == f"flite:{voice}"]
            _add(made, f"flite.{voice}", measure(lips.movements, own, fps))
        people = [clip for clip in clips["flite"] if clip.name.split(":")[1] in ("slt", "rms", "awb")]
        for kind in RECORDINGS:
            again, sounds = rerecorded(people, kind)
            _add(made, f"flite.{kind}", measure(lips.movements, again, fps, sounds))
    generator = np.random.default_rng(9)
    n = _REST * SAMPLE_RATE
    sounds = {"silence": np.zeros(n), "noise": 0.05 * noise(n, generator), "music": 0.1 * music(n, generator)}
    for name, sound in sounds.items():
        for metric, value in restlessness(lips.movements, np.clip(sound, -1, 1), fps).items():
            made[f"rest.{name}.{metric}"] = value
    minute = np.tile(clips["actor"][0].waveform, 40)[: 60 * SAMPLE_RATE]
    started = time.process_time()
    lips(minute, SAMPLE_RATE, fps, int(60 * fps))
    made["realtime_factor"] = len(minute) / SAMPLE_RATE / (time.process_time() - started)
    return {name: round(value, 4) for name, value in made.items()}


def _add(table: dict[str, float], prefix: str, values: dict[str, float]) -> None:
    table.update({f"{prefix}.{name}": value for name, value in values.items()})
