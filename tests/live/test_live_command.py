r"""``dnt live`` before it serves: what it says when it cannot, and what it opens when it can."""

import shutil
import socket
import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dnt_core.cli import app
from dnt_core.clips import face_cache_path
from dnt_core.live import app_page
from dnt_core.live.default_clip import SHIPPED, default_clip
from dnt_core.live.scene import Scene
from dnt_core.serving import preflight
from dnt_core.training.generator_weights import load_generator, save_generator
from tests.live.drawn_face import DrawnFace

WEIGHTS = Path(__file__).parents[2] / "weights"


@pytest.fixture
def dnt(monkeypatch, tmp_path):
    monkeypatch.setenv("DNT_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(app, ["live", *(str(a) for a in arguments)])


@pytest.fixture
def served(monkeypatch):
    r"""What the command would serve; it is ready at once and ends at once."""
    calls, faces = [], []
    serve_faces = app_page.serve_faces

    def serve_app(app, port, host, *, ready):
        calls.append((faces.pop(), port, host))
        ready()

    def look(*given):
        faces.append(str(given[:2]))
        serve_faces(*given)

    monkeypatch.setattr(app_page, "serve_app", serve_app)
    monkeypatch.setattr(app_page, "serve_faces", look)
    monkeypatch.setattr("dnt_core.live.engine.LiveFace", lambda *given, captions: DrawnFace())
    monkeypatch.setattr("dnt_core.live.default_clip.default_clip", lambda *asked: None)
    return calls


@pytest.fixture
def opened(monkeypatch):
    r"""Addresses that a browser was told to open, and an event for the first."""
    told, first = [], threading.Event()

    def open_page(address):
        told.append(address)
        first.set()

    monkeypatch.setattr("webbrowser.open", open_page)
    return told, first


def test_the_shipped_faces_on_loopback_in_a_browser(dnt, served, opened):
    done = dnt("--port", 9001)
    assert done.exit_code == 0, done.output
    ((cell, port, host),) = served
    assert (port, host) == (9001, "127.0.0.1")
    for name in ("generator_M003_256", "generator_W009_256", "generator_M011_128"):
        assert str(WEIGHTS / name) in cell
    assert "The page is at http://127.0.0.1:9001/ (this machine only" in done.stdout
    told, first = opened
    assert first.wait(5) and told == ["http://127.0.0.1:9001/"]


def test_one_file_for_everybody_without_a_browser(dnt, served, opened):
    done = dnt("--weights", WEIGHTS / "generator_M003_128.safetensors", "--host", "0.0.0.0", "--no-browser")
    assert done.exit_code == 0, done.output
    ((cell, _, host),) = served
    assert host == "0.0.0.0" and "generator_M003_128" in cell and "W009" not in cell
    assert "for everybody on this network" in done.stdout
    assert opened[0] == []


@pytest.fixture(scope="module")
def clip():
    r"""The sentence that M003 says at 128 px, in MEAD's layout."""
    return default_clip("M003", 128)


def test_every_shipped_face_has_its_clip_in_the_package(monkeypatch, tmp_path):
    monkeypatch.setenv("DNT_HOME", str(tmp_path))
    monkeypatch.setattr("dnt_core.actor.filming.film_shot", None)  # nothing may be filmed
    for file in sorted(WEIGHTS.glob("generator_*_*.safetensors")):
        _, identity, size = file.stem.split("_")
        video = default_clip(identity, int(size))
        scene = Scene(video, int(size))
        assert video.is_relative_to(SHIPPED) and (len(scene), scene.audio is None) == (72, False)
    assert sum(path.stat().st_size for path in SHIPPED.rglob("*") if path.is_file()) < 2_000_000


def test_a_clip_of_ones_own_and_the_face_that_speaks_in_it(dnt, served, clip, tmp_path):
    done = dnt("--no-browser", "--clip", clip)
    assert done.exit_code == 0, done.output
    assert str(clip) in served[0][0] and "generator_M003_256" in served[0][0] and "W009" not in served[0][0]
    elsewhere = tmp_path / "me.mp4"
    for there, here in ((clip, elsewhere), (face_cache_path(clip), face_cache_path(elsewhere))):
        shutil.copy(there, here)
    several = dnt("--no-browser", "--clip", elsewhere)
    assert several.exit_code == 2 and len(several.stderr.splitlines()) == 1
    assert "is of 'me', the weights of M003, M011, W009; name one" in several.stderr
    done = dnt("--no-browser", "--clip", "me.mp4", "--weights", WEIGHTS / "generator_W009_128.safetensors")
    assert done.exit_code == 0, done.output
    assert str(elsewhere) in served[-1][0] and "generator_W009_128" in served[-1][0]


@pytest.mark.parametrize(
    ("content", "code", "sentence"), [(None, 1, "no clip M003.mp4"), (b"", 2, "M003.mp4 has no 3D face")]
)
def test_a_clip_that_is_not_is_one_sentence(dnt, tmp_path, content, code, sentence):
    if content is not None:
        (tmp_path / "M003.mp4").write_bytes(content)
    done = dnt("--no-browser", "--clip", "M003.mp4")
    assert (done.exit_code, len(done.stderr.splitlines())) == (code, 1), done.output
    assert done.stderr.startswith("dnt: ") and sentence in done.stderr
    if content is None:  # nobody's name either: it was said to be of 'me', who has no weights
        done = dnt("--no-browser", "--clip", "me.mp4")
        assert done.exit_code == 1 and "no clip me.mp4" in done.stderr


def no_weights(folder):
    return folder / "nowhere"


def empty(folder):
    return folder


def foreign(folder):
    shutil.copy(WEIGHTS / "decoupling_M003.safetensors", folder / "generator_M003_128.safetensors")
    return folder


def cut_off(folder):
    whole = (WEIGHTS / "generator_M003_128.safetensors").read_bytes()
    (folder / "generator_M003_128.safetensors").write_bytes(whole[:1000])
    return folder


def without_its_decoupling(folder):
    generator, _ = load_generator(WEIGHTS / "generator_M003_128.safetensors")
    notes = {"command": "dnt train generator --actor M003 --decoupling decoupling_mine.safetensors"}
    save_generator(folder / "generator_M003_128.safetensors", generator, notes)
    return folder


def a_stranger(folder):
    generator, _ = load_generator(WEIGHTS / "generator_M003_128.safetensors")
    save_generator(folder / "generator_M042_128.safetensors", generator)
    return folder


@pytest.mark.parametrize(
    ("weights", "code", "sentence"),
    [
        (
            no_weights,
            1,
            "nowhere does not exist; `dnt train generator --actor M003` makes one in runs/weights",
        ),
        (empty, 1, "holds no generator_<identity>_<size>.safetensors; `dnt train generator --actor M003`"),
        (foreign, 2, "generator_M003_128.safetensors holds no generator; it holds"),
        (cut_off, 2, "generator_M003_128.safetensors is not a whole safetensors file"),
        (without_its_decoupling, 1, "goes with the decoupling network 'mine': expected decoupling_mine.s"),
        (a_stranger, 2, "weights of 'M042' need a clip; built-in are only M003, W009, M011"),
    ],
)
def test_weights_that_are_not_are_one_sentence(dnt, tmp_path, weights, code, sentence):
    done = dnt("--no-browser", "--weights", weights(tmp_path))
    assert (done.exit_code, len(done.stderr.splitlines())) == (code, 1), done.output
    assert done.stderr.startswith("dnt: ") and sentence in done.stderr


def test_a_taken_port_is_said_before_anything_is_loaded(dnt):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = dnt("--no-browser", "--port", port)
    assert done.exit_code == 1 and done.stdout == ""
    assert done.stderr == f"dnt: port {port} on 127.0.0.1 is taken; choose another with --port\n"


def test_without_its_packages(dnt, monkeypatch):
    there = preflight.find_spec
    monkeypatch.setattr(preflight, "find_spec", lambda name: None if name == "uvicorn" else there(name))
    done = dnt("--no-browser")
    assert done.exit_code == 1 and len(done.stderr.splitlines()) == 1
    assert "the page needs uvicorn, which is not installed" in done.stderr
    assert "pip install uvicorn" in done.stderr
