r"""What the kernel answers to the page: every request, the wrong ones with a sentence; a film's mark."""

import base64
import io
import threading
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
from traitlets import TraitError

from dnt_core.clips import read_audio, read_provenance, read_video
from dnt_core.clips.provenance import mark_frame
from dnt_core.live import LiveError
from dnt_core.live.widget import LiveFaceWidget, RequestHandler
from tests.live.drawn_face import BrokenFace, DrawnFace

ASK = {"kind": "frame", "id": "a-1", "expression": "happy", "intensity": 0.5, "frame": 3}
WEIGHTS = Path(__file__).parents[2] / "weights"


@pytest.fixture
def answers():
    return RequestHandler({"one": BrokenFace(size=64, n_frames=12)})


def picture(message, buffer, which=0):
    width, height = message["shapes"][which]
    return np.frombuffer(buffer, np.uint8).reshape(height, width, 3)


def test_a_frame_is_the_engines_pixels(answers):
    message, buffers = answers.answer(ASK)
    assert (message["id"], message["kind"]) == ("a-1", "frame") and message["engine_ms"] >= 0
    face = DrawnFace(size=64, n_frames=12)
    np.testing.assert_array_equal(picture(message, buffers[0]), face("happy", 0.5, 3))
    message, buffers = answers.answer(ASK | {"inside": "uv"})
    np.testing.assert_array_equal(picture(message, buffers[1], 1), face.inside("uv", "happy", 0.5, 3))


def test_only_what_changed_is_sent_and_gives_the_whole_picture(answers):
    face, canvas = DrawnFace(size=64), np.zeros((64, 64, 3), np.uint8)
    for k, level in enumerate((0.1, 0.4, 0.4, 0.9)):
        request = ASK | {"id": f"page-{k}", "intensity": level, "whole": k == 0}
        message, (part,) = answers.answer(request)
        assert message["since"] == (f"page-{k - 1}" if k else None) and message["shapes"] == [[64, 64]]
        left, top, across, down = message["boxes"][0]
        pixels = np.frombuffer(part, np.uint8).reshape(down, across, 3)
        canvas[top : top + down, left : left + across] = pixels
        np.testing.assert_array_equal(canvas, face("happy", level, 3))
        assert len(part) == (64 * 64 * 3, 58 * 58 * 3, 0, 58 * 58 * 3)[k]  # the disc's square


@pytest.mark.parametrize("who", [{"id": "page-1", "whole": True}, {"id": "other-0", "whole": False}])
def test_a_page_that_asks_so_or_is_new_gets_a_whole_picture(answers, who):
    answers.answer(ASK | {"id": "page-0"})
    message, (pixels,) = answers.answer(ASK | {"intensity": 0.6} | who)
    assert message["since"] is None
    assert message["boxes"] == [(0, 0, 64, 64)] and len(pixels) == 64 * 64 * 3


def test_neutral_has_no_intensity_whatever_is_asked(answers):
    message, buffers = answers.answer(ASK | {"expression": "neutral"})
    np.testing.assert_array_equal(picture(message, buffers[0]), DrawnFace(size=64)("neutral", 0.0, 3))


def test_opening_tells_the_clip_and_its_sound(answers):
    message, (sound,) = answers.answer({"kind": "open", "id": 1, "identity": ""})
    assert (message["identity"], message["n_frames"], message["fps"], message["rate"]) == (
        "one",
        12,
        30.0,
        16_000,
    )
    samples, _ = DrawnFace(n_frames=12).audio
    np.testing.assert_allclose(np.frombuffer(sound, "<i2") / 32767, samples, atol=1e-4)
    assert message["captions"] == ""  # a face that says none
    mute, (sound,) = RequestHandler({"x": DrawnFace(sound=False)}).answer({"kind": "open"})
    assert mute["rate"] == 0 and len(sound) == 0


def test_opening_warms_a_face_behind_and_a_warmth_that_fails_is_no_trouble():
    face, begun = DrawnFace(size=64), threading.Event()

    def warm(frames):
        begun.set()
        raise OSError("no such frame")

    face.warm = warm
    answers = RequestHandler({"one": face})
    assert answers.answer({"kind": "open"})[0]["kind"] == "open" and begun.wait(5)
    assert answers.answer(ASK)[0]["kind"] == "frame"


def test_a_text_becomes_key_points_as_shares_of_the_clip(answers):
    message, _ = answers.answer({"kind": "path", "id": 1, "text": "happy:0@0s→1@0.5s→0@2s", "duration": 2.0})
    assert message["points"] == [[0.0, "happy", 0.0], [0.25, "happy", 1.0], [1.0, "happy", 0.0]]


