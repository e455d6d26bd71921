r"""The ways from sound to lips by name, and lips that were given."""

import json

import numpy as np
import pandas as pd
import pytest

from dnt_core.audio.built_in import BuiltInLips
from dnt_core.audio.given import GivenLips
from dnt_core.audio.lip_motion import _ROUTES, lip_motion, register_lip_motion
from dnt_core.audio.lips_network import LipsNetwork
from dnt_core.clips.face_cache import FaceCache, write_face_cache
from dnt_core.face3d.procedural.bases import movements_to_expression
from dnt_core.face3d.procedural.movements import movement_weights
from dnt_core.paths import weights_folder
from dnt_core.training.lips.weights import save_lips_network

SILENT = np.zeros(100, np.float32)


def numbers(frames=26):
    return np.linspace(0, 1, frames, dtype=np.float32)[:, None] * np.arange(64, dtype=np.float32)


def test_names_and_unknown_ones():
    assert {"built-in", "given", "wav2lip"} <= set(_ROUTES)
    with pytest.raises(ValueError, match="built-in.*given"):
        lip_motion("by magic")
    with pytest.raises(ValueError, match="'wav2lip' from sound to lips needs clip"):
        lip_motion("wav2lip")


def test_a_way_can_be_added_once(monkeypatch):
    monkeypatch.setattr("dnt_core.audio.lip_motion._ROUTES", dict(_ROUTES))
    register_lip_motion("still", lambda: lambda sound, rate, fps, frames: np.zeros((frames, 64)))
    assert lip_motion("still")(SILENT, 16000, 25, 7).shape == (7, 64)
    with pytest.raises(ValueError, match="already"):
        register_lip_motion("still", "a:b")
    register_lip_motion("absent", "no_such_module:Lips")
    with pytest.raises(ValueError, match="'absent'.*no_such_module"):
        lip_motion("absent")


@pytest.mark.parametrize(("name", "missing"), [("given", "path"), ("wav2lip", "clip")])
def test_a_way_that_needs_more_than_its_name_says_what(name, missing):
    r"""``dnt talk --lips given``, a name that another sentence offers."""
    with pytest.raises(
        ValueError, match=f"^the way '{name}' from sound to lips needs {missing}( and |; its)"
    ):
        lip_motion(name)
    with pytest.raises(ValueError, match=f"the way '{name}' from sound to lips has no option 'pth'; its"):
        lip_motion(name, pth="lips.npy")


@pytest.mark.parametrize(("kind", "delimiter"), [("npy", ""), ("npz", ""), ("csv", ","), ("csv", " ")])
def test_given_numbers_are_interpolated_in_time(tmp_path, kind, delimiter):
    path = tmp_path / f"lips.{kind}"
    if kind == "npy":
        np.save(path, numbers())
    elif kind == "npz":
        np.savez(path, expression=numbers(), names=np.array(["a"]))
    else:
        np.savetxt(path, numbers(), delimiter=delimiter)
    given = lip_motion("given", path=path, fps=25)
    np.testing.assert_allclose(given(SILENT, 16000, 25, 26), numbers(), atol=1e-6)
    np.testing.assert_allclose(given(SILENT, 16000, 50, 51), numbers(51), atol=1e-4)
    assert given(SILENT, 16000, 25, 28).shape == (28, 64)  # a tenth of a second is held
    with pytest.raises(ValueError, match=r"ends at 1\.00 s"):
        given(SILENT, 16000, 25, 40)


@pytest.mark.parametrize("index", [True, False])
def test_a_table_of_pandas_has_a_heading_that_is_no_frame(tmp_path, index):
    """The columns' numbers 0 to 63 were the first frame: a mouth that opens by 63 standard deviations."""
    pd.DataFrame(numbers()).to_csv(tmp_path / "lips.csv", index=index)
    given = GivenLips(tmp_path / "lips.csv", 25)
    np.testing.assert_allclose(given(SILENT, 16000, 25, 26), numbers(), atol=1e-6)
    pd.DataFrame(numbers()).to_csv(tmp_path / "lips.csv", index=False, header=False, sep=";", decimal=",")
    given = GivenLips(tmp_path / "lips.csv", 25)
    np.testing.assert_allclose(given(SILENT, 16000, 25, 26), numbers(), atol=1e-6)


