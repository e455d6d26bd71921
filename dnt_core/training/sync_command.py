r"""``dnt train sync``: from a folder of clips to the sync network's weights with their record."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from tqdm.auto import tqdm

from dnt_core.atomic_write import without_nan
from dnt_core.checkpoint import weights_path
from dnt_core.clips import Clip, Problem, read_face_cache, scan, video_info
from dnt_core.clips.frame_order import longest_run
from dnt_core.clips.verifier import readable_front
from dnt_core.metrics.sync_clips import LEAST_FRAMES, hold_out_numbers, read_sync_clips, why_silent
from dnt_core.metrics.sync_inputs import FPS
from dnt_core.metrics.sync_network_vectors import measure_sync_network
from dnt_core.paths import runs_folder
from dnt_core.training.sync_network import SyncConfig, SyncTraining, save_sync_network


def film_of(actor: str) -> Path:
    r"""The folder with the film of a built-in actor, filmed first if it is missing: ten sentences, in every
    expression at its lowest level and its highest. Of few sentences the network would learn the words."""
    from dnt_core.actor import FilmConfig, film
    from dnt_core.actor.profile_film import actor_names

    plan = FilmConfig(actor_names([actor]), clips_per_cell=10, seconds=3.0, fps=FPS, intensities=(1 / 3, 1.0))
    return film(runs_folder() / "data" / "sync", plan)


def _with_landmarks(clips: list[Clip], problems: Sequence[Problem] = ()) -> list[Clip]:
    """Those that can be learned from; what is left out is said, and a folder of nothing else refused."""
    said = [str(problem) for problem in problems]
    usable, bare = [], 0
    for clip in clips:
        cache = None if clip.face_cache is None else read_face_cache(clip.face_cache)
        if cache is None or cache.landmarks is None:
            bare += 1
            continue
        seen = np.flatnonzero(cache.has_face)
        seconds = len(seen[longest_run(seen)]) / float(cache.fps) if len(seen) else 0.0
        if clip.audio is None and not video_info(clip.video).has_sound:
            said.append(why_silent(clip))
        elif seconds * FPS < LEAST_FRAMES:
            said.append(f"{clip.video}: shows a face for {seconds:.2f} s, expected {LEAST_FRAMES / FPS:g} s")
        else:
            usable.append(clip)
    said += [f"{bare} clips without landmarks in a .face3d.npz"] if bare else []
    if not usable:
        raise ValueError(
            f"none of {len(clips)} clips can be learned from; {said[0]}"
            if problems or bare < len(clips)
            else f"none of {len(clips)} clips has landmarks in a .face3d.npz beside it"
        )
    for line in said:
        print(f"left out: {line}", file=sys.stderr)
    return usable


def train_with_progress(
    actor: str, data: Path | None = None, out: Path | None = None, seed: int = 0, steps: int | None = None
) -> dict[str, float]:
    r"""Trains on one actor with a bar, writes weights and record, returns the metrics on held-out clips.

    Args:
        actor: name.
        data: folder in MEAD's layout with sound, and with landmarks in the caches; several clips per cell, of
            different sentences; those seen from the front are taken. None: the built-in actor's, see
            :func:`film_of`.
        out: ends in ``.safetensors``; ``None``: ``runs/weights/sync_<actor>.safetensors``. Mouths and the
            checkpoint lie beside it, so that a stopped run goes on where it was.
        seed: of weights, batches and augmentation.
        steps: updates; ``None``: the default of :class:`SyncConfig`.

    Raises:
        ValueError: an actor without clips, clips without landmarks, or of one number only.
    """
    out = weights_path(out or runs_folder() / "weights" / f"sync_{actor}.safetensors")
    own = data is not None
    data = data or film_of(actor)
    clips, problems = readable_front(scan(data), actor)
    if not clips:
        why = f"; {problems[0]}" if problems else ""
        raise ValueError(f"there are no clips of {actor} seen from the front in {data}{why}")
    clips = _with_landmarks(clips, problems)
    config = replace(SyncConfig(seed=seed), **({} if steps is None else {"steps": steps}))
    work = out.with_suffix("")
    train, test = hold_out_numbers(read_sync_clips(clips, work / "mouths"))
    training = SyncTraining(train, config)
    with tqdm(total=config.steps, desc=f"sync network of {actor}", unit="step") as bar:
        for step in training.run(work / "checkpoint.safetensors", every=250):
            bar.set_postfix(loss=f"{training.history['loss'][-1]:.3f}")
            bar.update(step - bar.n)
    changed = (" --data DIR" if own else "") + ("" if steps is None else f" --steps {steps}")
    notes = {
        "command": f"dnt train sync --actor {actor}{changed} --seed {seed}",
        "config": asdict(config),
        "torch": torch.__version__,
        "cpu_seconds": round(training.cpu_seconds),
        "trained_on": f"{len(train)} clips; numbers {sorted({c.clip.number for c in train})}",
        "measured_on": f"{len(test)} clips; numbers {sorted({c.clip.number for c in test})}",
    }
    save_sync_network(out, training.network, notes)  # before they are measured: the training is safe
    metrics = {k: round(v, 4) for k, v in measure_sync_network(training.network, test).items()}
    save_sync_network(out, training.network, notes | {"metrics": without_nan(metrics)})
    return metrics
