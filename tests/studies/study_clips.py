r"""Tiny studies: real clips whose brightness stands for the intensity, or files that are no clips at all."""

import csv
from pathlib import Path

import numpy as np

from dnt_core.studies.perceptual_study.collecting.clip_making import ClipOrder, RenderedClip, make_clips
from dnt_core.studies.perceptual_study.collecting.study_plan import COLUMNS, MANIFEST, StudyPlan, read_plan

SIZE, FPS, SECONDS = 64, 10, 0.6


def draw(order: ClipOrder) -> RenderedClip:
    r"""A square on grey, brighter for higher intensity; half a second, with a tone."""
    frames = np.full((round(FPS * SECONDS), SIZE, SIZE, 3), 90, np.uint8)
    frames[:, 8:40, 8:56] = round(40 + 200 * order.intensity)
    tone = 0.1 * np.sin(2 * np.pi * 300 * np.arange(round(SECONDS * 16_000)) / 16_000)
    return RenderedClip(iter(frames), FPS, tone.astype(np.float32), 16_000)


def make_study(folder: Path, expressions=("happy", "sad"), **options) -> StudyPlan:
    r"""Clips of one identity, a group for each expression and one to practise."""
    return make_clips(folder, draw, ("M003",), expressions, progress=False, **options)


def write_plan(folder: Path, groups: int = 3, m: int = 4, **changes: str) -> StudyPlan:
    r"""A manifest over files of some bytes: a practice group and ``groups`` that count; ``changes`` are cells
    of the last row."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for g in range(groups + 1):
        for i in range(m):
            file = f"{7919 * (g * m + i + 1) % 65521:04x}.mp4"
            (folder / file).write_bytes(bytes(10 + i))
            row = (f"g{g}", "M003", "happy", f"clip-{g}-{i}", (i + 1) / m, file, int(g == 0))
            rows.append(dict(zip(COLUMNS, row, strict=True)))
    rows[-1] |= changes
    with (folder / MANIFEST).open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return read_plan(folder)
