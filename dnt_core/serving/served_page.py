r"""A page of one script and one style, all of its addresses relative, so that it works under any prefix."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
{base}<title>{title}</title>
<link rel="icon" href="data:;base64,=">
<link rel="stylesheet" href="{name}.css">
<script type="module" src="{name}.js"></script>
</head>
<body data-own-page{data}>
{above}<div id="page"><p role="status">{waiting}</p>
<noscript><p>This page needs JavaScript.</p></noscript></div>
</body>
</html>
"""


@dataclass(frozen=True)
class ServedPage:
    r"""What a page is made of.

    Args:
        name: of its script and style. title: of the tab.
        script, style: texts. waiting: said until the script shows more.
        above: HTML over the place that the script fills. data: attributes of the body, for the script.
    """

    name: str
    title: str
    script: str
    style: str
    waiting: str = "One moment, the page is being prepared…"
    above: str = ""
    data: Mapping[str, str] = field(default_factory=dict)

    def routes(self, path: str = "/") -> list[Route]:
        r"""The page at ``path``, which is in the same folder as its script and style."""
        text = self.script, "text/javascript; charset=utf-8"
        look = self.style, "text/css; charset=utf-8"
        return [
            Route(path, self._html),
            Route(f"/{self.name}.js", text_file(*text)),
            Route(f"/{self.name}.css", text_file(*look)),
        ]

    async def _html(self, request: Request) -> Response:
        prefix = request.scope.get("root_path", "")
        data = "".join(f' data-{name}="{escape(value)}"' for name, value in self.data.items())
        # a proxy may have been asked without the last slash, and then names would be looked for beside it
        base = f'<base href="{escape(prefix)}/">\n' if prefix else ""
        return HTMLResponse(
            _PAGE.format(
                base=base, title=escape(self.title), name=self.name, data=data, above=self.above,
                waiting=escape(self.waiting),
            )
        )  # fmt: skip


def text_file(text: str, kind: str) -> Callable[[Request], Awaitable[Response]]:
    r"""Answers with a text of a media type, and with nothing when the browser has it already."""
    body = text.encode()
    mark = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    headers = {"etag": mark, "cache-control": "no-cache", "content-type": kind}

    async def answer(request: Request) -> Response:
        if request.headers.get("if-none-match") == mark:
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers)

    return answer
