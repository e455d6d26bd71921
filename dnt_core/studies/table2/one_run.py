r"""A folder holds one run of Table 2: what it was made from, and with what its rows were measured."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dnt_core.atomic_write import write_json
from dnt_core.checkpoint import read_notes
from dnt_core.plain_files import read_json
from dnt_core.studies.table2.trainings import TrainingPlan

RUN_FILE, MEASURED_FILE = "made_from.json", "measured_with.json"
ROWS = "rows"


def expect_one_run(folder: Path, plan: TrainingPlan, image_size: int, **data: str) -> None:
    r"""Notes in the folder what its table is made from; what is there already must be of the same.

    Args:
        folder: in which the table is made.
        plan: of the trainings.
        image_size: px of all trainings.
        data: name → key of what trains and tests, f_d's geometry in it.

    Raises:
        ValueError: the folder holds trainings of another actor, of other clips, sizes or steps.
    """
    wanted = {"actor": plan.actor, "image_size": image_size, "steps": plan.plan.steps, **data}
    path = folder / RUN_FILE
    if path.is_file():
        _compare(folder, read_json(path, dict), wanted)
    else:  # a folder of an older version, or none yet
        for job in plan.jobs():
            if job.weights(folder).is_file():
                notes = read_notes(job.weights(folder))[0].get("made_with", {})
                there = {"actor": notes.get("identity"), "image_size": notes.get("image_size")}
                _compare(
                    folder, there | {"steps": notes.get("steps")}, wanted | {"steps": plan.steps_of(job)}
                )
    write_json(path, wanted)


def _compare(folder: Path, there: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    words = {"image_size": "image size", "train": "training clips", "test": "test clips"}
    for name, mine in wanted.items():
        if there.get(name, mine) not in (mine, None):
            raise ValueError(
                f"{folder} holds the table of another run: its {words.get(name, name)} "
                f"{'are' if name in ('steps', 'train', 'test') else 'is'} {there[name]}, not {mine}; give "
                "another --folder, or remove it"
            )


def forget_rows_measured_otherwise(folder: Path, sync: str, syncnet: bool) -> None:
    r"""Removes rows that were measured with other judges of lips and sound, so that they are measured anew.

    Args:
        folder: in which the table is made.
        sync: key of the sync network, "" for none.
        syncnet: whether SyncNet's own weights are there.
    """
    path, rows = folder / MEASURED_FILE, list((folder / ROWS).glob("*.json"))
    wanted = {"sync": sync, "syncnet": syncnet}
    if path.is_file():
        same = read_json(path, dict) == wanted
    else:  # of an older version: whether there was a sync network is what its numbers say
        held = [read_json(row, dict) for row in rows]
        had = any(x is not None for row in held for x in row.get("css", ()))
        same = not held or (had == bool(sync) and any("css_syncnet" in row for row in held) == syncnet)
    if not same:
        for row in rows:
            row.unlink()
    write_json(path, wanted)
