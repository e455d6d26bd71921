r"""Cards of the shipped weights and the page of notebook 04's experiments, written from their JSON records.

``python -m dnt_core.workbook.model_cards`` writes ``weights/generator.md``, ``weights/decoupling.md``,
``weights/table2.md`` and ``docs/evidence_04.md`` anew; a test compares them with the records.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dnt_core.atomic_write import write_text
from dnt_core.paths import repository_root
from dnt_core.workbook.lips_card import lips_card
from dnt_core.workbook.table2_card import table2_card

MADE = (
    "This page is made by `python -m dnt_core.workbook.model_cards` from the JSON records in `weights/`; "
    "do not edit it."
)


def pages(root: Path) -> dict[Path, str]:
    r"""File → text of every page, for a clone at ``root``."""
    weights = root / "weights"
    return {
        weights / "generator.md": generator_card(weights),
        weights / "decoupling.md": decoupling_card(weights),
        weights / "table2.md": f"# Table 2's networks\n\n{MADE}\n\n{table2_card(weights)}",
        root / "docs" / "evidence_04.md": evidence_page(weights),
    }


def generator_card(weights: Path) -> str:
    r"""The card of the shipped generators: what they are, how they were trained, how they were measured."""
    found = {path.stem: _read(path) for path in sorted(weights.glob("generator_*.json"))}
    again = _read(weights / "runs_again.json")
    numbers = ("psnr", "psnr_face", "psnr_mouth", "ssim")
    rows = [
        [name, f"{record['image_size']} px", f"`{record['decoupling_file']}`"]
        + [_held(record, key) for key in numbers]
        + [_held(record, "psnr", "mean_face.")]
        for name, record in found.items()
    ]
    head = [
        "weights",
        "pictures",
        "geometry",
        "PSNR, dB",
        "in the face",
        "in the mouth hole",
        "SSIM",
        "PSNR of the mean face",
    ]
    parts = [
        "# The generators",
        MADE,
        "Each draws one person of the built-in synthetic actor (notebook 04). No real person's picture "
        "was used, and nothing here says how real faces are drawn. The numbers are of held-out clips, as "
        "the training measured them; the mean face is the trivial prediction. Notebook 04 measures the "
        "largest one of M003 again, with intervals.",
        _table(head, rows),
        "## How they were trained",
        "Where there are several rounds, each starts from the weights of the one before. In brackets stands "
        "the loss: `pixel_gradient` compares pixels and their differences to the neighbours.",
    ]
    for name, record in found.items():
        parts.append(f"### {name}")
        parts.append("\n".join(f"{k}. {_round(one)}" for k, one in enumerate(rounds(record), 1)))
        if name in again:
            parts.append(_again(again[name]))
    return "\n\n".join(parts) + "\n"


def rounds(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    r"""A generator's trainings, the first one first."""
    found = [record]
    while "started_from" in found[0]:
        found.insert(0, found[0]["started_from"])
    return found


def decoupling_card(weights: Path) -> str:
    r"""The card of the shipped decoupling networks."""
    found = {path.stem: _read(path) for path in sorted(weights.glob("decoupling_*.json"))}
    keys = {
        "accuracy": "an old classifier",
        "accuracy_fresh": "a fresh one",
        "lip_error_mm": "lips moved, mm",
        "lip_error_to_speech_mm": "lips to the true speech, mm",
        "neutral_change": "change of a neutral face",
    }
    rows = []
    for name, record in found.items():
        measured = record["metrics"]
        pairs = [_pair(measured, key) for key in keys]
        rows.append([name, f"{record['config']['lambda2']:g}", f"`{record['command']}`", *pairs])
    head = ["weights", "λ2", "command", *keys.values()]
    return (
        "\n\n".join(
            [
                "# The decoupling networks",
                MADE,
                "Each takes the expression out of the 64 expression numbers of a face and leaves the "
                "speech (notebook 03). Trained and measured on the built-in synthetic actor; the numbers "
                "are of held-out clips, before → after the network. The classifiers name the expression "
                "out of eight, and the numbers are the shares that they name rightly (chance: 0.125). The "
                "old one was trained on faces as they are, the fresh one on decoupled faces. Networks "
                "that end in `_speech` have a smaller λ2 than the paper: they take the expression out of "
                "the lips, too, and the generators were trained on their geometry.",
                _table(head, rows),
            ]
        )
        + "\n"
    )


