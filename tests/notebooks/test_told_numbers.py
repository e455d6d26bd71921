r"""Numbers that a notebook's text takes from a shipped file are the file's."""

import json
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]


def test_04_tells_what_the_two_geometries_cost():
    found = json.loads((ROOT / "weights" / "lambda2_comparison.json").read_text(encoding="utf-8"))
    actor = found.pop("actor_lip_shift_mm")["happy"]
    smile, lost = {}, {}
    for name, row in found.items():
        lambda2 = int(name.split("=")[1].split(",")[0])
        smile[lambda2] = row["lip_shift_mm"]["happy"] / actor
        lost[lambda2] = np.mean(list(row["speech_residual_mm"].values()))
    text = (ROOT / "notebooks" / "04_dynamic_neural_textures.py").read_text(encoding="utf-8")
    assert f"lips {100 * smile[50000]:.0f} % as far" in text
    assert f"with λ2 = 100 {100 * smile[100]:.0f} %" in text
    assert f"{lost[50000]:.2f} against {lost[100]:.2f} mm" in text
