r"""A sound given to the page without a kernel: its lips are Python's, and its pictures ``dnt talk``'s."""

import base64
import struct

import numpy as np
import pytest
import torch

from dnt_core.actor.speech import SENTENCES, synthesize
from dnt_core.audio.blinks import BlinkTrain, blink_expression
from dnt_core.audio.built_in import BuiltInLips
from dnt_core.audio.mouth_movements import LIP_MOVEMENTS, to_expression
from dnt_core.ciec import encode
from dnt_core.clips import write_audio
from dnt_core.live.default_clip import default_clip
from dnt_core.live.static_page.clip_arrays import HOLE
from dnt_core.rendering.masks import dilate
from dnt_core.talking import SpeakingFace
from tests.live.static_page_tab import drawn, open_page, until
from tests.live.static_server import static_server
from tests.live.widget_stage import ROOT, browser

pytestmark = [pytest.mark.slow, pytest.mark.alone]

SAID = "document.querySelector('#speak [role=status]').textContent"
LAST = "document.querySelector('input[aria-label=speech]').max"
DROP = r"""
([name, text]) => {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0)), dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], name));
  document.querySelector("h1").dispatchEvent(
    new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
}
"""
JAW = LIP_MOVEMENTS.index("jawOpen")


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    r"""A sentence as a wav file of 16 kHz, and its samples."""
    samples = synthesize(SENTENCES[1], 3).waveform.astype(np.float32)
    path = tmp_path_factory.mktemp("sound") / "sentence.wav"
    write_audio(path, samples)
    return path, np.round(samples * 32768).clip(-32768, 32767).astype(np.float32) / 32768


@pytest.fixture(scope="module")
def page(static_page_folder, spoken):
    r"""A tab whose microphone hears the sentence again and again; it may complain of nothing."""
    microphone = (
        "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={spoken[0]}",
    )  # fmt: skip
    with static_server(static_page_folder) as url, browser(*microphone) as chromium:
        with_face = open_page(chromium, url)
        page, complaints, hosts = next(with_face)
        yield page
        with_face.close()
        assert complaints == [] and hosts - {""} == {url.split("/")[2]}


def drop(page, name, data):
    page.evaluate(DROP, [name, base64.b64encode(data).decode()])


def mouth(page):
    return np.float32(page.evaluate("Array.from(dntLanes.mouth())")).reshape(-1, len(LIP_MOVEMENTS))


def test_a_dropped_sound_is_said_as_in_python_and_follows_the_hand(page, spoken, monkeypatch):
    r"""Each face has a hole of its own, in the rectangle that ``dnt talk`` cuts for the widest mouth."""
    path, samples = spoken
    drop(page, path.name, path.read_bytes())
    assert until(page, f"/^The face says sentence.wav/.test({SAID})")
    until(page, "dntModel.get('playing') && dntModel.get('frame') > 3")
    page.evaluate("dntModel.set('playing', false)")
    frames = int(np.ceil(len(samples) / 16_000 * 30 - 1e-6))
    wanted = BuiltInLips().movements(samples, 16_000, 30, frames)
    found = mouth(page)
    np.testing.assert_allclose(found, wanted, atol=2e-3)
    assert np.ptp(wanted[:, JAW]) > 0.2

    weights = ROOT / "weights" / "generator_M003_128.safetensors"
    face, widely = (SpeakingFace(weights, default_clip("M003", 128), reuse=reuse) for reuse in (False, True))
    window = {}
    monkeypatch.setattr("dnt_core.live.prepared_frame.face_window", lambda hole, share: window["of frame"])
    train, blink = BlinkTrain(30.0), blink_expression("procedural")
    blinks = [next(train) for _ in range(frames)]
    widest, narrowest = int(wanted[:, JAW].argmax()), int(wanted[:10, JAW].argmin())
    shown = {}
    for frame, expression, level in (
        (widest, "happy", 0.9),
        (narrowest, "sad", 1.0),
        (widest, "neutral", 0.0),
    ):
        lips = to_expression(found[frame : frame + 1])[0] + blinks[frame] * blink
        window["of frame"] = widely._place(int(face.order[frame]), -1).window
        picture = face(int(face.order[frame]), lips, encode(expression, np.float32(level)))
        shown[frame, expression] = drawn(page, frame=frame, expression=expression, intensity=level)
        off = np.abs(shown[frame, expression] - picture.astype(int))
        assert off.mean() < 0.15 and (off > 8).mean() < 2e-3, (frame, expression, off.mean(), off.max())
    assert np.abs(shown[widest, "happy"] - shown[widest, "neutral"]).mean() > 1, "with the hand on the pad"