def evidence_page(weights: Path) -> str:
    r"""The experiments whose results notebook 04 rests on: losses, colours, λ2, happy lips."""
    losses, lambda2 = _read(weights / "loss_comparison.json"), _read(weights / "lambda2_comparison.json")
    keys = {
        "psnr": "PSNR, dB",
        "psnr_face": "in the face",
        "psnr_mouth": "in the mouth hole",
        "ssim": "SSIM",
        "ce_type": "cross-entropy of the type",
    }
    loss_rows = [
        [f"`{n}`" if "_" in n else n, *(_number(row.get(k)) for k in keys), _number(row.get("step_s"))]
        for n, row in losses["losses"].items()
    ]
    color_rows = [
        [name, *(_number(row.get(k)) for k in keys)] for name, row in losses["texture_colors"].items()
    ]
    own = lambda2["actor_lip_shift_mm"]
    ways = {name: row for name, row in lambda2.items() if name != "actor_lip_shift_mm"}
    lip_rows = [
        [kind, *(_number(row["lip_shift_mm"][kind], 1) for row in ways.values()), _number(own[kind], 1)]
        + [_number(row["speech_residual_mm"][kind], 1) for row in ways.values()]
        for kind in own
    ]
    whole = [
        [
            name,
            _number(row["psnr"], 2),
            _number(row["psnr_mouth"], 2),
            f"{row['lip_shift_mm']['happy'] / own['happy']:.0%}",
            _number(sum(row["speech_residual_mm"].values()) / len(own), 2),
        ]
        for name, row in ways.items()
    ]
    kinds = ("moved, {}", "not constant, {}")
    moved, varied = ([kind.format(name) for name in ways] for kind in kinds)
    lip_head = ["", *moved, "moved by the actor", *varied]
    return (
        "\n\n".join(
            [
                "# Experiments behind notebook 04",
                MADE,
                "All on the built-in synthetic actor, one seed each. The first three were made with an "
                "earlier network than the shipped one (convolutions at full size).",
                "## Which loss?",
                "The same small generator was trained with three losses on the same batches: "
                f"{losses['trained']}. Measured on {losses['measured_on']}. `pixel_gradient` compares "
                "pixels and their differences to the neighbours; `random_vgg19` compares features of "
                "VGG-19 with random weights; `learnt_vgg19` those of VGG-19 after a training on notebook "
                "02's task. The last column is seconds per step on a busy machine. After so short a "
                "training no loss draws an expression that the classifier can name (guessing costs 2.08 "
                "nats), so the table says nothing about that. A loss made of pixels has an advantage "
                "where pixels are compared. How VGG-19 with ImageNet's weights would do was not measured.",
                _table(["loss", *keys.values(), "s per step"], loss_rows),
                "## Are the texture's first three channels compared with the filmed colours?",
                f"The same training with the loss `{losses['best']}`, with and without that term:",
                _table(["", *keys.values()], color_rows),
                "## Which geometry: λ2 of equation 5",
                "The same generator (128 px) trained on the geometry of either λ2, then asked for every "
                "expression at full intensity on one neutral clip. *Moved* is how far the lips are from "
                "where they are at intensity 0. *Not constant* is the part of that which differs from moment "
                "to moment. The actor's lips have such a part, too, so less is not better by "
                "itself. Both are in mm, as a lip reader sees them.",
                _table(
                    ["geometry", "PSNR, dB", "in the mouth hole", "share of the smile", "not constant, mm"],
                    whole,
                ),
                _table(lip_head, lip_rows),
                "![happy, contempt and surprised at levels 1 to 3, on the geometry of either "
                "λ2](../figures/smile_by_lambda2.png)",
                lips_card(weights),
                "## Expressions on mouths that were never filmed with them",
                "Each column takes a held-out mouth that is unlike all mouths filmed with the wanted "
                "expression. The shipped generator draws this frame with that expression, and the actor "
                "acts it. Above a column stand the wanted expression, the filmed one, and the error of the "
                "lips in mm: in the drawn picture, and in the acted one (the lip reader's own error). *The "
                "actor moves*: from the filmed lips to the acted ones. Seven frames are too few for a claim.",
                "![seven mouths as filmed, drawn and acted](../figures/ghosts.png)",
            ]
        )
        + "\n"
    )


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def _held(record: Mapping[str, Any], key: str, whose: str = "") -> str:
    value = record.get("metrics", {}).get(f"{whose}held_out_clips.{key}")
    return _number(value, 3 if key == "ssim" else 2)


def _pair(measured: Mapping[str, float], key: str) -> str:
    before, after = (measured.get(f"{side}.{key}") for side in ("before", "after"))
    return f"{_number(before)} → {_number(after)}"


def _round(one: Mapping[str, Any]) -> str:
    stages = ", then ".join(
        f"{s['steps']} steps at {s['image_size']} px ({s['loss']})" for s in one["stages"]
    )
    names = {"machine": "{}", "torch": "torch {}"}
    where = ", ".join(name.format(one[key]) for key, name in names.items() if key in one)
    went = f". {one['resumed']}" if "resumed" in one else ""
    return f"{stages}; {where}: `{one['command']}`{went}"


def _again(one: Mapping[str, Any]) -> str:
    psnr, mouth, teeth = (_held(one, key) for key in ("psnr", "psnr_mouth", "sharpness_teeth"))
    return (
        f"Run again from {one['from']}, the same command took {one['seconds']} s and gave {psnr} dB, "
        f"{mouth} dB in the mouth hole and a sharpness of teeth of {teeth}."
    )


def _number(value: float | None, digits: int = 3) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    r"""Writes all pages of this clone."""
    for path, text in pages(repository_root()).items():
        write_text(path, text)


if __name__ == "__main__":
    main()
