r"""The page without a kernel in Debian's Firefox: the same pictures, another decoder of sound."""

import base64

import numpy as np
import pytest

from dnt_core.actor.speech import SENTENCES, synthesize
from dnt_core.clips import write_audio
from dnt_core.live import LiveFace
from tests.live.static_server import ISOLATED, static_server
from tests.live.test_static_page_speaks import DROP, SAID
from tests.live.widget_stage import ROOT
from tests.serving.firefox import find_firefox, firefox

pytestmark = [
    pytest.mark.slow,
    pytest.mark.alone,
    pytest.mark.skipif(not find_firefox(), reason="no Firefox: apt install firefox-esr"),
]

SHOW = """new Promise((done) => {
  const canvas = document.querySelector(".dnt-live figure canvas"), wanted = %s;
  canvas.addEventListener("dnt-frame", function seen({ detail: { request } }) {
    if (!Object.entries(wanted).every(([k, v]) => request[k] === v)) return;
    canvas.removeEventListener("dnt-frame", seen);
    const { width, height } = canvas;
    done([width, height, ...canvas.getContext("2d").getImageData(0, 0, width, height).data]);
  });
  for (const [k, v] of Object.entries(wanted)) dntModel.set(k, v); })"""
PAD = "document.querySelector('.dnt-live .pad')"


@pytest.mark.parametrize("headers", [None, ISOLATED], ids=["plain", "isolated"])
def test_firefox_draws_the_face_hears_a_sound_and_complains_of_nothing(static_page_folder, headers, tmp_path):
    write_audio(tmp_path / "sentence.wav", synthesize(SENTENCES[1], 3).waveform.astype(np.float32)[:24_000])
    sound = base64.b64encode((tmp_path / "sentence.wav").read_bytes()).decode()
    with static_server(static_page_folder, headers) as url, firefox() as page:
        page.goto(f"{url}?face=M003_128")
        page.wait_for("document.querySelector('canvas[data-drawn]')", 300)
        assert page.evaluate("self.crossOriginIsolated") is bool(headers)
        width, height, *values = page.evaluate(SHOW % '{ expression: "happy", intensity: 0.9, frame: 20 }')
        shown = np.array(values).reshape(height, width, 4)[..., :3]
        wanted = LiveFace(ROOT / "weights" / "generator_M003_128.safetensors")("happy", 0.9, 20)
        assert np.abs(shown - wanted.astype(int)).max() <= 2, "of 255"
        page.click(PAD)
        page.wait_for(f"{PAD}.getAttribute('aria-valuetext') === 'neutral'")
        page.evaluate(f"({DROP})(['sentence.wav', '{sound}'])")
        page.wait_for(f"{SAID}.startsWith('The face says sentence.wav, 1.5 s')", 300)
        page.wait_for("dntModel.get('playing') && dntModel.get('frame') > 3", 120)
        assert page.evaluate("dntLanes.mouth().length") == 11 * 45
        assert page.complaints == []
