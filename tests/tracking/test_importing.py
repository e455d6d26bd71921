r"""Other tools' tracks of the actor, in their own formats, become caches whose landmarks lie where they
lay.
"""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from scipy.io import savemat

from dnt_core.clips import ClipError, face_box, load_clip, read_face_cache
from dnt_core.clips.scanner import clip_of_video
from dnt_core.face3d import FaceParameters, PerspectiveCamera, load_face_model
from dnt_core.tracking import TrackError, import_track, read_track
from dnt_core.tracking.fixed_crop import alignment_windows, square_of_landmarks
from tests.tracking.tool_tracks import (
    BOX,
    HEIGHT,
    MODEL,
    WIDTH,
    filmed,
    landmarks_of,
    tracked,
    write_deep3d,
    write_film,
)


def px_of_256(cache) -> np.ndarray:
    r"""(T, 68) how far the cache's faces lie beside the filmed ones, px of 256 in the cache's crop."""
    top, left, side, _ = cache.crop
    true = (filmed().frame + 0.5 - [left, top]) * 256 / side - 0.5
    return np.linalg.norm(landmarks_of(cache.parameters, 256) - true, axis=-1)


def found_expression(cache) -> float:
    r"""Correlation of the expression's numbers with the filmed ones, each less its mean in the clip."""
    found, true = (v[:, 80:144] - v[:, 80:144].mean(0) for v in (cache.parameters, filmed().true))
    return float((found * true).sum() / np.sqrt((found**2).sum() * (true**2).sum()))


def windows_between(in_crop: np.ndarray, in_frame: np.ndarray) -> np.ndarray:
    r"""The crop that turns one set of landmarks into the other, by least squares: (T, 3) column, row
    and side in px of the frame.

    Less exact than :func:`alignment_windows`, because the two sets come from two estimates of the same face.
    """
    a, b = in_crop + 0.5, in_frame + 0.5
    centre_a, centre_b = a.mean(axis=1), b.mean(axis=1)
    spread = ((a - centre_a[:, None]) ** 2).sum((1, 2))
    scale = ((a - centre_a[:, None]) * (b - centre_b[:, None])).sum((1, 2)) / spread  # frame px per crop px
    corner = centre_b - scale[:, None] * centre_a
    return np.concatenate([corner, 224 * scale[:, None]], axis=1)


@pytest.fixture(params=["without the face model", "with it"])
def with_model(request, monkeypatch):
    r"""Poses are carried without the model, and better with it; the tests have no BFM, so ours stands in."""
    if request.param == "with it":
        from dnt_core.tracking import carried_track

        monkeypatch.setattr(carried_track, "load_face_model", lambda name: load_face_model(MODEL))
    return request.param == "with it"


def test_the_standard_alignment_is_the_tools_own():
    from tests.tracking.tool_tracks import standard_windows

    found = alignment_windows(filmed().frame, WIDTH, HEIGHT)
    assert_allclose(found, standard_windows(filmed().frame, WIDTH, HEIGHT)[:, :3], atol=1e-9)
    stored, windows = tracked()
    assert_allclose(windows_between(landmarks_of(stored), filmed().frame), windows[:, :3], atol=0.6)


def test_deep3d_poses_of_moving_crops_are_carried_into_one(tmp_path, with_model):
    stored, _ = tracked()
    film = write_film(tmp_path / "speech.mp4")
    folder = write_deep3d(tmp_path / "results", stored, landmarks_of(stored))
    np.save(tmp_path / "lm68.npy", filmed().frame)
    made = import_track([folder], film, landmarks=[tmp_path / "lm68.npy"])
    cache = read_face_cache(film)
    assert (cache.face_model, cache.source, len(cache)) == ("bfm2009", "Deep3DFaceRecon", 24)
    assert cache.video_size == (360, 480)
    off = px_of_256(cache)
    assert off.mean() < (0.2 if with_model else 0.4)
    top, left, side, _ = cache.crop
    as_stored = (filmed().frame + 0.5 - [left, top]) * 256 / side - 0.5
    assert (
        np.linalg.norm(landmarks_of(stored, 256) - as_stored, axis=-1).mean() > 15
    )  # what would have been kept; docs/your_own_face.md says so
    assert_allclose(cache.parameters[:, :224], stored[:, :224], atol=1e-5)
    assert_allclose(cache.parameters[:, 227:254], stored[:, 227:254], atol=1e-5)
    assert np.linalg.norm(cache.landmarks - as_stored, axis=-1).mean() < 0.4
    assert ("bfm2009" in made.note) != with_model
    loaded = load_clip(clip_of_video(film), size=64, crop=cache.crop)
    assert loaded.camera_fits and loaded.frames.shape == (24, 64, 64, 3)


