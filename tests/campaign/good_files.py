r"""One whole, small file for every reader, written once; the campaign damages copies of them."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from contextlib import closing
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch
from scipy.io import savemat

from dnt_core.actor import FilmConfig
from dnt_core.clips import FaceCache, write_face_cache, write_video
from dnt_core.clips.sound import write_audio
from dnt_core.paths import weights_folder
from dnt_core.studies.perceptual_study.collecting.answer_store import AnswerStore
from tests.clips.film_maker import make_film
from tests.clips.test_sound_blocks import write_sound
from tests.clips.test_sound_ends import AMR
from tests.face3d.basel_files import basel_arrays, to_chj, write_chj, write_mat, write_uv
from tests.face3d.scan_files import write_flame, write_h5, write_ict
from tests.repo.tiny_notebooks import build
from tests.studies.study_clips import write_plan
from tests.tracking.tool_tracks import write_deep3d

SECRET = "0123456789abcdef" * 2
RESPONSES = "observer,group,identity,expression,clip,intensity,rank\n" + "".join(
    f"o{o},g1,M003,happy,c{i},{i / 3:.3f},{i + 1}\n" for o in (1, 2) for i in range(4)
)
LABELS = "file,actor,expression,level,number\na.mp4,me,happy,2,1\nb.mp4,me,neutral,1,2\n"
VOTES = (
    "fileName,modality,numResponses,A,D,F,H,S,"
    "meanAngerResp,meanDisgustResp,meanFearResp,meanHappyResp,meanSadResp\n"
    "1001_IEO_ANG_HI,face,10,9,0,0,0,0,80,-1,-1,-1,-1\n"
    "1002_IEO_HAP_LO,face,10,0,0,0,8,0,-1,-1,-1,40,-1\n"
)
PATHS = ("happy:0→1→0, sad:0→0.8", "happy:0@0s→1@0.5s→0@2s", "angry:0@0%→1@100%", "fear:0.5")
_SHIPPED = ("generator_M003_128", "decoupling_M003", "lips_from_sound", "expression_from_voice")


def write_good_files(folder: Path) -> dict[str, Path]:
    r"""Name of a reader's case (see ``readers.py``) → the file that is damaged."""
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, Path] = {}
    _films(folder, files)
    _tables(folder, files)
    _face_models(folder, files)
    _tracks(folder, files)
    _networks(folder, files)
    _study_and_notebooks(folder, files)
    return files


def _films(folder: Path, files: dict[str, Path]) -> None:
    times = np.arange(12) / 30
    for suffix, options in {
        "mp4": {}, "mkv": {}, "webm": {"codec": "libvpx", "sound": "libopus"},
        "mov": {"codec": "mpeg4", "base": Fraction(1, 30)},
        "flv": {"codec": "flv1", "sound": None, "base": Fraction(1, 1000)},
        "avi": {"codec": "mpeg4", "sound": None, "base": Fraction(1, 30)},
    }.items():  # fmt: skip
        place = folder / suffix / "M003" / "video" / "front" / "happy" / "level_1"
        place.mkdir(parents=True)
        files[suffix] = make_film(place / f"001.{suffix}", times=times, **options)
    write_face_cache(files["mp4"], _cache(12))
    sound = 0.3 * np.sin(np.arange(8000) / 10).astype(np.float32)
    for suffix in ("m4a", "wav"):
        files[suffix] = folder / f"sound.{suffix}"
        write_audio(files[suffix], sound)
    tone = np.tile(sound, (2, 6))
    for suffix, codec in {"aac": "aac", "ac3": "ac3", "caf": "pcm_s16be", "voc": "pcm_u8"}.items():
        files[suffix] = write_sound(folder / f"bare.{suffix}", tone, 48000, codec, "stereo")
    files["amr"] = folder / "phone.amr"
    files["amr"].write_bytes(AMR)
    files["provenance"] = folder / "marked.mp4"
    write_video(files["provenance"], np.full((4, 64, 64, 3), 90, np.uint8), 30)
    files["face3d"] = folder / "cached.face3d.npz"
    write_face_cache(folder / "cached.mp4", _cache(8))


def _cache(frames: int) -> FaceCache:
    return FaceCache(
        np.zeros((frames, 257), np.float32), 30, "procedural", "test", (64, 96),
        landmarks=np.full((frames, 68, 2), 40.0, np.float32),
    )  # fmt: skip


