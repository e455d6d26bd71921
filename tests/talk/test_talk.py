r"""From a sound file to an mp4: in step, whole or not at all, gone on with, and one sentence for bad
input."""

import gc
import json
import os

import av
import numpy as np
import pytest
import torch
from typer.testing import CliRunner

import dnt_core
from dnt_core.audio.espeak import espeak_available
from dnt_core.audio.lip_motion import lip_motion
from dnt_core.audio.prosody import pitch_track
from dnt_core.ciec_path import parse_path
from dnt_core.cli import app
from dnt_core.clips import read_audio, read_provenance, read_video, write_audio, write_video
from dnt_core.talking import SampleSound, film, film_parts, speak_frames
from dnt_core.talking.lips import in_tenths, lip_frames
from dnt_core.talking.pipeline import frame_count
from dnt_core.talking.sounds import sound_key, spoken_text
from dnt_core.training.generator_weights import load_generator, open_generator, save_generator
from tests.talk.conftest import WEIGHTS, LoudnessLips


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    r"""Parts of films go into a folder of the test's own."""
    monkeypatch.setattr(film_parts, "runs_folder", lambda: tmp_path / "runs")
    return tmp_path / "runs"


@pytest.fixture
def make(tmp_path, short_clip, loudness):
    def talk(audio, expression="happy:0→1", **changes):
        given = {"clip": short_clip, "weights": WEIGHTS, "lips": loudness} | changes
        return dnt_core.talk(audio, expression, given.pop("out", tmp_path / "talk.mp4"), **given)

    return talk


def lag(found, wanted, most):
    r"""By how many places ``found`` is later than ``wanted``, by cross-correlation."""
    found, wanted = found - found.mean(), wanted - wanted.mean()
    n = min(len(found), len(wanted))
    score = {
        k: np.dot(found[max(0, k) : n + min(0, k)], wanted[max(0, -k) : n - max(0, k)])
        for k in range(-most, most + 1)
    }
    return max(score, key=score.get)


def decoded(path):
    r"""What PyAV gives of a file: pictures, sound from time 0 on, both with the time of their first
    sample."""
    with av.open(str(path)) as container:
        pictures = [
            (float(f.pts * f.time_base), f.to_ndarray(format="rgb24")) for f in container.decode(video=0)
        ]
    with av.open(str(path)) as container:
        sound = [(float(f.pts * f.time_base), f.to_ndarray()[0]) for f in container.decode(audio=0)]
    return pictures, sound


def test_lips_and_sound_are_in_step_in_the_decoded_file(make, tmp_path):
    from dnt_core.actor.speech import PHRASES, synthesize

    parts = [synthesize(phrase, seed).waveform for seed, phrase in enumerate(PHRASES[:3])]
    sound = np.concatenate(parts)
    out = make((sound, 16_000), "neutral:0")
    pictures, heard = decoded(out)
    assert pictures[0][0] == 0 and len(pictures) == np.ceil(len(sound) / 16_000 * 25)
    samples = np.concatenate([np.zeros(round(max(0, heard[0][0]) * 16_000)), *(piece for _, piece in heard)])
    assert heard[0][0] >= 0 and abs(lag(samples, sound, 1200)) <= 16  # 1 ms
    mouth = np.stack([p for _, p in pictures]).astype(float)[:, 78:106, 46:84].mean(-1)
    dark = (mouth < 45).mean((1, 2))
    stream = LoudnessLips().stream(16_000, 25)
    truth = np.concatenate([stream.feed(sound), stream.finish(len(pictures))])
    jaw = truth @ LoudnessLips().jaw
    assert abs(lag(dark, jaw, 6)) <= 1
    assert np.corrcoef(dark, jaw)[0, 1] > 0.6


