r"""The page without a kernel on WebGPU: the same pictures where there is an adapter, else WebAssembly."""

import numpy as np
import pytest

from dnt_core.live import LiveFace
from tests.live.static_page_tab import drawn, open_page, until
from tests.live.static_server import static_server
from tests.live.widget_stage import ROOT, browser

pytestmark = [pytest.mark.slow, pytest.mark.alone]

LOST = r"""
() => { self.onmessage = ({ data }) => postMessage({ ticket: data.ticket, trouble: "the device is lost" }); }
"""
SOFTWARE = (
    "--enable-unsafe-webgpu",
    "--use-webgpu-adapter=swiftshader",
)  # an adapter on any machine, and a slow one


@pytest.fixture(scope="module")
def url(static_page_folder):
    with static_server(static_page_folder) as address:
        yield address


@pytest.fixture(scope="module")
def adapter():
    with browser(*SOFTWARE) as chromium:
        yield chromium


def opened_with(chromium, address, compute):
    with_face = open_page(chromium, f"{address}?face=M003_128{compute}")
    return next(with_face)[0]


def test_webgpu_draws_the_same_pictures_and_webassembly_goes_on_where_it_fails(adapter, url):
    page = opened_with(adapter, url, "&compute=webgpu")
    until(page, "dntLanes.compute() === 'webgpu' && dntLanes.count() === 1", 500)
    face = LiveFace(ROOT / "weights" / "generator_M003_128.safetensors")
    shown = drawn(page, expression="sad", intensity=0.6, frame=41)
    assert np.abs(shown - face("sad", 0.6, 41)).max() <= 2, "of 255"
    page.workers[-1].evaluate(LOST)
    shown = drawn(page, expression="angry", intensity=0.6, frame=7)
    assert page.evaluate("dntLanes.compute()") == "wasm"
    assert np.abs(shown - face("angry", 0.6, 7)).max() <= 2
    page.close()


def test_a_slow_adapter_is_left_alone(adapter, url):
    fetched = []
    page = opened_with(adapter, url, "")
    page.on("request", lambda r: fetched.append(r.url))
    until(page, "dntLanes.ready()")
    page.wait_for_timeout(1000)
    assert page.evaluate("dntLanes.compute()") == "wasm" and not any("jspi" in f for f in fetched)
    page.close()
