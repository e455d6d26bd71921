r"""``dnt study`` to those who want more than its page: other paths, other machines, other sites, code."""

import asyncio
import sys
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest
from tornado.httpclient import HTTPClientError

from tests.serving.page_process import beside_the_browser, connect_to, message, open_by_hand, unpack

pytestmark = [pytest.mark.slow, pytest.mark.alone]


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status if answer.url == url else 302
    except urllib.error.HTTPError as error:
        return error.code


def test_nothing_but_the_page_can_be_reached(served):
    kernel = "0" * 8 + "-0000" * 3 + "-" + "0" * 12
    clip = served.plan.groups[0].clips[0].path
    for path in (
        "api/kernels", "api/contents", "api/sessions", "api/terminals", f"api/kernels/{kernel}",
        "voila/files/study.ipynb", f"voila/files{clip}", f"files{clip}", "voila/tree",
        "voila/render/study.ipynb",
    ):  # fmt: skip
        assert status(served.url + path) >= 300, path


def test_loopback_alone_is_listened_to(served):
    heard = [c for c in psutil.Process(served.process.pid).net_connections() if c.status == "LISTEN"]
    assert f":{heard[0].laddr.port}/" in served.url and {c.laddr.ip for c in heard} == {"127.0.0.1"}


def test_a_page_of_another_site_reaches_no_kernel(served):
    async def attempt():
        kernel, _ = await open_by_hand(served.url)
        for origin in ("http://elsewhere.example", "null", served.url.replace("127.0.0.1", "127.0.0.2")[:-1]):
            with pytest.raises(HTTPClientError, match="403"):
                await connect_to(served.url, kernel, origin)
        (await connect_to(served.url, kernel, served.url[:-1])).close()

    beside_the_browser(attempt())


def test_a_page_cannot_run_code(served, tmp_path):
    async def attempt():
        kernel, _ = await open_by_hand(served.url)
        link = await connect_to(served.url, kernel)
        code = f"open({str(tmp_path / 'was_here')!r}, 'w')"
        await link.write_message(message("execute_request", code=code, silent=False), True)
        await link.write_message(message("kernel_info_request"), True)
        while unpack(await asyncio.wait_for(link.read_message(), 20))[0]["msg_type"] != "kernel_info_reply":
            pass
        link.close()

    beside_the_browser(attempt())
    assert not (tmp_path / "was_here").exists()
