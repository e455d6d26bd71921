r"""Asks networks that other people trained what they see in stills of the actor.

::

    npm install --prefix FOLDER @vladmandic/face-api@1.7.15 …      (the versions of package.json)
    python benchmarks/judges/ask.py --name after --work PLACE --modules FOLDER/node_modules \\
        --python mediapipe_mesh=PYTHON --python dlib_marks=PYTHON --python fer_net=PYTHON

Each judge in Python has an interpreter of its own, because their packages do not go together
(``requirements/*.txt`` beside this file). PLACE keeps stills and answers: what is there already is not asked
again. ``PYTHONPATH`` of another checkout shows its actor: so ``before`` was made. The answers go into
docs/judges.json beside what is there, and their tables into docs/judges.md, which says what they mean.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from judges_page import fill_page
from stills_for_judges import BETWEEN, EXPRESSIONS, PEOPLE, SIZE, name_of, write_stills

from dnt_core.atomic_write import write_json
from dnt_core.tracking.mediapipe_landmarks import OF_478

HERE = Path(__file__).parent
RECORD = HERE.parents[1] / "docs" / "judges.json"
#: Judge → the names of its answers about expressions.
CHAINS = {"face_api": ("with_landmarks", "without_landmarks"), "fer_net": ("fer",)}
#: Judge → under which name it gives landmarks.
MARKING = {"face_api": "landmarks", "mediapipe_mesh": "points", "dlib_marks": "points"}
LABELS = {"face_api": "face-api", "mediapipe_mesh": "MediaPipe", "dlib_marks": "dlib", "fer_net": "fer"}
OTHER_NAME = {"fear": "fearful"}  # of the seven classes; contempt has none
GROUPS = {"jaw": (0, 17), "brows": (17, 27), "nose": (27, 36), "eyes": (36, 48), "outer_lips": (48, 60),
          "inner_lips": (60, 68)}  # fmt: skip


def judged(script: str, place: Path, interpreter: Path | str, **env: str) -> dict:
    r"""What a judge's script prints about the PNG files of a folder, kept there as JSON."""
    kept = place / f"{Path(script).stem}.json"
    if not kept.exists():
        command = [str(interpreter), str(HERE / script), str(place)]
        done = subprocess.run(command, env=os.environ | env, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{script} failed: {done.stderr.strip()[-400:]}")
        write_json(kept, json.loads(done.stdout))
    return json.loads(kept.read_text())


def readings(files: dict, chain: str) -> dict[str, dict[str, dict]]:
    r"""Person → expression → the two likeliest names with their probabilities, at intensity 1."""
    table = {}
    for person in PEOPLE:
        for expression in EXPRESSIONS:
            seen = files[name_of(person, expression, float(expression != "neutral"))][chain] or {}
            best = sorted(seen, key=seen.get, reverse=True)[:2]
            table.setdefault(person, {})[expression] = {name: round(seen[name], 3) for name in best}
    return table


def named_right(table: dict[str, dict[str, dict]]) -> int:
    r"""How many of the 21 stills whose expression is one of the seven classes are named right."""
    return sum(
        next(iter(seen), None) == OTHER_NAME.get(expression, expression)
        for row in table.values()
        for expression, seen in row.items()
    )


def errors(found: dict[str, np.ndarray | None], marks: dict[str, np.ndarray]) -> dict:
    r"""Mean distance in px per group of landmarks, and how much lower (y) the judge sees them on average.

    Args:
        found, marks: (68, 2) px per still; None where no face was found.
    """
    apart = np.stack([points - marks[name] for name, points in found.items() if points is not None])
    length = np.linalg.norm(apart, axis=2)
    result = {"all": round(float(length.mean()), 2)}
    for group, (start, stop) in GROUPS.items():
        part = slice(start, stop)
        lower = round(float(apart[:, part, 1].mean()), 2)
        result[group] = {"distance": round(float(length[:, part].mean()), 2), "lower": lower}
    return result


def opening_correlation(found: dict[str, np.ndarray | None], marks: dict[str, np.ndarray]) -> dict:
    r"""Correlation and slope of the seen mouth opening (inner lips, middle) on the true one."""
    names = [name for name, points in found.items() if points is not None]
    true = np.array([marks[name][66, 1] - marks[name][62, 1] for name in names])
    seen = np.array([found[name][-2, 1] - found[name][-6, 1] for name in names])
    slope = np.polyfit(true, seen, 1)[0]
    return {
        "r": round(float(np.corrcoef(true, seen)[0, 1]), 3),
        "slope": round(float(slope), 2),
        "stills": len(names),
    }


def ask(place: Path, between: tuple[float, ...], modules: Path | None, pythons: dict[str, str]) -> dict:
    r"""Everything that the judges say about the actor of the package that Python finds.

    Args:
        place: keeps stills and answers. between: intensities besides 1.
        modules: node's packages, to ask face-api. pythons: a script's name → its interpreter.
    """
    truth = place / "landmarks.json"
    if not truth.exists():
        marks = write_stills(place, between)
        write_json(truth, {name: points.tolist() for name, points in marks.items()})
    marks = {name: np.array(points) for name, points in json.loads(truth.read_text()).items()}
    answers = {name: judged(f"{name}.py", place, python) for name, python in sorted(pythons.items())}
    if modules:
        answers["face_api"] = judged("face_api.js", place, "node", NODE_PATH=str(modules))
    full = [name for name in marks if name.endswith(("-100.png", "neutral-000.png"))]
    result: dict = {key: {} for key in ("versions", "found", "read_as", "named_right_of_21", "landmarks_px",
                                        "mouth_opening")}  # fmt: skip
    result["stills"] = {"size": SIZE, "intensity_1": len(full), "all": len(marks)}
    for judge, answer in answers.items():
        result["versions"] |= answer["versions"]
        for chain in CHAINS.get(judge, ()):
            table = result["read_as"][chain] = readings(answer["files"], chain)
            result["named_right_of_21"][chain] = named_right(table)
        points = {name: marked(judge, said) for name, said in answer["files"].items()}
        seen = points if judge in MARKING else {name: said["fer"] for name, said in answer["files"].items()}
        result["found"][LABELS[judge]] = sum(face is not None for face in seen.values())
        if judge in MARKING:
            result["landmarks_px"][LABELS[judge]] = errors({n: points[n] for n in full}, marks)
            result["mouth_opening"][LABELS[judge]] = opening_correlation(points, marks)
    return result


def marked(judge: str, said: dict) -> np.ndarray | None:
    r"""(68, 2) px in iBUG's order; None without a face, or from a judge that marks none."""
    points = said.get(MARKING.get(judge, ""))
    if points is None:
        return None
    points = np.array(points)
    return points[list(OF_478)] if len(points) == 478 else points


def together(old: dict, new: dict) -> dict:
    r"""A record with what was asked now beside what was asked before."""
    if old.get("stills") != new["stills"]:
        return new
    return {key: old[key] | new[key] if key != "stills" else new[key] for key in new}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--name", required=True, help="keeps the answers under: before or after")
    parser.add_argument("--work", type=Path, required=True, help="a folder for stills and answers")
    parser.add_argument("--modules", type=Path, help="node_modules with package.json's packages: face-api")
    parser.add_argument("--python", action="append", default=[], metavar="SCRIPT=PYTHON",
                        help="a judge of this folder, and the interpreter that has its packages")  # fmt: skip
    parser.add_argument("--between", type=float, nargs="*", default=BETWEEN, help="intensities besides 1")
    chosen = parser.parse_args()
    pythons = dict(pair.split("=", 1) for pair in chosen.python)
    record = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    new = ask(chosen.work, tuple(chosen.between), chosen.modules and chosen.modules.resolve(), pythons)
    record[chosen.name] = together(record.get(chosen.name, {}), new)
    write_json(RECORD, record)
    fill_page(RECORD.with_suffix(".md"), record)
    print(json.dumps(record[chosen.name]["named_right_of_21"]), file=sys.stderr)


if __name__ == "__main__":
    main()
