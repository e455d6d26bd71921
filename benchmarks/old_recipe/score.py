r"""Scores the answers of judges who saw the sheets of pairs.py.

::

    python benchmarks/old_recipe/score.py --key PLACE/key.json --answers first.json second.json [--keep]

A file of answers is JSON, {"1": "L", "2": "R", …}: which picture of each pair looks more like a sharp,
natural film frame. Every pair wants an answer. ``--keep`` puts key and answers into docs/blind_pairs.json,
under the files' names, and their tables into the page.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from pairs_page import change_record, scores

SIDES = {"L": "left", "R": "right"}


def read_answers(path: Path, pairs: dict[str, dict]) -> dict[str, str]:
    r"""Pair → "left" or "right".

    Raises:
        SystemExit: a pair without an answer, an answer to no pair, or one that is neither L nor R.
    """
    said = {
        str(number): str(side).strip()[:1].upper() for number, side in json.loads(path.read_text()).items()
    }
    wrong = sorted(said.keys() ^ pairs.keys(), key=int) or [
        n for n, side in said.items() if side not in SIDES
    ]
    if wrong:
        raise SystemExit(f"{path}: no answer L or R to, or no such pair as, {', '.join(wrong[:9])}")
    return {number: SIDES[said[number]] for number in pairs}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--key", type=Path, required=True)
    parser.add_argument("--answers", type=Path, nargs="+", required=True)
    parser.add_argument("--keep", action="store_true", help="write docs/blind_pairs.json and the page")
    chosen = parser.parse_args()
    key = json.loads(chosen.key.read_text())
    answers = {path.stem: read_answers(path, key["pairs"]) for path in chosen.answers}
    for name, found in scores(key["pairs"], answers).items():
        print(name, json.dumps(found))
    if chosen.keep:
        change_record(key=key, answers=answers)


if __name__ == "__main__":
    main()
