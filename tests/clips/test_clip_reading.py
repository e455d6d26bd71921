import numpy as np
import pytest

from dnt_core.clips import clip_reading
from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.clip_reading import iterate_clips, load_clip
from dnt_core.clips.crop_box import face_box
from dnt_core.clips.face_cache import FaceCache, write_face_cache
from dnt_core.clips.pixel_format import resize_rgb
from dnt_core.clips.scanner import scan
from dnt_core.clips.video import read_video, write_video


def ramp_cache(count=12, **more):
    ramp = np.arange(count, dtype=np.float32)
    return FaceCache(ramp[:, None].repeat(257, 1), 30, "procedural", "actor", **more)


@pytest.fixture
def clip(mead):
    path = mead.video("M003/video/front/happy/level_2")
    mead.sound("M003/audio/happy/level_2")
    intensity = np.linspace(0, 0.67, 12)
    landmarks = np.full((12, 68, 2), 20.0)
    landmarks[:, 0], landmarks[:, 1] = (24, 30), (40, 46)
    write_face_cache(path, ramp_cache(truth_intensity=intensity, landmarks=landmarks, image_size=(64, 64)))
    return scan(mead.root)[0]


def test_everything_on_one_grid(clip):
    loaded = load_clip(clip)
    assert loaded.frames.shape == (12, 64, 64, 3)
    assert loaded.fps == 30
    assert loaded.audio.shape == (6400,)
    assert loaded.audio.std() > 0.05
    assert np.array_equal(loaded.face.parameters[:, 5], np.arange(12))
    assert loaded.ciec.shape == (12, 7)
    assert np.allclose(loaded.ciec[:, 4], np.linspace(0, 0.67, 12), atol=1e-6)
    assert loaded.camera_fits
    assert loaded.parameters.expression.shape == (12, 64)


def test_resampled_together(clip):
    loaded = load_clip(clip, fps=25, size=32, sample_rate=8000)
    times = np.arange(10) / 25
    assert len(loaded) == 10
    assert loaded.frames.shape == (10, 32, 32, 3)
    assert loaded.audio.shape == (3200,)
    assert np.allclose(loaded.face.parameters[:, 0], times * 30, atol=1e-5)
    assert np.allclose(
        loaded.intensity, np.interp(times * 30, np.arange(12), np.linspace(0, 0.67, 12)), atol=1e-6
    )
    whole = load_clip(clip, size=32).frames
    assert np.array_equal(loaded.frames, whole[np.floor(times * 30 + 0.5 + 1e-9).astype(int)])


def test_a_part_is_a_slice_of_the_whole(clip):
    whole, part = load_clip(clip, fps=25), load_clip(clip, fps=25, start=3, stop=8)
    assert np.array_equal(part.frames, whole.frames[3:8])
    assert np.array_equal(part.face.parameters, whole.face.parameters[3:8])
    assert np.array_equal(part.audio, whole.audio[3 * 640 : 8 * 640])


def test_without_cache_or_sound(mead):
    mead.video("M003/video/front/sad/level_3", 1)
    mead.video("M003/video/front/sad/level_3", 2, name="talking.mp4")
    silent, talking = map(load_clip, scan(mead.root))
    assert silent.audio is None
    assert silent.parameters is None
    assert silent.landmarks is None
    assert not silent.camera_fits and silent.camera_misses.endswith("001.mp4 was loaded without a 3D face")
    assert (silent.intensity == 1).all()
    assert talking.audio.shape == (6400,)  # the video's own track
    assert talking.audio.std() > 0.05


