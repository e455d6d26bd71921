r"""Every reader of the package, by the name of the file it is given (``good_files.py``)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.campaign.good_files import tiny_network

Reader = Callable[[Path], object]


def _film(path: Path) -> list[Reader]:
    from dnt_core.clips import load_clip, read_video, scan
    from dnt_core.clips.check_report import verdicts
    from dnt_core.clips.convert import convert_video
    from tests.clips.film_maker import as_clip

    def check(path: Path) -> object:
        return verdicts(scan(path.parents[5], verify=True))

    def convert(path: Path) -> object:
        return convert_video(path, path.parents[5] / "converted.mp4")

    return [lambda p: load_clip(as_clip(p)), read_video, check, convert]


def _sound(path: Path) -> list[Reader]:
    from dnt_core.clips import read_audio
    from dnt_core.clips.sound_blocks import hear

    return [read_audio, lambda p: [len(block) for block in hear(p).blocks()]]


def _track(path: Path) -> list[Reader]:
    from dnt_core.tracking.registry import read_track

    name = {"deca.npz": "deca", "wm3dr.npz": "wm3dr"}.get(path.name)
    return [lambda p: read_track([p], name)]


def _face_model(path: Path) -> list[Reader]:
    from dnt_core.face3d.bfm.h5_file import load_bfm_h5
    from dnt_core.face3d.bfm.load import load_bfm
    from dnt_core.face3d.flame import load_flame
    from dnt_core.face3d.ict import load_ict

    if path.parent.name == "ict":
        return [lambda p: load_ict(p.parent, face_vertices=892)]
    if path.parent.name == "flame":
        return [lambda p: load_flame(p.parent / "generic_model.pkl")]
    if path.suffix == ".h5":
        return [load_bfm_h5]
    model = "BFM_model_front.mat" if path.name == "BFM_UV.mat" else path.name
    return [lambda p: load_bfm(p.parent / model, p.parent)]


def _network(path: Path) -> list[Reader]:
    from dnt_core.audio.built_in import load_lips_network
    from dnt_core.audio.voice_expression import load_prosody_network
    from dnt_core.checkpoint import read_checkpoint, read_notes
    from dnt_core.metrics.expression_classifier import load_classifier
    from dnt_core.metrics.intensity_meter import IntensityMeter
    from dnt_core.training.decoupling_weights import load_decoupling_network
    from dnt_core.training.generator_weights import load_generator, open_generator
    from dnt_core.training.sync_network import load_sync_network

    kind = path.name.partition("_")[0]
    own = {
        "generator": [open_generator, load_generator],
        "decoupling": [load_decoupling_network],
        "lips": [load_lips_network],
        "expression": [load_prosody_network],
    }[kind]
    return [*own, read_checkpoint, read_notes, load_classifier, IntensityMeter.load, load_sync_network]


def _user_network(path: Path) -> list[Reader]:
    from dnt_core.networks.user_checkpoint import load_user_network

    return [lambda p: load_user_network(tiny_network, "wav2lip", p)]


def _bands(path: Path) -> list[Reader]:
    from dnt_core.workbook.metrics import load_bands

    return [lambda p: load_bands(p, "quick")]


def _film_plan(path: Path) -> list[Reader]:
    from dnt_core.actor.scan_geometry import read_film_plan

    return [lambda p: read_film_plan(p.parent)]


def _paths(path: Path) -> list[Reader]:
    from dnt_core.ciec_path import parse_path

    def parse(path: Path) -> object:
        r"""Each line by itself, as a person types it; the text stands for the file's name."""
        read, last = [], None
        for line in path.read_bytes().decode("utf-8", "replace").splitlines():
            try:
                read.append(parse_path(line).vectors(10, fps=5))
            except ValueError as error:
                last = ValueError(f"{path.name}: {error}")
        if last:
            raise last
        return read

    return [parse]


def _table(path: Path) -> list[Reader]:
    from dnt_core.audio.given import GivenLips
    from dnt_core.studies.perceptual_study.crema_d import read_votes
    from dnt_core.studies.perceptual_study.responses import read_responses
    from dnt_core.tracking.labels import read_labels

    return [
        {
            "responses.csv": read_responses,
            "labels.csv": read_labels,
            "votes.csv": read_votes,
            "lips.csv": lambda p: GivenLips(p, fps=30),
        }[path.name]
    ]


def _study_plan(path: Path) -> list[Reader]:
    from dnt_core.studies.perceptual_study.collecting.study_plan import read_plan

    return [lambda p: read_plan(p.parent)]


def _answers(path: Path) -> list[Reader]:
    from dnt_core.studies.perceptual_study.collecting.answer_store import AnswerStore
    from dnt_core.studies.perceptual_study.collecting.export import read_answers
    from dnt_core.studies.perceptual_study.collecting.study_plan import read_plan

    def count(path: Path) -> object:
        return AnswerStore(path, read_plan(path.parent / "study")).counts()

    return [read_answers, count]


def _notebook(path: Path) -> list[Reader]:
    from dnt_core.workbook.notebook_lint import notebook_problems
    from dnt_core.workbook.notebook_pairs import pair_problems, sync_pair

    def sync(path: Path) -> object:
        return sync_pair(path.with_suffix(".ipynb"), "newer", lambda line: None)

    return [
        lambda p: pair_problems(p.with_suffix(".ipynb")),
        lambda p: notebook_problems(p.with_suffix(".ipynb")),
        sync,
    ]


def _cache(path: Path) -> list[Reader]:
    from dnt_core.clips import read_face_cache

    return [read_face_cache]


def _provenance(path: Path) -> list[Reader]:
    from dnt_core.clips import read_provenance

    return [read_provenance]


_BY_NAME = {
    "responses.csv": _table, "labels.csv": _table, "votes.csv": _table, "lips.csv": _table,
    "bands.json": _bands, "film_plan": _film_plan, "paths.txt": _paths, "study_plan.csv": _study_plan,
    "answers.sqlite": _answers, "notebook.ipynb": _notebook, "notebook.py": _notebook, "face3d": _cache,
    "provenance": _provenance, "m4a": _sound, "wav": _sound,
    "aac": _sound, "ac3": _sound, "caf": _sound, "voc": _sound, "amr": _sound,
}  # fmt: skip


def readers_of(case: str, path: Path) -> list[Reader]:
    r"""The functions that read this kind of file, each given the path; imported when asked for."""
    if case in _BY_NAME:
        return _BY_NAME[case](path)
    if path.suffix == ".safetensors":
        return _network(path)
    if path.suffix == ".pth":
        return _user_network(path)
    if path.parent.name in ("basel", "flame", "ict"):
        return _face_model(path)
    if path.parent.name == "level_1":
        return _film(path)
    return _track(path)
