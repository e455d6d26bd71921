r"""``dnt train generator``: from names and folders on the command line to weights with their record."""

from __future__ import annotations

import platform
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from tqdm.auto import tqdm

from dnt_core import __version__
from dnt_core.atomic_write import atomic_path, without_nan, write_json
from dnt_core.checkpoint import names_key, network_key, weights_path
from dnt_core.clips import Clip, read_face_cache
from dnt_core.clips.scanner import clips_of
from dnt_core.clips.verifier import readable_front
from dnt_core.face3d import face_model_family
from dnt_core.metrics.image_metrics import spread
from dnt_core.networks.generator import Generator
from dnt_core.own_torch import one_device
from dnt_core.paths import runs_folder
from dnt_core.training.decoupling_weights import load_decoupling_network, people_of
from dnt_core.training.devices import is_first, launched_fabric, rank_zero_first
from dnt_core.training.generator_measures import measure_held_out
from dnt_core.training.generator_stages import (
    RECIPES,
    RecipeConfig,
    StageConfig,
    hold_out,
    seconds_trained,
    train_stages,
)
from dnt_core.training.generator_training import GeneratorTraining
from dnt_core.training.generator_weights import BUILT_IN, save_generator, start_from, weights_key
from dnt_core.training.preprocessing import DataConfig, with_a_face
from dnt_core.training.train_config import Progress, TrainConfig


def train_with_progress(
    actor: str, data: Path | None, out: Path | None, profile: str = "laptop", decoupling: Path | None = None,
    start: Path | None = None, steps: tuple[int, ...] | None = None, sizes: tuple[int, ...] | None = None,
    seed: int = 0, test_frames: int = 200, face_model: str | None = None,
) -> dict[str, float]:  # fmt: skip
    r"""Train a generator on one actor with a bar, write weights, record and a picture, return the metrics.

    On the GPU if there is one. Under ``torchrun`` every process takes its share of each batch; the first
    one measures and writes, the others return nothing.

    Args:
        actor: a name. data: folder in MEAD's layout with caches of 257 numbers; None films the actor.
        out: ends in ``.safetensors``; None for ``weights/`` of the runs folder. profile: see ``RECIPES``.
        decoupling: weights of f_d; None trains on the geometry as reconstructed ("w/o DeNet").
        start: weights to start from, such as another actor's; what does not fit begins anew.
        steps, sizes: of the stages, instead of the recipe's.
        face_model: see ``load_face_model``; None takes the one that the clips' caches name.
        test_frames: so many frames of each kind are measured at the end.

    Raises:
        ValueError: an actor without clips, clips without a face in them, an unknown profile, unequally many
            steps and sizes.
    """
    if profile not in RECIPES:
        raise ValueError(f"there is no recipe {profile!r}; expected one of {', '.join(RECIPES)}")
    recipe = RECIPES[profile]
    stages = _stages(recipe.stages, steps, sizes, seed)
    size = stages[-1].image_size
    out = weights_path(out or runs_folder() / "weights" / f"generator_{actor}_{size}.safetensors")
    fabric = launched_fabric()
    with rank_zero_first(fabric):
        folder = film_of(actor, recipe) if data is None else data
    more_clips = recipe.more_clips if data is None else 0
    clips = _usable_clips(folder, actor, face_model or "", tell=is_first(fabric))
    network = load_decoupling_network(decoupling) if decoupling else None
    if decoupling and is_first(fabric) and (knows := people_of(decoupling)) and actor not in knows:
        print(f"{decoupling} was trained on {', '.join(knows)}, not on {actor}", file=sys.stderr)
    generator = Generator(replace(recipe.config, seed=seed))
    share, started_from = start_from(generator, start) if start else (0.0, None)
    work = out.with_suffix("")
    bars: dict[StageConfig, tqdm] = {}

    def report(stage: StageConfig, progress: Progress, training: GeneratorTraining) -> None:
        if not is_first(fabric):
            return
        if stage not in bars:
            bars[stage] = tqdm(total=stage.plan.steps, desc=f"{actor} {stage.image_size} px", unit="step")
        bar = bars[stage]
        bar.set_postfix(loss=f"{progress.loss:.4f}", psnr=f"{progress.psnr:.2f} dB")
        bar.update(progress.step - bar.n)
        try:
            _save_picture(work / "progress.png", training)
        except (OSError, ValueError, RuntimeError) as error:  # a training does not end for a picture
            bar.write(f"no picture of the progress: {error}", file=sys.stderr)

    folders, device = (work / "prepared", work), one_device()
    found = train_stages(
        generator,
        clips,
        stages,
        *folders,
        network,
        seed,
        report,
        device,
        fabric,
        face_model or "",
        more_clips,
        weights_key(start) if start else "",
    )
    for bar in bars.values():
        bar.close()
    if not is_first(fabric):
        return {}
    generator.cpu()
    notes = _record(actor, profile, stages, seed, data, clips, decoupling, network, start)
    if start:
        notes["started_from"] = started_from  # the record of those weights
        notes["started_share"] = round(share, 4)  # of the numbers fitted into these sizes
    seconds = round(seconds_trained(work, stages))
    notes |= {"machine": _machine(device, fabric), "seconds": seconds}
    save_generator(out, generator, notes, half=True)  # before it is measured: hours of training are safe
    held = hold_out(found, seed, more_clips)
    measured = measure_held_out(generator, found, held, test_frames, face_model=face_model or "")
    notes["metrics"] = without_nan(measured)
    save_generator(out, generator, notes, half=True)
    write_json(out.with_suffix(".json"), notes)
    return notes["metrics"]


