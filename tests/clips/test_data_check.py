r"""``dnt data check`` and ``convert``, other people's suffixes, HDR, and sounds of another recording."""

import os
import shutil
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from typer.testing import CliRunner

from dnt_core.cli import app
from dnt_core.clips import verifier
from dnt_core.clips.check_report import verdicts
from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.clip_reading import load_clip
from dnt_core.clips.convert import convert_video
from dnt_core.clips.face_cache import FaceCache, read_face_cache, write_face_cache
from dnt_core.clips.media_reading import open_reading
from dnt_core.clips.scanner import scan
from dnt_core.clips.sound import write_audio
from dnt_core.clips.standard_colors import HLG, PQ, to_standard
from dnt_core.clips.verifier import readable_front
from dnt_core.clips.video import read_video, video_info
from tests.clips.film_maker import MATRICES, flash_and_beep, make_film, with_matrix

MEDIA = Path(__file__).parent / "media"
FRONT = "M003/video/front/happy/level_1"


def test_a_verdict_per_clip(mead):
    mead.video(FRONT, 1, 2, name="talking.mp4")
    folder = mead.root / FRONT
    shutil.copy(MEDIA / "rotated.mp4", folder / "003.mp4")
    shutil.copy(MEDIA / "hlg.mp4", folder / "004.mp4")
    mead.video(FRONT, 5)
    write_face_cache(folder / "002.mp4", FaceCache(np.zeros((7, 257)), 30, "procedural", "actor"))
    rows = {row.name: row for row in verdicts(scan(mead.root, verify=True))}
    assert {name: row.verdict for name, row in rows.items()} == {
        "M003/front/happy/level_1/001": "good",
        "M003/front/happy/level_1/002": "lacking",
        "M003/front/happy/level_1/003": "adapted",
        "M003/video/front/happy/level_1/004.mp4": "left out",
        "M003/front/happy/level_1/005": "lacking",
    }
    assert "7 rows for a video of 12 frames" in rows["M003/front/happy/level_1/002"].reasons[0]
    result = CliRunner().invoke(app, ["data", "check", str(mead.root)])
    assert result.exit_code == 1
    for words in ("left out", "adapted", "turned by", "1 good: read as they are", "2 lacking"):
        assert words in " ".join(result.output.split())
    (folder / "004.mp4").unlink()
    result = CliRunner().invoke(app, ["data", "check", "--full", "--problems-only", str(mead.root)])
    assert result.exit_code == 0
    assert "level_1/001" not in result.output.replace("\n", "")
    result = CliRunner().invoke(app, ["data", "check", str(mead.root / "nowhere")])
    assert result.exit_code == 2


