r"""What a built site leads to: each inner link has its page and anchor, nothing is fetched from elsewhere."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

#: Attributes that a browser fetches without being asked.
FETCHED = {
    ("script", "src"), ("img", "src"), ("iframe", "src"), ("audio", "src"), ("video", "src"),
    ("source", "src"), ("video", "poster"), ("embed", "src"), ("object", "data"), ("track", "src"),
}  # fmt: skip
FETCHED_LINKS = {
    "stylesheet",
    "icon",
    "preload",
    "modulepreload",
    "prefetch",
    "preconnect",
    "dns-prefetch",
    "manifest",
}


class Page(HTMLParser):
    r"""The anchors of a page, what it links to, and what it fetches."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: set[str] = set()
        self.fetched: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self.anchors |= {named[key] for key in ("id", "name") if key in named}
        if tag == "a" and "href" in named:
            self.links.add(named["href"])
        if tag == "link" and FETCHED_LINKS & set(named.get("rel", "").split()):
            self.fetched.add(named.get("href", ""))
        self.fetched |= {value for name, value in named.items() if (tag, name) in FETCHED}

    handle_startendtag = handle_starttag


def is_outside(url: str) -> bool:
    parts = urlsplit(url)
    return bool(parts.netloc) or parts.scheme not in ("", "data", "blob")


def faults(site: Path, skip: tuple[str, ...] = ("live",)) -> list[str]:
    r"""One line per dead link, missing anchor and address outside that a page fetches.

    Args:
        site: the built site's folder.
        skip: folders in it that are not read, such as the live page's, which has tests of its own.
    """
    files = [f for f in sorted(site.rglob("*.html")) if f.relative_to(site).parts[0] not in skip]
    pages = {file.resolve(): Page(file.read_text(encoding="utf-8")) for file in files}
    found = []
    for file, page in pages.items():
        name = file.relative_to(site.resolve()).as_posix()
        found += [f"{name}: fetches {url}" for url in sorted(page.fetched) if is_outside(url)]
        for url in sorted(page.links | page.fetched):
            if is_outside(url) or url.startswith(("data:", "blob:")):
                continue
            parts = urlsplit(url)
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            if target.is_dir():
                target = target / "index.html"
            if not target.exists():
                found.append(f"{name}: {url} leads nowhere")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
                found.append(f"{name}: {url} has no such anchor")
    return found
