r"""Of several faces in a film one person is followed, whichever is the larger in a frame."""

import pickle

import numpy as np

from dnt_core.tracking.landmark_files import read_landmarks
from tests.tracking.test_landmark_files import table
from tests.tracking.tool_tracks import filmed

MINE = filmed(12).frame[:8]
OTHER = MINE + [200, 0]


def read(path, frames):
    path.write_bytes(pickle.dumps(frames))
    return read_landmarks([path])


def test_of_two_faces_as_large_one_is_followed(tmp_path):
    r"""Now the one, now the other was a little larger, and the track jumped between two people."""
    random = np.random.default_rng(0)
    frames = []
    for t in range(8):
        faces = [
            face.mean(0) + (face - face.mean(0)) * random.uniform(0.97, 1.03) for face in (MINE[t], OTHER[t])
        ]
        frames.append(faces[:: 1 if t % 3 else -1])
    frames[4] = [MINE[4]]  # the one who is in every frame is the one
    found = read(tmp_path / "two.pkl", frames)
    assert np.abs(found.landmarks - MINE).max() < 10
    assert found.note == "several faces in 7 frames: the one that fills most of the film is followed"


def test_who_was_seen_beside_the_person_is_not_taken_where_the_person_is_lost(tmp_path):
    frames = [[MINE[t], 0.6 * OTHER[t]] for t in range(8)]
    frames[5], frames[6] = frames[5][1:], None
    found = read(tmp_path / "lost.pkl", frames)
    assert np.isnan(found.landmarks).all((1, 2)).nonzero()[0].tolist() == [5, 6]
    np.testing.assert_allclose(found.landmarks[[0, 4, 7]], MINE[[0, 4, 7]])
    assert found.note.endswith("is followed, and 1 frames show others alone")


def test_a_face_that_jumps_alone_is_still_the_person(tmp_path):
    frames = [[MINE[t] if t < 4 else 0.4 * OTHER[t]] for t in range(8)]  # a cut
    found = read(tmp_path / "cut.pkl", frames)
    assert found.note == "" and np.isfinite(found.landmarks).all()


def test_an_array_of_so_many_faces_per_frame_is_read(tmp_path):
    r"""Its last face is none: zeros."""
    faces = np.stack([0.3 * OTHER, MINE, 0 * MINE], axis=1)
    np.save(tmp_path / "faces.npy", faces)
    np.testing.assert_allclose(read_landmarks([tmp_path / "faces.npy"]).landmarks, MINE)


def test_rows_of_a_table_that_are_of_one_frame_are_faces(tmp_path):
    r"""py-feat writes a row per face without saying whose it is, beside the picture's name: the first was
    taken, or, because of the name, none. Where OpenFace saw two people as often, it was the first, too."""
    names = [f"{axis}_{i}" for axis in "xy" for i in range(68)]
    rows = [
        ["talk.mp4", t, 0.99, *face[:, 0], *face[:, 1]]
        for t in range(6)
        for face in ([0.3 * OTHER[t], MINE[t]] if t != 2 else [0.3 * OTHER[t]])
    ]
    table(tmp_path / "feat.csv", ["input", "frame", "FaceScore", *names], rows)
    found, seen = read_landmarks([tmp_path / "feat.csv"]), [0, 1, 3, 4, 5]
    assert np.isnan(found.landmarks[2]).all() and "1 frames show others alone" in found.note
    np.testing.assert_allclose(found.landmarks[seen], MINE[seen], atol=1e-6)
    by_id = [[row[1], k % 2, *row[3:]] for k, row in enumerate(row for row in rows if row[1] != 2)]
    table(tmp_path / "id.csv", ["frame", "face_id", *names], by_id)
    found = read_landmarks([tmp_path / "id.csv"])
    np.testing.assert_allclose(found.landmarks, MINE[seen], atol=1e-6)
    assert found.note == "2 people by face_id: the one that fills most of the film is taken"
