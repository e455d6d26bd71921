r"""Who may use a page: this machine's own browser, or whoever has the page's code.

A page that listens to loopback alone asks no code of a browser on this machine. It tells such a browser by
three things, and all of them must hold: the request names a loopback address as its host (another site's
name that was made to lead here does not), no proxy has passed it on, and it comes from the page itself, not
from another site. Everything else needs the code, which stands behind the ``#`` of the page's address:
browsers send that part to nobody, so it is in no log, and no cookie is needed.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from dnt_core.serving.address import LOOPBACK

CODE_HEADER = "x-dnt-code"
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none is taken for another one: people type them
_MOST_TOLD = 20  # sentences on the terminal, whatever names are asked for


def draw_code() -> str:
    r"""A code that a class can type: eight letters and digits, 8.5·10¹¹ possibilities."""
    drawn = "".join(secrets.choice(_LETTERS) for _ in range(8))
    return f"{drawn[:4]}-{drawn[4:]}"


class Access:
    r"""Decides about requests to one page.

    Args:
        code: of the page.
        own_browser: whether a browser on this machine needs none, which is for pages on loopback.
        tell: is given a sentence when a request was refused because of its host, a proxy or another site.
    """

    def __init__(
        self, code: str, own_browser: bool = False, tell: Callable[[str], None] = lambda line: None
    ) -> None:
        self.code, self.own_browser, self._tell = code, own_browser, tell
        self._told: set[str] = set()

    def allows(self, headers: Mapping[str, str], code: str = "") -> bool:
        r"""Whether a request with these headers, and the code that came with it, may be answered."""
        if code and secrets.compare_digest(_plain(code), _plain(self.code)):
            return True
        if not self.own_browser:
            return False
        why = foreign(headers)
        if why and why not in self._told and len(self._told) < _MOST_TOLD:
            self._told.add(why)
            self._tell(f"refused: {why}. If that is your own proxy, write the page's code behind the address "
                       f"that it has there: …/#{self.code}")  # fmt: skip
        return not why


def foreign(headers: Mapping[str, str]) -> str:
    r"""Why a request does not come from a browser on this machine; "" when it does."""
    host = headers.get("host", "")
    if _name(host) not in LOOPBACK:
        return f'the page was asked for as "{_printable(host)}", which is no loopback address of this machine'
    passed = next((h for h in headers if h == "forwarded" or h.startswith("x-forwarded-")), None)
    if passed:
        return f"a proxy passed a request on ({_printable(passed)}: {_printable(headers[passed])})"
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        return f"a page of another site ({_printable(origin)}) asked for this one"
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return "a page of another site asked for this one"
    return ""


def _name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _plain(code: str) -> bytes:
    r"""As people type it: capitals, blanks and the dash do not matter."""
    return re.sub(r"[\s-]", "", code).lower().encode()


def _printable(said: str) -> str:
    r"""What came from outside, fit for a terminal."""
    return re.sub(r"[^\w.:/\[\]-]", "?", said)[:80]
