r"""Pairs of an old and a new drawn frame without a label, on sheets, and the key in a file of its own.

::

    python benchmarks/old_recipe/pairs.py --work PLACE

Each held-out clip gives three frames: one of the third whose mouths are opened widest, one of the third that
are opened least, and one of the rest. People whose old weights are not there are left out. Order and side are
random, the new one is on the left as often as on the right. Pictures are enlarged twofold (bicubic), nothing
else is done to them. PLACE/sheets is for the judges, PLACE/key.json is not. The same sheets, not enlarged and
compressed, are kept in docs/blind_pairs.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from held_out import film_of, generators_of, trained
from PIL import Image, ImageDraw, ImageFont

from dnt_core.atomic_write import write_json
from dnt_core.metrics.image_metrics import drawn_by
from dnt_core.training.generator_data import MOUTH, GeneratorData

MOUTHS = ("least open", "between", "widest open")
SEED, ON_A_SHEET, COLUMNS = 19, 6, 2
TIMES = 2  # the judges see the pictures enlarged; those that are kept in docs/ are as they were drawn
KEPT = Path(__file__).parents[2] / "docs" / "blind_pairs"


def chosen_frames(data: GeneratorData, rows: np.ndarray, rng: np.random.Generator) -> list[dict]:
    r"""Three frames per held-out clip, with what they show."""
    found = []
    for clip in np.unique(data.rows[rows, 0]):
        mine = rows[data.rows[rows, 0] == clip]
        area = [int(((data._read(*data.rows[row])[2] & MOUTH) > 0).sum()) for row in mine]
        thirds = np.array_split(np.argsort(area, kind="stable"), 3)
        for mouth, part in zip(MOUTHS, thirds, strict=True):
            at = int(rng.choice(part))
            label = data.clips[clip]
            found.append(
                {"actor": label.actor, "expression": label.expression, "level": label.level, "mouth": mouth,
                 "mouth_px": area[at], "row": int(mine[at]), "frame": int(data.rows[mine[at], 1])}
            )  # fmt: skip
    return found


@torch.no_grad()
def drawn(work: Path, actor: str, frames: list[dict]) -> list[dict[str, Image.Image]]:
    r"""Each frame as both recipes' generators draw it."""
    data, _ = film_of(work, actor)
    generators, pictures = generators_of(work, actor), [{} for _ in frames]
    for name in ("old", "new"):
        draw = drawn_by(generators[name])
        for frame, of in zip(frames, pictures, strict=True):
            image = draw(data.batch([frame["row"]]))[0].clamp(0, 1)
            array = (image.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
            of[name] = Image.fromarray(array)
    return pictures


def sheet(first: int, pairs: list[tuple[Image.Image, Image.Image]], times: int) -> Image.Image:
    r"""Numbered pairs, left and right, enlarged so many times."""
    side, gap, between, head = (times * px for px in (pairs[0][0].width, 4, 20, 15))
    wide, high = 2 * side + gap + between, side + head + between // 2
    lines = -(-len(pairs) // COLUMNS)
    page = Image.new("RGB", (COLUMNS * wide + between, lines * high + between // 2), "white")
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(max(12, 10 * times))
    for place, pair in enumerate(pairs):
        x, y = between + place % COLUMNS * wide, place // COLUMNS * high
        pen.text((x + side + gap // 2, y + head // 2 + times), str(first + place), "black", font, "mm")
        for at, picture in enumerate(pair):
            large = picture.resize((side, side), Image.Resampling.BICUBIC)
            page.paste(large, (x + at * (side + gap), y + head))
    return page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="the folder of prepare.py and train.py")
    work, rng = parser.parse_args().work, np.random.default_rng(SEED)
    key, pictures = [], []
    for actor in trained(work):
        data, held = film_of(work, actor)
        frames = chosen_frames(data, held["clips"], rng)
        key += frames
        pictures += drawn(work, actor, frames)
    order = rng.permutation(len(key))
    sides = rng.permutation(np.arange(len(key)) % 2)
    key, pictures = [key[at] for at in order], [pictures[at] for at in order]
    named = [("new", "old") if side else ("old", "new") for side in sides]
    pairs = [tuple(of[name] for name in names) for of, names in zip(pictures, named, strict=True)]
    for folder in (work / "sheets", KEPT):
        folder.mkdir(exist_ok=True)
    for start in range(0, len(pairs), ON_A_SHEET):
        some, name = pairs[start : start + ON_A_SHEET], f"sheet_{start // ON_A_SHEET + 1:02d}"
        sheet(start + 1, some, TIMES).save(work / "sheets" / f"{name}.png")
        sheet(start + 1, some, 1).save(KEPT / f"{name}.jpg", quality=92)
    lines = {
        str(number): {"left": names[0], "right": names[1]} | what
        for number, (names, what) in enumerate(zip(named, key, strict=True), 1)
    }
    write_json(work / "key.json", {"seed": SEED, "pairs": lines})
    print(len(pairs), "pairs")


if __name__ == "__main__":
    main()
