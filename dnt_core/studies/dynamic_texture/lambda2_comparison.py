r"""What λ2 of the decoupling network (equation 5) does to the *generator*: one training on either geometry.

``python -m dnt_core.studies.dynamic_texture.lambda2_comparison`` writes ``weights/lambda2_comparison.json``
and ``figures/smile_by_lambda2.png``, which notebook 04 shows. Ten minutes on one core.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from dnt_core.atomic_write import write_json
from dnt_core.ciec import CIEC_TYPES
from dnt_core.paths import repository_root, runs_folder, weights_folder
from dnt_core.plotting import contact_sheet, mark_synthetic, use_style
from dnt_core.studies.dynamic_texture.figures import figure5
from dnt_core.studies.dynamic_texture.generator_evaluation import EvalConfig, GeneratorEvaluation
from dnt_core.training.generator_command import train_with_progress

GEOMETRIES = {"λ2 = 50000, the paper's": "", "λ2 = 100": "_speech"}  # → ending of the shipped f_d's name
SHOWN = ("happy", "contempt", "surprised")
LEVELS = (1.0, 2.0, 3.0)
ACTOR, STEPS = "M003", 1200
SIZES = EvalConfig(train=3, held=2, swept=8)


def compare_lambda2(work: Path) -> tuple[dict[str, Any], Figure]:
    r"""Trains a 128-px generator on each geometry and asks both for all expressions on one neutral clip.

    Args:
        work: folder for weights and drawn frames; what is there is not made again.

    Returns:
        numbers by geometry: ``psnr`` and ``psnr_mouth`` on held-out clips (dB), ``lip_shift_mm`` and
        ``speech_residual_mm`` at full intensity by expression; ``actor_lip_shift_mm``, how far the actor
        moves its own lips; and the pictures, :data:`SHOWN` at :data:`LEVELS`.
    """
    found: dict[str, Any] = {}
    rows, labels = [], []
    for name, ending in GEOMETRIES.items():
        out = work / f"lambda2{ending}" / f"generator_{ACTOR}_128.safetensors"
        if not out.exists():
            decoupling = weights_folder() / f"decoupling_{ACTOR}{ending}.safetensors"
            train_with_progress(ACTOR, None, out, "laptop_128", decoupling, steps=(STEPS,))
        study = GeneratorEvaluation(out, work / "moments", SIZES)
        found[name] = _numbers(study)
        sheet = figure5(study.generator, study.spoken.batch([0]).frame, LEVELS)
        rows.append([picture for kind in SHOWN for picture in sheet[CIEC_TYPES.index(kind)]])
        labels.append(name)
    columns = [f"{kind} {level:g}" for kind in SHOWN for level in LEVELS]
    found["actor_lip_shift_mm"] = _rounded(study.actor_lip_shift_mm())
    return found, contact_sheet(rows, labels, columns).figure


def _numbers(study: GeneratorEvaluation) -> dict[str, Any]:
    metrics = study.notes["metrics"]
    shift, residual = study.sweep.lip_shift_mm[:, -1], study.sweep.speech_residual_mm[:, -1]
    return {
        "command": study.notes["command"],
        "machine": study.notes["machine"],
        "psnr": metrics["held_out_clips.psnr"],
        "psnr_mouth": metrics["held_out_clips.psnr_mouth"],
        "lip_shift_mm": _rounded(dict(zip(CIEC_TYPES, shift.tolist(), strict=True))),
        "speech_residual_mm": _rounded(dict(zip(CIEC_TYPES, residual.tolist(), strict=True))),
    }


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in values.items()}


def main() -> None:
    r"""The comparison on the built-in actor's laptop film, written where notebook 04 looks for it."""
    use_style()
    found, figure = compare_lambda2(runs_folder() / "lambda2_comparison")
    mark_synthetic(figure)
    figure.savefig(repository_root() / "figures" / "smile_by_lambda2.png")
    write_json(repository_root() / "weights" / "lambda2_comparison.json", found)


if __name__ == "__main__":
    main()