@pytest.mark.parametrize(
    ("request_", "part"),
    [
        (ASK | {"intensity": float("nan")}, "intensity is nan, which is no finite number"),
        (ASK | {"intensity": "NaN"}, "intensity is NaN, which is no finite number"),
        (ASK | {"intensity": None}, "intensity is None"),
        (ASK | {"intensity": 1.01}, "intensity 1.01 is not in [0, 1]"),
        (ASK | {"expression": "bored"}, "unknown expression 'bored'"),
        (ASK | {"frame": 12}, "frame 12 is not in the clip; expected 0 … 11"),
        (ASK | {"pose": [0, 0]}, "a pose has three angles, got 2"),
        (ASK | {"pose": [0, float("inf"), 0]}, "an angle of the pose is inf"),
        (ASK | {"identity": "two"}, "there is no face 'two'; expected one of one"),
        (ASK | {"expression": "sad"}, "RuntimeError: the weights have no tears"),
        ({"kind": "path", "text": "happy:0→2"}, "2 is not in [0, 1]"),
        ({"kind": "path", "text": "sad:0@0s→1@9s", "duration": 2.0}, "the path ends at 9 s, the clip at 2 s"),
        ({"kind": "film", "text": "joy:0→1"}, "joy"),
        ({"kind": "dance"}, "expected one of open, frame, path, film"),
        ("hello", "the page asked for 'hello'"),
        (None, "the page asked for None"),
    ],
)
def test_nonsense_is_answered_with_one_sentence_and_the_next_request_with_a_picture(answers, request_, part):
    message, buffers = answers.answer(request_)
    assert message["kind"] == "trouble" and buffers == []
    assert part in message["sentence"] and "\n" not in message["sentence"]
    assert answers.answer(ASK)[0]["kind"] == "frame"


@pytest.mark.parametrize(
    ("face", "part"),
    [
        ("generator_of_nobody.safetensors", "generator_of_nobody.safetensors"),
        (WEIGHTS / "decoupling_M003.safetensors", "decoupling_M003.safetensors"),
        (lambda: (_ for _ in ()).throw(LiveError("clip.mp4 has no 3D face")), "clip.mp4 has no 3D face"),
    ],
)
def test_a_face_that_cannot_be_made_is_said_and_the_others_live_on(face, part):
    answers = RequestHandler({"bad": face, "good": DrawnFace()})
    for kind in ("open", "frame"):
        message, _ = answers.answer(ASK | {"kind": kind, "identity": "bad"})
        assert message["kind"] == "trouble" and part in message["sentence"]
    assert answers.answer(ASK | {"identity": "good"})[0]["kind"] == "frame"


def test_a_face_is_made_once_when_it_is_looked_at():
    made = []
    answers = RequestHandler({"a": DrawnFace(), "b": lambda: made.append(1) or DrawnFace()})
    answers.answer(ASK)
    assert made == []
    for _ in range(2):
        answers.answer(ASK | {"identity": "b"})
    assert made == [1]


def test_what_a_face_draws_is_checked():
    class Grey(DrawnFace):
        def __call__(self, *asked, **named):
            return super().__call__(*asked, **named)[..., 0]

    message, _ = RequestHandler({"grey": Grey(size=64)}).answer(ASK)
    assert message["sentence"] == "a face drew uint8 (64, 64); expected (height, width, 3) uint8"


def test_frames_are_answered_while_a_film_is_made():
    face = DrawnFace(size=64, n_frames=12)
    answers, told, done = RequestHandler({"one": face}), [], threading.Event()

    def tell(said):
        told.append(said)
        if len(told) == 4:  # in the middle of the film
            other = threading.Thread(target=lambda: answers.answer(ASK) and done.set())
            other.start()
            assert done.wait(10)

    message, (film,) = answers.answer({"kind": "film", "id": 7, "text": "happy:0→1→0"}, tell=tell)
    assert message == {"id": 7, "kind": "film", "text": "happy:0→1→0"} and len(film) > 1000
    assert told == [{"id": 7, "kind": "progress", "done": k, "frames": 12} for k in range(1, 13)]


def test_a_film_from_the_widget_is_marked_synthetic_and_says_how_it_was_made(tmp_path):
    face = DrawnFace(size=128, n_frames=30)
    face.provenance = {"identity": "a disc"}
    _, (film,) = RequestHandler({"one": face}).answer({"kind": "film", "text": "happy:0→1"})
    path = tmp_path / "film.mp4"
    path.write_bytes(film)
    video, record = read_video(path), read_provenance(path)
    assert video.frames.shape == (30, 128, 128, 3) and np.abs(read_audio(path)).max() > 0.1
    assert record["synthetic"] is True and record["expression"] == "happy:0→1"
    assert record["identity"] == "a disc"
    drawn = np.stack([face("happy", k / 29, k) for k in range(30)])
    marked = np.stack([mark_frame(frame) for frame in drawn])
    off, without = (np.abs(video.frames.astype(int) - frames).sum(-1) for frames in (marked, drawn))
    mark = (marked != drawn).any(-1)
    assert mark.any(axis=(1, 2)).all()  # in every frame
    nearer = (off < without) & mark
    assert (nearer.sum(axis=(1, 2)) / mark.sum(axis=(1, 2))).min() > 0.8