def test_another_person_says_it_too_and_the_clip_comes_back(page, spoken):
    frames = len(mouth(page))
    page.get_by_label("identity").select_option("W009_128")
    drawn(page, identity="W009_128", expression="happy", intensity=0.5, frame=frames - 1)
    page.locator("#speak button", has_text="own clip").click()
    until(page, f"dntLanes.mouth() === null && {LAST} === '71'")
    drawn(page, frame=71, intensity=0.25)
    page.get_by_label("identity").select_option("M003_128")


def test_a_recording_is_said(page, spoken):
    page.locator("#speak button", has_text="Record").click()
    until(page, f"/^Speak/.test({SAID})")
    page.wait_for_timeout(3500)  # what is recorded, more on a busy machine
    page.locator("#speak button", has_text="Stop").click()
    assert until(page, f"/^The face says your recording/.test({SAID})")
    page.evaluate("dntModel.set('playing', false)")
    found = mouth(page)[:, JAW]
    once = BuiltInLips().movements(np.tile(spoken[1], 4), 16_000, 30, 4 * 72)[:, JAW]
    seen = np.lib.stride_tricks.sliding_window_view(once, 60)
    best = max(np.corrcoef(row, found[15:75])[0, 1] for row in seen)
    assert best > 0.8, "the microphone hears the sentence, begun anywhere"


def wav(samples: bytes, rate: int, kind: int, width: int) -> bytes:
    r"""A wav file of one channel; kind 1: integers, 3: floats of ``width`` bytes."""
    about = struct.pack("<IHHIIHH", 16, kind, 1, rate, rate * width, width, 8 * width)
    size = struct.pack("<I", len(samples))
    return b"RIFF" + struct.pack("<I", 36 + len(samples)) + b"WAVEfmt " + about + b"data" + size + samples


def float_wav(samples: np.ndarray) -> bytes:
    return wav(samples.astype("<f4").tobytes(), 16_000, 3, 4)


@pytest.mark.parametrize(
    ("name", "samples", "said"),
    [
        ("nothing.wav", np.zeros(16_000, np.float32), "the sound is silent"),
        ("one.wav", np.full(1, 0.5, np.float32), "it takes at least 0.2 s"),
        ("short.wav", np.full(800, 0.5, np.float32), "it takes at least 0.2 s"),
        ("no.wav", b"not a sound", "finds no sound in it"),
        ("empty.mp3", b"", "finds no sound in it"),
        ("nan.wav", float_wav(np.where(np.arange(16_000) % 99, 0.1, np.nan)), "are no numbers"),
    ],
)
def test_what_is_no_speech_is_said_and_changes_nothing(page, tmp_path, name, samples, said):
    before = page.evaluate(LAST)
    if isinstance(samples, np.ndarray):
        write_audio(tmp_path / name, samples)
        samples = (tmp_path / name).read_bytes()
    drop(page, name, samples)
    assert until(page, f"{SAID}.startsWith('{name}: ') && {SAID}.includes('{said}')")
    assert page.evaluate(LAST) == before


