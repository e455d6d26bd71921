r"""Landmarks as other programs dump them: JSON, dictionaries, axes in another order, a file per frame."""

import json
import pickle

import numpy as np
import pytest
from scipy.io import savemat

from dnt_core.tracking.foreign_track import TrackError
from dnt_core.tracking.landmark_files import read_landmarks
from dnt_core.tracking.registry import read_track
from tests.tracking.tool_tracks import HEIGHT, WIDTH, filmed

POINTS = filmed(12).frame
DEEP = np.concatenate([POINTS, np.full((12, 68, 1), 7.0)], -1)  # with depths


def as_npy(path, value):
    np.save(path.with_suffix(".npy"), value, allow_pickle=True)
    return [path.with_suffix(".npy")]


def as_pickle(path, value):
    path.with_suffix(".pkl").write_bytes(pickle.dumps(value))
    return [path.with_suffix(".pkl")]


def as_json(path, value):
    path.with_suffix(".json").write_text(json.dumps(value))
    return [path.with_suffix(".json")]


def as_3ddfa_texts(path, value):
    for t, frame in enumerate(value):
        np.savetxt(path.parent / f"{t:05d}_0.txt", frame)
    return [path.parent]


def as_files(path, value):
    for t, frame in enumerate(value):
        np.save(path.parent / f"frame_{t:04d}.npy", frame)
    return [path.parent]


@pytest.mark.parametrize(
    ("write", "value"),
    [
        (as_npy, DEEP.transpose(0, 2, 1)),
        (as_npy, POINTS.transpose(1, 2, 0)),
        (as_npy, POINTS[..., ::-1]),
        (as_npy, np.concatenate([POINTS, POINTS[:, 36:38]], 1)),
        (as_npy, {f"frames/{t}.png": [POINTS[t]] for t in reversed(range(12))}),
        (as_pickle, list(DEEP.transpose(0, 2, 1))),
        (as_pickle, {"landmarks": POINTS, "fps": 30}),
        (as_pickle, [{"lmk": frame, "score": 0.9} for frame in POINTS]),
        (as_json, POINTS.tolist()),
        (as_json, {"width": WIDTH, "points": POINTS.tolist()}),
        (as_json, [[{"x": x, "y": y, "z": 1} for x, y in frame] for frame in POINTS]),
        (as_json, [{"faceLandmarks": [frame.tolist()]} for frame in POINTS]),
        (as_3ddfa_texts, DEEP.transpose(0, 2, 1)),
        (as_files, POINTS),
        (as_files, DEEP.transpose(0, 2, 1)),
    ],
    ids=[
        "3DDFA", "MATLAB's order", "rows before columns", "with pupils", "a dictionary of frames",
        "3DDFA's list", "a dictionary with landmarks", "dictionaries per frame", "JSON", "JSON with a name",
        "JSON of x and y", "JSON of faces", "3DDFA's texts", "a file per frame", "3DDFA's per frame",
    ],
)  # fmt: skip
def test_the_same_points_in_every_dress(write, value, tmp_path):
    paths = write(tmp_path / "points", value)
    np.testing.assert_allclose(read_track(paths).landmarks, POINTS, atol=1e-9)
    np.testing.assert_allclose(read_track(paths, "landmarks").landmarks, POINTS, atol=1e-9)


def test_shares_in_json_and_frames_without_a_face(tmp_path):
    frames = [[{"x": x / WIDTH, "y": y / HEIGHT, "z": 0} for x, y in frame] for frame in POINTS]
    frames[3], frames[4] = None, []
    track = read_landmarks(as_json(tmp_path / "points", frames))
    assert track.landmarks_in == "shares"
    seen = np.isfinite(track.landmarks).all((1, 2))
    assert (~seen).nonzero()[0].tolist() == [3, 4]
    np.testing.assert_allclose(track.landmarks[seen] * [WIDTH, HEIGHT], POINTS[seen])


def test_numbers_that_a_dictionary_gives_its_frames_are_kept(tmp_path):
    held = {f"frames/{t + 5:04d}.png": POINTS[t] for t in range(12) if t != 7}
    track = read_landmarks(as_pickle(tmp_path / "points", held))
    assert track.numbers.tolist() == [t + 5 for t in range(12) if t != 7]


def test_openpose_s_faces_one_file_per_frame(tmp_path):
    r"""Its 70 points end with the pupils; a point of confidence 0 was not found; the largest face counts."""
    for t, frame in enumerate(POINTS):
        sure = np.ones((70, 1))
        sure[60] = t != 5  # then it is not the small face's turn: that is somebody else
        found = np.concatenate([np.concatenate([frame, frame[36:38]]), sure], -1)
        small = np.concatenate([0.3 * found[:, :2], np.ones((70, 1))], -1)
        people = [{"face_keypoints_2d": face.ravel().tolist()} for face in (small, found)]
        name = tmp_path / f"clip_{t:012d}_keypoints.json"
        name.write_text(json.dumps({"version": 1.3, "people": [] if t == 2 else people}))
    landmarks = read_track([tmp_path]).landmarks
    seen = np.isfinite(landmarks).all((1, 2))
    assert (~seen).nonzero()[0].tolist() == [2, 5]
    np.testing.assert_allclose(landmarks[seen], POINTS[seen])
    (tmp_path / "clip_000000000000_keypoints.json").write_text(
        '{"people": [{"pose_keypoints_2d": [1, 2, 1]}]}'
    )
    with pytest.raises(TrackError, match="0 numbers as face_keypoints_2d, expected 210; run OpenPose with"):
        read_landmarks(sorted(tmp_path.iterdir()))