def test_a_known_sentence_is_said_with_the_actors_own_lips(make):
    from dnt_core.actor.people import get_person
    from dnt_core.actor.speech import PHRASES, mouth_movements, synthesize

    phrase = PHRASES[0]
    out = make(None, "neutral:0", text=phrase.text.lower().rstrip("."), lips=None, actor="M003")
    speech = synthesize(phrase, 0, get_person("M003").voice)
    video = read_video(out)
    assert abs(lag(read_audio(out), speech.waveform, 800)) <= 16
    mouth = mouth_movements(speech, 25, len(video.frames))
    opening = np.maximum(mouth["jawOpen"] - mouth["mouthClose"], 0)
    dark = (video.frames[:, 78:106, 46:84].mean(-1) < 45).mean((1, 2))
    assert abs(lag(dark, opening, 6)) <= 1


def test_the_film_is_marked_says_how_it_was_made_and_follows_the_path(make, speech):
    out = make(speech, "happy:0→1")
    record = read_provenance(out)
    assert record["synthetic"] is True and record["expression"] == "happy:0→1"
    assert record["weights"] == WEIGHTS.name and record["identity"] == "M003"
    frames = read_video(out).frames.astype(int)
    corner = frames[:, -9:-2, -55:-2]
    assert (corner.max((1, 2, 3)) > 220).all() and (corner.min((1, 2, 3)) < 90).all()
    plain = read_video(make(speech, "happy:0→1", mark=False, out=out.with_name("plain.mp4"))).frames
    assert plain[:, -9:-2, -55:-2].max() < 220
    neutral = read_video(make(speech, "neutral:0", out=out.with_name("neutral.mp4"))).frames.astype(int)
    change = np.abs(frames - neutral)[:, 20:110, 20:110].mean((1, 2, 3))
    assert change[0] < change[-1] / 3 and change[-1] > 2 * change[len(change) // 4]


def test_the_second_call_says_that_it_is_done_and_other_arguments_make_another_film(make, speech):
    said, frames = [], []
    first = make(speech, progress=lambda done, total: frames.append((done, total)))
    bytes_before = first.read_bytes()
    assert frames[-1] == (len(frames), len(frames))
    make(speech, tell=said.append, progress=lambda done, total: pytest.fail("drawn again"))
    assert "is there already" in said[-1] and first.read_bytes() == bytes_before
    make(speech, "sad:0→1")
    assert first.read_bytes() != bytes_before


def test_an_interrupted_film_leaves_no_file_and_is_gone_on_with(make, speech, tmp_path, home, monkeypatch):
    monkeypatch.setattr(film_parts, "PART_SECONDS", 0.2)
    whole = make(speech, out=tmp_path / "whole.mp4").read_bytes()
    out, before = tmp_path / "talk.mp4", {p.name for p in tmp_path.iterdir()}

    def stop(done, total):
        if done == 12:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(speech, progress=stop)
    assert not out.exists() and {p.name for p in tmp_path.iterdir()} == before
    parts = list(home.rglob("*.mp4"))
    assert [p.name for p in sorted(parts)] == ["00000.mp4", "00001.mp4"]
    done = []
    make(speech, progress=lambda k, total: done.append(k))
    assert done[0] == 11  # two parts of five frames were there
    assert out.read_bytes() == whole
    assert not list(home.rglob("*.mp4"))


@pytest.mark.parametrize("name", ["talk.mp4", "other.mp4"])
def test_two_that_make_the_same_film_at_once_both_end_well(make, speech, tmp_path, monkeypatch, name):
    """The first one that is done takes the parts away."""
    monkeypatch.setattr(film_parts, "PART_SECONDS", 0.2)
    said = []

    def meanwhile(done, total):
        if done == 12:
            make(speech, out=tmp_path / name)

    assert make(speech, progress=meanwhile, tell=said.append) == tmp_path / "talk.mp4"
    assert len(read_video(tmp_path / name).frames) == len(read_video(tmp_path / "talk.mp4").frames)
    assert any("by another process" in line for line in said) == (name == "talk.mp4")


def test_a_film_that_could_not_be_joined_goes_on_at_its_own_end(make, speech, monkeypatch):
    """Its last part is a short one: ten seconds of a film of one were said to be there."""

    def full(*_, **__):
        raise OSError("no space left")

    with monkeypatch.context() as patched:
        patched.setattr("dnt_core.talking.joining.join_parts", full)
        with pytest.raises(OSError, match="no space left"):
            make(speech)
    said, seconds = [], len(speech[0]) / speech[1]
    make(speech, tell=said.append, progress=lambda done, total: pytest.fail("drawn again"))
    (told,) = (line for line in said if line.startswith("going on"))
    assert float(told.split()[3]) == pytest.approx(seconds, abs=0.05)


def test_progress_tells_of_the_last_frame_where_the_parts_are_all_full(make, monkeypatch):
    monkeypatch.setattr(film_parts, "PART_SECONDS", 0.2)
    sound, told = 0.5 * np.sin(np.arange(6400, dtype=np.float32) / 9), []  # 0.4 s, two parts of five frames
    make((sound, 16_000), progress=lambda done, total: told.append((done, total)))
    assert told == [(k, 10) for k in range(1, 11)]


def test_frames_leave_while_the_sound_is_read(face, loudness):
    sound = SampleSound(np.tile(np.sin(np.arange(16_000) / 20).astype(np.float32) / 2, 30), 16_000)
    frames = speak_frames(face, sound, loudness, parse_path("happy:0→1"))
    next(frames)
    assert loudness.heard < 2 * 16_000
    frames.close()
    assert loudness.heard < 2 * 16_000


@pytest.mark.parametrize("name", ["a.mp3", "a.ogg", "a.m4a"])
def test_any_sound_any_rate_stereo(make, tmp_path, name):
    from tests.clips.test_sound_blocks import sweep, write_sound

    codec, rate = {"a.mp3": ("libmp3lame", 22050), "a.ogg": ("libopus", 48000), "a.m4a": ("aac", 44100)}[name]
    tone = sweep(0.6, rate)
    path = write_sound(tmp_path / name, np.stack([tone, 0.5 * tone]), rate, codec, "stereo")
    out = make(path)
    with av.open(str(out)) as container:
        assert container.streams.audio[0].rate == rate
    found, wanted = read_audio(out), read_audio(path)
    assert abs(lag(found, wanted, 1000)) <= 16
    assert len(read_video(out).frames) == pytest.approx(len(wanted) / 16_000 * 25, abs=1)


def refusal(make, tmp_path, *arguments, **changes):
    r"""The sentence; what stood at ``out`` is still there."""
    out = write_video(tmp_path / "talk.mp4", np.zeros((1, 64, 64, 3), np.uint8), 25)
    older = out.read_bytes()
    with pytest.raises((ValueError, OSError)) as caught:
        make(*arguments, **changes)
    assert out.read_bytes() == older
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_bad_sound_gets_one_sentence(make, tmp_path):
    def wav(name, samples):
        return write_audio(tmp_path / name, np.asarray(samples, np.float32))

    noise = 0.1 * np.random.default_rng(0).normal(size=16_000)
    assert "is silent" in refusal(make, tmp_path, wav("s.wav", np.zeros(16_000)))
    assert "lasts 0.05 s; expected at least 0.2 s" in refusal(make, tmp_path, wav("t.wav", noise[:800]))
    assert "lasts 0.199 s; expected at least 0.2 s" in refusal(make, tmp_path, wav("t.wav", noise[:3199]))
    assert "does not exist" in refusal(make, tmp_path, tmp_path / "none.wav")
    cut = wav("cut.wav", noise)
    cut.write_bytes(cut.read_bytes()[:-1000])
    assert "truncated" in refusal(make, tmp_path, cut)
    (tmp_path / "text.wav").write_text("no sound, only words, and more words")
    assert "FFmpeg finds no media" in refusal(make, tmp_path, tmp_path / "text.wav")
    if hasattr(os, "mkfifo"):  # as <(command) is one
        os.mkfifo(tmp_path / "pipe.wav")
        assert "it is a pipe or a device" in refusal(make, tmp_path, tmp_path / "pipe.wav")
    mute = write_video(tmp_path / "mute.mp4", np.zeros((5, 64, 64, 3), np.uint8), 25)
    assert "has no sound track" in refusal(make, tmp_path, mute)
    bad = np.where(np.arange(16_000) == 77, np.nan, noise)
    assert "NaN" in refusal(make, tmp_path, (bad, 16_000))
    assert "sample rate is 12345" in refusal(make, tmp_path, (noise, 12_345))


def test_a_whole_rate_may_be_a_float():
    sound = SampleSound(np.full(16_000, 0.1, np.float32), 16_000.0)
    assert next(sound.blocks()).shape == (4000,)
    assert sound_key(sound) == sound_key(SampleSound(sound.waveform, 16_000))


def test_a_bad_request_gets_one_sentence(make, tmp_path, speech):
    assert "path ends at 99 s, the sound at" in refusal(make, tmp_path, speech, "happy:0@0s→1@99s")
    assert "happi" in refusal(make, tmp_path, speech, "happi:0→1")
    assert "not both: both were given" in refusal(make, tmp_path, speech, text="and a text")
    assert "neither was given" in refusal(make, tmp_path, None)
    assert "no weights of ''" in refusal(make, tmp_path, speech, weights=None, actor="")
    assert "no words in it" in refusal(make, tmp_path, None, text=" ?! ")
    bare = write_video(tmp_path / "bare.mp4", np.zeros((5, 64, 64, 3), np.uint8), 25)
    said = refusal(make, tmp_path, speech, clip=bare)
    assert "bare.mp4 has no 3D face" in said and "`dnt track " in said
    assert "none.safetensors" in refusal(make, tmp_path, speech, weights=tmp_path / "none.safetensors")
    assert "128" in refusal(make, tmp_path, speech, size=256)
    assert "nobody" in refusal(make, tmp_path, speech, weights=None, actor="nobody")
    assert ".mp4" in refusal(make, tmp_path, speech, out=tmp_path / "talk.avi")
    foreign = LoudnessLips()
    foreign.face_model = "bfm2009"
    assert "bfm2009" in refusal(make, tmp_path, speech, lips=foreign)


def test_weights_that_do_not_say_whose_they_are_are_whose_the_caller_says(tmp_path, monkeypatch):
    generator, made_with = load_generator(WEIGHTS)
    unsaid = {name: value for name, value in made_with.items() if name not in ("identity", "command")}
    file = save_generator(tmp_path / "mine.safetensors", generator, unsaid)
    assert film._weights_of(file, "W009", None) == (open_generator(file), "W009")  # voice, head at rest
    assert film._weights_of(file, None, None)[1] is None
    with pytest.raises(ValueError, match="are of actor M003, not W009"):
        film._weights_of(WEIGHTS, "W009", None)


def test_an_argument_of_another_kind_gets_one_sentence(make, tmp_path, speech):
    samples, rate = speech

    def refused(audio=speech, **changes):
        with pytest.raises(TypeError) as caught:
            make(audio, **changes)
        assert not (tmp_path / "talk.mp4").exists() and "\n" not in str(caught.value)
        return str(caught.value)

    for audio in (samples, [samples, rate], (samples,), (rate, samples), (samples, [rate]), b"speech.wav"):
        assert "audio must be a file of sound, or (samples (N,), rate in Hz), got" in refused(audio)
    assert f"got ({rate}, ndarray of shape ({len(samples)},))" in refused((rate, samples))
    assert "text must be words, got 5" in refused(None, text=5)
    assert "out must be a file name" in refused(out=None)
    assert "size must be a whole number, got '128'" in refused(size="128")
    assert "lips must be a LipMotion" in refused(lips=3)


def test_lips_by_wav2lip_get_the_clip_and_the_decoupling_network(make, tmp_path, speech, monkeypatch):
    from dnt_core.audio import wav2lip_route

    assert refusal(make, tmp_path, speech, lips="given") == (
        "given lips are those of a file; name the file in its place, such as lips.npy"
    )
    said = refusal(make, tmp_path, speech, lips="wav2lip", clip=None)
    assert "give the clip" in said
    for loaded in ("load_wav2lip", "load_wm3dr"):
        monkeypatch.setattr(wav2lip_route, loaded, lambda path: None)
    assert "bfm2009" in refusal(make, tmp_path, speech, lips="wav2lip")  # the clip is of another model


def test_the_film_does_not_overwrite_its_own_sound(make, tmp_path, speech):
    video = write_video(tmp_path / "v.mp4", np.zeros((25, 64, 64, 3), np.uint8), 25, speech[0])
    before = video.read_bytes()
    with pytest.raises(ValueError, match="would overwrite its sound"):
        make(video, out=video)
    assert video.read_bytes() == before


def test_a_film_overwrites_nothing_of_somebody_elses(make, tmp_path, speech):
    """``--out holiday.mp4`` where such a film lies."""
    film = write_video(
        tmp_path / "v.mp4", np.zeros((5, 64, 64, 3), np.uint8), 25, mark=False, provenance=False
    )
    (tmp_path / "notes.mp4").write_text("my notes")
    for there in (film, tmp_path / "notes.mp4"):
        before = there.read_bytes()
        with pytest.raises(ValueError, match="is there, and no film of this package; give another --out"):
            make(speech, out=there)
        assert there.read_bytes() == before


def test_a_very_quiet_recording_moves_the_lips_as_a_loud_one(speech):
    r"""At 57 dB below full scale the built-in lips alone hear nobody."""
    samples, rate = speech
    frames, lips = int(len(samples) / rate * 25), lip_motion("built-in")

    def spoken(waveform):
        return np.concatenate(list(lip_frames(lips, SampleSound(waveform, rate), 25.0, frames)))

    loud = spoken(samples)
    quiet = np.float32(0.0014 / np.abs(samples).max()) * samples
    unheard = lips(quiet, rate, 25.0, frames)
    assert unheard.std(0).max() < 0.1 * loud.std(0).max()
    assert np.corrcoef(spoken(quiet).ravel(), loud.ravel())[0, 1] > 0.95


@pytest.mark.parametrize("spoilt", ["a knock", "knocks", "an offset"])
def test_a_knock_on_the_microphone_does_not_shut_the_mouth(speech, spoilt):
    """The button of a recorder is a hundred times as loud as a distant voice, which was then not raised."""
    samples, rate = np.tile(speech[0], 3), speech[1]
    lips, frames = lip_motion("built-in"), int(len(samples) / rate * 25)

    def spoken(waveform):
        return np.concatenate(list(lip_frames(lips, SampleSound(waveform, rate), 25.0, frames)))

    quiet = np.float32(0.01 / np.abs(samples).max()) * samples
    wanted = spoken(quiet)
    if spoilt == "an offset":
        quiet = quiet + np.float32(0.2)
    for at in {"a knock": [400], "knocks": [400, len(quiet) - 900]}.get(spoilt, []):
        quiet[at : at + 800] = np.sin(np.arange(800), dtype=np.float32)  # 50 ms
    found = spoken(quiet)
    assert np.corrcoef(found.ravel(), wanted.ravel())[0, 1] > 0.75
    assert found.std() > 0.6 * wanted.std()


def test_lips_that_end_early_or_are_nan_are_said(make, tmp_path, speech):
    class Short:
        face_model = None

        def __call__(self, sound, rate, fps, frames):
            return np.zeros((frames - 3, 64), np.float32)

    class Bad(Short):
        def __call__(self, sound, rate, fps, frames):
            return np.full((frames, 64), np.nan, np.float32)

    assert "end 3 frames before" in refusal(make, tmp_path, speech, lips=Short())
    assert "NaN" in refusal(make, tmp_path, speech, lips=Bad())


def test_text_without_espeak_says_what_to_install(make, tmp_path, monkeypatch):
    from dnt_core.audio import espeak

    def none():
        raise espeak.EspeakMissing('speaking text needs espeak-ng: pip install "dnt-core[voices]"')

    monkeypatch.setattr(espeak, "_library", none)
    said = refusal(make, tmp_path, None, text="Nobody has ever written this sentence down.")
    assert "espeak-ng" in said and "only the sentences that it knows" in said


def test_a_film_that_cannot_be_written_is_said_before_it_is_drawn(tmp_path, speech):
    (tmp_path / "a file").write_text("no folder")
    with pytest.raises(ValueError, match="is no folder that can be written to") as caught:
        dnt_core.talk(speech, "neutral:0", tmp_path / "a file" / "new" / "talk.mp4")
    assert "talk.mp4" in str(caught.value) and "\n" not in str(caught.value)


def test_a_language_needs_a_text(make, tmp_path, speech):
    assert "the language 'de' is of a text" in refusal(make, tmp_path, speech, language="de")


@pytest.mark.skipif(not espeak_available(), reason="espeak-ng is not installed")
def test_the_same_text_is_the_same_sound_in_one_process_too():
    r"""Else a second call would draw the whole film again."""
    text = "Nobody has ever written this sentence down."
    first, lips = spoken_text(text)
    assert lips is None and sound_key(spoken_text(text)[0]) == sound_key(first)
    assert sound_key(spoken_text(text, language="de")[0]) != sound_key(first)
    with pytest.raises(ValueError, match="no voice 'nowhere'"):
        spoken_text(text, language="nowhere")


@pytest.mark.skipif(not espeak_available(), reason="espeak-ng is not installed")
def test_a_woman_is_spoken_for_by_a_woman():
    def pitch(actor):
        hertz = pitch_track(
            spoken_text("Nobody has ever written this sentence down.", actor)[0].waveform
        ).hertz
        return np.median(hertz[hertz > 0])

    assert pitch("M003") < 140 < 160 < pitch("W009")


def test_a_known_sentence_is_in_the_voice_of_whom_the_weights_are():
    weights = WEIGHTS.with_name("generator_W009_128.safetensors")
    assert film._weights_of(weights, None, None)[1] == "W009"


def test_auto_hears_blocks_as_it_hears_the_whole(speech):
    from dnt_core.audio.voice_expression import auto_path, read_expression

    samples = np.repeat(np.tile(speech[0], 3), 3)  # 48 kHz
    sound = SampleSound(samples, 48_000)
    said = []
    path = film._path_of_voice(sound, said.append)
    assert said and str(path) == str(auto_path(read_expression(samples, 48_000)))
    assert path.key_points[-1].time <= sound.seconds + 1e-6


def test_auto_may_begin_with_a_capital(make, speech, monkeypatch):
    monkeypatch.setattr(film, "_path_of_voice", lambda sound, tell: parse_path("sad:0->0.5"))
    assert read_provenance(make(speech, " Auto "))["expression"] == "sad:0→0.5"


def test_numbers_of_a_file_are_lips_of_the_command(tmp_path):
    from dnt_core.cli.talk import _lips

    np.save(tmp_path / "mouth.npy", np.zeros((50, 64)))
    lips = _lips(str(tmp_path / "mouth.npy"), 25.0)
    assert lips(np.zeros(16_000, np.float32), 16_000, 25.0, 25).shape == (25, 64)
    with pytest.raises(
        ValueError, match=r"mouth.npy does not say its frames per second; give fps > 0 \(--lips-fps\)"
    ):
        _lips(str(tmp_path / "mouth.npy"), None)
    with pytest.raises(ValueError, match="--lips-fps is of a file"):
        _lips("built-in", 25.0)
    assert _lips(None, None) is None and _lips("built-in", None) == "built-in"


def test_lips_of_a_file_make_the_same_film_once_and_may_be_too_long(make, speech, tmp_path):
    """They had no name, so a stopped film began anew; what lay behind the sound was cut without a word."""
    np.save(tmp_path / "mouth.npy", np.zeros((100, 64)))
    for wanted in ("the lips last 4.0 s, the sound 0.7 s", "talk.mp4 is there already"):
        said = []
        make(speech, lips=lip_motion("given", path=tmp_path / "mouth.npy", fps=25), tell=said.append)
        assert any(wanted in line for line in said), said


def test_what_takes_long_before_the_first_frame_is_told_in_tenths():
    """Wav2Lip draws all lips before the film begins, for minutes, and nothing was said meanwhile."""
    said = []
    progress = in_tenths("drawn", "pictures", said.append)
    for done in (*range(16, 300, 16), 300):
        progress(done, 300)
    assert (
        len(said) == 10 and said[0] == "drawn 32 of 300 pictures" and said[-1] == "drawn 300 of 300 pictures"
    )


@pytest.mark.parametrize("option", ["--text", "--captions"])
def test_the_name_of_a_file_is_no_text(option, tmp_path):
    """Its letters were read aloud, or shown below the face."""
    (tmp_path / "notes.txt").write_text("It works.")
    command = ["talk"] if option == "--text" else ["live", "--no-browser"]
    said = CliRunner().invoke(app, [*command, option, str(tmp_path / "notes.txt")])
    assert said.exit_code == 2 and "is the name of a file" in said.output and "cat" in said.output


@pytest.mark.skipif(not espeak_available(), reason="needs espeak-ng")
def test_a_text_wants_its_language(tmp_path):
    """English names the letters of another script one by one."""
    for text in ("Привет, как дела?", "你好，今天天气很好。", "안녕하세요"):
        with pytest.raises(ValueError, match="is not in Latin letters.*give its language"):
            spoken_text(text)
    assert spoken_text("Привет", language="ru")[0].seconds > 0.2
    assert spoken_text("Größe: 5 µm, 3 × 4, α")[0].seconds > 0.2
    for name in ("pt_BR", "fr-FR", "de_DE"):
        assert spoken_text("um dois", language=name)[0].seconds > 0.2
    with pytest.raises(ValueError, match=r"no voice 'zh'; its languages .* cmn \(Chinese\)"):
        spoken_text("你好", language="zh")


@pytest.mark.skipif(not espeak_available(), reason="needs espeak-ng")
def test_marks_of_ssml_are_not_read_aloud():
    plain, paused = (
        spoken_text(f"<speak>One. {pause} Two.</speak>")[0].seconds for pause in ("", '<break time="2s"/>')
    )
    assert 1 < paused - plain < 2.5
    assert plain < spoken_text("One. Two.")[0].seconds + 0.5


def test_the_command_says_it_in_one_line(tmp_path, speech, home):
    sound = write_audio(tmp_path / "s.wav", np.zeros(16_000, np.float32))
    said = CliRunner().invoke(app, ["talk", "--audio", str(sound), "--out", str(tmp_path / "t.mp4")])
    assert said.exit_code == 2 and "is silent" in said.output and "Traceback" not in said.output
    assert json.dumps(sorted(p.name for p in tmp_path.iterdir())) == '["s.wav"]'


def test_the_face_is_opened_on_one_thread_and_without_looking_for_garbage(short_clip):
    before = torch.get_num_threads()
    torch.set_num_threads(2)  # that wait for each other longer than one adds
    try:
        seen = film._open_face(
            lambda *given, **more: (torch.get_num_threads(), gc.isenabled()),
            open_generator(WEIGHTS), "M003", short_clip, print,
        )  # fmt: skip
        assert seen == (1, False)
        assert (torch.get_num_threads(), gc.isenabled()) == (2, True)
    finally:
        torch.set_num_threads(before)


def test_the_public_name_is_there():
    assert dnt_core.talk is film.talk and "talk" in dnt_core.__all__


def test_every_frame_is_counted(speech):
    for samples, fps in ((16_000, 25.0), (16_001, 25.0), (800, 30.0)):
        sound = SampleSound(np.ones(samples, np.float32) / 2, 16_000)
        assert frame_count(sound, fps) == np.ceil(samples / 16_000 * fps)
