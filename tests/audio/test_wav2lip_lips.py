r"""The paper's route from sound to lips, on random networks and on stand-ins that keep what they see."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from dnt_core.audio.mel import log_mel, mel_windows
from dnt_core.audio.wav2lip_frames import clip_boxes, face_boxes, paste_back, speak, wav2lip_input
from dnt_core.audio.wav2lip_lips import lips_by_wav2lip, read_expressions, to_and_fro
from dnt_core.clips import Clip, FaceCache, LoadedClip
from dnt_core.face3d import FaceParameters, PerspectiveCamera, load_face_model
from dnt_core.networks.decoupling_network import DecouplingNetwork
from dnt_core.networks.wav2lip import Wav2Lip
from tests.networks.random_state_dict import random_state_dict


def film(count: int = 6, height: int = 120, width: int = 90, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, height, width, 3), dtype=np.uint8)


def sound(seconds: float) -> np.ndarray:
    return (0.1 * np.random.default_rng(1).standard_normal(int(16000 * seconds))).astype(np.float32)


def boxes(count: int) -> np.ndarray:
    return np.array([[10 + k % 3, 5, 100, 80] for k in range(count)])


class SpyWav2Lip(nn.Module):
    r"""Keeps what it is given, paints blue with the window's first value, green 0.5, and leaves red."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.mel, self.faces = [], []

    def forward(self, mel, faces):
        assert mel.shape[1:] == (1, 80, 16) and faces.shape[1:] == (6, 96, 96)
        self.mel.append(mel)
        self.faces.append(faces)
        blue = ((mel[:, :, 0, 0] + 4) / 8)[..., None, None].expand(-1, 1, 96, 96)
        return torch.cat([blue, torch.full_like(blue, 0.5), faces[:, 5:6]], dim=1)


class SpyWM3DR(nn.Module):
    r"""Finds one face in the middle of the box; its first expression number is the picture's mean blue."""

    def __init__(self, cell=(24, 20), blind=()):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.cell, self.blind, self.seen = cell, blind, 0

    def forward(self, images):
        heat_map = torch.full((len(images), 1, 64, 64), -8.0)
        values = torch.zeros(len(images), 257, 64, 64)
        for k, image in enumerate(images):
            if self.seen not in self.blind:
                heat_map[k, 0, self.cell[0], self.cell[1]] = 4.0
            # at 300 of 512: within the box of `boxes`, on the original's scale
            values[k, 80] = image[0, 200, 150] * 0.229 + 0.485
            self.seen += 1
        return heat_map, values


def random_network(build, name):
    with torch.device("meta"):
        network = build()
    network.to_empty(device="cpu").load_state_dict(random_state_dict(name))
    return network.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def wav2lip():
    return random_network(Wav2Lip, "wav2lip")


def test_boxes_around_vertices_and_landmarks_of_the_built_in_face():
    model, camera = load_face_model("procedural:coarse"), PerspectiveCamera(256)
    turned = FaceParameters.zeros((3,))
    pose = turned.pose.clone()
    pose[:, 1] = torch.tensor([0.0, 0.3, -0.3])
    turned = turned.replace(pose=pose)
    vertices = camera.project(model.posed(turned))[..., :2].numpy()
    landmarks = camera.project(model.posed_landmarks(turned))[..., :2].numpy()
    by_mesh, by_landmarks = face_boxes(vertices, 256, 256), face_boxes(landmarks, 256, 256)
    assert np.abs(by_mesh - by_landmarks).max() <= 12
    for box, points, lips in zip(by_mesh, vertices, landmarks[:, 48:], strict=True):
        top, left, bottom, right = box
        inside = (points >= [left - 0.5, top - 0.5]) & (points <= [right - 0.5, bottom - 0.5])
        assert inside.all()
        rows = (lips[:, 1] + 0.5 - top) / (bottom - top) * 96
        assert rows.min() > 55 and rows.max() < 90  # the lips lie in the half that is hidden


def test_boxes_stay_in_the_picture():
    points = np.array([[[-20.0, -30.0], [40.0, 50.0], [10.0, 10.0]]])
    assert face_boxes(points, 48, 30).tolist() == [[0, 0, 48, 30]]
    with pytest.raises(ValueError, match="the face of frame 1 lies outside its picture of 30x48 px"):
        face_boxes(np.concatenate([points, points + 500]), 48, 30)
    with pytest.raises(ValueError, match="NaN"):
        face_boxes(points * np.nan, 48, 30)
    with pytest.raises(ValueError, match=r"\(T, N, 2\)"):
        face_boxes(points[0], 48, 30)


