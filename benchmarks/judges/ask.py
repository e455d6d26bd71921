r"""Asks networks that other people trained what they see in stills of the actor.

::

    npm install --prefix FOLDER @vladmandic/face-api@1.7.15 …      (the versions of package.json)
    python benchmarks/judges/ask.py --modules FOLDER/node_modules --name after

``PYTHONPATH`` of another checkout shows its actor: so ``before`` was made. The answers go into
docs/judges.json beside what is there; docs/judges.md says what they mean.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from stills_for_judges import BETWEEN, EXPRESSIONS, PEOPLE, name_of, write_stills

from dnt_core.atomic_write import write_json

HERE = Path(__file__).parent
RECORD = HERE.parents[1] / "docs" / "judges.json"
CHAINS = ("with_landmarks", "without_landmarks")
OTHER_NAME = {"fear": "fearful"}  # of the seven classes; contempt has none
GROUPS = {"jaw": (0, 17), "brows": (17, 27), "nose": (27, 36), "eyes": (36, 48), "outer_lips": (48, 60),
          "inner_lips": (60, 68)}  # fmt: skip
# which of MediaPipe's points are landmarks 17 to 67
MESH_POINTS = (
    70, 63, 105, 66, 107, 336, 296, 334, 293, 300,
    168, 197, 5, 4, 75, 97, 2, 326, 305,
    33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380,
    61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181,
    78, 82, 13, 312, 308, 317, 14, 87,
)  # fmt: skip


def judged(script: str, folder: Path, modules: Path, *more: str) -> dict:
    r"""What a judge's script prints about the PNG files of a folder."""
    command = ["node", str(HERE / script), str(folder), *more]
    done = subprocess.run(
        command, env=os.environ | {"NODE_PATH": str(modules)}, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"{script} failed: {done.stderr.strip()[-400:]}")
    return json.loads(done.stdout)


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


def errors(found: dict[str, np.ndarray | None], marks: dict[str, np.ndarray], first: int = 0) -> dict:
    r"""Mean distance in px per group of landmarks, and how much lower (y) the judge sees them on average.

    Args:
        found: (68 - first, 2) px per still at intensity 1. marks: (68, 2) px. first: the first landmark.
    """
    apart = np.stack([points - marks[name][first:] for name, points in found.items() if points is not None])
    length = np.linalg.norm(apart, axis=2)
    result = {"all": round(float(length.mean()), 2)}
    for group, (start, stop) in GROUPS.items():
        if start >= first:
            part = slice(start - first, stop - first)
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


def ask(modules: Path, chromium: str | None) -> dict:
    r"""Everything the judges say about the actor of the package that Python finds."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        marks = write_stills(folder)
        net = judged("face_api.js", folder, modules)
        mesh = judged("face_mesh.js", folder, modules, chromium) if chromium else None
    full = [name for name in marks if not any(name.endswith(f"-{round(100 * x):03d}.png") for x in BETWEEN)]
    tables = {chain: readings(net["files"], chain) for chain in CHAINS}
    points = {n: f["landmarks"] and np.array(f["landmarks"]) for n, f in net["files"].items()}
    result = {
        "versions": net["versions"] | (mesh["versions"] if mesh else {}),
        "stills": {"size": 256, "intensity_1": len(full), "all": len(marks)},
        "found": sum(points[name] is not None for name in marks),
        "read_as": tables,
        "named_right_of_21": {chain: named_right(table) for chain, table in tables.items()},
        "landmarks_px": {"face-api": errors({n: points[n] for n in full}, marks)},
        "mouth_opening": {"face-api": opening_correlation(points, marks)},
    }
    if mesh:
        points = {n: p and np.array(p)[list(MESH_POINTS)] for n, p in mesh["files"].items()}
        result["landmarks_px"]["face_mesh"] = errors({n: points[n] for n in full}, marks, 17)
        result["mouth_opening"]["face_mesh"] = opening_correlation(points, marks)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--modules", type=Path, required=True, help="the node_modules with package.json's packages"
    )
    parser.add_argument(
        "--name", required=True, help="under which name the answers are kept: before or after"
    )
    parser.add_argument(
        "--chromium", help="a Chromium for MediaPipe's face mesh; left out: only face-api is asked"
    )
    chosen = parser.parse_args()
    record = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    record[chosen.name] = ask(chosen.modules.resolve(), chosen.chromium)
    write_json(RECORD, record)
    print(json.dumps(record[chosen.name]["named_right_of_21"]), file=sys.stderr)


if __name__ == "__main__":
    main()