def test_deep3d_without_the_crops_asks_for_what_they_follow_from(tmp_path):
    stored, _ = tracked()
    film = write_film(tmp_path / "speech.mp4")
    folder = write_deep3d(tmp_path / "results", stored)
    with pytest.raises(
        TrackError, match="224-px crop that moves with each frame and is not kept; give --landmarks"
    ):
        import_track([folder], film)
    assert not (tmp_path / "speech.face3d.npz").exists()
    detections = tmp_path / "detections"
    detections.mkdir()
    for t, p in enumerate(filmed().frame):
        five = np.array([(p[36] + p[39]) / 2, (p[42] + p[45]) / 2, p[30], p[48], p[54]])
        np.savetxt(detections / f"{t:06d}.txt", five)
    import_track([folder], film, landmarks=[detections])
    assert px_of_256(read_face_cache(film)).mean() < 0.4


def test_a_face_that_wanders_is_not_small_in_its_square():
    face = np.random.default_rng(0).uniform(0, 100, (1, 68, 2))
    face[0, :2] = [[0, 0], [100, 100]]
    still = face + np.linspace(0, 20, 5)[:, None, None]
    assert square_of_landmarks(still) == face_box(still)
    top, left, side, _ = square_of_landmarks(face + np.array([[[0, 0]], [[300, 50]]]))
    assert (left, side) == (-35, 470) and face_box(face + [[[0, 0]], [[300, 50]]])[2] == 680
    assert top == 75 - 235 - 17  # the middle lies a tenth of the face's own square above the landmarks'


def test_landmarks_of_another_video_are_said(tmp_path):
    stored, _ = tracked()
    film = write_film(tmp_path / "speech.mp4")
    folder = write_deep3d(tmp_path / "results", stored, landmarks_of(stored))
    np.save(tmp_path / "lm68.npy", filmed().frame[:, ::-1])
    with pytest.raises(TrackError, match="beside those given: they belong to another video"):
        import_track([folder], film, landmarks=[tmp_path / "lm68.npy"])


def test_frames_that_the_tool_left_out_are_marked_not_guessed(tmp_path):
    stored, _ = tracked()
    film = write_film(tmp_path / "speech.mp4")
    folder = write_deep3d(tmp_path / "results", stored)
    for t in (5, 6):
        (folder / f"{t:06d}.mat").unlink()
    np.save(tmp_path / "lm68.npy", filmed().frame)
    import_track([folder], film, landmarks=[tmp_path / "lm68.npy"])
    cache = read_face_cache(film)
    assert cache.confidence.tolist() == [1.0] * 5 + [0.0, 0.0] + [1.0] * 17
    assert_allclose(cache.parameters[5, 80:144], (2 * stored[4] + stored[7])[80:144] / 3, atol=1e-5)
    for t in (20, 21, 22, 23):
        (folder / f"{t:06d}.mat").unlink()
    (folder / "000019.mat").rename(folder / "000030.mat")
    with pytest.raises(TrackError, match="18 rows up to frame 30, but speech.mp4 has 24 frames"):
        import_track([folder], film, landmarks=[tmp_path / "lm68.npy"])


def test_a_track_of_another_frame_rate_is_said(tmp_path):
    stored, _ = tracked()
    film = write_film(tmp_path / "speech.mp4")
    folder = write_deep3d(tmp_path / "results", stored[:20])
    with pytest.raises(
        TrackError, match="20 rows up to frame 19, but speech.mp4 has 24 frames; give the very video"
    ):
        import_track([folder], film, landmarks=[])


def test_sadtalker_keeps_its_crops(tmp_path, with_model):
    stored, windows = tracked()
    film = write_film(tmp_path / "talk.mp4")
    columns = np.concatenate(
        [stored[:, 80:144], stored[:, 224:227], stored[:, 254:257], windows[:, 3:]], axis=1
    )
    savemat(tmp_path / "talk.mat", {"coeff_3dmm": columns, "full_3dmm": stored[:1]})
    import_track([tmp_path / "talk.mat"], film)
    cache = read_face_cache(film)
    assert cache.source == "SadTalker"
    assert px_of_256(cache).mean() < 0.4
    assert_allclose(cache.parameters[:, :80], np.tile(stored[0, :80], (24, 1)), atol=1e-5)
    savemat(tmp_path / "talk.mat", {"coeff_3dmm": columns[:, :70]})
    with pytest.raises(TrackError, match="SadTalker's poses belong to a 224-px crop"):
        import_track([tmp_path / "talk.mat"], film)


