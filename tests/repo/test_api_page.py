r"""The public API: quick to import, complete, and every block of docs/api.md runs as it stands."""

import re
import subprocess
import sys
import warnings
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import dnt_core
from dnt_core.clips import read_audio, read_video, write_face_cache, write_video
from dnt_core.lazy_exports import lazy_exports
from dnt_core.live.default_clip import default_clip
from dnt_core.training.generator_weights import load_generator, save_generator

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "api.md").read_text(encoding="utf-8"), re.S)
LAZY = [
    "dnt_core", "dnt_core.actor", "dnt_core.live", "dnt_core.live.widget", "dnt_core.networks",
    "dnt_core.rendering", "dnt_core.studies.perceptual_study",
    "dnt_core.studies.perceptual_study.collecting", "dnt_core.training",
]  # fmt: skip


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DNT_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setattr("dnt_core.live.default_clip.SECONDS", 0.8)
        return default_clip("M003", 128)


@pytest.fixture(scope="module")
def tracked(video, tmp_path_factory):
    r"""The clip as one that was tracked: its camera sees a square of a wider picture."""
    made = tmp_path_factory.mktemp("wide").joinpath(*video.parts[-6:])
    made.parent.mkdir(parents=True)
    frames = np.pad(read_video(video).frames, ((0, 0), (0, 0), (40, 24), (0, 0)))
    cache = dnt_core.read_face_cache(video)
    write_video(made, frames, cache.fps, read_audio(video), mark=False)
    write_face_cache(made, replace(cache, crop=(0, 40, *frames.shape[1:2] * 2), image_size=None))
    return made


@pytest.fixture(scope="module")
def model():
    return dnt_core.load("M003", size=128, device="cpu")


@pytest.mark.skipif(sys.platform == "win32", reason="clocks of processes differ")
def test_importing_costs_next_to_nothing():
    seen = (
        "import sys, time; start = time.process_time(); import dnt_core; "
        "print(time.process_time() - start, *({'torch', 'numpy', 'numba', 'av'} & set(sys.modules)))"
    )
    seconds, *heavy = subprocess.check_output([sys.executable, "-c", seen], text=True).split()
    assert heavy == [] and float(seconds) <= 0.2


