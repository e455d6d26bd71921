r"""Equation 4 as it is printed, a norm, beside the mean of squares that is used: what does it change?

``python -m dnt_core.studies.decoupling.equation4_comparison`` writes ``weights/equation4_comparison.json``. A
minute a network on one core; what was trained is not trained again.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from dnt_core.atomic_write import write_json
from dnt_core.face3d import load_face_model
from dnt_core.parallel import machine_and_threads
from dnt_core.paths import repository_root, runs_folder
from dnt_core.studies.decoupling.report import DecouplingStudy
from dnt_core.training.decoupling import SMOOTH_AND_INFORMED, train_decoupling
from dnt_core.training.decoupling_losses import MouthLandmarks

#: (norm, λ2 for decimetres): the paper's number with either reading, the one that leaves the lips
#: freer, and norms that hold the lips about as tightly as the two mean squares do.
COMPARED = ((False, 50_000.0), (False, 100.0), (True, 50_000.0), (True, 50.0), (True, 1.0))
MEASURED = (
    "accuracy_fresh", "accuracy_fresh_beyond_lips", "lip_error_mm", "lip_error_to_speech_mm", "truth_error",
    "neutral_change", "closures_kept",
)  # fmt: skip


def compare_equation4(work: Path, actor: str) -> dict[str, Any]:
    r"""Trains an f_d with each of :data:`COMPARED`, all else equal, and measures it on held-out clips.

    Args:
        work: folder of checkpoints.
        actor: of the built-in people.

    Returns:
        "mean of squares, λ2 = 50000" and so on → the numbers of :data:`MEASURED`.
    """
    from dnt_core.actor.parameter_clips import acted_frames

    frames = acted_frames(actors=[actor])
    model = load_face_model(frames.face_model)
    train, test = frames.split()
    study = DecouplingStudy.prepare(train, test, MouthLandmarks(model))
    found = {}
    for norm, lambda2 in COMPARED:
        plan = replace(SMOOTH_AND_INFORMED, norm=norm, lambda2=lambda2)
        checkpoint = Path(work) / f"{actor}_{'norm' if norm else 'squares'}_{lambda2:g}.checkpoint"
        trained = train_decoupling(train, model, plan, checkpoint)
        row = study.measure(trained.result).to_dict()
        name = f"{'norm' if norm else 'mean of squares'}, λ2 = {lambda2:g}"
        found[name] = {key: round(row[key], 4) for key in MEASURED}
        print(f"{name}: lips off by {row['lip_error_mm']:.3f} mm", flush=True)
    return found


def main(actor: str = "M003") -> None:
    r"""The comparison on the built-in actor, written where notebook 03 may look for it."""
    work = runs_folder() / "equation4_comparison"
    work.mkdir(parents=True, exist_ok=True)
    record = {
        "command": "python -m dnt_core.studies.decoupling.equation4_comparison",
        "actor": actor,
        "machine": machine_and_threads(),
        "measured_on": "held-out clips of the built-in synthetic actor, as reconstructed",
        "equation_4": compare_equation4(work, actor),
    }
    write_json(repository_root() / "weights" / "equation4_comparison.json", record)


if __name__ == "__main__":
    main()
