r"""Commands that take minutes in their own sizes, in sizes of seconds: Table 2, ``dnt evaluate``, ``dnt
track`` by pixels, the page of ``dnt site live``, the graphs of ``dnt live``, ``dnt cache --clear``.

Each runs in a fork of its own, so what is put in the place of a module's function is not put back.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np


def toy_clips(folder: Path) -> None:
    from tests.face3d.toy_model import toy_model
    from tests.training.generator_clips import write_clips

    write_clips(folder / "clips", toy_model(), numbers=(1, 2, 3))


def _toy_judges() -> None:
    from dnt_core.studies.table2 import judges
    from dnt_core.training import preprocessing
    from tests.face3d.toy_model import toy_model

    preprocessing.load_face_model = lambda source: toy_model()
    judges.Judges.fit.__func__.__defaults__ = (replace(judges.FIT, epochs=1), None)


def table2(folder: Path) -> None:
    from dnt_core.studies.table2.command import make_table
    from dnt_core.studies.table2.run_inputs import Table2Run

    _toy_judges()
    Table2Run.network = lambda run: None  # the shipped f_d is of another face
    sizes = {"profile": "nbval", "steps": 2, "seeds": (0,), "progress": False}
    run = Table2Run(folder / "table2", data=folder / "clips", **sizes)
    make_table(run, only=("ours", "exprgan"), jobs=1)


def generator_and_clips(folder: Path) -> None:
    from dnt_core.networks.generator import Generator
    from dnt_core.training.generator_weights import save_generator
    from tests.networks.generator_inputs import TINY

    toy_clips(folder)
    notes = {"identity": "M003", "image_size": 32, "decoupling": None, "seed": 0}
    save_generator(folder / "mine.safetensors", Generator(TINY), notes)


def evaluate(folder: Path) -> None:
    from dnt_core.studies.table2.evaluate import evaluate_weights

    _toy_judges()
    evaluate_weights(
        folder / "mine.safetensors", folder / "clips", folder=folder / "evaluate", progress=False
    )


def film_and_points(folder: Path) -> None:
    from tests.tracking.tool_tracks import filmed, write_film

    write_film(folder / "happy_2_003.mp4", 6)
    np.save(folder / "happy_2_003.landmarks.npy", filmed(6).frame)


def track(folder: Path) -> None:
    from dnt_core.tracking.track_command import track_with_progress

    track_with_progress([folder / "happy_2_003.mp4"], face_model="procedural:400", out=folder / "mead")


def runtime_of_a_page(folder: Path) -> None:
    from dnt_core.live.static_page.runtime_files import FILES

    (folder / "dist").mkdir(parents=True)
    for name in FILES:
        (folder / "dist" / name).write_bytes(b"runtime " + name.encode())


def site_live(folder: Path) -> None:
    from dnt_core.live.static_page import build, face_file
    from dnt_core.paths import weights_folder

    # most of the page's time, and nothing of it is written
    face_file.page_speech, build.lips_file = (lambda *given: b""), (lambda: b"")
    build.page_face = partial(face_file.page_face, views=False)
    weights = weights_folder() / "generator_M003_128.safetensors"
    build.build_page(folder / "page", weights, ort=folder / "dist")


def _at_home(folder: Path) -> None:
    from dnt_core import paths

    os.environ[paths.HOME_VARIABLE] = str(folder / "home")


def live(folder: Path) -> None:
    from dnt_core.live import LiveFace
    from dnt_core.paths import weights_folder

    weights = weights_folder() / "generator_M003_128.safetensors"
    _at_home(folder)
    LiveFace(weights, runtime="exported")("happy", 0.5)


def built_face(folder: Path) -> None:
    from dnt_core.face3d import load_face_model

    folder.mkdir(parents=True)
    _at_home(folder)
    load_face_model("procedural:400")
    kept = folder / "home" / "cache" / "built"
    for file in list(kept.glob("*.safetensors")):
        for n in range(40):
            shutil.copy(file, kept / f"older{n}-{file.name}")


def cleared_and_built(folder: Path) -> None:
    from dnt_core.cache.folder import clear_cache
    from dnt_core.face3d import load_face_model

    _at_home(folder)
    clear_cache()
    load_face_model("procedural:400")
