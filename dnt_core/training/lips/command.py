r"""``dnt train lips`` and ``dnt train moods``: from nothing to weights with their record."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from math import ceil
from pathlib import Path

import torch
from tqdm.auto import tqdm

from dnt_core.atomic_write import without_nan
from dnt_core.audio.built_in import SHARPNESS, BuiltInLips, load_lips_network
from dnt_core.audio.espeak import espeak_version
from dnt_core.checkpoint import names_key, weights_path
from dnt_core.clips.sound import SAMPLE_RATE
from dnt_core.parallel import machine_and_threads
from dnt_core.paths import runs_folder
from dnt_core.training.lips.festival import festival_voices
from dnt_core.training.lips.moods import (
    MoodConfig,
    acted_phrases,
    held_out_phrases,
    measure_moods,
    train_moods,
)
from dnt_core.training.lips.recordings import read_recordings
from dnt_core.training.lips.report import lips_report
from dnt_core.training.lips.shards import ITEMS, RECORDINGS, SECONDS, recorded_shard, shard
from dnt_core.training.lips.spoken import Spoken, flite_available
from dnt_core.training.lips.training import LipsConfig, LipsTraining
from dnt_core.training.lips.weights import save_lips_network, save_prosody_network

SHARDS = 40
#: Of a training that goes on from weights; ``kept`` and ``closing`` were chosen on people whom no judge has.
FROM_START = {"learning_rate": 1e-3, "kept": 0.3, "closing": 0.6}
_SHARE = 0.3  # of all data that people's recordings make up, where there are enough of them
_TIMES = 6  # that a recording is used at most, each time with another speed, room, noise


def train_lips_with_progress(
    out: Path | None = None,
    shards: int = SHARDS,
    steps: int | None = None,
    seed: int = 0,
    recordings: Path | None = None,
    judge: Path | None = None,
    start: Path | None = None,
) -> dict[str, float]:
    r"""Speak the data, train on them, measure on what was held out; a stopped run goes on where it was.

    Args:
        out: ends in ``.safetensors``; None for ``runs/weights/lips_from_sound.safetensors``.
        shards: files of data, 40 items of 8 s in three recordings each, under ``runs/lips``.
        steps: updates; None for the configuration's.
        seed: of weights and crops.
        recordings: folder of people's own recordings with their phones in time, trained on beside the
            synthesisers; see :mod:`dnt_core.training.lips.recordings`.
        judge: folder of such recordings that are only measured on.
        start: weights to go on from, instead of weights of chance.

    Returns:
        The metrics of :func:`~dnt_core.training.lips.report.lips_report`.

    Raises:
        OSError: espeak-ng is not installed, or a folder or file is missing.
        ValueError: a number out of range, or recordings that cannot be used.
    """
    if shards < 1:
        raise ValueError(f"shards is {shards}, expected at least 1")
    if recordings and judge and judge.resolve().is_relative_to(recordings.resolve()):
        raise ValueError(f"{judge} lies in {recordings}, so the training would hear what judges it")
    out = weights_path(out or runs_folder() / "weights" / "lips_from_sound.safetensors")
    config = LipsConfig(seed=seed, **({} if steps is None else {"steps": steps}))
    begun = None
    if start is not None:
        begun = load_lips_network(start)
        config = replace(config, width=begun.width, **FROM_START)
    speakers = {} if recordings is None else read_recordings(recordings, SECONDS)
    judged = {} if judge is None else read_recordings(judge, SECONDS)
    version, people, started = espeak_version(), festival_voices(), time.process_time()
    folder = runs_folder() / "lips"
    data = [shard(k, folder, people=people) for k in tqdm(range(shards), desc="voices", unit="shard")]
    recorded_s = sum(_seconds(said) for said in speakers.values())
    own = min(round(shards * _SHARE / (1 - _SHARE)), ceil(_TIMES * recorded_s / (ITEMS * SECONDS)))
    bar = tqdm(range(max(own, 1) if speakers else 0), desc="recordings", unit="shard", disable=not speakers)
    data += [recorded_shard(k, folder, list(speakers.values())) for k in bar]
    spoken = time.process_time() - started
    training = LipsTraining(data, config, begun)
    with tqdm(total=config.steps, desc="lips from sound", unit="step") as bar:
        for step in training.run(out.with_suffix(".checkpoint")):
            bar.update(step - bar.n)
    said = f" --shards {shards}" * (shards != SHARDS) + (f" --steps {steps}" if steps else "")
    for option, path in (("recordings", recordings), ("judge", judge), ("start", start)):
        said += "" if path is None else f" --{option} {path.name}"
    record = {
        "command": f"dnt train lips{said}" + f" --seed {seed}" * bool(seed),
        "seed": seed,
        "machine": machine_and_threads(),
        "torch": torch.__version__,
        "cpu_seconds": {"voices": round(spoken, 1), "all": round(time.process_time() - started, 1)},
        "data": {
            "items": shards * ITEMS,
            "recordings_of_each": RECORDINGS,
            "hours_of_items": round(shards * ITEMS * SECONDS / 3600, 2),
            "hours_of_recordings": round(shards * ITEMS * RECORDINGS * SECONDS / 3600, 2),
            "espeak-ng": version,
            "festival": list(people),
        },
        "measured_on": "sentences, voices and a language that no training heard; the truth is the actor's "
        "mouth for the known phoneme times" + ("" if flite_available() else "; flite is not installed here"),
        "sharpness": SHARPNESS,
        "config": asdict(config),
        "steps_done": training.step,
    }
    if speakers:
        seconds = {name: _seconds(clips) for name, clips in speakers.items()}
        pieces = [f"{name} {clip.waveform.size}" for name, clips in speakers.items() for clip in clips]
        kept = {"pieces": len(pieces), "key": names_key(pieces), "shards": len(data) - shards}
        record["data"]["recordings"] = {"seconds_of_speakers": seconds, **kept}
    if start is not None:
        record["start"] = {"file": start.name, "weights": training.identity["start"]}
    if judged:
        record["judged_on"] = {name: _seconds(clips) for name, clips in judged.items()}
    made = training.result
    # measured as stored: read back from its 16-bit file
    save_lips_network(out, made, record)
    metrics = lips_report(BuiltInLips(weights=out), recordings=judged)
    save_lips_network(out, made, record | {"metrics": without_nan(metrics)})
    return metrics


def _seconds(clips: Sequence[Spoken]) -> float:
    return round(sum(clip.waveform.size for clip in clips) / SAMPLE_RATE, 1)


def train_moods_with_progress(out: Path | None = None, seed: int = 0) -> dict[str, float]:
    r"""Act the data, train on them, measure on held-out sentences and voices.

    Args:
        out: ends in ``.safetensors``; None for ``runs/weights/expression_from_voice.safetensors``.
        seed: of voices, words and weights.

    Returns:
        The metrics of :func:`~dnt_core.training.lips.moods.measure_moods`.
    """
    out = weights_path(out or runs_folder() / "weights" / "expression_from_voice.safetensors")
    config, started = MoodConfig(seed=seed), time.process_time()
    cache = runs_folder() / "lips" / f"moods_{config.phrases}_{seed}.npz"
    with tqdm(total=config.phrases, desc="moods", unit="phrase") as bar:
        data = acted_phrases(config.phrases, seed, cache, lambda n: bar.update(n - bar.n))
    network = train_moods(data, config)
    record = {
        "command": "dnt train moods" + f" --seed {seed}" * bool(seed),
        "seed": seed,
        "machine": machine_and_threads(),
        "torch": torch.__version__,
        "cpu_seconds": round(time.process_time() - started, 1),
        "data": {"phrases": config.phrases, "voice": "the built-in actor's synthesiser alone"},
        "measured_on": "held-out sentences in the voices of M003, W009, M011; recordings of chance",
        "config": asdict(config),
    }
    save_prosody_network(out, network, record)  # before it is measured: the training is safe
    metrics = {k: round(v, 4) for k, v in measure_moods(network, held_out_phrases()).items()}
    save_prosody_network(out, network, record | {"metrics": without_nan(metrics)})
    return metrics