@pytest.mark.parametrize("write", [as_json, as_pickle])
def test_a_clip_that_begins_without_a_face(write, tmp_path):
    frames = [None, None, *({"landmarks": frame.tolist()} for frame in POINTS[2:])]
    landmarks = read_landmarks(write(tmp_path / "points", frames)).landmarks
    assert np.isnan(landmarks[:2]).all()
    np.testing.assert_allclose(landmarks[2:], POINTS[2:])


@pytest.mark.parametrize("write", [as_json, as_pickle])
def test_a_list_whose_entries_say_their_frames_may_leave_some_out(write, tmp_path):
    said = [{"frame": t, "landmarks": POINTS[t].tolist()} for t in (0, 1, 4, 5)] + [
        {"frame": 6, "landmarks": None}
    ]
    found = read_landmarks(write(tmp_path / "points", said))
    assert found.numbers.tolist() == [0, 1, 4, 5, 6] and np.isnan(found.landmarks[4]).all()
    np.testing.assert_allclose(found.landmarks[:4], POINTS[[0, 1, 4, 5]])
    two = [
        {"frame": t, "points": face.tolist()} for t in (1, 2) for face in (POINTS[t] * 0.3 + 200, POINTS[t])
    ]
    found = read_landmarks(write(tmp_path / "faces", two))
    assert found.numbers.tolist() == [1, 2] and found.note.startswith("several faces in 2 frames")
    np.testing.assert_allclose(found.landmarks, POINTS[[1, 2]])


@pytest.mark.parametrize("key", ["landmarks", "faces"])
def test_frames_under_a_name_are_frames_and_not_the_faces_of_one(key, tmp_path):
    faces = [[{"landmarks": frame.tolist(), "box": [0, 0, 1, 1]}] for frame in POINTS]
    frames = [{"frame": t, key: face if key == "faces" else face[0][key]} for t, face in enumerate(faces)]
    frames[3] = {"frame": 3, key: []}
    for held in ({"frames": frames}, {"fps": 25, "frames": frames}):
        landmarks = read_landmarks(as_json(tmp_path / "points", held)).landmarks
        assert np.isnan(landmarks[3]).all()
        np.testing.assert_allclose(np.delete(landmarks, 3, 0), np.delete(POINTS, 3, 0))


def test_what_is_no_track_says_what_it_holds_and_how_to_go_on(tmp_path):
    np.savez(tmp_path / "flame_param.npz", shape=np.zeros(300), expr=np.zeros((12, 100)))
    with pytest.raises(TrackError, match=r"holding expr, shape: .*or track the video anew from the tool's"):
        read_track([tmp_path / "flame_param.npz"])
    with pytest.raises(TrackError, match=r"points.json: no landmarks by name in it; it holds fps, verts"):
        read_landmarks(as_json(tmp_path / "points", {"fps": 30, "verts": [[0, 0]]}))
    files = [as_npy(tmp_path / f"clip_{t}", np.tile(POINTS, (3, 1, 1)))[0] for t in range(2)]
    with pytest.raises(TrackError, match="clip_0.npy holds 36 frames, and 2 files are given; give the one"):
        read_landmarks(files)
    with pytest.raises(TrackError, match=r"landmark files of several kinds \(.json, .npy\); give one kind"):
        read_landmarks([tmp_path / "points.json", *files])


def test_a_folder_per_frame_with_several_files_in_each_is_decas(tmp_path):
    for t, frame in enumerate(POINTS):
        folder = tmp_path / "results" / f"{t:06d}"
        folder.mkdir(parents=True)
        savemat(folder / f"{t:06d}.mat", {"landmarks2d": frame / 112 - 1, "tform": np.eye(3)})
        np.savetxt(folder / f"{t:06d}_kpt2d.txt", frame / 112 - 1)
    np.testing.assert_allclose(read_track([tmp_path / "results"]).landmarks, POINTS)
    for t in range(12):
        for name in ("exp", "shape"):
            (tmp_path / "emoca" / f"{t:06d}").mkdir(parents=True, exist_ok=True)
            np.save(tmp_path / "emoca" / f"{t:06d}" / f"{name}.npy", np.zeros(50))
    with pytest.raises(
        TrackError, match=r"name the one of this video, or the files of its frames \(.*emoca/\*/exp"
    ):
        read_track([tmp_path / "emoca"], "landmarks")
