r"""Who may use a page: this machine's own browser, or whoever has the code."""

import pytest

from dnt_core.serving.access import Access, draw_code

HERE = {"host": "127.0.0.1:8866"}


@pytest.mark.parametrize(
    "headers",
    [
        HERE, {"host": "localhost:8866"}, {"host": "[::1]:8866"}, {"host": "localhost"},
        HERE | {"origin": "http://127.0.0.1:8866", "sec-fetch-site": "same-origin"},
        HERE | {"sec-fetch-site": "none"},
    ],
)  # fmt: skip
def test_this_machines_browser_needs_no_code_on_loopback(headers):
    assert Access("abcd-efgh", own_browser=True).allows(headers)
    assert not Access("abcd-efgh", own_browser=False).allows(headers), "a page for a class asks everybody"


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({}, 'asked for as ""'),
        ({"host": "study.example"}, 'asked for as "study.example"'),
        ({"host": "127.0.0.1.example:8866"}, "127.0.0.1.example"),
        ({"host": "localhost@evil.example"}, "evil.example"),
        ({"host": "[::1"}, "no loopback address"),
        (HERE | {"x-forwarded-for": "10.0.0.7"}, "a proxy passed a request on"),
        (HERE | {"forwarded": "for=10.0.0.7"}, "a proxy passed a request on"),
        (HERE | {"origin": "http://127.0.0.1:9999"}, "another site (http://127.0.0.1:9999)"),
        (HERE | {"origin": "null"}, "another site (null)"),
        (HERE | {"sec-fetch-site": "cross-site"}, "another site"),
        (HERE | {"sec-fetch-site": "same-site"}, "another site"),
    ],
)
def test_all_else_needs_the_code_and_is_said_once(headers, said):
    lines = []
    access = Access("abcd-efgh", own_browser=True, tell=lines.append)
    assert [access.allows(headers), access.allows(headers)] == [False, False]
    assert len(lines) == 1 and said in lines[0] and lines[0].endswith("/#abcd-efgh")
    for right in ("abcd-efgh", "ABCD EFGH", "abcdefgh"):
        assert access.allows(headers, right)
    for wrong in ("", " ", "-", "abcd-efg", "abcd-efgh1", "äbcd-efgh"):
        assert not access.allows(headers, wrong)


def test_the_terminal_is_not_flooded_and_prints_no_control_characters():
    lines = []
    access = Access("abcd-efgh", own_browser=True, tell=lines.append)
    for i in range(200):
        access.allows({"host": f"h{i}\x1b[2J\n.example"})
    assert len(lines) == 20 and not any(c in line for line in lines for c in "\x1b\n")


def test_codes_are_long_enough_and_easy_to_type():
    drawn = {draw_code() for _ in range(200)}
    assert len(drawn) == 200
    assert all(len(code) == 9 and code[4] == "-" and not set(code) & set("01ilo") for code in drawn)