def test_a_hole_reaches_as_far_from_the_faces_as_in_python(page):
    draw = np.random.default_rng(0)
    drawn_face, filmed = draw.random((2, 17, 11)) < 0.02
    drawn_face[0, 0] = filmed[16, 10] = True
    cut = """async ([plane, filmed, size, margin]) => {
      const { cutHole } = await import("./spoken_clip.js"), found = Uint8Array.from(plane);
      cutHole(found, Uint8Array.from(filmed), size, margin);
      return Array.from(found); }"""
    for margin in (0, 1, 3, 20):
        given = [(2 * drawn_face).ravel().tolist(), filmed.astype(int).ravel().tolist(), [17, 11], margin]
        found = np.uint8(page.evaluate(cut, given)).reshape(17, 11)
        either = torch.from_numpy(drawn_face | filmed)[None, None].float()
        np.testing.assert_array_equal(found & HOLE, dilate(either, margin)[0, 0])
        np.testing.assert_array_equal(
            found - HOLE * (found & HOLE), 2 * drawn_face, "what it was given stays"
        )


def test_a_quiet_recording_moves_the_lips_as_a_loud_one(page, spoken, tmp_path):
    r"""A wav of 16 bits whose loudest sample is 50 dB below full scale: of 104 steps."""
    path, samples = spoken
    write_audio(tmp_path / "quiet.wav", samples * np.float32(10 ** (-50 / 20) / np.abs(samples).max()))
    found = {}
    for name, data in (("loud.wav", path.read_bytes()), ("quiet.wav", (tmp_path / "quiet.wav").read_bytes())):
        drop(page, name, data)
        assert until(page, f"/^The face says {name}/.test({SAID})")
        found[name] = mouth(page)[:, JAW]
    page.evaluate("dntModel.set('playing', false)")
    assert np.ptp(found["quiet.wav"]) > 0.5 * np.ptp(found["loud.wav"])
    assert np.corrcoef(found["quiet.wav"], found["loud.wav"])[0, 1] > 0.95


def test_who_wants_the_own_clip_again_while_a_sound_is_heard_gets_it(page, spoken):
    r"""What was asked for last is said, however long the lips listen to what was dropped before."""
    path, _ = spoken
    drop(page, path.name, path.read_bytes())
    assert until(page, f"/^The face says {path.name}/.test({SAID})")
    page.evaluate("""() => { const { hear } = dntLanes; window.dntOwnHear = hear; window.dntHeard = 0;
      dntLanes.hear = async (...sound) => { const mouth = await hear(...sound);
        await new Promise((done) => (window.dntGoOn = done)); window.dntHeard++; return mouth; }; }""")
    drop(page, "late.wav", path.read_bytes())
    until(page, "!!window.dntGoOn")
    page.locator("#speak button", has_text="own clip").click()
    until(page, f"dntLanes.mouth() === null && {LAST} === '71'")
    page.evaluate("dntGoOn()")
    until(page, "dntHeard === 1")
    page.wait_for_timeout(500)
    assert page.evaluate(f"[dntLanes.mouth(), {LAST}, {SAID}]") == [None, "71", ""]
    page.evaluate("() => { dntLanes.hear = dntOwnHear; }")


def test_a_sound_that_is_too_long_is_refused_before_it_is_decoded(page):
    page.evaluate("""() => { const { prototype } = OfflineAudioContext, { decodeAudioData } = prototype;
      window.dntDecoded = 0; prototype.decodeAudioData = function (...given) {
        window.dntDecoded++; return decodeAudioData.apply(this, given); }; }""")
    ten_minutes = wav(bytes([128, 200]) * 2_400_000, 8_000, 1, 1)
    drop(page, "long.wav", ten_minutes)
    assert until(page, f"{SAID} === 'long.wav: the sound lasts 600 s; this page takes at most 180 s'")
    assert page.evaluate("dntDecoded") == 0


def test_the_way_back_stays_where_the_own_clip_does_not_come(page, spoken):
    path, _ = spoken
    drop(page, path.name, path.read_bytes())
    assert until(page, f"/^The face says {path.name}/.test({SAID})")
    page.evaluate("""() => { window.dntOwnOpen = dntLanes.open;
      dntLanes.open = () => Promise.reject(new Error("it did not come whole")); }""")
    back = page.locator("#speak button", has_text="own clip")
    back.click()
    assert until(page, f"{SAID} === 'it did not come whole'") and back.is_visible()
    page.evaluate("() => { dntLanes.open = dntOwnOpen; }")
    back.click()
    assert until(page, f"dntLanes.mouth() === null && {LAST} === '71'") and not back.is_visible()
