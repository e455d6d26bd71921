r"""The card of what is shipped beside Table 2, from its results and the sync network's record."""

from __future__ import annotations

from pathlib import Path

from dnt_core.plain_files import read_json
from dnt_core.studies.table2.methods import LABELS
from dnt_core.studies.table2.results import Table2
from dnt_core.studies.table2.row import LABELS as METRIC_LABELS
from dnt_core.studies.table2.row import METRICS
from dnt_core.studies.table2.shipped import FOLDER


def table2_card(weights: Path) -> str:
    r"""How the table's networks were made and measured, in Markdown.

    Args:
        weights: the folder of the shipped weights, with ``table2.json`` and ``sync_<actor>.json``.
    """
    table = Table2.read(weights / "table2.json")
    notes = table.notes
    sync = read_json(weights / f"sync_{notes['actor']}.json")
    shipped = {path.stem for path in (weights / FOLDER).glob("*.safetensors")}
    rows = ["| training | CPU seconds | weights |", "|---|---|---|"]
    for key, seconds in notes["cpu_seconds"].items():
        where = f"`{FOLDER}/{key}.safetensors`" if key in shipped else "not shipped"
        rows.append(f"| {key} | {seconds:.0f} | {'–' if key == 'shared' else where} |")
    heads = [METRIC_LABELS[metric] for metric in METRICS]
    means = [f"| row | {' | '.join(heads)} |", f"|---{'|---' * len(heads)}|"]
    for name in table.rows:
        numbers = [
            f"{table.interval(name, metric).mean:.3g}" if table.has(name, metric) else "–"
            for metric in METRICS
        ]
        means.append(f"| {LABELS[name]} | {' | '.join(numbers)} |")
    hours = sum(notes["cpu_seconds"].values()) / 3600
    measured = sync["metrics"]
    who = notes["actor"]
    seeds = ", ".join(map(str, notes["seeds"]))
    made = (
        f"Made by `{notes['command']}` on {notes['data']}: {notes['steps']} steps of {notes['batch_size']} "
        f"frames ({notes['second_steps']} for StarGAN and ExprGAN) at {notes['sizes']['image_size']} px, "
        f"seeds {seeds}, {hours:.2f} CPU hours with films and judges ({notes['machine']}). "
        "Notebook 06 explains the rows and columns, shows the table with intervals, and draws some of it "
        "again. A training is named by its method and seed; `shared` is the time for films and judges."
    )
    judges = (
        f"`judges_{who}.safetensors`: two classifiers and a lip reader, fitted to a film of their own "
        f"({notes['judges']['clips']} clips, {notes['judges']['frames']} frames)."
    )
    in_sync = (
        f"`sync_{who}.safetensors`: `{sync['command']}`, {sync['cpu_seconds']} CPU seconds; trained on "
        f"{sync['trained_on']}, measured on {sync['measured_on']}: confidence {measured['confidence']:.2f}, "
        f"with the sound begun in the middle {measured['confidence_shuffled_sound']:.2f}."
    )
    parts = [made, "\n".join(rows), "Means over clips and seeds:", "\n".join(means), judges, in_sync]
    return "\n\n".join(parts) + "\n"
