r"""Clips of the study by the shipped generators, and what ``dnt study`` says when it cannot begin."""

import shutil
import socket

import numpy as np
import pytest
from typer.testing import CliRunner

from dnt_core.cli import app
from dnt_core.paths import weights_folder
from dnt_core.studies.perceptual_study.collecting import make_clips, study_command
from dnt_core.studies.perceptual_study.collecting.clip_making import ClipOrder
from dnt_core.studies.perceptual_study.collecting.generated_clips import GeneratedClips
from dnt_core.training.generator_weights import find_generators


@pytest.fixture(scope="module")
def weights():
    return find_generators(size=128)["M003"]


@pytest.fixture(scope="module")
def render(weights):
    return GeneratedClips([weights], seconds=1.0, fps=4)


def shown(render, expression, intensity, speech=1):
    clip = render(ClipOrder("M003", expression, intensity, speech))
    return np.stack(list(clip.frames)).astype(int), clip


def test_clips_of_a_group_share_sound_pose_and_speech_and_differ_in_the_expression(render):
    weak, first = shown(render, "surprised", 0.2)
    strong, second = shown(render, "surprised", 0.9)
    nothing, _ = shown(render, "surprised", 0.0)
    other, _ = shown(render, "angry", 0.0)
    assert weak.shape == (4, 128, 128, 3) and (first.fps, first.sample_rate) == (4, 16_000)
    np.testing.assert_array_equal(first.sound, second.sound)
    assert len(first.sound) == 16_000 and np.abs(first.sound).max() > 0.05
    assert np.abs(strong - nothing).mean() > 2 * np.abs(weak - nothing).mean() > 0.2
    np.testing.assert_array_equal(nothing, other)  # intensity 0 looks alike, whatever the expression
    assert np.abs(strong - nothing)[:, :12, :12].max() <= 12, "the background tells nothing"
    assert np.abs(nothing[1:] - nothing[:-1]).mean() > 0.1, "the head speaks and moves"


def test_another_group_says_something_else(render):
    (here, first), (there, second) = (shown(render, "surprised", 0.5, speech) for speech in (1, 2))
    assert not np.array_equal(first.sound, second.sound) and np.abs(here - there).mean() > 0.5


def test_clips_are_drawn_into_a_study_whose_manifest_says_of_what(render, weights, tmp_path):
    plan = make_clips(
        tmp_path, render, render.identities, ("sad",), m=2, made_of=render.made_of, progress=False
    )
    assert [len(g.clips) for g in plan.groups] == [2, 2] and plan.groups[0].practice
    assert render.made_of.startswith(f"1 s at 4 frames/s, {weights.stem} ")
    assert render.made_of in (tmp_path / "manifest.csv").read_text()
    assert GeneratedClips([weights], 1.2, 4).made_of != render.made_of


def test_wrong_weights_are_said(weights, render, tmp_path):
    with pytest.raises(ValueError, match="no weights of 'W009'; there are M003"):
        render(ClipOrder("W009", "sad", 0.5, 1))
    twin = tmp_path / "generator_M003_64.safetensors"
    shutil.copy(weights, twin)
    with pytest.raises(ValueError, match="another file of M003; expected one an identity"):
        GeneratedClips([weights, twin])


# what the command says


@pytest.fixture
def dnt(monkeypatch, tmp_path):
    monkeypatch.setenv("DNT_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        done = CliRunner().invoke(app, ["study", *map(str, arguments)])
        assert "Traceback" not in done.output and len(done.output.strip().splitlines()) <= 2
        return done.exit_code, done.output

    yield call
    assert not list(tmp_path.rglob("*.mp4")) and not list(tmp_path.rglob("*.sqlite"))


def test_a_taken_port_is_said_before_a_clip_is_drawn(dnt):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, said = dnt("--port", port)
    assert code == 1 and f"port {port} on 127.0.0.1 is taken; choose another with --port" in said


@pytest.fixture
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_missing_weights_are_said(dnt, port, monkeypatch):
    monkeypatch.setattr(study_command, "in_own_process", lambda work, *given: work(*given))
    code, said = dnt("--port", port, "--weights", "nowhere/generator_M003_128.safetensors")
    assert code == 1 and "nowhere/generator_M003_128.safetensors" in said
    f_d = weights_folder() / "decoupling_M003.safetensors"
    code, said = dnt("--port", port, "--weights", f_d)
    assert code == 2 and "holds no generator; it holds network" in said
    monkeypatch.setattr("dnt_core.training.generator_weights.find_generators", dict)
    code, said = dnt("--port", port)
    assert code == 1 and "there are no generators in" in said and "`dnt train generator`" in said


def test_missing_packages_are_said(dnt, port, monkeypatch):
    monkeypatch.setattr("dnt_core.serving.preflight.find_spec", lambda name: None)
    code, said = dnt("--port", port)
    assert code == 1 and "the page needs starlette uvicorn websockets segno, which is not installed" in said


def test_nothing_to_export_is_said(dnt):
    code, said = dnt("--export")
    assert code == 2 and "answers.sqlite: no such file; expected the SQLite file of answers" in said