def pickled(path, dictionary):
    np.save(path, np.array(dictionary, dtype=object), allow_pickle=True)
    return path


def test_geneface_crops_follow_from_its_landmarks(tmp_path, with_model):
    stored, _ = tracked()
    film = write_film(tmp_path / "talk.mp4")
    path = pickled(tmp_path / "vid_coeff.npy", {"coeff": stored.astype(np.float32), "lm68": filmed().frame})
    import_track([path], film)
    assert px_of_256(read_face_cache(film)).mean() < 0.4
    pickled(path, {"coeff": stored[:, :200]})
    with pytest.raises(TrackError, match=r"coeff has shape \(24, 200\), expected \(frames, 257\)"):
        import_track([path], film)


def test_geneface_plus_sees_the_whole_square_frame(tmp_path):
    film = write_film(tmp_path / "talk.mp4", size=(320, 320))
    true = filmed().true
    held = {"id": true[:1, :80], "exp": true[:, 80:144], "euler": true[:, 224:227], "trans": true[:, 254:257]}
    path = pickled(tmp_path / "coeff_fit_mp.npy", held)
    import_track([path], film)
    cache = read_face_cache(film)
    assert cache.crop == (0, 0, 320, 320) and cache.source == "GeneFace++"
    model = load_face_model(MODEL)  # its axis meets the middle of the frame: 112 px of 224 from the edges
    faces = FaceParameters.from_vector(torch.from_numpy(true), order="storage")
    seen = PerspectiveCamera(224, center=111.5).project(model.posed_landmarks(faces))[..., :2].numpy()
    assert_allclose(landmarks_of(cache.parameters), seen, atol=0.05)
    assert np.abs(landmarks_of(cache.parameters) - landmarks_of(true)).mean() > 0.4
    with pytest.raises(TrackError, match="camera sees a square frame, but wide.mp4 is 480x360"):
        import_track([path], write_film(tmp_path / "wide.mp4"))


