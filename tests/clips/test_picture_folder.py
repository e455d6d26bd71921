r"""A folder of a film's frames: where a film is expected it is said what to do, and that makes the film."""

from fractions import Fraction

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from dnt_core.cli import app
from dnt_core.clips import ClipError, read_video, video_info, write_video
from dnt_core.clips.convert import convert_video
from dnt_core.clips.face_cache import expect_clip


def blocks(seed, height=48, width=64):
    r"""(H, W, 3) uint8, flat grey squares of 16 px, which H.264 keeps well."""
    grey = np.random.default_rng(seed).integers(0, 256, (height // 16, width // 16, 1))
    return np.kron(grey, np.ones((16, 16, 3))).astype(np.uint8)


@pytest.fixture
def frames(tmp_path):
    r"""Twelve numbered pictures without leading zeros in a folder with a space, and what else lies there."""
    folder = tmp_path / "my frames"
    folder.mkdir()
    for number in range(1, 13):
        Image.fromarray(blocks(number)).save(folder / f"frame_{number}.png")
    (folder / "notes.txt").write_text("twelve")
    Image.fromarray(blocks(99)).save(folder / "cover.jpg")
    return folder


def dnt(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_a_folder_of_frames_becomes_a_film_in_the_order_of_its_numbers(frames, tmp_path):
    done = dnt("data", "convert", frames, tmp_path / "a.mp4", "--fps", 24)
    assert done.exit_code == 0, done.output
    assert "12 pictures, frame_1.png to frame_12.png" in done.output
    film = read_video(tmp_path / "a.mp4")
    assert film.fps == 24 and len(film.frames) == 12
    for number, shown in enumerate(film.frames, 1):  # 10 comes after 9, not after 1
        apart = [np.abs(shown.astype(int) - blocks(n)).mean() for n in range(1, 13)]
        assert np.argmin(apart) == number - 1 and min(apart) < 6
    assert dnt("data", "convert", frames, tmp_path / "b.mp4", "--fps", "30000/1001").exit_code == 0
    assert video_info(tmp_path / "b.mp4").fps == Fraction(30000, 1001)
    for wrong in ("nan", "inf", "1e9", "0", "fast", "1/0"):
        said = dnt("data", "convert", frames, tmp_path / "c.mp4", "--fps", wrong)
        assert said.exit_code == 2 and "dnt: fps must be " in said.output, said.output
    (frames / "frame_5.png").unlink()
    assert "1 number without a picture left out" in convert_video(frames, tmp_path / "b.mp4", 24)


def test_pictures_are_turned_upright_by_their_exif_data(tmp_path):
    """PyAV knows no kind for Exif data and then hands over none at all: '31 is not a valid Type' ended it."""
    stored, exif = blocks(3), Image.Exif()
    (tmp_path / "f").mkdir()
    for name, orientation in ("1.jpg", 6), ("2.jpg", 8), ("3.jpg", 6):
        exif[0x0112] = orientation
        Image.fromarray(stored).save(tmp_path / "f" / name, quality=95, subsampling=0, exif=exif)
    convert_video(tmp_path / "f", tmp_path / "a.mp4", 25)
    shown = read_video(tmp_path / "a.mp4").frames.astype(int)
    assert shown.shape[1:3] == (64, 48)
    for picture, turns in zip(shown, (-1, 1, -1), strict=True):
        assert np.abs(picture - np.rot90(stored, turns)).mean() < 6


def test_where_a_film_is_expected_the_command_is_said(frames, tmp_path):
    way = f"write the film first: dnt data convert {frames} OUT.mp4 --fps 30"
    with pytest.raises(ClipError) as error:
        video_info(frames)
    assert str(error.value).endswith(f"it is a folder of pictures; {way}")
    for command in (["track", frames], ["track", frames / "none", "--import", "--video", frames]):
        said = dnt(*command)
        assert said.exit_code == 2 and way in " ".join(said.output.split()), said.output


def test_where_a_clip_is_expected_a_folder_or_the_track_itself_is_told(frames, tmp_path):
    """The track was told to be tracked: 'expected web.face3d.face3d.npz beside it'."""
    (tmp_path / "web.face3d.npz").write_bytes(b"PK")
    said = {frames: "a folder of pictures; write the film first", tmp_path: "is a folder; expected a video"}
    said[tmp_path / "web.face3d.npz"] = "is what was tracked in a clip; expected a video with its .face3d.npz"
    for given, sentence in said.items():
        with pytest.raises(ValueError, match=sentence):
            expect_clip(given)
    with pytest.raises(FileNotFoundError, match="no clip .*none.mp4; expected a video"):
        expect_clip(tmp_path / "none.mp4")
    for command in (["talk", "--text", "It works.", "--clip"], ["live", "--no-browser", "--clip"]):
        done = dnt(*command, frames)
        assert done.exit_code == 2 and "a folder of pictures" in " ".join(done.output.split()), done.output


def test_pictures_that_make_no_film_are_said(frames, tmp_path):
    out = tmp_path / "a.mp4"
    for rate, sentence in ((None, "give fps, such as --fps 30"), (1e9, "fps must be at most 1000, got 1")):
        with pytest.raises(ValueError, match=sentence):
            convert_video(frames, out, rate)
    Image.fromarray(blocks(1, 64, 64)).save(frames / "frame_7.png")
    with pytest.raises(ClipError, match=r"frame_7.png is a picture of 64x64 px, frame_1.png one of 64x48"):
        convert_video(frames, out, 25)
    (frames / "frame_7.png").write_bytes(b"\x89PNG cut")
    with pytest.raises(ClipError, match="frame_7.png"):
        convert_video(frames, out, 25)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "._1.png").write_bytes(b"")  # as macOS leaves beside files on foreign disks
    with pytest.raises(ClipError, match="a folder without pictures"):
        convert_video(tmp_path / "empty", out, 25)
    with pytest.raises(ValueError, match="empty is a folder; expected a video"):
        expect_clip(tmp_path / "empty")
    assert not out.exists() and not list(tmp_path.glob(".*part*"))


def test_converting_tells_how_far_it_is(frames, tmp_path):
    """A film of minutes took minutes without a word."""
    told = []
    convert_video(frames, tmp_path / "film.mp4", 25, progress=lambda *counts: told.append(counts))
    convert_video(
        tmp_path / "film.mp4", tmp_path / "again.mp4", 50, progress=lambda *counts: told.append(counts)
    )
    count = told[0][1]
    assert told == [(k, count) for k in range(1, count + 1)] + [
        (k, 2 * count) for k in range(1, 2 * count + 1)
    ]


def test_a_conversion_overwrites_nothing_but_a_conversion(frames, tmp_path):
    """``dnt data convert *.mp4`` where two films lie wrote the first over the second."""
    first, second = tmp_path / "a.mp4", tmp_path / "b.mp4"
    convert_video(frames, first, 25)
    write_video(second, np.zeros((3, 48, 64, 3), np.uint8), 25, mark=False, provenance=False)
    before = second.read_bytes()
    for there in (second, tmp_path / "notes.mp4"):
        there.touch()
        there.write_bytes(there.read_bytes() or b"my notes")
        done = dnt("data", "convert", first, there)
        assert done.exit_code == 2 and "another film or file is there" in " ".join(done.output.split())
    assert second.read_bytes() == before
    (tmp_path / "empty.mp4").touch()
    for out in (tmp_path / "empty.mp4", tmp_path / "c.mp4", tmp_path / "c.mp4"):  # once more is no harm
        assert dnt("data", "convert", first, out).exit_code == 0
        assert len(read_video(out)) == len(read_video(first))
