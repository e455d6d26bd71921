r"""``dnt study`` to those who want more than its page: other paths, other names, other sites, other sizes."""

import json
import secrets
import socket
import time
import urllib.error
import urllib.request

import psutil
import pytest

from dnt_core.serving.message_bytes import unpack
from tests.serving.page_process import code_in, request, said

pytestmark = [pytest.mark.slow, pytest.mark.alone]

HELLO = {"kind": "hello", "secret": "0" * 32}


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status if answer.url == url else 302
    except urllib.error.HTTPError as error:
        return error.code


def test_nothing_but_the_page_can_be_reached(served):
    clip = served.plan.groups[0].clips[0].path
    for path in (
        "api/kernels", "api/contents", "api/sessions", "api/terminals", "voila/files/study.ipynb",
        f"voila/files{clip}", f"files{clip}", str(clip)[1:], clip.name, "clips/manifest.csv", "manifest.csv",
        "answers.sqlite", "answers.csv", "study.py", "lecturer/", "docs", "openapi.json", "static/",
    ):  # fmt: skip
        assert status(served.url + path) >= 300, path


@pytest.mark.parametrize(
    "path",
    [
        "/../answers.sqlite", "/study.js/../../answers.sqlite", "/..%2fanswers.sqlite",
        "/%2e%2e/answers.sqlite", "/....//answers.sqlite", "//etc/passwd", "/../../../../etc/passwd",
        "/study.js%00.csv", "/\\..\\manifest.csv",
    ],
)  # fmt: skip
def test_no_way_leads_out_of_the_page(served, path):
    answer = request(served.port, "GET", path)
    assert answer.status in (400, 404) and len(answer.body) < 100, answer.body


def test_loopback_alone_is_listened_to(served):
    heard = [c for c in psutil.Process(served.process.pid).net_connections() if c.status == "LISTEN"]
    assert f":{heard[0].laddr.port}/" in served.url and {c.laddr.ip for c in heard} == {"127.0.0.1"}


def ask(served, headers=None, path="/ask", body=HELLO):
    return request(served.port, "POST", path, body, headers)


def test_a_page_of_another_site_reaches_nothing(served):
    here = served.url[:-1]
    for origin in ("http://elsewhere.example", "null", here.replace("127.0.0.1", "127.0.0.2")):
        assert ask(served, {"Origin": origin}).status == 403
    assert ask(served, {"Sec-Fetch-Site": "cross-site"}).status == 403
    for simple in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        assert ask(served, {"Content-Type": simple}).status == 415, "what a form could send"
    for asked_first in ("OPTIONS", "GET", "PUT", "DELETE"):
        answer = request(served.port, asked_first, "/ask", headers={"Origin": "http://elsewhere.example"})
        assert answer.status == 405 and "access-control-allow-origin" not in answer.headers
    assert ask(served, {"Origin": here, "Sec-Fetch-Site": "same-origin"}).status == 200


def test_another_name_of_this_machine_is_refused_and_said_on_the_terminal(served):
    name = f"study-{secrets.token_hex(3)}.example"
    assert ask(served, {"Host": f"{name}:8866"}).status == 403
    assert ask(served, {"Host": f"{name}:8866"}).status == 403
    told = said(served.lines, name)
    assert len(told) == 1 and told[0].startswith(f'refused: the page was asked for as "{name}:8866"')
    code = told[0].rpartition("#")[2]
    assert ask(served, {"Host": name, "X-Dnt-Code": code.upper()}).status == 200, (
        "behind a proxy of one's own"
    )
    assert ask(served, {"Host": name, "X-Dnt-Code": code[:-1]}).status == 403
    assert ask(served, {"X-Forwarded-For": "10.0.0.7"}).status == 403, "passed on by a proxy"
    assert ask(served, {"Host": "a\u00e9\x1b[31m".encode("latin-1")}).status in (400, 403)
    assert not any("\x1b" in line for line in served.lines)


def test_the_lecturers_page_needs_its_own_code(served):
    mine = code_in(served.lines)
    asked = {"kind": "table"}
    for wrong in ("", "x", mine[:-1], mine[::-1]):
        assert ask(served, {"X-Dnt-Code": wrong}, "/lecturer-ask", asked).status == 403
    answer = ask(served, {"X-Dnt-Code": mine}, "/lecturer-ask", {"kind": "state"})
    assert unpack(answer.body)[0]["kind"] == "state"
    page = request(served.port, "GET", "/lecturer").body.decode()
    assert mine not in page and "p-" not in page.replace("lecturer-page", "")


def test_bodies_are_small_whole_and_json(served):
    json_type = {"Content-Type": "application/json"}
    assert request(served.port, "POST", "/ask", b"x" * 20_000, json_type).status == 413
    for broken in (b"{", b"\xff", b"[" * 10_000):
        assert request(served.port, "POST", "/ask", broken, json_type).status == 400
    for odd in ([], 7, None, "x", {"kind": ["hello"]}, {"kind": "answer", "secret": {}, "order": [[]]}):
        if odd is not None:
            screen = unpack(ask(served, body=odd).body)[0]["screen"]
            assert "error" in screen or screen["name"] == "consent"
    with socket.create_connection(("127.0.0.1", served.port)) as slow:  # says much and sends little
        slow.sendall(b"POST /ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                     b"Content-Length: 100\r\n\r\n{")  # fmt: skip
        begun = time.monotonic()
        assert ask(served).status == 200 and time.monotonic() - begun < 5, "nobody else waits"


def test_every_answer_carries_the_headers(served):
    for method, path in (
        ("GET", "/"),
        ("GET", "/study.js"),
        ("GET", "/nothing"),
        ("POST", "/ask"),
        ("PUT", "/"),
    ):
        headers = request(served.port, method, path, HELLO if method == "POST" else None).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'self'" in policy
        assert "unsafe-eval" not in policy and "http:" not in policy and "*" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer" and headers["server"] is None
        assert headers["set-cookie"] is None, "the page needs no cookie"


def test_what_runs_in_the_page_is_its_script_alone(served):
    html = request(served.port, "GET", "/").body.decode()
    assert html.count("<script") == 1 and 'src="study.js"' in html
    assert "http://" not in html and "https://" not in html and 'href="/' not in html and 'src="/' not in html


def test_nobodys_answers_are_anothers(served):
    first, second = secrets.token_hex(16), secrets.token_hex(16)
    for secret in (first, second):
        ask(served, body={"kind": "consent", "secret": secret})
    ask(served, body={"kind": "answer", "secret": first, "step": 0, "order": [0, 1, 2, 3]})
    step = {s: unpack(ask(served, body={"kind": "hello", "secret": s}).body)[0]["screen"]["step"]
            for s in (first, second)}  # fmt: skip
    assert step == {first: 1, second: 0}
    for kind in ("state", "table", "withdraw", "observers"):
        told = ask(served, body={"kind": kind, "secret": "f" * 32, "observer": "p-"})
        assert b"p-" not in told.body and b"csv" not in told.body, json.dumps(kind)
    for secret in (first, second):
        ask(served, body={"kind": "withdraw", "secret": secret})
