r"""``dnt train``: a network without a notebook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from dnt_core.cli.face_model import FaceModel
from dnt_core.cli.guard import MOST_JOBS, MOST_SEED, MOST_SIDE, MOST_STEPS, lazy_import, one_line_errors

train_app = typer.Typer(help="Train a network without a notebook.", no_args_is_help=True)
Actor = Annotated[str, typer.Option(help="Whose clips, by folder name.")]
TrackedClips = Annotated[
    Path | None,
    typer.Option(help="MEAD-layout folder with .face3d.npz caches; the built-in actor's clips by default."),
]


@train_app.command("decoupling")
@one_line_errors
def train_decoupling(
    actor: Actor = "M003",
    data: TrackedClips = None,
    out: Annotated[
        Path | None,
        typer.Option(help="File to write; runs/weights/decoupling_<actor>.safetensors by default."),
    ] = None,
    face_model: FaceModel = None,
    steps: Annotated[
        int | None, typer.Option(min=1, max=MOST_STEPS, help="Updates of each network; 3000 by default.")
    ] = None,
    lambda2: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1e12,
            help="Weight of equation 4, in dm; higher: lips and expressions stay; 50000 by default.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=MOST_SEED, help="Seed of clips, weights and batches.")] = 0,
) -> None:
    """Train f_d on one actor and measure it on held-out clips; a stopped run goes on where it was."""
    train = lazy_import("dnt_core.training.decoupling_command", "train_with_progress")
    measure = lazy_import("dnt_core.studies.decoupling.report", "before_and_after")
    metrics = train(actor, data, out, face_model, seed, measure, steps=steps, lambda2=lambda2)
    print(json.dumps(metrics, indent=1))


@train_app.command("sync")
@one_line_errors
def train_sync(
    actor: Actor = "M003",
    data: Annotated[
        Path | None,
        typer.Option(
            help="MEAD-layout folder with sound and landmarks in its caches; the built-in actor's by default."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write; runs/weights/sync_<actor>.safetensors by default.")
    ] = None,
    steps: Annotated[
        int | None, typer.Option(min=1, max=MOST_STEPS, help="Updates; more: closer to converged.")
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=MOST_SEED, help="Seed of weights, batches and augmentation.")
    ] = 0,
) -> None:
    """Train the network that tells lips in sync on one actor and measure it on held-out clips."""
    train = lazy_import("dnt_core.training.sync_command", "train_with_progress")
    print(json.dumps(train(actor, data, out, seed, steps), indent=1))


@train_app.command("generator")
@one_line_errors
def train_generator(
    actor: Actor = "M003",
    data: TrackedClips = None,
    out: Annotated[
        Path | None,
        typer.Option(help="File to write; runs/weights/generator_<actor>_<size>.safetensors by default."),
    ] = None,
    profile: Annotated[
        str, typer.Option(help="Recipe of sizes and steps: quick, laptop, laptop_128 or paper.")
    ] = "laptop",
    decoupling: Annotated[
        Path | None,
        typer.Option(help="File of `dnt train decoupling`; without it the geometry stays as reconstructed."),
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option(
            help="Generator's file to start from (of other sizes, what fits); random weights by default."
        ),
    ] = None,
    size: Annotated[
        list[int] | None,
        typer.Option(
            min=16,
            max=MOST_SIDE,
            help="Side of the pictures of a stage in px (repeat for more stages); the recipe's by default.",
        ),
    ] = None,
    steps: Annotated[
        list[int] | None,
        typer.Option(
            min=1,
            max=MOST_STEPS,
            help="Updates of a stage (repeat for more stages); the recipe's by default.",
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=MOST_SEED, help="Seed of weights, batches and held-out clips.")
    ] = 0,
    face_model: FaceModel = None,
) -> None:
    """Train g(B, F, E) on one actor and measure it on held-out frames; a stopped run goes on where it was."""
    train = lazy_import("dnt_core.training.generator_command", "train_with_progress")
    stages = tuple(steps or ()) or None, tuple(size or ()) or None
    metrics = train(actor, data, out, profile, decoupling, start, *stages, seed, face_model=face_model)
    if metrics:  # of several processes under torchrun the first one measures
        print(json.dumps(metrics, indent=1))


@train_app.command("table2")
@one_line_errors
def train_table2(
    actor: Actor = "M003",
    data: TrackedClips = None,
    out: Annotated[
        Path | None, typer.Option(help="JSON file of results to write; table2.json in --folder by default.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Folder of films, weights and rows; runs/table2/<profile> by default.")
    ] = None,
    profile: Annotated[str, typer.Option(help="Sizes: nbval, quick or laptop.")] = "laptop",
    steps: Annotated[
        int | None,
        typer.Option(min=1, max=MOST_STEPS, help="Updates of every training; the profile's by default."),
    ] = None,
    seed: Annotated[
        list[int] | None,
        typer.Option(
            min=0, max=MOST_SEED, help="Seed of a training (repeat for more); 0, 1 and 2 by default."
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="A method, or a training such as ours_0 (repeat for more); all by default."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, max=MOST_JOBS, help="Trainings side by side.")] = 2,
    decoupling: Annotated[
        str,
        typer.Option(
            help="f_d: a name, or a file of `dnt train decoupling`; the actor's shipped one by default."
        ),
    ] = "",
    sync: Annotated[str, typer.Option(help="File of `dnt train sync`; without it no CSS is measured.")] = "",
    ship: Annotated[
        Path | None,
        typer.Option(help="Folder to copy table, judges and some weights to, as notebook 06 reads them."),
    ] = None,
) -> None:
    """Train ours, its ablations and its baselines alike and measure them; a stopped run goes on."""
    if ship is not None and data is not None:
        raise ValueError("--ship copies a table of the built-in actor; leave --data or --ship out")
    default = lazy_import("dnt_core.studies.table2.run_inputs", "default_folder")
    run = lazy_import("dnt_core.studies.table2.run_inputs", "Table2Run")(
        folder or default(profile), actor, profile, data, decoupling, sync, steps, tuple(seed or (0, 1, 2))
    )
    make = lazy_import("dnt_core.studies.table2.command", "make_table")
    print(json.dumps(make(run, out, tuple(only or ()), jobs), indent=1))
    if ship is not None:
        copy = lazy_import("dnt_core.studies.table2.shipped", "ship")
        print("\n".join(map(str, copy(run.folder, ship, actor, sync, out, run.seeds[0]))))


@train_app.command("lips")
@one_line_errors
def train_lips(
    out: Annotated[
        Path | None, typer.Option(help="File to write; runs/weights/lips_from_sound.safetensors by default.")
    ] = None,
    shards: Annotated[
        int | None, typer.Option(min=1, max=10_000, help="Files of data; more: more voices.")
    ] = None,
    steps: Annotated[
        int | None, typer.Option(min=1, max=MOST_STEPS, help="Updates; more: closer to converged.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=MOST_SEED, help="Seed of weights and batches.")] = 0,
    recordings: Annotated[
        Path | None,
        typer.Option(
            help="Folder of people's recordings with TextGrids or .lab files of their phones, trained on too."
        ),
    ] = None,
    judge: Annotated[
        Path | None, typer.Option(help="Folder of such recordings that are only measured on.")
    ] = None,
    start: Annotated[
        Path | None, typer.Option(help="Weights to go on from; random weights by default.")
    ] = None,
) -> None:
    """Train the lips that follow a sound and measure them on held-out voices; a stopped run goes on."""
    train = lazy_import("dnt_core.training.lips.command", "train_lips_with_progress")
    chosen = {} if shards is None else {"shards": shards}
    folders = {"recordings": recordings, "judge": judge, "start": start}
    print(json.dumps(train(out, steps=steps, seed=seed, **chosen, **folders), indent=1))


@train_app.command("moods")
@one_line_errors
def train_moods(
    out: Annotated[
        Path | None,
        typer.Option(help="File to write; runs/weights/expression_from_voice.safetensors by default."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=MOST_SEED, help="Seed of voices, words and weights.")] = 0,
) -> None:
    """Train what reads an expression from the voice and measure it on held-out voices."""
    train = lazy_import("dnt_core.training.lips.command", "train_moods_with_progress")
    print(json.dumps(train(out, seed), indent=1))
