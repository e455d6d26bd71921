r"""The film of now, its tracks, its speech's geometry and the split, as files that both codes can read.

::

    python benchmarks/old_recipe/prepare.py --work PLACE --actor M003

Film, tracks and split are those of ``dnt train generator --profile laptop_128``; the geometry is that of
the shipped ``decoupling_<actor>_speech``, for the old recipe as for the new one. PLACE keeps one file per
clip, and ``<actor>.json`` with the labels and the rows that train and test.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from dnt_core.atomic_write import write_json
from dnt_core.clips.scanner import clips_of
from dnt_core.paths import weights_folder
from dnt_core.training.decoupling_weights import load_decoupling_network
from dnt_core.training.generator_command import film_of
from dnt_core.training.generator_stages import RECIPES, hold_out
from dnt_core.training.preprocessing import DataConfig, prepare_data

SIZE, SEED = 128, 0


def prepare(work: Path, actor: str) -> None:
    r"""Films and prepares one person's clips, and writes down which rows train."""
    recipe = RECIPES["laptop_128"]
    clips = [clip for clip in clips_of(film_of(actor, recipe), actor)[1] if clip.view == "front"]
    network = load_decoupling_network(weights_folder() / f"decoupling_{actor}_speech.safetensors")
    data = prepare_data(clips, work / "prepared" / actor, DataConfig(image_size=SIZE), network)
    held = hold_out(data, SEED, recipe.more_clips)
    labels = [
        {"file": file.name, "actor": clip.actor, "expression": clip.expression, "level": clip.level,
         "take": [str(part) for part in clip.take], "frames": count}
        for clip, file, count in zip(data.clips, data.files, data.counts, strict=True)
    ]  # fmt: skip
    rows = {name: getattr(held, name).tolist() for name in ("train", "within", "clips")}
    write_json(work / f"{actor}.json", {"clips": labels, "rows": rows})
    print(actor, len(clips), "clips;", ", ".join(f"{name} {len(of)}" for name, of in rows.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--work", type=Path, required=True, help="a folder for films, prepared clips, weights"
    )
    parser.add_argument("--actor", required=True)
    chosen = parser.parse_args()
    prepare(chosen.work, chosen.actor)


if __name__ == "__main__":
    main()
