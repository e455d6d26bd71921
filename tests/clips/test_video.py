from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import av
import numpy as np
import pytest

from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.frame_grid import nearest_frames
from dnt_core.clips.pixel_format import yuv_to_rgb
from dnt_core.clips.sound import read_audio
from dnt_core.clips.video import iterate_frames, read_video, video_info, write_video


def psnr(a, b):
    return 10 * np.log10(255**2 / np.mean((a.astype(float) - b.astype(float)) ** 2))


def test_colors_round_trip(tmp_path, frames):
    video = read_video(write_video(tmp_path / "a.mp4", frames, 30, mark=False))
    assert video.frames.shape == frames.shape
    assert video.frames.dtype == np.uint8
    assert video.fps == 30
    assert video.duration == pytest.approx(0.4)
    assert psnr(video.frames, frames) >= 38
    fine = read_video(write_video(tmp_path / "a.mp4", frames, 30, mark=False, crf=2)).frames
    bias = (fine.astype(float) - frames).mean((0, 1, 2))
    assert np.abs(bias).max() < 0.4  # swscale's defaults are off by 1.4


@pytest.mark.parametrize(
    "color", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (224, 172, 140)]
)
def test_flat_colors_and_range(tmp_path, color):
    flat = np.broadcast_to(np.uint8(color), (3, 32, 32, 3))
    back = read_video(write_video(tmp_path / "a.mp4", flat, 25, mark=False)).frames
    assert np.abs(back.astype(int) - flat).max() <= 3


def test_file_says_its_colors(tmp_path, frames):
    path = write_video(tmp_path / "a.mp4", frames, 30, mark=False)
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (
            1,
            1,
            1,
            1,
        )


def test_untagged_small_file_is_read_as_bt601(tmp_path):
    # A file that says nothing, as many in the wild: pure BT.601 red, written plane by plane.
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "1"})
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        for t in range(3):
            planes = [np.full((32, 32), 81), np.full((8, 32), 90), np.full((8, 32), 240)]
            frame = av.VideoFrame.from_ndarray(np.concatenate(planes).astype(np.uint8), format="yuv420p")
            frame.pts, frame.time_base = t, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert np.abs(read_video(path).frames.astype(int) - (255, 0, 0)).max() <= 4


def test_same_input_same_bytes(tmp_path, frames, make_tone):
    one = write_video(tmp_path / "a.mp4", frames, 30, make_tone(0.4))
    two = write_video(tmp_path / "b.mp4", iter(frames), 30, make_tone(0.4))
    assert one.read_bytes() == two.read_bytes()
    other = write_video(tmp_path / "c.mp4", frames[::-1], 30, make_tone(0.4))
    assert one.read_bytes() != other.read_bytes()


@pytest.mark.parametrize("fps", [25, 30, Fraction(30000, 1001), 29.97, Fraction(25, 2)])
def test_fps_is_exact(tmp_path, frames, fps):
    info = video_info(write_video(tmp_path / "a.mp4", frames, fps, mark=False, metadata={"title": "a clip"}))
    assert info.fps == Fraction(fps).limit_denominator(1001)
    assert (info.height, info.width, info.n_frames, info.has_sound) == (64, 64, 12, False)
    assert info.metadata["title"] == "a clip"


def test_sound_is_in_step(tmp_path, make_frames, make_tone):
    sound = make_tone(1.0)
    path = write_video(tmp_path / "a.mp4", make_frames(30), 30, sound, mark=False)
    assert video_info(path).has_sound
    back = read_audio(path)
    assert abs(len(back) - len(sound)) < 1024
    scores = {s: np.corrcoef(sound[4000:12000], back[4000 + s : 12000 + s])[0, 1] for s in range(-40, 41)}
    assert max(scores, key=scores.get) == 0
    assert scores[0] > 0.99


@pytest.mark.parametrize("fps", [25, 15, 60, Fraction(30000, 1001)])
def test_resampling_takes_nearest_frames(tmp_path, make_frames, fps):
    path = write_video(tmp_path / "a.mp4", make_frames(20), 30, mark=False)
    whole = read_video(path).frames
    video = read_video(path, fps=fps)
    times = np.arange(len(video)) / float(fps)
    reference = [whole[min(int(np.floor(t * 30 + 0.5 + 1e-9)), 19)] for t in times]
    assert np.array_equal(video.frames, reference)
    assert abs(video.duration - 20 / 30) <= 0.5 / float(fps) + 1e-9
    assert np.array_equal(video.frames, whole[nearest_frames(20, 30, fps)])


def test_start_and_stop_are_a_slice(tmp_path, make_frames):
    path = write_video(tmp_path / "a.mp4", make_frames(20), 30, mark=False)
    for fps in (None, 25, 60):
        whole = read_video(path, fps=fps).frames
        assert np.array_equal(read_video(path, fps=fps, start=3, stop=9).frames, whole[3:9])
        assert np.array_equal(read_video(path, fps=fps, start=12).frames, whole[12:])
    with pytest.raises(ClipError, match="no frame between 40"):
        read_video(path, start=40)
    with pytest.raises(ValueError, match="start <= stop"):
        read_video(path, start=5, stop=2)