def test_the_mouth_of_arkit_blend_shapes_moves_the_built_in_face(tmp_path):
    """Live Link Face's table; the built-in model's movements have the same names."""
    names = ["Timecode", "BlendshapeCount", "EyeBlinkLeft", "JawOpen", "MouthSmileLeft", "MouthSmileRight"]
    rows = [f"13:22:10:{t:02d}.250,61,0.9,{t / 10},0.25,0.5" for t in range(11)]
    (tmp_path / "take 1.csv").write_text("\n".join([",".join(names), *rows]))
    lips = GivenLips(tmp_path / "take 1.csv", 60)
    assert lips.face_model == "procedural"
    found = lips(SILENT, 16000, 60, 11)
    for t, row in enumerate(found):
        moved = {"jawOpen": t / 10, "mouthSmile_L": 0.25, "mouthSmile_R": 0.5}  # the film's own blinks stay
        np.testing.assert_allclose(row, movements_to_expression(movement_weights(moved)), atol=1e-5)
    (tmp_path / "take 1.csv").write_text(",".join(names))  # a recording that was stopped at once
    with pytest.raises(ValueError, match=r"take 1.csv holds an array of shape \(0, 64\), expected \(T, 64\)"):
        GivenLips(tmp_path / "take 1.csv", 60)
    (tmp_path / "broken.csv").write_text("JawOpen,MouthClose\n0.5\n")
    for name, said in (("broken.csv", "as many cells"), ("words.csv", "could not convert.*JawOpen among")):
        (tmp_path / "words.csv").write_text("a,b\n1,2\n")
        with pytest.raises(ValueError, match=f"{name} cannot be read as expression numbers: .*{said}"):
            GivenLips(tmp_path / name, 25)


def recorded(path, head, rows):
    path.write_text("\n".join([head, *rows]))
    return path


def jaw(lips, seconds, fps=50):
    r"""How far the jaw is open, of a face with that alone."""
    rows = lips(SILENT, 16000, fps, round(seconds * fps) + 1)
    return rows @ movements_to_expression(movement_weights({"jawOpen": 1.0})) / JAW


JAW = float(np.square(movements_to_expression(movement_weights({"jawOpen": 1.0}))).sum())


def live_link(times, fps, head="Timecode,BlendshapeCount,JawOpen"):
    r"""A take whose jaw opens by a third per second; ``times`` of its rows in s."""
    stamp = [f"13:22:{int(t):02d}:{round(t % 1 * fps, 3):06.3f},61,{t / 3:.5f}" for t in times]
    return head, stamp


def test_rows_of_a_warm_phone_go_by_their_times(tmp_path):
    """Live Link Face leaves frames out; lips that go by the number of rows then run ahead of the sound."""
    times = np.delete(np.arange(181) / 60, np.s_[30:90:2])  # half of the frames of the second half second on
    path = recorded(tmp_path / "take.csv", *live_link(times, 60))
    for lips in (GivenLips(path, 60), GivenLips(path)):  # which says its frames per second itself
        np.testing.assert_allclose(jaw(lips, 3), np.arange(151) / 150, atol=1e-3)
        assert lips.seconds == pytest.approx(181 / 60)


@pytest.mark.parametrize(("true", "given"), [(30, 60), (60, 30), (30, 25)])
def test_a_rate_that_the_times_of_a_take_contradict_is_refused(tmp_path, true, given):
    path = recorded(tmp_path / "take.csv", *live_link(np.arange(true * 3 + 1) / true, true))
    with pytest.raises(ValueError, match=f"times count {true} frames per second, and {given} were given"):
        GivenLips(path, given)


@pytest.mark.parametrize("stamp", ["00:00:{0:02d}:00.000", "00:00:00:{0:02d}.001", "{0}", "frame {0}"])
def test_times_that_make_no_sense_are_passed_over(tmp_path, stamp):
    """Converters write a second per row, milliseconds in place of frames, or the frame's number."""
    rows = [f"{stamp.format(t)},{t / 50}" for t in range(51)]
    lips = GivenLips(recorded(tmp_path / "take.csv", "Timecode,JawOpen", rows), 50)
    np.testing.assert_allclose(jaw(lips, 1), np.arange(51) / 50, atol=1e-5)


def test_audio2face_says_its_times(tmp_path):
    """Its service writes a table with seconds, its application a JSON with a rate."""
    rows = [f"{k},{k / 30:.6f},{k / 60:.6f},0" for k in range(31)]
    head = ",timeCode,blendShapes.JawOpen,blendShapes.MouthSmile_L"
    lips = GivenLips(recorded(tmp_path / "animation_frames.csv", head, rows))
    np.testing.assert_allclose(jaw(lips, 1), np.arange(51) / 100, atol=1e-4)
    held = {
        "exportFps": 60.0,
        "facsNames": ["jawOpen", "mouthClose"],
        "weightMat": [[k / 120, 0] for k in range(61)],
    }
    (tmp_path / "a2f.json").write_text(json.dumps(held))
    np.testing.assert_allclose(jaw(GivenLips(tmp_path / "a2f.json"), 1), np.arange(51) / 100, atol=1e-5)
    (tmp_path / "a2f.json").write_text(json.dumps(held | {"facsNames": ["jawOpen"]}))
    with pytest.raises(ValueError, match=r"a2f.json cannot be read .*frame 0 holds 2 weights, .* 1 names"):
        GivenLips(tmp_path / "a2f.json")
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(ValueError, match="other.json cannot be read .*facsNames and weightMat"):
        GivenLips(tmp_path / "other.json")


