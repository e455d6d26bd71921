r"""The live engine on the shipped 128-px weights: what it draws, and what it says to bad input."""

import shutil
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from dnt_core.ciec import CIEC_TYPES, EXPRESSIONS, encode
from dnt_core.live import LiveError, LiveFace, engine, film_face
from dnt_core.live.onnx_graphs import FoldedFace, UnfoldedFace
from dnt_core.training.decoupling_weights import load_decoupling_network
from dnt_core.training.generator_weights import load_generator, save_generator

WEIGHTS = Path(__file__).parents[2] / "weights" / "generator_M003_128.safetensors"


@pytest.fixture(scope="module")
def face():
    return LiveFace(WEIGHTS, runtime="exported")


def apart(a, b):
    return np.abs(a.astype(int) - b.astype(int))


def test_intensity_moves_the_picture_on_and_zero_is_neutral_for_every_type(face):
    face("neutral", 0.0)
    face("neutral", 0.0)
    assert face.settle()  # folded and not, a pixel may differ by one
    neutral = face("neutral", 0.0)
    assert neutral.shape == (128, 128, 3) and neutral.dtype == np.uint8
    for name in CIEC_TYPES:
        changes = [apart(face(name, x), neutral).mean() for x in (0.0, 0.5, 1.0)]
        assert changes[0] == 0 and 0 < changes[1] < changes[2]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_name_with_its_intensity_is_the_vector_that_encode_gives(expression):
    for value in (0.0, 1 / 3, 1.0):
        x = torch.tensor(0.0 if expression == "neutral" else value)
        assert torch.equal(LiveFace._code(expression, value, None), encode(expression, x))


def test_exported_folded_and_torch_draw_the_same(face):
    torch_face = LiveFace(WEIGHTS, runtime="torch")
    for frame in (0, face.n_frames // 2):
        first = face("happy", 1.0, frame)
        assert apart(first, torch_face("happy", 1.0, frame)).max() <= 1
        face("happy", 1.0, frame)
        assert face.settle()  # now folded
        assert {kind for kind, _ in face._drawing._exported} == {UnfoldedFace, FoldedFace}
        assert apart(first, face("happy", 1.0, frame)).max() <= 1


def test_while_the_clip_plays_each_picture_has_the_texture_of_its_own_moment(face):
    torch_face = LiveFace(WEIGHTS, runtime="torch")
    asked = [("happy", 1.0, 1), ("happy", 1.0, 2), ("sad", 1.0, 3), ("happy", 1.0, 4), ("happy", 0.5, 5)]
    for ask in asked:
        assert apart(face(*ask), torch_face(*ask)).max() <= 1
    assert apart(face("sad", 1.0, 3), face("happy", 1.0, 3)).max() > 10  # else nothing was compared


def test_folding_starts_no_threads_that_drawing_would_wait_for(face, monkeypatch):
    face.settle()  # what was asked for before
    fold, seen, before, rested = face._drawing.fold, [], torch.get_num_threads(), threading.Event()

    def watched(prepared):
        seen.append((threading.current_thread() is threading.main_thread(), torch.get_num_threads()))
        return fold(prepared)

    monkeypatch.setattr(face._drawing, "fold", watched)
    monkeypatch.setattr(engine, "time", SimpleNamespace(sleep=lambda seconds: rested.wait(60)))
    for frame in (6, 6, 7, 7):  # the first is asked for twice in passing, as when the clip plays
        face("happy", 0.5, frame)
    rested.set()
    assert face.settle()
    assert seen == [(False, 1)] and torch.get_num_threads() == before


def test_a_frame_that_comes_to_rest_while_another_is_folded_is_folded_next(face, monkeypatch):
    face.settle()
    fold, begun, go_on = face._drawing.fold, threading.Event(), threading.Event()

    def slow(prepared):
        begun.set()
        assert go_on.wait(60)
        return fold(prepared)

    monkeypatch.setattr(face._drawing, "fold", slow)
    for _ in range(2):
        face("sad", 0.5, 8)
    assert begun.wait(60)
    for _ in range(2):
        face("sad", 0.5, 9)  # on a busy machine all pictures of 9 are asked for while 8 is folded
    go_on.set()
    assert face.settle()


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (("happy", float("nan")), "intensity nan is not in"),
        (("happy", 1.5), "intensity 1.5 is not in"),
        (("merry", 0.5), "unknown expression 'merry'"),
        (("happy", 0.5, 10_000), "there is no frame 10000"),
        (("happy", 0.5, 0, (0.0, float("inf"), 0.0)), "not three finite numbers"),
    ],
)
def test_bad_input_is_one_sentence_and_the_face_lives_on(face, asked, sentence):
    before = face("sad", 0.5)
    with pytest.raises(LiveError, match=sentence):
        face(*asked)
    assert apart(face("sad", 0.5), before).max() <= 1  # folded meanwhile


def test_weights_and_clips_that_are_not(tmp_path):
    with pytest.raises(FileNotFoundError):
        LiveFace(tmp_path / "none.safetensors")
    with pytest.raises(ValueError):
        LiveFace(WEIGHTS.with_name("decoupling_M003.safetensors"))
    bare = tmp_path / "bare.mp4"
    bare.write_bytes(b"")
    with pytest.raises(LiveError, match="has no 3D face"):
        LiveFace(WEIGHTS, bare)


def test_ones_own_weights_are_decoupled_by_the_network_beside_them(face, tmp_path):
    generator, _ = load_generator(WEIGHTS)
    file = tmp_path / "generator_M003_128.safetensors"
    notes = {"command": "dnt train generator --actor M003 --decoupling decoupling_mine.safetensors"}
    save_generator(file, generator, notes)
    with pytest.raises(FileNotFoundError, match=r"expected decoupling_mine\.safetensors beside it"):
        LiveFace(file, face.scene.clip.video, runtime="torch")
    shutil.copy(WEIGHTS.with_name("decoupling_W009.safetensors"), tmp_path / "decoupling_mine.safetensors")
    mine = LiveFace(file, face.scene.clip.video, runtime="torch").scene
    other = load_decoupling_network("W009").decouple(face.scene.seen)
    torch.testing.assert_close(mine.drawn.expression, other.expression)
    assert not torch.allclose(mine.drawn.expression, face.scene.drawn.expression)


def test_a_path_becomes_a_marked_film_with_sound(face, tmp_path):
    import av

    done = []
    out = film_face(face, "happy:0→1→0", tmp_path / "film.mp4", progress=lambda n, of: done.append((n, of)))
    assert done[-1] == (face.n_frames, face.n_frames)
    with av.open(str(out)) as film:
        assert film.streams.video and film.streams.audio
        assert sum(1 for _ in film.decode(video=0)) == face.n_frames
    with pytest.raises(ValueError):
        film_face(face, "happy:0→2", tmp_path / "bad.mp4")
    assert not (tmp_path / "bad.mp4").exists()
