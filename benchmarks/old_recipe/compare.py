r"""Old and new weights, measured by one evaluator on the same held-out clips of the film of now.

::

    python benchmarks/old_recipe/compare.py --work PLACE

The old ones are those that train.py left in PLACE, the new ones the shipped ``generator_<actor>_128``. Every
frame of the held-out clips counts. The numbers go into docs/blind_pairs.json, the tables into the page.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from held_out import film_of, generators_of, trained
from pairs_page import change_record

from dnt_core.face3d import load_face_model
from dnt_core.metrics.image_metrics import drawn_by, in_parts, picture_metrics
from dnt_core.metrics.intervals import interval_over_clips
from dnt_core.metrics.sharpness import DetailEnergies, on_skin, skin_texels
from dnt_core.networks.generator import Generator
from dnt_core.training.generator_data import GeneratorData


@torch.no_grad()
def measured(generator: Generator, data: GeneratorData, rows: np.ndarray) -> dict[str, np.ndarray]:
    r"""PSNR and SSIM per frame, (N,), and the energies of detail per frame, (N, 3)."""
    draw, skin = drawn_by(generator), skin_texels(load_face_model("procedural"))
    found, energies = {}, DetailEnergies()
    for part in in_parts(rows):
        batch = data.batch(part)
        image = draw(batch).clamp(0, 1)
        energies.add(image, batch.target, {"skin": on_skin(batch.frame, skin), "teeth": batch.frame.mouth})
        for name, values in picture_metrics(image, batch).items():
            found.setdefault(name, []).append(values.numpy())
    details = {f"detail_{part}": energies.of_frames(part) for part in ("skin", "teeth")}
    return {name: np.concatenate(parts) for name, parts in found.items()} | details


def means(found: dict[str, np.ndarray]) -> dict[str, float]:
    r"""The numbers that a generator's record has: means over frames, sharpness as a ratio of sums."""
    result = {name: float(np.nanmean(of)) for name, of in found.items() if of.ndim == 1}
    for part in ("skin", "teeth"):
        mine, true, both = found[f"detail_{part}"].sum(0)
        result[f"sharpness_{part}"] = mine / true
        result[f"detail_correlation_{part}"] = both / np.sqrt(mine * true)
    return {name: round(float(value), 4) for name, value in result.items()}


def compare(work: Path, actor: str) -> dict:
    r"""One person's numbers, and new minus old with its 95 % interval over clips."""
    data, held = film_of(work, actor)
    rows, found = held["clips"], {}
    for name, generator in generators_of(work, actor).items():
        kept = work / "measured" / f"{actor}_{name.replace(', ', '_')}.npz"
        if not kept.exists():
            kept.parent.mkdir(exist_ok=True)
            np.savez(kept, **measured(generator, data, rows))
        found[name] = dict(np.load(kept))
    clip_of = data.rows[rows, 0]
    result = {
        "clips": len(np.unique(clip_of)), "frames": len(rows),
        "frames_with_an_open_mouth": int(np.isfinite(found["new"]["psnr_mouth"]).sum()),
        "rows_that_train": len(held["train"]),
    } | {name: means(of) for name, of in found.items()}  # fmt: skip
    for name in [name for name in found if name != "new"]:
        result[f"new_minus_{name}"] = {}
        for key in ("psnr", "psnr_face", "psnr_mouth", "ssim", "ssim_face", "ssim_mouth"):
            apart = found["new"][key].astype(float) - found[name][key]
            low, high = interval_over_clips(apart, clip_of)
            result[f"new_minus_{name}"][key] = [round(float(x), 4) for x in (np.nanmean(apart), low, high)]
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="the folder of prepare.py and train.py")
    work = parser.parse_args().work
    change_record(measured={actor: compare(work, actor) for actor in trained(work)})


if __name__ == "__main__":
    main()
