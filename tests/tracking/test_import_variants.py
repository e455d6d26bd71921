r"""Other tools' tracks as they and their users leave them: further axes, missing arrays, numbers, folders."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from scipy.io import savemat

from dnt_core.clips import read_face_cache
from dnt_core.tracking import TrackError, frame_rows, import_track, importing, read_track
from tests.tracking.test_importing import found_expression, pickled, px_of_256
from tests.tracking.tool_tracks import (
    HEIGHT,
    MODEL,
    WIDTH,
    filmed,
    landmarks_of,
    tracked,
    write_deep3d,
    write_film,
)


def deep3d_mats(folder, stored, names, change=lambda held: held, **options):
    folder.mkdir(parents=True)
    for row, name in zip(stored, names, strict=True):
        held = {"id": row[None, :80], "exp": row[None, 80:144], "tex": row[None, 144:224],
                "angle": row[None, 224:227], "gamma": row[None, 227:254],
                "trans": row[None, 254:]}  # fmt: skip
        savemat(folder / name, change(held), **options)
    return folder


def one_hdf5(folder, stored, names):
    h5py = pytest.importorskip("h5py")
    deep3d_mats(folder, stored, names)
    for row, name in zip(stored, names, strict=True):
        with h5py.File(folder / name, "w", userblock_size=512) as file:
            for key, (a, b) in {"id": (0, 80), "exp": (80, 144), "tex": (144, 224), "angle": (224, 227),
                                "gamma": (227, 254), "trans": (254, 257)}.items():  # fmt: skip
                file[key] = row[None, a:b].T
        head = b"MATLAB 7.3 MAT-file".ljust(116) + bytes(8) + b"\x00\x02IM"
        (folder / name).write_bytes(head + (folder / name).read_bytes()[len(head) :])


def columns(held):
    return {key: value.T for key, value in held.items()}


@pytest.mark.parametrize(
    "change",
    [
        columns,
        lambda held: {key: value[None] for key, value in held.items()},
        lambda held: held | {"gamma": held["gamma"].reshape(1, 3, 9)},
        lambda held: dict(reversed(held.items())) | {"name": "abc"},
    ],
    ids=["columns", "a batch axis", "gamma by colour", "another order"],
)
def test_deep3d_numbers_in_other_shapes(tmp_path, change):
    stored, _ = tracked()
    folder = deep3d_mats(tmp_path / "d", stored, [f"{t}.mat" for t in range(24)], change)
    assert_allclose(read_track([folder]).parameters, stored, atol=1e-6)


def test_deep3d_of_matlab_7_3_and_of_a_whole_clip(tmp_path):
    stored, _ = tracked()
    one_hdf5(tmp_path / "new", stored, [f"{t}.mat" for t in range(24)])
    assert_allclose(read_track([tmp_path / "new"]).parameters, stored, atol=1e-6)
    deep3d_mats(tmp_path / "one", stored[:1], ["clip.mat"], lambda held: {
        "id": stored[:, :80], "exp": stored[:, 80:144], "angle": stored[:, 224:227], "trans": stored[:, 254:],
    })  # fmt: skip
    track = read_track([tmp_path / "one" / "clip.mat"])
    assert_allclose(track.parameters[:, 254:], stored[:, 254:], atol=1e-6)
    assert track.note == "no tex and no gamma in it: zero, the mean face's"
    deep3d_mats(tmp_path / "two", stored[:2], ["1.mat", "2.mat"], lambda held: held | {"id": stored[:, :80]})
    with pytest.raises(TrackError, match=r"1.mat: id has shape \(24, 80\), expected \(1, 80\): one file per"):
        read_track([tmp_path / "two"])


def test_results_below_the_folder_given_and_hidden_files(tmp_path):
    stored, _ = tracked()
    inner = deep3d_mats(tmp_path / "out" / "epoch_20", stored, [f"{t}.mat" for t in range(24)])
    (inner / "._0.mat").write_bytes(b"\0" * 90)
    (inner / "0.obj").write_text("v 0 0 0\n")
    (inner / "0.jpg").write_bytes(b"\0")
    assert_allclose(read_track([tmp_path / "out"]).parameters, stored, atol=1e-6)
    deep3d_mats(tmp_path / "out" / "epoch_30", stored, [f"{t}.mat" for t in range(24)])
    with pytest.raises(TrackError, match=r"2 folders below it hold .mat files, such as .*epoch_20 and"):
        read_track([tmp_path / "out"], "deep3d")
    for t in range(24):  # DECA: one folder per frame
        (tmp_path / "deca" / f"{t}").mkdir(parents=True)
        savemat(
            tmp_path / "deca" / f"{t}" / f"{t}.mat", {"landmarks2d": filmed().frame[t], "tform": np.eye(3)}
        )
    assert_allclose(read_track([tmp_path / "deca"]).landmarks, (filmed().frame + 1) * 112)


def test_a_processed_folder_says_by_a_name_what_it_is(tmp_path):
    stored, _ = tracked()
    pickled(tmp_path / "vid_coeff.npy", {"coeff": stored, "lm68": filmed().frame})
    np.save(tmp_path / "aud.npy", np.zeros((24, 16, 29)))
    assert read_track([tmp_path]).source == "GeneFace"


@pytest.mark.parametrize(
    ("numbers", "first"),
    [
        ([0, 1, 4, 5], 0),
        (list(range(100, 110)), 100),  # all frames, wherever they begin
        ([1, 2, 5, 10], 1),  # the tenth of ten frames
        ([3, 4, 5, 6, 7, 8, 9], 0),  # the last of ten frames, counted from 0
        ([2, 4, 9], 0),
        ([1, 4, 9], 1),
        ([2, 4, 8], 1),
    ],
)
def test_numbers_of_files_become_frames(numbers, first):
    from dnt_core.tracking.foreign_track import ForeignTrack, numbered

    track = ForeignTrack("a tool", landmarks=np.zeros((len(numbers), 68, 2)), numbers=np.array(numbers))
    placed = numbered(track, 10)
    rows = range(10) if placed.rows is None else placed.rows
    assert list(rows) == [n - first for n in numbers]
    sure = 0 in numbers or 10 in numbers or first == 100
    assert placed.note == (
        "" if sure else f"the files' numbers, {numbers[0]} to {numbers[-1]}, are taken to count from {first}"
    )


def test_detections_say_what_the_numbers_count_from(tmp_path):
    stored, _ = tracked()
    film = write_film(tmp_path / "speech.mp4")
    kept = [t for t in range(1, 24) if t != 7]  # 1.mat to 23.mat: from 0 or from 1?
    folder = deep3d_mats(tmp_path / "results", stored[kept], [f"{t:06d}.mat" for t in kept])
    (tmp_path / "detections").mkdir()
    for t, points in enumerate(filmed().frame):
        np.savetxt(tmp_path / "detections" / f"{t:06d}.txt", points)
    import_track([folder], film, landmarks=[tmp_path / "detections"])
    cache = read_face_cache(film)
    assert np.flatnonzero(cache.confidence == 0).tolist() == [0, 7]
    assert px_of_256(cache)[kept].mean() < 0.4


def test_sadtalker_of_frames_of_another_size_is_said(tmp_path):
    stored, windows = tracked()
    film = write_film(tmp_path / "talk.mp4", size=(2 * HEIGHT, 2 * WIDTH))
    columns_ = np.concatenate(
        [stored[:, 80:144], stored[:, 224:227], stored[:, 254:257], windows[:, 3:]], axis=1
    )
    savemat(tmp_path / "talk.mat", {"coeff_3dmm": columns_[None], "full_3dmm": stored})
    with pytest.raises(TrackError, match="talk.mp4 .960x720.: it saw frames of another size"):
        import_track([tmp_path / "talk.mat"], film)


def test_geneface_in_a_small_frame_keeps_its_crops(tmp_path):
    stored, _ = tracked()
    shrunk = (filmed().frame + 0.5) * 0.46 - 0.5  # a film of 220 px: every landmark is below 224
    held = {"lm68": shrunk.reshape(24, 136), "coeff": stored[None], "lm5": np.zeros((24, 5, 2))}
    track = read_track([pickled(tmp_path / "vid_coeff.npy", held)])
    assert shrunk.max() < 224 and track.landmarks_in == "frame" and track.parameters.shape == (24, 257)
    inside = read_track(
        [pickled(tmp_path / "vid_coeff.npy", {"coeff": stored, "lm68": landmarks_of(stored)})]
    )
    assert inside.landmarks_in == "crop"
    np.save(tmp_path / "coeff.npy", stored)
    assert read_track([tmp_path / "coeff.npy"]).source == "GeneFace"


def test_wm3dr_by_other_names_and_with_more_axes(tmp_path):
    cells = np.arange(24) + 2000
    np.savez(tmp_path / "a.npz", params=tracked()[0][:, None], ind=cells[:, None].astype(float))
    np.save(tmp_path / "b.npy", np.c_[tracked()[0], cells])
    for name in ("a.npz", "b.npy"):
        assert read_track([tmp_path / name]).camera == "wm3dr"
    np.savez(tmp_path / "a.npz", params=tracked()[0], ind=cells + 3000)
    with pytest.raises(TrackError, match="a.npz: a cell is 5000, expected numbers from 0 to 4095"):
        read_track([tmp_path / "a.npz"])


def test_adnerf_without_its_landmarks_is_refitted_from_those_given(tmp_path):
    film = write_film(tmp_path / "may.mp4")
    held = {"id": torch.zeros(1, 100), "exp": torch.zeros(24, 79), "euler": torch.zeros(24, 3),
            "trans": torch.zeros(24, 3)}  # fmt: skip
    torch.save(held, tmp_path / "track_params.pt")
    np.save(tmp_path / "lm68.npy", filmed().frame)
    import_track([tmp_path / "track_params.pt"], film, landmarks=[tmp_path / "lm68.npy"], face_model=MODEL)
    cache = read_face_cache(film)
    assert px_of_256(cache).mean() < 0.65 and found_expression(cache) > 0.7


@pytest.mark.parametrize("wrong", ["columns and rows", "left and right"])
def test_points_of_an_alignment_that_no_such_head_has_are_refused(wrong, tmp_path):
    r"""With columns and rows exchanged the faces lay 85 px of 256 beside their places, without a word."""
    film = write_film(tmp_path / "speech.mp4")
    p = filmed().frame
    five = np.stack([p[:, 36:42].mean(1), p[:, 42:48].mean(1), p[:, 30], p[:, 48], p[:, 54]], axis=1)
    five = five[..., ::-1] if wrong == "columns and rows" else five[:, [1, 0, 2, 4, 3]]
    (tmp_path / "detections").mkdir()
    for t, points in enumerate(five):
        np.savetxt(tmp_path / "detections" / f"{t:06d}.txt", points)
    folder = deep3d_mats(tmp_path / "d", tracked()[0], [f"{t:06d}.mat" for t in range(24)])
    said = "in 24 of 24 frames the landmarks given roll otherwise than the head, or are mirrored"
    with pytest.raises(TrackError, match=said):
        import_track([folder], film, landmarks=[tmp_path / "detections"])


def test_geneface_landmarks_in_shares_of_the_frame(tmp_path):
    film = write_film(tmp_path / "talk.mp4")
    held = {"coeff": tracked()[0], "lm68": filmed().frame}
    in_px = import_track([pickled(tmp_path / "vid_coeff.npy", held)], film).cache
    held["lm68"] = (filmed().frame + 0.5) / [WIDTH, HEIGHT]
    in_shares = import_track([pickled(tmp_path / "vid_coeff.npy", held)], film).cache
    assert in_shares.crop == in_px.crop
    assert_allclose(in_shares.parameters, in_px.parameters, atol=1e-4)
    for wrong in ("x", [[1, 2], [3]]):
        with pytest.raises(TrackError, match="vid_coeff.npy: lm68"):
            read_track([pickled(tmp_path / "vid_coeff.npy", held | {"lm68": wrong})])


def test_decas_matrices_in_every_form_that_the_tool_hands_on(tmp_path):
    frame = filmed().frame
    tform = np.tile([[0.5, 0.1, 10], [-0.1, 0.5, 5], [0, 0, 1]], (24, 1, 1))
    flat = np.concatenate([frame, np.ones((24, 68, 1))], axis=-1)
    marks = (flat @ tform.transpose(0, 2, 1))[..., :2] / 112 - 1
    for way in (tform, tform[0], tform[:, :2], np.linalg.inv(tform).transpose(0, 2, 1)):
        np.savez(tmp_path / "deca.npz", landmarks2d=marks.reshape(24, 136), tform=way)
        assert_allclose(read_track([tmp_path / "deca.npz"]).landmarks, frame, atol=1e-6)
    lost, marks = tform.copy(), marks.copy()
    lost[3], lost[4], marks[5] = 0, np.nan, 0
    np.savez(tmp_path / "deca.npz", landmarks2d=marks, tform=lost)
    found = read_track([tmp_path / "deca.npz"]).landmarks
    assert np.flatnonzero(~np.isfinite(found).all((1, 2))).tolist() == [3, 4, 5]
    for wrong, said in (
        ({"tform": 0 * tform}, "no 'tform' can be inverted"),
        ({"tform": tform + 0.01}, "its last row is not 0 0 1"),
        ({"tform": tform[:5]}, "5 matrices 'tform' for 24 frames"),
        ({"tform": tform[:, :, :2]}, r"tform has shape .24, 3, 2., expected .frames, 3, 3"),
        (
            {"landmarks2d": np.zeros((24, 70, 2))},
            r"landmarks2d has shape \(24, 70, 2\), expected \(frames, 68",
        ),
    ):
        np.savez(tmp_path / "deca.npz", **({"landmarks2d": marks, "tform": tform} | wrong))
        with pytest.raises(TrackError, match=f"deca.npz: .*{said}"):
            read_track([tmp_path / "deca.npz"])


def test_adnerf_landmarks_of_fewer_frames_than_it_tracked_are_said(tmp_path):
    folder = tmp_path / "ori_imgs"
    folder.mkdir()
    for t in range(20):
        np.savetxt(folder / f"{t}.lms", filmed().frame[t])
    held = {"id": torch.zeros(1, 100), "exp": torch.zeros(24, 79), "euler": torch.zeros(24, 3),
            "trans": torch.zeros(24, 3)}  # fmt: skip
    torch.save(held, tmp_path / "track_params.pt")
    with pytest.raises(TrackError, match="24 frames, but 20 .lms files"):
        read_track([tmp_path / "track_params.pt"])


def test_the_time_stamps_of_a_video_are_read_once(tmp_path, monkeypatch):
    film, asked = write_film(tmp_path / "speech.mp4"), []
    folder = write_deep3d(tmp_path / "results", tracked()[0])
    np.save(tmp_path / "lm68.npy", filmed().frame)
    for module in (importing, frame_rows):
        monkeypatch.setattr(module, "stored_frames_of_rows", lambda video: asked.append(video) or {})
    import_track([folder], film, landmarks=[tmp_path / "lm68.npy"])
    assert asked == [film]