def test_wm3dr_numbers_are_placed_by_their_cells(tmp_path, with_model):
    r"""Made by the formula of its network's decoder, solved for the stored translation."""
    film = write_film(tmp_path / "talk.mp4")
    true, frame = filmed().true, filmed().frame
    side = max(WIDTH, HEIGHT)
    model = load_face_model(MODEL)
    faces = FaceParameters.from_vector(torch.from_numpy(true), order="storage")
    shape = model.shape(faces.identity, faces.expression, model.landmark_indices).numpy()
    target = (frame + 0.5) * 512 / side  # px of 512, from the edge
    stored, cells = true.copy(), np.zeros(len(true), np.int64)
    from scipy.optimize import least_squares
    from scipy.spatial.transform import Rotation

    for t in range(len(true)):
        x0, y0 = target[t].mean(axis=0)
        cells[t] = int(y0 // 8) * 64 + int(x0 // 8)

        def off(pose, t=t):
            angles, (x, y, z) = pose[:3], pose[3:]
            posed = shape[t] @ Rotation.from_euler("xyz", angles).as_matrix().T + [x, y, 0]
            depth = z - posed[:, 2]
            flat = 256 + 1015 * np.stack([posed[:, 0], -posed[:, 1]], -1) / depth[:, None]
            return (flat - target[t]).ravel()

        pose = least_squares(off, np.r_[true[t, 224:227], 0, 0, 18.0], method="lm").x
        c = pose[5] - 10
        cx, cy = (cells[t] % 64 + 0.5) * 8, (cells[t] // 64 + 0.5) * 8
        stored[t, 224:227] = pose[:3]
        stored[t, 254:257] = [1015 * pose[3] / (c + 10) - cx + 256, 1015 * pose[4] / (c + 10) - 256 + cy, c]
    np.savez(tmp_path / "wm3dr.npz", parameters=stored, cell=cells)
    import_track([tmp_path / "wm3dr.npz"], film)
    off = px_of_256(read_face_cache(film))
    assert off.mean() < (0.4 if with_model else 1.5)
    np.savez(tmp_path / "wm3dr.npz", parameters=stored)
    with pytest.raises(TrackError, match="no cells: WM3DR's translation is relative to the heat-map cell"):
        read_track([tmp_path / "wm3dr.npz"], "wm3dr")


def test_adnerf_is_refitted_from_the_landmarks_beside_it(tmp_path):
    film = write_film(tmp_path / "may.mp4")
    folder = tmp_path / "may"
    (folder / "ori_imgs").mkdir(parents=True)
    held = {"id": torch.zeros(1, 100), "exp": torch.zeros(24, 79), "euler": torch.zeros(24, 3),
            "trans": torch.zeros(24, 3), "focal": torch.tensor([1100])}  # fmt: skip
    torch.save(held, folder / "track_params.pt")
    with pytest.raises(TrackError, match="refitted from landmarks; expected them in .*ori_imgs/0.lms"):
        import_track([folder / "track_params.pt"], film)
    for t, points in enumerate(filmed().frame):
        np.savetxt(folder / "ori_imgs" / f"{t}.lms", points)  # 10.lms comes after 9.lms, not after 1.lms
    import_track([folder / "track_params.pt"], film, face_model=MODEL)
    cache = read_face_cache(film)
    assert (cache.face_model, cache.source) == (MODEL, "AD-NeRF, fitted to landmarks")
    assert cache.confidence.min() > 0.5
    # without the prior of how faces move: .02 px nearer to the landmarks, and the numbers at .38
    assert px_of_256(cache).mean() < 0.65 and found_expression(cache) > 0.7


def test_deca_landmarks_and_codes_are_refitted(tmp_path, monkeypatch):
    from tests.face3d.scan_files import write_flame

    film = write_film(tmp_path / "talk.mp4", size=(320, 320))
    _, windows = tracked()
    points = (filmed().frame + 0.5 - windows[:, None, :2]) / windows[:, None, 2:3] * 2 - 1
    forms = np.zeros((24, 3, 3))
    for t, (left, top, side) in enumerate(windows[:, :3]):
        k = 224 / side
        forms[t] = [[k, 0, (0.5 - left) * k], [0, k, (0.5 - top) * k], [0, 0, 1]]
    np.savez(tmp_path / "deca.npz", landmarks2d=points, tform=forms)
    track = read_track([tmp_path / "deca.npz"])
    assert_allclose(track.landmarks, filmed().frame, atol=1e-6)
    np.savez(tmp_path / "deca.npz", landmarks2d=points)
    with pytest.raises(TrackError, match="own crop, which is not kept"):
        import_track([tmp_path / "deca.npz"], write_film(tmp_path / "wide.mp4"))
    codes = {"shape": np.zeros((24, 100)), "exp": np.zeros((24, 50)), "pose": np.zeros((24, 6)),
             "cam": np.tile([8.0, 0, 0], (24, 1))}  # fmt: skip
    codes["pose"][:, 3] = np.linspace(0, 0.3, 24)  # the jaw opens
    np.savez(tmp_path / "deca.npz", **codes)
    with pytest.raises(FileNotFoundError, match="FLAME face model was not found"):
        read_track([tmp_path / "deca.npz"])
    made = write_flame(tmp_path / "FLAME")
    monkeypatch.setenv("DNT_FLAME", str(tmp_path / "FLAME" / "generic_model.pkl"))
    landmarks = read_track([tmp_path / "deca.npz"]).landmarks
    for t in range(24):  # EMOCA's folders: a file per code of each frame, but for the camera
        folder = tmp_path / "emoca" / f"{t + 1:06d}_000"
        folder.mkdir(parents=True)
        for key in ("shape", "exp", "pose"):
            np.save(folder / f"{key}.npy", codes[key][t])
        np.save(folder / "detail.npy", np.zeros(128))
    for given in ([tmp_path / "emoca"], sorted((tmp_path / "emoca").glob("*/exp.npy"))):
        with pytest.raises(
            TrackError, match="000001_000: no cam.npy; EMOCA writes no camera, .* --landmarks"
        ):
            read_track(given, None if len(given) == 1 else "deca")
    for t, folder in enumerate(sorted((tmp_path / "emoca").iterdir())):
        np.save(folder / "cam.npy", codes["cam"][t])
    assert_allclose(read_track([tmp_path / "emoca"]).landmarks, landmarks)
    assert_allclose(landmarks[0], 8 * made["at"][:, :2] * [1, -1], atol=1e-6)
    assert landmarks[-1, 8, 1] > landmarks[0, 8, 1] + 0.02  # the chin goes down the picture
    assert_allclose(landmarks[-1, 19], landmarks[0, 19], atol=1e-6)  # the brow stays
    import_track([tmp_path / "deca.npz"], film, face_model=MODEL)
    assert read_face_cache(film).source == "DECA, fitted to landmarks"
    (tmp_path / "emoca" / "000009_000").rename(tmp_path / "emoca" / "000005_001")  # as many rows as frames
    with pytest.raises(TrackError, match="000005_000 and 000005_001 are of one frame, of two faces"):
        read_track([tmp_path / "emoca"])
    newer = (tmp_path / "FLAME" / "generic_model.pkl").rename(tmp_path / "FLAME" / "flame2023.pkl")
    monkeypatch.setenv("DNT_FLAME", str(newer))
    said = "its codes are of FLAME 2020's generic_model.pkl, and flame2023.pkl (2023) was taken"
    assert read_track([tmp_path / "deca.npz"]).note == said
    codes["pose"][:] = 0
    codes["pose"][:, 1] = np.radians(np.linspace(-50, 50, 24))  # of a turned head the outline that is seen
    np.savez(tmp_path / "deca.npz", **codes)
    landmarks = read_track([tmp_path / "deca.npz"]).landmarks
    assert_allclose(landmarks[:, :17], landmarks[:, 17:34], atol=1e-6)


def test_no_pickle_is_executed(tmp_path):
    import os

    class Evil:
        def __reduce__(self):
            return os.system, (f"touch {tmp_path / 'marker'}",)

    film = write_film(tmp_path / "talk.mp4")
    for name in ("vid_coeff.npy", "coeff_fit_mp.npy", "landmarks.npy"):
        path = pickled(tmp_path / name, {"coeff": Evil()})
        with pytest.raises(ValueError, match="not a pickle of arrays"):
            import_track([path], film)
    torch.save({"id": Evil()}, tmp_path / "track_params.pt")
    with pytest.raises(TrackError, match="track_params.pt: not a file of tensors"):
        import_track([tmp_path / "track_params.pt"], film)
    assert not (tmp_path / "marker").exists()


def test_files_that_look_like_nothing_known(tmp_path):
    savemat(tmp_path / "other.mat", {"something": np.zeros(3)})
    with pytest.raises(TrackError, match="looks like no format that is known .*name it with --format"):
        read_track([tmp_path / "other.mat"])
    with pytest.raises(TrackError, match="there is no format 'deep'; expected one of deep3d, sadtalker"):
        read_track([tmp_path / "other.mat"], "deep")
    with pytest.raises(FileNotFoundError, match="gone.mat: no such file"):
        read_track([tmp_path / "gone.mat"])
    with pytest.raises(ValueError, match="other.mat: no array 'coeff_3dmm'"):
        read_track([tmp_path / "other.mat"], "sadtalker")
    (tmp_path / "001.mat").write_bytes(b"x" * 500)
    with pytest.raises(ValueError, match="001.mat: "):
        read_track([tmp_path / "001.mat"])


def test_the_video_stays_what_is_asked_for(tmp_path):
    with pytest.raises((ClipError, OSError), match="talk.mp4"):
        import_track([write_deep3d(tmp_path / "d", tracked()[0])], tmp_path / "talk.mp4")


@pytest.mark.slow
def test_ten_thousand_frames_are_read_and_carried_in_five_seconds(tmp_path, monkeypatch):
    from dnt_core.tracking import carried_track, importing

    stored, _ = tracked()
    many = np.tile(stored, (10_000 // 24 + 1, 1))[:10_000]
    frames = np.tile(filmed().frame, (10_000 // 24 + 1, 1, 1))[:10_000]
    folder = write_deep3d(tmp_path / "results", many, landmarks_of(many))
    np.save(tmp_path / "lm68.npy", frames)

    class Info:
        width, height, fps, n_frames, stored_size = WIDTH, HEIGHT, 30, 10_000, (HEIGHT, WIDTH)
        path = tmp_path / "long.mp4"

    monkeypatch.setattr(importing, "stored_frames_of_rows", lambda video: {})
    monkeypatch.setattr(importing, "video_info", lambda video: Info)  # encoding so long a film takes minutes
    monkeypatch.setattr(carried_track, "load_face_model", lambda name: load_face_model(MODEL))
    start = time.process_time()
    import_track([folder], tmp_path / "long.mp4", landmarks=[tmp_path / "lm68.npy"])
    assert time.process_time() - start < 5
    assert len(read_face_cache(tmp_path / "long.mp4")) == 10_000
    assert BOX[2] == 300
