r"""docs/judges.md's tables, from docs/judges.json."""

from __future__ import annotations

from pathlib import Path

from dnt_core.atomic_write import write_text

BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"
TITLES = {
    "with_landmarks": "face-api, detection with landmarks",
    "without_landmarks": "face-api, detection without landmarks",
    "fer": "fer",
}


def _row(*cells: object) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"


def _head(*cells: str) -> list[str]:
    return [_row(*cells), "|" + "---|" * len(cells)]


def _read(seen: dict[str, float]) -> str:
    name, probability = next(iter(seen.items()), ("no face", 0.0))
    return f"{name} {probability:.2f}"


def tables(record: dict) -> str:
    r"""The tables of a record, {"before": …, "after": …}, as Markdown."""
    lines = ["## Named right, of 21", "", *_head("chain", *record)]
    lines += [
        _row(title, *(answers["named_right_of_21"][chain] for answers in record.values()))
        for chain, title in TITLES.items()
    ]
    for chain, title in TITLES.items():
        for when, answers in record.items():
            people = answers["read_as"][chain]
            lines += ["", f"## Read as: {when}, {title}", "", *_head("acts", *people)]
            lines += [_row(act, *(_read(row[act]) for row in people.values())) for act in people["M003"]]
    title = "## Landmarks, px of 256: mean distance (and how much lower the judge sees them)"
    lines += ["", title, ""]
    groups = [g for g in record["after"]["landmarks_px"]["face-api"] if g != "all"]
    lines += _head("judge", "all", *(g.replace("_", " ") for g in groups))
    for when, answers in record.items():
        for judge, found in answers["landmarks_px"].items():
            cells = [
                f"{found[g]['distance']:.1f} ({found[g]['lower']:+.1f})" if g in found else "–"
                for g in groups
            ]
            lines.append(_row(f"{judge}, {when}", f"{found['all']:.1f}", *cells))
    lines += ["", "## Mouth opening as seen against the true one", ""]
    lines += _head("judge", "correlation", "slope", "stills")
    for when, answers in record.items():
        for judge, found in answers["mouth_opening"].items():
            lines.append(
                _row(f"{judge}, {when}", f"{found['r']:.3f}", f"{found['slope']:.2f}", found["stills"])
            )
    lines += ["", "## Versions", "", *_head("when", "versions", "faces found")]
    for when, answers in record.items():
        versions = ", ".join(f"{name} {version}" for name, version in answers["versions"].items())
        found = ", ".join(f"{judge} {number}" for judge, number in answers["found"].items())
        lines.append(_row(when, versions, f"of {answers['stills']['all']}: {found}"))
    return "\n".join(lines)


def fill_page(page: Path, record: dict) -> None:
    r"""Puts the record's tables between the page's two marks."""
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    write_text(page, f"{before}{BEGIN}\n\n{tables(record)}\n\n{END}{after}")
