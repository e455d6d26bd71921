r"""Every command that writes, in sizes of a second or two: prepared, run to its end, and its result compared.

Each command is given a folder. ``prepare`` fills it, ``run`` does what the command line does; run again it
has to go on. ``outputs`` says which files count as the result.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from tests.campaign import long_commands, notebook_commands


@dataclass(frozen=True)
class Command:
    r"""One command: prepare(folder), run(folder), and patterns of the files that are its result, whose names
    may be drawn anew in every run (``random_names``)."""

    prepare: Callable[[Path], None]
    run: Callable[[Path], None]
    outputs: tuple[str, ...]
    random_names: bool = False


def _nothing(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)


def _film(folder: Path) -> None:
    from dnt_core.actor import FilmConfig, film

    plan = FilmConfig(seconds=0.8, fps=5, image_size=32, intensities=(1.0,))
    film(folder / "film", plan, progress=True)


def _toy_clips(folder: Path) -> None:
    from tests.face3d.toy_model import toy_model
    from tests.training.generator_clips import write_clips

    write_clips(folder / "clips", toy_model())


def _generator(folder: Path) -> None:
    from tests.training.train_by_command import train

    train(str(folder / "clips"), str(folder / "generator.safetensors"))


def _frames_and_model():
    from tests.face3d.toy_model import toy_model
    from tests.training.decoupling_frames import made_up_frames

    return made_up_frames(), toy_model()


def _decoupling(folder: Path) -> None:
    from dnt_core.studies.decoupling.report import before_and_after
    from dnt_core.training.decoupling import SMOOTH_AND_INFORMED
    from dnt_core.training.decoupling_command import train_and_save

    config = replace(SMOOTH_AND_INFORMED, steps=60, batch_size=32, hidden=(16, 16))
    out = folder / "decoupling_M003.safetensors"
    checkpoint = out.with_suffix(".checkpoint")
    train_and_save(out, *_frames_and_model(), config, before_and_after, "", checkpoint)


def _lips(folder: Path) -> None:
    from dnt_core.training.lips.shards import shard
    from dnt_core.training.lips.training import LipsConfig, LipsTraining
    from dnt_core.training.lips.weights import save_lips_network

    data = [shard(k, folder / "shards", items=1, recordings=1, people=()) for k in range(2)]
    out = folder / "lips.safetensors"
    config = LipsConfig(steps=12, batch_size=2, width=8)
    training = LipsTraining(data, config)
    list(training.run(out.with_suffix(".checkpoint")))
    save_lips_network(out, training.averaged, {"steps": training.step})


def _sync_clips(folder: Path) -> None:
    from tests.training.sync_clips import write_clip

    for number in (1, 2, 3):
        write_clip(folder / "MEAD", number)


def _sync(folder: Path) -> None:
    from dnt_core.training.sync_command import train_with_progress

    train_with_progress("M003", folder / "MEAD", folder / "sync.safetensors", steps=4)


def _moods(folder: Path) -> None:
    from dnt_core.training.lips.moods import MoodConfig, acted_phrases, train_moods
    from dnt_core.training.lips.weights import save_prosody_network

    config = MoodConfig(phrases=12, steps=60, batch_size=32)
    data = acted_phrases(config.phrases, 0, folder / "moods.npz")
    save_prosody_network(folder / "moods.safetensors", train_moods(data, config), {"steps": config.steps})


def _talk_prepared(folder: Path) -> None:
    from dnt_core.clips import write_audio
    from dnt_core.talking import idle_clip

    t = np.arange(16000) / 16000
    write_audio(folder / "voice.wav", (0.5 * np.sin(900 * t) * np.sin(9 * t)).astype(np.float32))
    clip = idle_clip("M003", 128, seconds=1.6)
    for path in clip.parent.glob(f"{clip.stem}.*"):
        shutil.copy(path, folder)
    shutil.move(folder / clip.name, folder / "idle.mp4")
    shutil.move(folder / f"{clip.stem}.face3d.npz", folder / "idle.face3d.npz")


def _talk(folder: Path) -> None:
    from dnt_core.paths import weights_folder
    from dnt_core.talking import film, film_parts

    film_parts.runs_folder, film_parts.PART_SECONDS = (lambda: folder / "runs"), 0.2
    given = {"clip": folder / "idle.mp4", "weights": weights_folder() / "generator_M003_128.safetensors"}
    film.talk(folder / "voice.wav", "happy:0→1", folder / "talk.mp4", **given)


def _study(folder: Path) -> None:
    from tests.studies.study_clips import make_study

    make_study(folder / "study", expressions=("happy",))


def _answers_prepared(folder: Path) -> None:
    from tests.studies.study_clips import write_plan

    write_plan(folder / "plan", groups=6)


def _answers(folder: Path) -> None:
    from dnt_core.studies.perceptual_study.collecting.answer_store import AnswerStore
    from dnt_core.studies.perceptual_study.collecting.export import export_answers
    from dnt_core.studies.perceptual_study.collecting.study_plan import read_plan

    plan = read_plan(folder / "plan")
    store = AnswerStore(folder / "answers.sqlite", plan)
    for n in range(4):
        secret = f"{n:032x}"
        store.enrol(secret, "I agree")
        for group in plan.groups:
            store.answer(secret, group.name, [c.name for c in group.clips][:: 1 if n % 2 else -1])
    export_answers(store.path, folder / "answers.csv")


def _responses(folder: Path) -> None:
    from tests.campaign.good_files import RESPONSES

    folder.mkdir(parents=True)
    (folder / "answers.csv").write_text(RESPONSES)


def _score(folder: Path) -> None:
    from dnt_core.studies.perceptual_study import score_file

    score_file(folder / "answers.csv", out=folder / "scores")


def _track_prepared(folder: Path) -> None:
    from tests.tracking.tool_tracks import write_film

    write_film(folder / "clip.mp4", 6)
    points = np.random.default_rng(0).uniform(100, 250, (68, 2))
    np.save(folder / "lm68.npy", points + np.arange(6)[:, None, None])


def _track(folder: Path) -> None:
    from dnt_core.tracking.importing import import_track

    import_track([folder / "lm68.npy"], folder / "clip.mp4", face_model="procedural:400")


def _convert_prepared(folder: Path) -> None:
    from tests.clips.film_maker import make_film

    folder.mkdir(parents=True)
    make_film(folder / "film.mkv", times=np.arange(40) / 30)


def _convert(folder: Path) -> None:
    from dnt_core.clips.convert import convert_video

    convert_video(folder / "film.mkv", folder / "film.mp4")


def _old_weights(folder: Path) -> None:
    from dnt_core.checkpoint import read_notes, rewrite_notes
    from dnt_core.paths import weights_folder

    (folder / "weights").mkdir(parents=True)
    for name in ("decoupling_M003", "decoupling_W009", "generator_M003_128"):
        for suffix in (".safetensors", ".json"):
            shutil.copy(weights_folder() / f"{name}{suffix}", folder / "weights")
        path = folder / "weights" / f"{name}.safetensors"
        notes = read_notes(path)[0]
        for key in ("key", "decoupling", "face_model", "identity"):
            if name.startswith("decoupling"):
                notes["made_with"].pop(key, None)
        rewrite_notes(path, notes)


def _migrate(folder: Path) -> None:
    from dnt_core.training.weights_migration import migrate_weights

    migrate_weights([folder / "weights"])


COMMANDS: dict[str, Command] = {
    "film": Command(
        _nothing, _film, ("film/**/*.mp4", "film/**/*.m4a", "film/**/*.npz", "film/manifest.json")
    ),
    "train generator": Command(_toy_clips, _generator, ("generator.safetensors",)),
    "train decoupling": Command(_nothing, _decoupling, ("*.safetensors",)),
    "train sync": Command(_sync_clips, _sync, ("sync.safetensors",)),
    "train moods": Command(_nothing, _moods, ("moods.safetensors",)),
    "train table2": Command(
        long_commands.toy_clips,
        long_commands.table2,
        ("table2/*.safetensors", "table2/rows/*.json", "table2/table2.json", "table2/figure7.npz"),
    ),
    "train lips": Command(_nothing, _lips, ("lips.safetensors", "shards/*.npz")),
    "run": Command(
        notebook_commands.notebooks, notebook_commands.run, ("run/metrics.json", "run/*/result.json")
    ),
    "study clips": Command(_nothing, _study, ("study/*.mp4",), random_names=True),
    "study answers": Command(_answers_prepared, _answers, ("answers.csv",)),
    "score": Command(_responses, _score, ("scores/*.csv", "scores/*.json")),
    "talk": Command(_talk_prepared, _talk, ("talk.mp4",)),
    "track": Command(
        long_commands.film_and_points,
        long_commands.track,
        ("mead/**/*.mp4", "mead/**/*.npz", "mead/**/*.png"),
    ),
    "track --import": Command(_track_prepared, _track, ("*.npz",)),
    "evaluate": Command(
        long_commands.generator_and_clips, long_commands.evaluate, ("evaluate/prepared/**/*.safetensors",)
    ),
    "live": Command(_nothing, long_commands.live, ("home/cache/graphs/*.onnx",)),
    "site live": Command(long_commands.runtime_of_a_page, long_commands.site_live, ("page/**/*",)),
    "cache": Command(
        long_commands.built_face, long_commands.cleared_and_built, ("home/cache/built/*.safetensors",)
    ),
    "data convert": Command(_convert_prepared, _convert, ("film.mp4",)),
    "weights migrate": Command(_old_weights, _migrate, ("weights/*",)),
    "notebooks sync": Command(notebook_commands.edited_notebooks, notebook_commands.sync, ("notebooks/*",)),
    "notebooks strip": Command(notebook_commands.untidy_notebooks, notebook_commands.strip, ("notebooks/*",)),
    "notebooks publish": Command(
        notebook_commands.finished_run,
        notebook_commands.publish,
        ("notebooks/*", "figures/*.png", "claims.md"),
    ),
    "notebooks claims": Command(notebook_commands.published_run, notebook_commands.claims, ("claims.md",)),
}


#: whose imports start threads, after which a fork may find a lock that nobody will open
_WITH_THREADS = ("dnt_core.metrics.classifier_eval",)


def import_all() -> None:
    r"""Imports what commands import when they run, so that a fork has it already."""
    import importlib
    import pkgutil

    import dnt_core
    from tests.campaign import good_files  # noqa: F401

    for module in pkgutil.walk_packages(dnt_core.__path__, "dnt_core."):
        if "__main__" not in module.name and module.name not in _WITH_THREADS:
            with suppress(ImportError):
                importlib.import_module(module.name)


def run_quietly(name: str, folder: Path) -> None:
    r"""Runs a command in this process without its bars and prints."""
    torch.set_num_threads(1)
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        COMMANDS[name].run(folder)