def test_crops(mead, make_frames):
    folder = mead.root / "W009/video/front/fear/level_1"
    path = write_video(folder / "001.mp4", make_frames(3, 48, 80), 30, mark=False)
    whole = read_video(path).frames
    clip = scan(mead.root)[0]
    assert load_clip(clip, crop="center").box == (0, 16, 48, 48)
    assert load_clip(clip, crop="face").box == (0, 16, 48, 48)  # nothing better is known
    assert np.array_equal(load_clip(clip, crop=(4, 8, 20, 24)).frames, whole[:, 4:24, 8:32])
    with pytest.raises(ValueError, match="crop must be 'face'"):
        load_clip(clip, crop="nose")
    landmarks = np.zeros((3, 68, 2)) + [30, 20]
    landmarks[1, 3] = [40, 24]
    write_face_cache(path, ramp_cache(3, landmarks=landmarks, image_size=(48, 80)))
    loaded = load_clip(scan(mead.root)[0], crop="face", size=36)
    assert loaded.box == (11, 26, 18, 18) == face_box(landmarks)
    assert not loaded.camera_fits
    assert np.allclose(loaded.landmarks[0, 0], [(30.5 - 26) * 2 - 0.5, (20.5 - 11) * 2 - 0.5])
    # a reconstruction that looked at a square of the frame, scaled to 96 px
    inside = np.full((3, 68, 2), 47.5)
    write_face_cache(path, ramp_cache(3, landmarks=inside, image_size=(96, 96), crop=(8, 20, 32, 32)))
    loaded = load_clip(scan(mead.root)[0], crop="face", size=64)
    assert loaded.box == (8, 20, 32, 32)
    assert loaded.camera_fits
    assert np.allclose(loaded.landmarks, 31.5)
    assert not load_clip(loaded.clip).camera_fits
    assert "another part of the picture" in load_clip(loaded.clip).camera_misses
    assert np.allclose(load_clip(loaded.clip).landmarks[0, 0], [20 + 15.5, 8 + 15.5])


def test_bad_clips_are_named_and_passed_over(mead, monkeypatch):
    path = mead.video("M003/video/front/sad/level_3", 1, 2, 3)
    index = scan(mead.root)
    (path.parent / "002.mp4").write_bytes(path.read_bytes()[:-500])  # cut off after the scan
    problems = []
    assert [loaded.clip.number for loaded in iterate_clips(index, problems, size=32)] == [1, 3]
    assert "truncated" in problems[0].reason
    with pytest.raises(ClipError, match="002.mp4"):
        list(iterate_clips(index))
    write_face_cache(path, ramp_cache(9))
    with pytest.raises(ClipError, match="003.face3d.npz has 9 rows, but 003.mp4 has 12 frames"):
        load_clip(scan(mead.root)[1])
    monkeypatch.setattr(clip_reading, "MEMORY_LIMIT", 100_000)
    with pytest.raises(
        ClipError,
        match="001.mp4 would take 0.0 GiB as 12 frames of 64x64; cut it into films .* pass a smaller size",
    ):
        load_clip(index[0])
    assert len(load_clip(index[0], size=32)) == 12


def test_numbers_of_numpy_are_frame_rates(clip):
    assert load_clip(clip, fps=np.float32(15), sound=False).fps == 15


def test_a_rate_that_no_memory_holds_is_refused_before_it_is_tried(clip):
    with pytest.raises(ClipError, match="GiB at 1e\\+09 frames per second"):
        load_clip(clip, fps=1e9, stop=2)


@pytest.mark.parametrize("crop", [7, (0, 0, 0.5, 0.5), ((0, 0), (9, 9)), (1, 2, 3)])
def test_a_crop_that_is_none_is_said(clip, crop):
    with pytest.raises(ValueError, match="crop .top, left, height, width. must be four numbers"):
        load_clip(clip, crop=crop)


@pytest.fixture
def tracked(mead):
    """A clip of 120x80 px, a bright square in it, that was tracked with its crop around the square."""
    path = mead.root / "M003/video/front/happy/level_2/001.mp4"
    path.parent.mkdir(parents=True)

    def film(height, width):
        frames = np.full((12, 80, 120, 3), 40, np.uint8)
        frames[:, 20:60, 50:90] = 220
        frames = np.stack([resize_rgb(frame, (height, width)) for frame in frames])
        write_video(path, frames, 30, mark=False, provenance=False, crf=4)
        return scan(mead.root)[0]

    cache = ramp_cache(image_size=(224, 224), crop=(20, 50, 40, 40), video_size=(80, 120))
    write_face_cache(path, cache)
    return film


@pytest.mark.parametrize("size", [(80, 120), (40, 60), (160, 240), (54, 82)])
def test_a_video_that_was_scaled_after_it_was_tracked_shows_the_same_part(tracked, size):
    loaded = load_clip(tracked(*size), size=20, crop="camera")
    assert loaded.camera_fits
    assert loaded.frames[:, 3:-3, 3:-3].min() > 200


def test_a_video_of_another_shape_than_the_tracked_one_is_refused(tracked):
    clip = tracked(80, 80)
    with pytest.raises(ClipError, match=r"001.face3d.npz: it was tracked in .* 120x80 px.* 80x80"):
        load_clip(clip, crop="camera")
    said = " ".join(map(str, scan(clip.video.parents[5], verify=True).problems))
    assert "bad cache" in said and "80x80" in said