def _usable_clips(folder: Path, actor: str, face_model: str, tell: bool) -> list[Clip]:
    """The actor's clips seen from the front that a generator can learn from; what is left out is said."""
    index, of_actor = clips_of(folder, actor)
    front, unreadable = readable_front(index, actor)
    if tell:
        for problem in unreadable:
            print(f"left out: {problem}", file=sys.stderr)
    tracked = [clip for clip in front if clip.face_cache is not None]
    if not tracked:
        of_use = "can be read and has a fitting" if unreadable else "has a"
        seen = sum(clip.view == "front" for clip in of_actor)
        raise ValueError(
            f"{folder}: none of {actor}'s {seen} clips seen from the front {of_use} .face3d.npz beside it"
        )
    usable = with_a_face(tracked, DataConfig(face_model=face_model), tell)
    if tell and (bare := len(front) - len(tracked)):
        print(f"left out: {bare} clips of {actor} without a .face3d.npz", file=sys.stderr)
    return usable


def _stages(recipe, steps, sizes, seed: int) -> tuple[StageConfig, ...]:
    stages = recipe
    if sizes:
        stages = tuple(StageConfig(size, _plan_of(recipe, sizes, i)) for i, size in enumerate(sizes))
    if steps:
        if len(steps) != len(stages):
            raise ValueError(f"{len(steps)} numbers of steps for {len(stages)} stages; expected as many")
        pairs = zip(stages, steps, strict=True)
        stages = tuple(StageConfig(stage.image_size, replace(stage.plan, steps=n)) for stage, n in pairs)
    return tuple(StageConfig(stage.image_size, replace(stage.plan, seed=seed)) for stage in stages)


def _plan_of(recipe, sizes, i: int) -> TrainConfig:
    """The recipe's plan for the i-th of the sizes; one that only finishes a size is for a size that stays."""
    chosen = min(i, len(recipe) - 1)
    stays = i > 0 and sizes[i] == sizes[i - 1]
    while not stays and chosen and recipe[chosen].image_size == recipe[chosen - 1].image_size:
        chosen -= 1
    return recipe[chosen].plan


def film_of(actor: str, recipe: RecipeConfig) -> Path:
    r"""The folder with the film of a built-in actor that a recipe takes; filmed first if it is missing."""
    from dnt_core.actor import film
    from dnt_core.actor.profile_film import actor_names, clips_folder, film_config
    from dnt_core.profiles import get_profile

    profile, actors = get_profile(recipe.film), actor_names([actor])
    if not recipe.more_clips:
        return clips_folder(profile, actors=actors)
    count = profile.clips_per_cell + recipe.more_clips
    # in a folder of its own: the notebooks' film does not grow by what only trains
    folder = runs_folder() / "data" / f"{profile.name}_{count}_clips"
    return film(folder, film_config(profile, actors=actors, clips_per_cell=count))


def _save_picture(path: Path, training: GeneratorTraining) -> None:
    """Test frames as they are drawn now, above what they should be."""
    from torchvision.utils import save_image

    rows = spread(training.test, 6)
    drawn, true = training.render(rows).image, training.data.batch(rows).target
    with atomic_path(path) as part:
        save_image(torch.cat([drawn.cpu(), true]), part, nrow=len(rows))


def _record(actor, profile, stages, seed, data, clips, decoupling, network, start) -> dict[str, Any]:
    said = [f"dnt train generator --actor {actor} --profile {profile}"]
    said += [f"--size {s.image_size} --steps {s.plan.steps}" for s in stages]
    said += [f"--{name} {path.name}" for name, path in (("decoupling", decoupling), ("start", start)) if path]
    whose = BUILT_IN if data is None else "the user's clips"
    return {
        "command": " ".join(said) + (" --data DIR" if data else "") + f" --seed {seed}",
        "identity": actor,
        "image_size": stages[-1].image_size,
        "decoupling": None if network is None else network_key(network),
        "decoupling_file": Path(decoupling).name if decoupling else None,
        "face_model": face_model_family(read_face_cache(clips[0].face_cache).face_model),
        "data": whose,
        "clips": len(clips),
        "clips_key": names_key(clip.name for clip in clips),
        "expressions": sorted({clip.expression for clip in clips}),
        "seed": seed,
        "version": __version__,
        "torch": torch.__version__,
        "stages": [{"image_size": s.image_size, "steps": s.plan.steps, "loss": s.plan.loss} for s in stages],
        "measured_on": f"held-out frames of {whose}",
    }


def _machine(device: torch.device, fabric: Any) -> str:
    processes = f"{fabric.world_size} processes of " if fabric else ""
    threads = f"{platform.machine()}, {processes}{torch.get_num_threads()} thread(s)"
    if device.type == "cpu":
        return threads
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
    return f"{name}, {threads}"
