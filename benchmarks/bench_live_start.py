r"""``dnt live`` started for the first time: from Python's start to one picture of each of the three people.

What the page adds (the server, the browser) is the same in every version and is left out.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from fresh_clone import fresh_clone, timed

FACES = ("generator_M003_256", "generator_W009_128", "generator_M011_128")  # 708379d has them, too
_CODE = """
from dnt_core.live import LiveFace
for name in {names}:
    LiveFace("weights/" + name + ".safetensors")("happy", 0.8, 40)
"""


def run() -> dict[str, float]:
    r"""Wall and CPU seconds of one cold start, of the first face and of all three."""
    found = {}
    for key, names in (("first_face", FACES[:1]), ("all_faces", FACES)):
        with fresh_clone() as clone:
            took = timed(clone, "-c", _CODE.format(names=names))
        found |= {f"live.{key}_s": took.wall, f"live.{key}_cpu_s": took.cpu}
    return found


if __name__ == "__main__":
    print(run())