def test_boxes_of_a_clip():
    model, camera = load_face_model("procedural:coarse"), PerspectiveCamera(128)
    parameters = FaceParameters.zeros((2,))
    landmarks = camera.project(model.posed_landmarks(parameters))[..., :2].numpy()
    clip = Clip("M003", "front", "happy", 1, 1, Path("001.mp4"), None, Path("001.face3d.npz"))

    def loaded(size=(128, 128), crop=(0, 0, 128, 128), landmarks=landmarks):
        vectors = parameters.to_vector(order="storage").numpy()
        cache = FaceCache(vectors, 25, "procedural", "test", (128, 128), crop, landmarks)
        frames = np.zeros((2, *size, 3), np.uint8)
        return LoadedClip(clip, frames, Fraction(25), None, 16000, cache, (0, 0, 128, 128), (128, 128))

    by_model, by_landmarks = clip_boxes(loaded(), model), clip_boxes(loaded())
    assert by_model.shape == (2, 4) and np.abs(by_model - by_landmarks).max() <= 6
    assert np.abs(clip_boxes(loaded((256, 256))) - 2 * by_landmarks).max() <= 2
    assert np.abs(clip_boxes(loaded((256, 256)), model) - 2 * by_model).max() <= 2
    with pytest.raises(ValueError, match="001.face3d.npz: its camera sees another part of the picture"):
        clip_boxes(loaded(crop=(0, 0, 64, 64)), model)
    with pytest.raises(ValueError, match="001.mp4 has no landmarks"):
        clip_boxes(loaded(landmarks=None))


def test_input_is_blue_green_red_with_the_lower_half_hidden_first():
    frames = np.zeros((2, 96 + 20, 96 + 10, 3), np.uint8)
    frames[:, 20:, 10:] = film(2, 96, 96)
    x = wav2lip_input(frames, np.array([[20, 10, 116, 106]] * 2))
    assert x.shape == (2, 6, 96, 96)
    expected = torch.from_numpy(frames[:, 20:, 10:, ::-1].copy()).permute(0, 3, 1, 2) / 255
    torch.testing.assert_close(x[:, 3:], expected)
    torch.testing.assert_close(x[:, :3, :48], expected[:, :, :48])
    assert (x[:, :3, 48:] == 0).all()


def test_scaling_samples_between_pixel_centres():
    r"""A ramp twice as large, by hand: bilinear, half-pixel centres, whole grey levels."""
    frames = np.zeros((1, 192, 192, 3), np.uint8)
    frames[0] = np.arange(192)[:, None, None]
    x = wav2lip_input(frames, np.array([[0, 0, 192, 192]]))
    rows = (255 * x[0, 3, :, 0]).round()
    assert ((rows - (2 * torch.arange(96) + 0.5)).abs() <= 0.5 + 1e-4).all()


def test_paste_back_touches_the_box_alone_and_keeps_the_frames():
    frames = film(2)
    before, faces = frames.copy(), torch.rand(2, 3, 96, 96)
    result = paste_back(frames, boxes(2), faces)
    assert (frames == before).all()
    for k, (top, left, bottom, right) in enumerate(boxes(2)):
        outside = np.ones(frames.shape[1:3], bool)
        outside[top:bottom, left:right] = False
        assert (result[k][outside] == frames[k][outside]).all()
    same = np.array([[0, 0, 96, 96]])
    big = film(1, 96, 96)
    round_trip = paste_back(big, same, wav2lip_input(big, same)[:, 3:])
    assert (round_trip == big).all()  # red comes back as red


def test_frame_k_hears_the_window_from_80_k_over_25():
    spy, samples = SpyWav2Lip(), sound(0.6)
    lips = lips_by_wav2lip(spy, SpyWM3DR(), DecouplingNetwork(), film(15), boxes(15), samples, batch=4)
    heard, mel = torch.cat(spy.mel), log_mel(samples)
    assert len(heard) == 15 and [len(m) for m in spy.mel] == [4, 4, 4, 3]
    for k in range(12):  # the last ones reach past the end and hear silence there
        start = int(k * 80 / 25)
        end = min(16, mel.shape[1] - start)
        np.testing.assert_array_equal(heard[k, 0, :, :end], mel[:, start : start + end])
        assert (heard[k, 0, :, end:] == -4).all()
    blue = (mel_windows(mel, 25, 15)[:, 0, 0] + 4) / 8
    np.testing.assert_allclose(lips.expression[:, 0], blue, atol=0.5 / 255 + 1e-4)
    assert lips.neutral.shape == (15, 64) and lips.found == 1
    torch.testing.assert_close(lips.neutral, lips.expression)  # an untrained f_d changes nothing


def test_batch_size_changes_nothing(wav2lip):
    frames, windows = film(5), mel_windows(log_mel(sound(1)), 25, 5)
    whole = speak(wav2lip, frames, boxes(5), windows)
    parts = [speak(wav2lip, frames[k : k + 2], boxes(5)[k : k + 2], windows[k : k + 2]) for k in (0, 2, 4)]
    difference = np.abs(whole.astype(int) - np.concatenate(parts).astype(int))
    assert difference.max() <= 1 and (difference > 0).mean() < 1e-3  # rounding at a half
    assert (whole != frames).mean() > 0.3
    other = speak(wav2lip, frames, boxes(5), windows[::-1])
    assert (other != whole).any()


