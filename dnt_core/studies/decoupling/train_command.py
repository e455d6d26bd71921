r"""``dnt train decoupling``: from names and folders on the command line to weights with their record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tqdm.auto import tqdm

from dnt_core.clips.expression_frames import ExpressionFrames, frames_from_folder
from dnt_core.face3d import check_face_model, load_face_model
from dnt_core.paths import runs_folder
from dnt_core.studies.decoupling.train_and_export import train_and_save
from dnt_core.training.decoupling import SMOOTH_AND_INFORMED, DecouplingTraining


def _frames(actor: str, data: Path | None, seed: int) -> ExpressionFrames:
    if data is not None:
        return frames_from_folder(data).of_actor(actor)
    from dnt_core.actor import get_person  # the actor stands beside the studies: only asked for its clips
    from dnt_core.actor.parameter_clips import acted_frames

    return acted_frames(actors=[get_person(actor).name], seed=seed)


def train_with_progress(
    actor: str,
    data: Path | None,
    out: Path | None,
    face_model: str | None,
    seed: int,
    **changes: float | None,
) -> dict[str, float]:
    r"""Train on one actor with a bar, write weights and record, return the metrics on held-out clips.

    Args:
        actor: a name; of the built-in people when ``data`` is None. data: folder with caches of 257-vectors.
        out: ends in ``.safetensors``; None for ``runs/weights``.
        face_model: see ``load_face_model``; None takes the one that the caches name.
        changes: fields of :class:`~dnt_core.training.decoupling.DecouplingConfig`; None leaves the default.

    Raises:
        ValueError: an unknown actor, a folder without caches, caches of another face model, a number out of
            range.
    """
    out = Path(out or runs_folder() / "weights" / f"decoupling_{actor}.safetensors")
    changes = {name: value for name, value in changes.items() if value is not None}
    config = replace(SMOOTH_AND_INFORMED, seed=seed, **changes)
    frames = _frames(actor, data, seed)
    check_face_model(
        face_model, frames.face_model, "--face-model", f"{data}" if data else "the built-in actor"
    )
    model = load_face_model(face_model or frames.face_model)
    said = "".join(f" --{name} {value:g}" for name, value in {**changes, "seed": seed}.items() if value)
    command = f"dnt train decoupling --actor {actor}{said}" + ("" if data is None else " --data DIR")
    with tqdm(total=config.steps, desc=f"f_d of {actor}", unit="step") as bar:

        def show(training: DecouplingTraining) -> None:
            bar.update(training.step - bar.n)

        return train_and_save(out, frames, model, config, command, out.with_suffix(".checkpoint"), show)