def _tables(folder: Path, files: dict[str, Path]) -> None:
    points = ",".join([*(f"x_{i}" for i in range(68)), *(f"y_{i}" for i in range(68))])
    rows = "\n".join(",".join(f"{v:.1f}" for v in np.linspace(20, 80, 136) + t) for t in range(4))
    lips = "\n".join(",".join(f"{v:.3f}" for v in np.linspace(-1, 1, 64)) for _ in range(4))
    for name, text in {
        "responses.csv": RESPONSES, "labels.csv": LABELS, "votes.csv": VOTES, "lips.csv": lips + "\n",
        "landmarks.csv": f"{points}\n{rows}\n", "paths.txt": "\n".join(PATHS) + "\n",
        "bands.json": json.dumps({"quick": {"a.x": [0, 1], "a.y": [None, 2.5, "optional"]}}, indent=1),
        "frame.lms": "\n".join(f"{20 + i} {30 + i / 2}" for i in range(68)) + "\n",
    }.items():  # fmt: skip
        files[name] = folder / name
        files[name].write_text(text, encoding="utf-8")
    files["film_plan"] = folder / "film" / "manifest.json"
    files["film_plan"].parent.mkdir()
    files["film_plan"].write_text(json.dumps({"plan": asdict(FilmConfig())}, default=list))


def _face_models(folder: Path, files: dict[str, Path]) -> None:
    arrays = basel_arrays()
    basel = folder / "basel"
    basel.mkdir()
    write_uv(basel, arrays["_uv"])
    files["bfm.mat"] = write_mat(basel / "BFM_model_front.mat", arrays)
    files["bfm_uv.mat"] = basel / "BFM_UV.mat"
    files["bfm.chj"] = write_chj(basel / "bfm.chj", to_chj(arrays))
    files["bfm.h5"] = basel / "model2019.h5"
    write_h5(files["bfm.h5"])
    write_flame(folder / "flame")
    files["flame.pkl"] = folder / "flame" / "generic_model.pkl"
    files["flame.npy"] = folder / "flame" / "landmark_embedding.npy"
    write_ict(folder / "ict")
    files["ict.obj"] = folder / "ict" / "generic_neutral_mesh.obj"
    files["ict.json"] = folder / "ict" / "vertex_indices.json"


def _tracks(folder: Path, files: dict[str, Path]) -> None:
    rng = np.random.default_rng(0)
    stored = 0.1 * rng.standard_normal((4, 257)).astype(np.float32)
    points = rng.uniform(20, 80, (4, 68, 2)).astype(np.float32)
    write_deep3d(folder / "deep3d", stored[:1], points[:1])
    files["deep3d.mat"] = folder / "deep3d" / "000000.mat"
    files["sadtalker.mat"] = folder / "sadtalker.mat"
    savemat(files["sadtalker.mat"], {"coeff_3dmm": stored[:, :73], "full_3dmm": stored[:1]})
    files["vid_coeff.npy"] = folder / "vid_coeff.npy"
    np.save(files["vid_coeff.npy"], {"coeff": stored, "lm68": points}, allow_pickle=True)
    files["wm3dr.npz"] = folder / "wm3dr.npz"
    np.savez(files["wm3dr.npz"], parameters=stored, cell=np.full(4, 2080))
    files["deca.npz"] = folder / "deca.npz"
    np.savez(files["deca.npz"], landmarks2d=points / 112 - 1)
    files["lm68.npy"] = folder / "lm68.npy"
    np.save(files["lm68.npy"], points)
    files["track_params.pt"] = folder / "adnerf" / "track_params.pt"
    files["track_params.pt"].parent.mkdir()
    torch.save(
        {"id": torch.zeros(1, 100), "exp": torch.zeros(1, 79), "euler": torch.zeros(1, 3),
         "trans": torch.zeros(1, 3), "focal": torch.tensor([1100.0])},
        files["track_params.pt"],
    )  # fmt: skip
    images = files["track_params.pt"].parent / "ori_imgs"
    images.mkdir()
    shutil.copy(files["frame.lms"], images / "0.lms")


def _networks(folder: Path, files: dict[str, Path]) -> None:
    for name in _SHIPPED:
        shipped = weights_folder() / f"{name}.safetensors"
        if shipped.is_file():
            files[f"{name}.safetensors"] = folder / shipped.name
            shutil.copy(shipped, files[f"{name}.safetensors"])
    for zipped in (True, False):
        path = folder / f"network_{'zip' if zipped else 'old'}.pth"
        torch.save({"state_dict": tiny_network().state_dict()}, path, _use_new_zipfile_serialization=zipped)
        files[path.name] = path


def tiny_network() -> torch.nn.Module:
    return torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Linear(4, 2))


def _study_and_notebooks(folder: Path, files: dict[str, Path]) -> None:
    plan = write_plan(folder / "study", groups=2)
    files["study_plan.csv"] = next((folder / "study").glob("*.csv"))
    database = folder / "answers.sqlite"
    store = AnswerStore(database, plan)
    store.enrol(SECRET, "I agree")
    for group in store.observer(SECRET).layout.groups:
        clips = [c.name for c in plan.group(group).clips]
        random.Random(0).shuffle(clips)
        store.answer(SECRET, group, clips)
    with closing(sqlite3.connect(database)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    files["answers.sqlite"] = database
    notebook = folder / "notebooks" / "01_toy.ipynb"
    build(notebook, "x = 1\nx", "# Words", "print(x)", pair=True)
    files["notebook.ipynb"], files["notebook.py"] = notebook, notebook.with_suffix(".py")