def test_the_frames_rate_outside_25_inside():
    r"""30 frames per second: nearest frames in, rows linear in time out."""
    frames = np.zeros((60, 96, 96, 3), np.uint8)
    frames[..., 0] = np.arange(60)[:, None, None]
    spy, whole = SpyWav2Lip(), np.tile([[0, 0, 96, 96]], (60, 1))
    lips = lips_by_wav2lip(spy, SpyWM3DR(), DecouplingNetwork(), frames, whole, sound(2), fps=30)
    assert lips.neutral.shape == (60, 64)
    red = 255 * torch.cat(spy.faces)[:, 5, 0, 0]
    assert len(red) == 50
    np.testing.assert_allclose(red, [int(np.floor(k * 1.2 + 0.5)) for k in range(50)], atol=1e-3)
    at_25 = lips_by_wav2lip(SpyWav2Lip(), SpyWM3DR(), DecouplingNetwork(), frames[:50], whole[:50], sound(2))
    expected = np.interp(np.arange(59) / 30, np.arange(50) / 25, at_25.expression[:, 0])
    np.testing.assert_allclose(lips.expression[:59, 0], expected, atol=1e-5)


@pytest.mark.parametrize("count", [1, 7, 40])
@pytest.mark.parametrize("fps", [24, 25, 29.97, 60])
def test_as_many_rows_as_asked_for(count, fps):
    lips = lips_by_wav2lip(
        SpyWav2Lip(), SpyWM3DR(), DecouplingNetwork(), film(3), boxes(3), sound(0.5), fps=fps, count=count
    )
    assert lips.neutral.shape == lips.expression.shape == (count, 64)


def test_a_short_clip_is_played_to_and_fro():
    assert to_and_fro(list(range(8)), 3).tolist() == [0, 1, 2, 1, 0, 1, 2, 1]
    assert to_and_fro([0, 5, 9], 1).tolist() == [0, 0, 0]
    steps = np.abs(np.diff(to_and_fro(list(range(100)), 7)))
    assert (steps == 1).all()


def test_frames_without_a_face_are_filled_in():
    samples, whole = sound(0.4), DecouplingNetwork()
    full = lips_by_wav2lip(SpyWav2Lip(), SpyWM3DR(), whole, film(10), boxes(10), samples)
    gaps = lips_by_wav2lip(SpyWav2Lip(), SpyWM3DR(blind=(0, 4, 5, 9)), whole, film(10), boxes(10), samples)
    assert gaps.found == pytest.approx(0.6)
    expected = np.interp(np.arange(10), [1, 2, 3, 6, 7, 8], full.expression[[1, 2, 3, 6, 7, 8], 0])
    np.testing.assert_allclose(gaps.expression[:, 0], expected, atol=1e-6)
    with pytest.raises(ValueError, match="finds the face in 4 of 10 pictures, expected at least half"):
        lips_by_wav2lip(SpyWav2Lip(), SpyWM3DR(blind=range(6)), whole, film(10), boxes(10), samples)


def test_a_face_outside_the_box_is_somebody_elses():
    r"""120 rows fill the 512 px: row 24 of 64 cells is 46 px, column 20 is 38 px."""
    there = read_expressions(SpyWM3DR((24, 20)), film(1), np.array([[40, 30, 50, 45]]))
    assert torch.isfinite(there).all() and there.shape == (1, 64)
    for box in ([47, 30, 60, 45], [40, 39, 50, 60]):
        assert torch.isnan(read_expressions(SpyWM3DR((24, 20)), film(1), np.array([box]))).all()


def test_progress_is_told_after_every_batch():
    done = []
    lips_by_wav2lip(
        SpyWav2Lip(), SpyWM3DR(), DecouplingNetwork(), film(3), boxes(3), sound(0.12), batch=2,
        progress=lambda now, of: done.append((now, of)),
    )  # fmt: skip
    assert done == [(2, 3), (3, 3)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (dict(frames=film(0), boxes=boxes(0)), "got 0 frames and 0 boxes"),
        (dict(boxes=boxes(2)), "got 3 frames and 2 boxes"),
        (dict(frames=film(3).astype(float)), "uint8, got .* float64"),
        (dict(samples=sound(0.02)), "expected at least 401"),
        (dict(count=0), "at least 1, got 0"),
        (dict(fps=0), "fps must be above 0"),
    ],
)
def test_bad_input_is_one_sentence(change, said):
    given = dict(frames=film(3), boxes=boxes(3), samples=sound(0.2)) | change
    with pytest.raises(ValueError, match=said):
        lips_by_wav2lip(SpyWav2Lip(), SpyWM3DR(), DecouplingNetwork(), **given)
