import numpy as np
import pytest

from dnt_core.clips.provenance import mark_frame, provenance_record, read_provenance
from dnt_core.clips.video import read_video, video_info, write_video


def test_default_carries_mark_and_record(tmp_path, make_frames):
    frames = make_frames(3, 128, 128)
    path = write_video(tmp_path / "a.mp4", frames, 25)
    assert read_provenance(path) == provenance_record()
    changed = np.abs(read_video(path).frames.astype(int) - frames).max(-1) > 60
    assert changed[:, 100:, 64:].any()
    assert not changed[:, :90].any()
    assert not changed[:, :, :50].any()


def test_record_without_mark_for_footage_to_train_on(tmp_path, frames):
    record = provenance_record("dnt film", actor="M003", seed=7, expression="happy")
    path = write_video(tmp_path / "a.mp4", frames, 25, mark=False, provenance=record)
    assert read_provenance(path) == record
    assert np.abs(read_video(path).frames.astype(int) - frames).max() < 25


def test_no_record_and_foreign_comments(tmp_path, frames):
    path = write_video(tmp_path / "a.mp4", frames, 25, mark=False, provenance=False)
    assert read_provenance(path) is None
    assert "comment" not in video_info(path).metadata
    path = write_video(
        tmp_path / "b.mp4", frames, 25, mark=False, provenance=False, metadata={"comment": "hello"}
    )
    assert read_provenance(path) is None
    path = write_video(tmp_path / "c.mp4", frames, 25, mark=False, metadata={"comment": "hello"})
    assert read_provenance(path)["comment"] == "hello"


@pytest.mark.parametrize("value", [0, 255, 128])
@pytest.mark.parametrize("size", [(64, 64), (256, 256), (720, 1280)])
def test_mark_is_legible_on_any_ground(size, value):
    frame = np.full((*size, 3), value, np.uint8)
    marked = mark_frame(frame)
    assert (frame == value).all()  # the input is left alone
    plate = marked[size[0] // 2 :, size[1] // 2 :].astype(int)
    assert plate.max() - plate.min() > 120
    assert (marked[:, : size[1] // 16] == value).all()


@pytest.mark.parametrize("size", [(20, 400), (33, 640), (59, 1920), (13, 59), (1080, 1920)])
def test_mark_fits_into_a_strip(size):
    marked = mark_frame(np.zeros((*size, 3), np.uint8))
    assert marked.shape == (*size, 3) and (marked == 245).any()


def test_mark_needs_room():
    with pytest.raises(ValueError, match="32x32 pixels is too small"):
        mark_frame(np.zeros((32, 32, 3), np.uint8))


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (provenance_record(model=object()), "JSON"),
        ({"model": "mine"}, r"a provenance record comes from provenance_record\(...\), got dict"),
        ("mine", "got 'mine'"),
        (True, "got True"),
    ],
)
def test_what_would_not_be_read_back_as_a_record_is_refused(tmp_path, record, message):
    with pytest.raises(ValueError, match=message):
        write_video(tmp_path / "a.mp4", np.zeros((1, 64, 64, 3), np.uint8), 25, provenance=record)