def test_several_troubles_of_a_clip_are_told_within_eighty_columns(mead, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    folder = mead.root / FRONT
    folder.mkdir(parents=True)
    irregular = np.r_[np.arange(15) / 60, 0.25 + np.arange(23) / 30]
    several = {"late_sound": 0.3, "layout": "stereo", "channels": (1.0, -1.0), "shape": Fraction(4, 3)}
    with_matrix(make_film(folder / "001.mp4", times=irregular, **several), MATRICES["anticlockwise"])
    shutil.copy(MEDIA / "hlg.mp4", folder / "002.mp4")
    make_film(folder / "003.mp4")
    damaged = bytearray((folder / "003.mp4").read_bytes())
    at = damaged.index(b"mdat") + 1800
    damaged[at : at + 700] = bytes(700)
    (folder / "003.mp4").write_bytes(damaged)
    output = CliRunner().invoke(app, ["data", "check", str(mead.root)]).stdout
    assert max(map(len, output.splitlines())) <= 80
    words = " ".join(output.split())
    for said in ("turned by 270 degrees", "pixels of 4:3", "resampled in time", "sound begins", "cancel each",
                 "convert it: dnt data convert IN OUT.mp4", "left out"):  # fmt: skip
        assert said in words
    assert "zscale" not in output and "damaged: is damaged" not in words


def test_cells_without_a_clip_are_named(mead):
    """It said how many there are, and a call of Python that lists them."""
    mead.video("M003/video/front/happy/level_1")
    output = CliRunner().invoke(app, ["data", "check", str(mead.root)]).stdout
    assert "missing cells: 21 of 22" in output and "happy 2, 3; " in " ".join(output.split())
    assert "scan(" not in output


def test_brackets_in_a_name_are_no_markup(mead):
    mead.video("M003 [final]/video/front/happy/level_1", name="talking.mp4")
    result = CliRunner().invoke(app, ["data", "check", str(mead.root)])
    assert "[final]" in result.output


@pytest.mark.parametrize(
    "suffix", [".webm", ".flv", ".ts", ".mts", ".wmv", ".3gp", ".mpg", ".ogv", ".MOV", ".insv"]
)
def test_suffixes_of_peoples_folders(mead, suffix):
    folder = mead.root / FRONT
    folder.mkdir(parents=True)
    made = make_film(mead.root / "a.ts", sound=None, seconds=0.2)
    shutil.move(made, folder / f"001{suffix}")  # FFmpeg goes by the content
    (clip,) = scan(mead.root)
    assert len(load_clip(clip, size=16)) == 6


def test_other_files_are_named_or_silent(mead):
    mead.video(FRONT, 1)
    folder = mead.root / FRONT
    for name in ("001.txt", "001.srt", "notes.xyz", "002.xyz", "003"):
        (folder / name).write_text("x")
    passed = {p.path.name for p in scan(mead.root).problems if p.kind == "passed over"}
    assert passed == {"002.xyz", "003"}


def test_sounds_in_a_films_container(mead):
    mead.video(FRONT, 1)
    sound = mead.root / "M003/audio/happy/level_1/001.mp4"
    sound.parent.mkdir(parents=True)
    shutil.copy(mead.stock / "sound.m4a", sound)
    (clip,) = scan(mead.root, verify=True)
    assert clip.audio == sound


def test_sound_of_another_recording_is_said(mead, make_tone):
    mead.video(FRONT, 1, 2)
    mead.sound("M003/audio/happy/level_1", 1, 2)
    write_audio(mead.root / "M003/audio/happy/level_1/002.m4a", make_tone(1.4))
    for verify in (True, "full"):
        (problem,) = scan(mead.root, verify=verify).problems
        assert (problem.kind, problem.path.name, problem.left_out) == ("other recording", "002.m4a", False)
        assert "1.41 s, the film 0.40 s" in problem.reason or "1.40 s, the film 0.40 s" in problem.reason


def test_a_surprise_in_one_clip_never_ends_a_scan(mead, monkeypatch):
    mead.video(FRONT, 1, 2, name="talking.mp4")
    from dnt_core.clips import verifier

    real = verifier._tried
    broken = {"001.mp4"}

    def tried(clip, full, log):
        if clip.video.name in broken:
            raise RuntimeError("something\nnobody thought of")
        return real(clip, full, log)

    monkeypatch.setattr(verifier, "_tried", tried)
    index = scan(mead.root, verify=True)
    assert [clip.number for clip in index] == [2]
    assert [p.reason for p in index.problems if p.left_out] == [
        "unreadable: RuntimeError: something nobody thought of"
    ]


@pytest.mark.parametrize("primaries", [9, 1])
def test_hdr_gives_sdr_colours_back(primaries):
    r"""HDR film says its primaries: BT.2020's as a rule, some BT.709's."""
    sdr = np.random.default_rng(0).integers(0, 256, (20, 20, 3)) / 255
    to_2020 = np.array(
        [[0.62740, 0.32928, 0.04331], [0.06910, 0.91954, 0.01136], [0.01639, 0.08801, 0.89559]]
    )
    nits = 203 * (sdr**2.4 @ (to_2020.T if primaries == 9 else np.eye(3)))
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = (nits / 1000) ** (1 / 1.2)
    hlg = np.where(scene <= 1 / 12, np.sqrt(3 * scene), a * np.log(np.maximum(12 * scene - b, 1e-9)) + c)
    m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
    power = (nits / 10000) ** m1
    pq = ((c1 + c2 * power) / (1 + c3 * power)) ** m2
    for transfer, signal in ((HLG, hlg), (PQ, pq)):
        back = to_standard(np.round(signal * 65535).astype(np.uint16), transfer, primaries)
        assert np.abs(back - sdr * 255).max() <= 2


def test_hdr_is_refused_or_converted(tmp_path):
    with pytest.raises(ClipError, match="hlg.mp4.*HDR.*HLG.*dnt data convert"):
        read_video(MEDIA / "hlg.mp4")
    with open_reading(MEDIA / "hlg.mp4", hdr=True) as reading:
        frame = next(reading.frames(lambda rgb: rgb))
        assert np.abs(frame[64, 96].astype(int) - 61).max() <= 2
        assert "tone-mapped from HLG" in "; ".join(reading.remarks)
    out = tmp_path / "sdr.mp4"
    result = CliRunner().invoke(app, ["data", "convert", str(MEDIA / "hlg.mp4"), str(out)])
    assert result.exit_code == 0 and "tone-mapped" in result.output
    assert flash_and_beep(out) == pytest.approx((1.0, 1.0), abs=0.01)
    assert np.abs(read_video(out).frames[0][64, 96].astype(int) - 61).max() <= 3


def test_converting_makes_any_film_plain(tmp_path):
    said = convert_video(MEDIA / "vfr.mp4", tmp_path / "a.mp4", fps=25)
    assert "resampled in time" in said[0]
    assert video_info(tmp_path / "a.mp4").fps == 25
    assert flash_and_beep(tmp_path / "a.mp4") == pytest.approx((1.0, 1.0), abs=0.021)
    before = (tmp_path / "a.mp4").read_bytes()
    with pytest.raises(ClipError, match="it is the film to convert"):
        convert_video(tmp_path / "a.mp4", tmp_path / "a.mp4")
    with pytest.raises(ClipError, match="changing size"):
        convert_video(MEDIA / "size_change.mp4", tmp_path / "a.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == before


@pytest.mark.parametrize("name", ["001.mat", "001.npz", "coeff.npy", "001.pt"])
def test_other_programs_caches_are_called_so(tmp_path, name):
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(ClipError, match=f"{name} is no cache of 3DMM parameters: expected NAME.face3d.npz"):
        read_face_cache(tmp_path / name)


def test_a_crop_outside_the_picture_is_refused(mead):
    path = mead.video(FRONT, 1)
    cache = FaceCache(np.zeros((12, 257)), 30, "procedural", "actor", crop=(0, 640, 32, 32))
    write_face_cache(path, cache)
    for crop in ("camera", "face"):
        with pytest.raises(ClipError, match="001.face3d.npz.*lies outside the 64x64 px of 001.mp4"):
            load_clip(scan(mead.root)[0], crop=crop)


def test_logging_is_left_as_it_was(mead):
    mead.video(FRONT, 1)
    before = av.logging.get_level(), av.logging.get_skip_repeated()
    scan(mead.root, verify=True)
    assert (av.logging.get_level(), av.logging.get_skip_repeated()) == before


@pytest.mark.parametrize("inside", ["", "M003"])
def test_what_is_left_out_of_a_training_is_said_wherever_the_folder_lies(mead, tmp_path, inside, monkeypatch):
    r"""In a folder named like a view, or from inside of the actor's folder, it was left out in silence."""
    mead.video(FRONT, 1, 2)
    mead.video("M003/video/TOP/happy/level_1", 1)
    mead.video("W009/video/front/happy/level_1", 1)
    root = Path(shutil.move(mead.root, tmp_path / "top"))
    broken = [*root.rglob("002.mp4"), *root.rglob("TOP/**/001.mp4"), *root.glob("W009/**/001.mp4")]
    for path in broken:
        path.write_bytes(b"")
    monkeypatch.chdir(root / inside)
    clips, problems = readable_front(scan("."), "M003")
    assert [clip.number for clip in clips] == [1]
    assert [problem.path.resolve() for problem in problems] == [broken[0]]


def test_what_is_known_to_be_good_is_not_decoded_again(mead, monkeypatch, tmp_path):
    r"""Each start of a training decoded the ends and the sounds of all clips anew."""
    monkeypatch.setenv("DNT_HOME", str(tmp_path / "home"))
    mead.video(FRONT, 1, 2, name="talking.mp4")
    folder = mead.root / FRONT
    write_face_cache(folder / "002.mp4", FaceCache(np.zeros((7, 257)), 30, "procedural", "actor"))
    (folder / "003.mp4").write_bytes((folder / "001.mp4").read_bytes()[:-2000])
    tried, original = [], verifier._verify_clip
    monkeypatch.setattr(
        verifier, "_verify_clip", lambda clip, full: tried.append(clip.number) or original(clip, full)
    )
    first = readable_front(scan(mead.root), "M003")
    assert sorted(tried) == [1, 2] and [clip.number for clip in first[0]] == [1, 2]
    tried.clear()
    assert readable_front(scan(mead.root), "M003") == first
    assert tried == [2]  # what is wrong with it is said again
    os.utime(folder / "001.mp4", ns=(0, 0))
    tried.clear()
    assert readable_front(scan(mead.root)) == first and sorted(tried) == [1, 2]
