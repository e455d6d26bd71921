r"""A small widget as a page: in step with its kernel, and kernels that come and go with their pages."""

import json
import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.live.widget_stage import browser, free_port
from tests.serving.page_process import PageProcess, beside_the_browser, ended, open_by_hand

pytestmark = [pytest.mark.slow, pytest.mark.alone]


@pytest.fixture(scope="module")
def server():
    port = free_port()
    command = [sys.executable, str(Path(__file__).parent / "tiny_page.py"), str(port)]
    with ended(PageProcess(command, port)) as tiny:
        yield tiny


@pytest.fixture(scope="module")
def chromium():
    with browser() as opened:
        yield opened


def until(holds, seconds=20):
    r"""Waits until ``holds()``; returns how it ended."""
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
    return holds()


def test_ready_means_that_a_kernel_waits_and_it_goes_on_waiting(server):
    (waiting,) = server.kernels()
    time.sleep(10)  # idle for longer than a kernel without a page may be
    assert server.kernels() == {waiting}
    beside_the_browser(open_by_hand(server.url))  # a visitor that never connects and never says goodbye
    assert until(lambda: len(server.kernels()) == 2), "one of the visitor's, one for the next"
    (following,) = server.kernels() - {waiting}
    assert until(lambda: server.kernels() == {following}), "the one without a page is ended"


def test_traits_messages_and_bytes_as_in_jupyterlab(server, chromium):
    page, complaints, sockets = chromium.new_page(), [], []
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.goto(server.url)
    assert page.title() == "Tiny & small"
    assert page.locator("#above").text_content() == "SCRIPT, {{ TITLE }} and WIDGET are words"
    for n in (1, 2):
        page.get_by_role("button", name="more").click()
        page.wait_for_function(f"document.querySelector('output').textContent === '{2 * n}'")
    page.wait_for_function("document.querySelector('pre').textContent === 'bytes 7 3'")
    page.wait_for_timeout(1500)  # several looks whether the page is still there
    assert len(sockets) == 1 and "the line broke" not in page.content()
    assert complaints == []
    page.close()


def test_two_tabs_have_two_kernels_and_a_closed_tab_ends_its_own(server, chromium):
    assert until(lambda: len(server.kernels()) == 1)
    first, second = chromium.new_page(), chromium.new_page()
    for clicks, page in enumerate((first, second)):
        page.goto(server.url)
        for _ in range(clicks + 1):
            page.get_by_role("button", name="more").click()
    for clicks, page in enumerate((first, second)):
        page.wait_for_function(f"document.querySelector('output').textContent === '{2 * (clicks + 1)}'")
    assert until(lambda: len(server.kernels()) == 3)
    first.close(run_before_unload=False)
    assert until(lambda: len(server.kernels()) == 2, 6), "long before it would count as idle"
    second.get_by_role("button", name="more").click()
    second.wait_for_function("document.querySelector('output').textContent === '6'")
    second.close()


def test_the_widget_hears_that_its_kernel_died(server, chromium):
    assert until(lambda: len(server.kernels()) == 1)
    (kernel,) = server.kernels()
    page = chromium.new_page()
    page.goto(server.url)
    page.get_by_role("button", name="more").wait_for()
    os.kill(kernel, signal.SIGKILL)
    page.wait_for_function("document.body.textContent.includes('the line broke')")
    page.close()


@pytest.mark.skipif(os.name != "posix", reason="no sockets that are files")
def test_kernels_are_spoken_to_over_files(server):
    assert until(server.kernels)
    for kernel in server.kernels():
        command = psutil.Process(kernel).cmdline()
        connection = json.loads(Path(command[command.index("-f") + 1]).read_text())
        assert connection["transport"] == "ipc"


def test_a_page_whose_kernel_died_before_its_visitor_came_is_asked_for_again(server, chromium):
    assert until(lambda: len(server.kernels()) == 1)
    (kernel,) = server.kernels()
    os.kill(kernel, signal.SIGKILL)
    page = chromium.new_page()
    page.clock.install()
    page.goto(server.url)
    page.clock.fast_forward(31_000)
    page.clock.fast_forward(1_100)
    page.get_by_role("button", name="more").click()
    page.wait_for_function("document.querySelector('output').textContent === '2'")
    page.close()


def test_a_page_that_ended_before_its_widget_is_asked_for_again_and_not_for_ever(server, chromium):
    page, asked = chromium.new_page(), []

    def cut(route):
        asked.append(route)
        begun, _, _ = route.fetch().text().partition("One moment")
        route.fulfill(body=begun + "</p></div>")

    page.clock.install()
    page.route(server.url, cut)
    page.goto(server.url)
    for _ in range(6):
        page.wait_for_load_state()
        page.clock.fast_forward(1_100)
        page.wait_for_timeout(300)
    page.get_by_role("alert").get_by_text("This page cannot be shown").wait_for()
    assert len(asked) == 5
    page.close()


def test_ctrl_c_leaves_nothing_behind(server):
    assert until(server.kernels)
    kernels = server.kernels()
    said = len(server.lines)
    assert server.stop(signal.SIGINT) == 0, "\n".join(server.lines)
    assert len(server.lines) == said, "\n".join(server.lines)
    assert until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in kernels))