def test_crop_then_resize(tmp_path, make_frames):
    path = write_video(tmp_path / "a.mp4", make_frames(3, height=48, width=80), 30, mark=False)
    whole = read_video(path).frames
    assert np.array_equal(read_video(path, crop=(4, 10, 30, 20)).frames, whole[:, 4:34, 10:30])
    outside = read_video(path, crop=(-6, 70, 20, 20)).frames
    assert not outside[:, :6].any()
    assert not outside[:, :, 10:].any()
    assert np.array_equal(outside[:, 6:, :10], whole[:, :14, 70:])
    small = read_video(path, crop=(0, 16, 48, 48), size=24).frames
    mean = whole[:, :, 16:64].reshape(3, 24, 2, 24, 2, 3).astype(float).mean((2, 4))
    assert small.shape == (3, 24, 24, 3)
    assert np.abs(small - mean).mean() < 1.5
    assert read_video(path, size=(24, 40)).frames.shape == (3, 24, 40, 3)


def test_frames_come_one_at_a_time(tmp_path, make_frames):
    path = write_video(tmp_path / "a.mp4", make_frames(12), 30, mark=False)
    steps = iterate_frames(path)
    assert next(steps).shape == (64, 64, 3)
    steps.close()  # and the file is let go
    path.unlink()


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.zeros((0, 64, 64, 3), np.uint8), "no frames"),
        (np.zeros((2, 64, 64, 3), np.float32), "uint8"),
        (np.zeros((2, 3, 64, 64), np.uint8), r"\(H, W, 3\)"),
        (np.zeros((2, 63, 64, 3), np.uint8), "64x63.*even"),
        ([np.zeros((64, 64, 3), np.uint8), np.zeros((32, 64, 3), np.uint8)], "frame 1 .*first was"),
    ],
)
def test_bad_frames_leave_the_old_file(tmp_path, bad, message):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"old")
    with pytest.raises(ValueError, match=message):
        write_video(path, bad, 30, mark=False)
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


def test_bad_sound_and_rate_are_refused(tmp_path, frames, make_tone):
    sound = make_tone(0.4)
    sound[77] = np.nan
    with pytest.raises(ValueError, match="a.mp4 holds 1 NaN.*sample 77"):
        write_video(tmp_path / "a.mp4", frames, 30, sound)
    with pytest.raises(ValueError, match="above 0, got 0"):
        write_video(tmp_path / "a.mp4", frames, 0)
    assert not list(tmp_path.iterdir())


def test_broken_files_are_named(tmp_path, make_frames, make_tone):
    good = write_video(tmp_path / "good.mp4", make_frames(20), 30, make_tone(0.7), mark=False).read_bytes()
    cases = {
        "empty.mp4": (b"", "empty"),
        "half.mp4": (good[: len(good) // 2], "truncated: it ends inside its 'mdat' box"),
        "start.mp4": (good[:100], "truncated"),
        "nodata.mp4": (good[: good.index(b"mdat") - 12], "no 'mdat' box"),
        "text.mp4": (b"<html>404 not found</html>", "finds no media"),
        "noindex.mp4": (good[:24] + (1000).to_bytes(4, "big") + b"mdat" + bytes(992), "no 'moov' box"),
        "zeroed.mp4": (good[: len(good) // 2] + bytes(len(good) - len(good) // 2), "cannot be decoded"),
    }
    for name, (data, reason) in cases.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(ClipError, match=f"{name} .*{reason}"):
            read_video(tmp_path / name)
    with pytest.raises(ClipError, match="nothere.mp4 .*does not exist"):
        video_info(tmp_path / "nothere.mp4")


def test_a_scaler_that_is_kept_reads_each_frame_by_its_own_colors():
    r"""Frames of one size that differ in matrix and range, in turn, are read as each is alone."""
    pixels = np.random.default_rng(0).integers(60, 200, (96, 64), np.uint8)  # planes of 64 x 64 px in 4:2:0

    def frame(matrix, color_range):
        made = av.VideoFrame.from_ndarray(pixels, format="yuv420p")
        made.colorspace, made.color_range = matrix, color_range
        return made

    kinds = [(1, 1), (1, 2), (5, 1), (5, 2)] * 2
    alone = {}
    for kind in set(kinds):
        with ThreadPoolExecutor(1) as new_thread:  # has no scaler yet
            alone[kind] = new_thread.submit(yuv_to_rgb, frame(*kind)).result()
    assert len({picture.tobytes() for picture in alone.values()}) == 4
    for size in (None, (32, 48), None):
        for kind in kinds:
            picture = yuv_to_rgb(frame(*kind), size)
            assert size or (picture == alone[kind]).all(), kind