def frames_of(kind, values, seconds):
    r"""What programs put into JSON: frames with a jaw, and their times."""
    if kind == "BEAT":  # which many programs follow
        frames = [
            {"weights": [0, v], "time": t, "rotation": []} for v, t in zip(values, seconds, strict=True)
        ]
        return {"names": ["eyeBlinkLeft", "jawOpen"], "frames": frames}
    if kind == "rate alone":
        return {"metadata": {"fps": 50}, "names": ["jawOpen"], "frames": [{"weights": [v]} for v in values]}
    scores = [
        [{"categoryName": "_neutral", "score": 0}, {"categoryName": "jawOpen", "score": v}] for v in values
    ]
    if kind == "MediaPipe":
        return [
            {"timestamp_ms": round(1000 * t), "faceBlendshapes": [{"categories": of_frame}]}
            for of_frame, t in zip(scores, seconds, strict=True)
        ]
    return {"fps": 50, "frames": [{"blendShapes": {"jawOpen": v}} for v in values]}


@pytest.mark.parametrize("kind", ["BEAT", "rate alone", "MediaPipe", "by name"])
def test_blend_shapes_in_json_are_read_whoever_wrote_them(tmp_path, kind):
    seconds = np.arange(101) / 50
    (tmp_path / "take.json").write_text(json.dumps(frames_of(kind, list(seconds / 2), list(seconds))))
    np.testing.assert_allclose(jaw(GivenLips(tmp_path / "take.json"), 2), np.arange(101) / 100, atol=1e-3)
    with pytest.raises(ValueError, match="count 50 frames per second, and 25 were given"):
        GivenLips(tmp_path / "take.json", 25)


def test_rows_go_by_the_numbers_of_their_frames(tmp_path):
    """A script that writes no row where no face is found: the lips behind it ran ahead."""
    kept = np.delete(np.arange(1, 102), np.s_[20:60])
    rows = [f"{k},{(k - 1) / 100}" for k in kept]
    lips = GivenLips(recorded(tmp_path / "take.csv", "frame,jawOpen", rows), 50)
    np.testing.assert_allclose(jaw(lips, 2), np.arange(101) / 100, atol=1e-5)
    assert not lips.note
    rows = [f"{2 * k},{k / 100}" for k in range(101)]  # of a film with twice as many frames
    lips = GivenLips(recorded(tmp_path / "take.csv", "frame,jawOpen", rows), 50)
    np.testing.assert_allclose(jaw(lips, 2), np.arange(101) / 100, atol=1e-5)


@pytest.mark.parametrize(("head", "unit"), [("timestamp_ms", 1000), ("Time (s)", 1), ("timestamp", 1e6)])
def test_a_face_that_comes_late_is_not_moved_to_the_beginning(tmp_path, head, unit):
    seconds = 1 + np.arange(101) / 50
    rows = [f"{round(t * unit, 3)},{(t - 1) / 2}" for t in seconds]
    lips = GivenLips(recorded(tmp_path / "take.csv", f"{head},bs_jawOpen", rows))
    np.testing.assert_allclose(jaw(lips, 3), np.maximum(np.arange(151) / 50 - 1, 0) / 2, atol=1e-3)
    assert lips.note == "the lips begin at 1.00 s, as their file says; until then the mouth is held"
    clock = [f"{round((t + 5000) * unit, 3)},{(t - 1) / 2}" for t in seconds]  # since the phone was started
    lips = GivenLips(recorded(tmp_path / "take.csv", f"{head},bs_jawOpen", clock))
    np.testing.assert_allclose(jaw(lips, 2), np.arange(101) / 100, atol=1e-3)
    assert not lips.note


def test_sides_are_known_by_either_name(tmp_path):
    """Unity's mouthSmile_L was taken for no shape at all: a mouth that never smiled."""
    for head in (
        "JawOpen,MouthSmileLeft",
        "jawOpen,mouthSmile_L",
        "blendShapes.JawOpen,blendShapes.MouthSmile_L",
    ):
        lips = GivenLips(recorded(tmp_path / "take.csv", head, ["0,0.5", "0,0.5"]), 25)
        moved = movements_to_expression(movement_weights({"mouthSmile_L": 0.5}))
        np.testing.assert_allclose(lips(SILENT, 16000, 25, 1)[0], moved, atol=1e-5)