def test_the_page_runs(tracked, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = {"video": tracked, "folder": tracked.parents[5]}
    for block in BLOCKS:
        exec(compile(block, "docs/api.md", "exec"), names)
        assert "clip" not in names or names["clip"].camera_fits  # else faces are drawn beside the face
        assert len([line for line in block.splitlines() if line.strip()]) <= 5
    assert len(BLOCKS) >= 8 and (tmp_path / "smile.mp4").exists()


def test_the_page_shows_every_name_that_was_asked_for():
    shown = "".join(BLOCKS)
    wanted = "load encode parse_path Generator LiveFace scan load_clip load_face_model rasterize talk".split()
    assert [name for name in wanted if f"dnt_core.{name}(" not in shown] == []


@pytest.mark.parametrize("package", LAZY)
def test_a_package_shows_what_it_says_and_nothing_is_two_things(package):
    module = import_module(package)
    own = {path.stem for path in Path(module.__file__).parent.iterdir()}
    assert module.__all__ and not own & set(module.__all__)
    for name in module.__all__:
        assert getattr(module, name) is not None and name in dir(module)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        module.nothing  # noqa: B018


def test_there_is_one_table_of_lazy_names():
    mine = {p for p in (ROOT / "dnt_core").rglob("*.py") if "def __getattr__(" in p.read_text("utf-8")}
    assert mine == set() and lazy_exports.__module__ == "dnt_core.lazy_exports"


# the model on clips


def apart(a, b):
    return int(np.abs(a.astype(int) - b.astype(int)).max())


def test_path_clip_and_frames_give_the_same_pictures_as_the_live_face(model, video):
    pictures = model(video, "happy", 0.7)
    face = dnt_core.read_face_cache(video)
    assert pictures.shape == (len(face), 128, 128, 3) and pictures.dtype == np.uint8
    (clip,) = dnt_core.scan(video.parents[5])
    loaded = dnt_core.load_clip(clip, size=128)
    for other in (model(clip, "happy", 0.7), model(loaded.frames, "happy", 0.7, face=face)):
        assert apart(other, pictures) == 0
    live = dnt_core.LiveFace(model.weights, video, runtime="torch")
    assert apart(live("happy", 0.7, frame=3), pictures[3]) <= 1


def test_an_expression_is_known_in_any_case(model, video):
    (clip,) = dnt_core.scan(video.parents[5]).filter(expression="Neutral")
    loaded = dnt_core.load_clip(clip, size=128, stop=2)
    assert apart(model(loaded, "Happy", 0.7), model(loaded, "happy", 0.7)) == 0
    assert apart(model(loaded, ["Neutral", "SAD"]), model(loaded, ["neutral", "sad"])) == 0
    live = dnt_core.LiveFace(model.weights, video, runtime="torch")
    assert apart(live("Sad", 0.5), live("sad", 0.5)) == 0


def test_intensity_may_differ_from_frame_to_frame(model, video):
    neutral, full = model(video, "neutral"), model(video, "happy")
    n = len(neutral)
    growing = model(video, "happy", np.linspace(0, 1, n))
    assert apart(growing[0], neutral[0]) <= 1 and apart(growing[-1], full[-1]) <= 1
    path = model(video, dnt_core.parse_path("happy:0→1"))
    assert apart(path, growing) <= 1
    assert apart(full, neutral) > 10


def test_every_frame_may_have_its_own_expression(model, video):
    (clip,) = dnt_core.scan(video.parents[5])
    loaded = dnt_core.load_clip(clip, size=128, stop=3)
    names, intensities = ["neutral", "happy", "sad"], [0.0, 0.7, 1.0]
    pictures = model(loaded, names, intensities)
    vectors = dnt_core.encode(names, np.array(intensities))  # (3, 7)
    assert apart(model(loaded, vectors), pictures) == 0
    assert apart(model(loaded, dnt_core.encode(names, intensities)), pictures) <= 1  # a tensor
    alone = [model(loaded, name, x)[i] for i, (name, x) in enumerate(zip(names, intensities, strict=True))]
    assert apart(np.stack(alone), pictures) <= 1
    for said, ask in {
        "CIEC vectors have shape (2, 7); expected (3, 7), one per frame": (vectors[:2], None),
        "2 expressions for 3 frames; expected one per frame": (names[:2], None),
        "CIEC vectors hold their own intensities; leave intensity out, got 1.0": (vectors, 1.0),
        "a path over time holds its own intensities; leave intensity out, got 0.5": ("sad:0→1", 0.5),
        "expression[0] is not a CIEC": (vectors + 0.5, None),
    }.items():
        with pytest.raises(ValueError, match=re.escape(said)):
            model(loaded, *ask)
    with pytest.raises(TypeError, match="expression must be a name, names, a path or vectors"):
        model(loaded, None)


@pytest.mark.parametrize(
    "arguments, said",
    [
        ({"name": "M011", "size": 256}, "no generator of M011 for 256 px; there is one for 128"),
        ({"name": "M042"}, "no weights of 'M042'; there are some of M003, M011, W009"),
        ({"name": "m003"}, r"no weights of 'm003'; did you mean M003\?"),
        ({"name": "nowhere.safetensors"}, "nowhere.safetensors"),
    ],
)
def test_missing_weights_are_said(arguments, said, monkeypatch, tmp_path):
    monkeypatch.setenv("DNT_HOME", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=said):
        dnt_core.load(arguments["name"], arguments.get("size"))


def test_own_weights_of_an_actor_whose_are_shipped_are_left_aside_with_a_word(model, monkeypatch, tmp_path):
    own = tmp_path / "runs" / "weights" / "generator_M003_128.safetensors"
    own.parent.mkdir(parents=True)
    own.write_bytes(model.weights.read_bytes())
    monkeypatch.setenv("DNT_HOME", str(tmp_path))
    with pytest.warns(
        UserWarning, match=f"the shipped weights of M003 are taken; .* {own}"
    ):  # nothing was said
        assert dnt_core.load("M003", 128, "cpu").weights == model.weights
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert dnt_core.load(own, device="cpu").weights == own
        assert dnt_core.load("M003", 256, "cpu").size == 256


def test_an_expression_that_no_clip_of_the_training_showed_is_said(model, video, tmp_path):
    generator, made_with = load_generator(model.weights)
    notes = made_with | {"expressions": ["happy", "neutral"]}
    knows_one = dnt_core.load(save_generator(tmp_path / "mine.safetensors", generator, notes), device="cpu")
    loaded = dnt_core.load_clip(dnt_core.scan(video.parents[5])[0], size=128, stop=3)
    with pytest.warns(
        UserWarning, match="mine.safetensors was trained without a clip that is angry or sad: "
    ):
        next(knows_one.parts(loaded, "sad:0→1→0, angry:0→1"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        next(knows_one.parts(loaded, "happy"))
        next(model.parts(loaded, "sad"))  # which does not say what it was trained on


def test_what_does_not_fit_is_said(model, video, tmp_path):
    face = dnt_core.read_face_cache(video)
    frames = np.zeros((len(face), 64, 64, 3), np.uint8)
    bare = tmp_path / "bare.mp4"
    bare.write_bytes(video.read_bytes())
    foreign = dnt_core.FaceCache(face.parameters, face.fps, "bfm2009", "test")
    for said, ask in {
        "expected bare.face3d.npz beside it": lambda: model(bare, "happy"),
        "face=FaceCache or FaceParameters": lambda: model(frames, "happy"),
        "expected square ones": lambda: model(frames[:, :32], "happy", face=face),
        "frames with faces of batch": lambda: model(frames[:1], "happy", face=face),
        "face holds numbers of the face model 'bfm2009'": lambda: model(frames, "happy", face=foreign),
        "unknown expression 'smile'": lambda: model(video, "smile"),
        "intensity 2 is not in": lambda: model(video, "happy", 2),
    }.items():
        with pytest.raises(ValueError, match=re.escape(said)):
            ask()