def test_an_observer_that_breaks_is_said_and_the_picture_still_comes():
    widget, sent = LiveFaceWidget(DrawnFace(size=64)), []
    widget.send = lambda message, buffers=None: sent.append((message, buffers))

    def tearful(change):
        raise RuntimeError("no tears left")

    widget.observe(tearful, names="intensity")
    widget._handle_custom_msg(ASK, [])
    ((message, buffers),) = sent
    assert message["kind"] == "frame" and message["note"] == widget.error == "RuntimeError: no tears left"
    np.testing.assert_array_equal(picture(message, buffers[0]), DrawnFace(size=64)("happy", 0.5, 3))


def still_of(face, **values):
    bundle, _ = LiveFaceWidget(face, **values)._repr_mimebundle_()
    return matplotlib.image.imread(io.BytesIO(base64.b64decode(bundle["image/png"])), format="png")[..., :3]


def test_without_a_kernel_there_is_a_still_and_the_state_is_small():
    widget = LiveFaceWidget(DrawnFace(size=64), intensity=0.5)
    bundle, _ = widget._repr_mimebundle_()
    assert "happy 0.5" in bundle["text/plain"]
    shown, other = (still_of(DrawnFace(size=64), intensity=x) for x in (0.5, 1.0))
    assert shown.shape[1] > 2 * 256  # the face, and the pad beside it
    moved = (np.abs(shown - other).max(-1) > 0.2).nonzero()
    assert (moved[1] > 256).any()  # the hand on the pad moved, too
    state = {k: v for k, v in widget.get_state().items() if k not in ("_esm", "_css")}
    assert len(repr(state)) < 10_000


def test_a_value_out_of_range_is_said_in_the_widget_and_leaves_the_old_one():
    widget = LiveFaceWidget(DrawnFace(size=64), intensity=0.5)
    for value in (float("nan"), -0.1):
        with pytest.raises(TraitError, match=r"is not in \[0, 1\]"):
            widget.intensity = value
        assert widget.intensity == 0.5 and "is not in [0, 1]" in widget.error
    widget.error = ""
    widget.set_state({"intensity": None})  # what a page says for NaN
    assert widget.intensity == 0.5 and "intensity" in widget.error


@pytest.mark.parametrize("frame_first", [True, False])
def test_what_a_frame_and_a_link_both_bring_is_said_once_in_the_same_words(frame_first):
    widget, said = LiveFaceWidget(DrawnFace(size=64)), []
    widget.observe(lambda change: said.append(change.new), names="error")
    by_frame = lambda: widget._handle_custom_msg(ASK | {"expression": "wistful"}, [])  # noqa: E731
    by_link = lambda: widget.set_state({"expression": "wistful"})  # noqa: E731
    for bring in (by_frame, by_link) if frame_first else (by_link, by_frame):
        bring()
    (sentence,) = said
    assert sentence.startswith("unknown expression 'wistful'") and widget.expression == "happy"
    with pytest.raises(TraitError, match="unknown expression 'wistful'"):
        widget.expression = "wistful"  # a program's mistake is said again
    assert said == [sentence, "", sentence]
    widget.expression = "Sad"
    assert widget.expression == "sad" and widget.picture().shape == (64, 64, 3)


def test_a_page_sets_what_no_frame_carries_and_nothing_else():
    widget = LiveFaceWidget(DrawnFace(size=64), intensity=0.5)
    for values in ({"path": "sad:0→1", "intensity": 0.9, "names": []}, {"playing": True}, None, "nonsense"):
        widget._handle_custom_msg({"kind": "set", "values": values}, [])
    assert (widget.path, widget.playing, widget.intensity) == ("sad:0→1", True, 0.5) and widget.names
    widget._handle_custom_msg({"kind": "set", "values": {"path": "sad:0→2"}}, [])
    assert widget.path == "sad:0→1" and "2 is not in [0, 1]" in widget.error


def test_the_curve_takes_only_paths_that_change_their_type_at_zero():
    widget = LiveFaceWidget(DrawnFace(size=64), path="sad:0→1→0, happy:0→1")
    with pytest.raises(TraitError, match="sad at 1"):
        widget.path = "sad:0→1, happy:0→1"
    assert widget.path == "sad:0→1→0, happy:0→1" and "sad at 1" in widget.error