def test_a_mouth_by_other_names_is_refused(tmp_path):
    """MetaHuman's: the jaw alone was known, and the lips stood still."""
    head = "CTRL_expressions_jawOpen,CTRL_expressions_mouthCornerPullL,CTRL_expressions_mouthUpperLipRaiseL"
    with pytest.raises(ValueError, match="2 of its 3 shapes of jaw and mouth are not ARKit's, such as mouth"):
        GivenLips(recorded(tmp_path / "take.csv", head, ["0.1,0.5,0.2"]), 25)


def test_shapes_in_percent_are_refused(tmp_path):
    """Unity's lie in 0 to 100: the jaw was drawn fifty times as far open as it goes."""
    with pytest.raises(ValueError, match="its jawOpen reaches 45, expected 0 to 1; divide percent by 100"):
        GivenLips(recorded(tmp_path / "take.csv", "jawOpen,mouthClose", ["0,2", "45,0"]), 25)


def test_frames_without_a_face_are_passed_over(tmp_path):
    rows = ["0.0,0", ",", ",", "0.3,0"]
    lips = GivenLips(recorded(tmp_path / "take.csv", "jawOpen,mouthClose", rows), 10)
    np.testing.assert_allclose(jaw(lips, 0.3, 10), [0, 0.1, 0.2, 0.3], atol=1e-5)


def test_lips_of_a_file_have_a_name_by_which_a_stopped_film_goes_on(tmp_path):
    np.save(tmp_path / "a.npy", numbers())
    np.save(tmp_path / "b.npy", numbers() * 2)
    keys = [
        GivenLips(tmp_path / f"{name}.npy", fps).key
        for name, fps in (("a", 25), ("a", 25), ("a", 30), ("b", 25))
    ]
    assert keys[0] == keys[1] and len(set(keys)) == 3


def test_given_tracks_have_their_own_rate_and_model(tmp_path):
    tracks = np.zeros((11, 257), np.float32)
    tracks[:, 80:144] = numbers(11)
    path = write_face_cache(tmp_path / "a.face3d.npz", FaceCache(tracks, 10.0, "bfm2009", "somebody"))
    given = GivenLips(path)
    assert given.face_model == "bfm2009"
    np.testing.assert_allclose(given(SILENT, 16000, 10, 11), numbers(11), atol=1e-6)
    speech = numbers(11)[::-1]
    path = write_face_cache(
        path, FaceCache(tracks, 10.0, "procedural", "actor", speech_expression=np.ascontiguousarray(speech))
    )
    np.testing.assert_allclose(GivenLips(path)(SILENT, 16000, 10, 11), speech, atol=1e-6)


def test_lips_of_a_track_that_lost_the_face_say_so(tmp_path):
    trust = np.where(np.arange(30) < 6, 0, 1)
    path = tmp_path / "a.face3d.npz"
    for fps, said in ((10, "6 of 30 frames of the lips show no face: they lie between others"), (25, "")):
        write_face_cache(path, FaceCache(np.zeros((30, 257)), fps, "procedural", "toy", confidence=trust))
        assert GivenLips(path).note == said


def test_bad_files_are_named(tmp_path):
    path = tmp_path / "lips.npy"
    with pytest.raises(FileNotFoundError, match="lips.npy"):
        GivenLips(path, 25)
    np.save(path, np.zeros((5, 63)))
    with pytest.raises(ValueError, match=r"\(5, 63\), expected \(T, 64\)"):
        GivenLips(path, 25)
    np.save(path, numbers())
    with pytest.raises(ValueError, match="give fps"):
        GivenLips(path)
    bad = numbers()
    bad[3, 5] = np.nan
    np.save(path, bad)
    with pytest.raises(ValueError, match="frame 3"):
        GivenLips(path, 25)
    path.write_bytes(b"\x93NUMPY cut off")
    with pytest.raises(ValueError, match="cannot be read"):
        GivenLips(path, 25)
    (tmp_path / "lips.txt").write_text("1")
    with pytest.raises(ValueError, match="expected .face3d.npz"):
        GivenLips(tmp_path / "lips.txt", 25)


def test_lips_of_a_training_are_asked_for_by_their_file(tmp_path):
    from dnt_core.cli.talk import _lips
    from dnt_core.talking.film import _lip_motion

    own = tmp_path / "own.safetensors"
    save_lips_network(own, LipsNetwork(16), {})
    made = _lip_motion(_lips(str(own), None), None, tmp_path / "face.safetensors", None)
    assert isinstance(made, BuiltInLips) and made.network.width == 16
    with pytest.raises(ValueError, match="none was given"):
        _lips(str(own), 25.0)
    with pytest.raises(ValueError, match="holds no network from sound to lips"):
        _lip_motion(weights_folder() / "expression_from_voice.safetensors", None, own, None)
