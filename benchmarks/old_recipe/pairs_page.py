r"""docs/blind_pairs.md's tables, from docs/blind_pairs.json."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dnt_core.atomic_write import write_json, write_text
from dnt_core.metrics.intervals import clip_interval

RECORD = Path(__file__).parents[2] / "docs" / "blind_pairs.json"
BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"
NUMBERS = {
    "psnr": ("PSNR, dB", ".2f"),
    "psnr_face": ("in the face", ".2f"),
    "psnr_mouth": ("in the mouth hole", ".2f"),
    "ssim": ("SSIM", ".4f"),
    "sharpness_skin": ("sharpness of skin", ".2f"),
    "sharpness_teeth": ("of teeth", ".2f"),
}


def change_record(**parts: Any) -> None:
    r"""Puts parts into the record, and its tables into the page."""
    record = (json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}) | parts
    write_json(RECORD, record)
    page = RECORD.with_suffix(".md")
    if page.exists():
        text = page.read_text(encoding="utf-8")
        write_text(page, f"{text.split(BEGIN)[0]}{BEGIN}\n\n{tables(record)}\n\n{END}{text.split(END)[1]}")


def _row(cells: Iterable[object]) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"


def _table(head: list[str], rows: Iterable[Iterable[object]]) -> str:
    return "\n".join([_row(head), "|" + "---|" * len(head), *map(_row, rows)])


def tables(record: dict[str, Any]) -> str:
    r"""The tables of a record as Markdown."""
    parts = []
    if measured := record.get("measured"):
        rows = [
            [actor, name, *(format(found[name][key], how) for key, (_, how) in NUMBERS.items())]
            for actor, found in measured.items()
            for name in found
            if isinstance(found[name], dict) and "sharpness_skin" in found[name]
        ]
        head = ["person", "recipe", *(title for title, _ in NUMBERS.values())]
        parts += ["## Held-out clips, 128 px", _table(head, rows)]
        keys = {
            "psnr": "PSNR, dB",
            "psnr_face": "in the face",
            "psnr_mouth": "in the mouth hole",
            "ssim": "SSIM",
        }
        for name in ("old", "old, few clips"):
            if rows := [
                [actor, *(_apart(found[f"new_minus_{name}"][key], NUMBERS[key][1]) for key in keys)]
                for actor, found in measured.items()
                if f"new_minus_{name}" in found
            ]:
                title = f"## New minus {name} (95 % over clips)"
                parts += [title, _table(["person", *keys.values()], rows)]
    if answers := record.get("answers"):
        found = scores(record["key"]["pairs"], answers)
        groups = list(next(iter(found.values())))
        rows = [
            [judge, *(f"{n} of {of}" for n, of in (by[g][:2] for g in groups)), _percent(by["all"])]
            for judge, by in found.items()
        ]
        parts += ["## New preferred", _table(["judge", *groups, "share (95 % over pairs)"], rows)]
    return "\n\n".join(parts)


def _apart(values: list[float], how: str) -> str:
    mean, low, high = (format(value, f"+{how}") for value in values)
    return f"{mean} [{low}, {high}]"


def _percent(found: list[float]) -> str:
    share, low, high = (f"{100 * value:.0f}" for value in found[2:])
    return f"{share} % [{low}, {high}]"


def scores(pairs: dict[str, dict], answers: dict[str, dict[str, str]]) -> dict[str, dict[str, list]]:
    r"""How often each judge, and all together, preferred the new one.

    Args:
        pairs: number → "left" and "right", each "old" or "new", and what the pair shows.
        answers: judge → number → "left" or "right".

    Returns:
        judge or "all judges" → group of pairs → [new preferred, answers, share, low, high]; the interval is
        over pairs, whose answers by several judges are one.
    """
    groups: dict[str, list[str]] = {"all": list(pairs)}
    for key in ("actor", "mouth"):
        for number, pair in pairs.items():
            groups.setdefault(pair[key], []).append(number)
    likes = {
        judge: {number: float(pairs[number][side] == "new") for number, side in said.items()}
        for judge, said in answers.items()
    }
    found = {
        judge: {group: _share([[of[n]] for n in numbers]) for group, numbers in groups.items()}
        for judge, of in likes.items()
    }
    if len(likes) > 1:
        found["all judges"] = {
            group: _share([[of[n] for of in likes.values()] for n in numbers])
            for group, numbers in groups.items()
        }
    for judge, said in answers.items():
        found[judge]["said left"] = _share([[float(side == "left")] for side in said.values()])
    if len(likes) > 1:
        every = [[float(said[n] == "left") for said in answers.values()] for n in pairs]
        found["all judges"]["said left"] = _share(every)
    return found


def _share(values: list[list[float]]) -> list[float]:
    flat = [x for row in values for x in row]
    mean, low, high = clip_interval([sum(row) / len(row) for row in values])
    return [int(sum(flat)), len(flat), round(mean, 4), round(low, 4), round(high, 4)]
