r"""Every relative link of README, of the docs and of the notebooks' texts has its file, and its heading."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from website.glossary_links import anchor, terms

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
PAGES += sorted([*(ROOT / "docs").glob("*.md"), *(ROOT / "findings").glob("*.md")])
PAGES += sorted((ROOT / "notebooks").glob("*.py"))


def anchors(page: Path) -> set[str]:
    r"""Those that GitHub and MyST make of a page's headings; a heading that comes again is numbered."""
    found: list[str] = []
    for heading in re.findall(r"^(?:# )?#{1,6} (.+)$", page.read_text(encoding="utf-8"), re.M):
        name = anchor(re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading.replace("`", "")))
        found.append(name if name not in found else f"{name}-{found.count(name)}")
    return set(found)


def links(page: Path) -> list[str]:
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".py":
        text = "\n".join(line for line in text.splitlines() if line.startswith("# "))
    text = re.sub(r"```.*?```", "", text, flags=re.S)
    found = re.findall(r"!?\[[^]]*\]\(([^)\s]+)[^)]*\)", re.sub(r"`[^`]*`", "", text))
    return [link for link in found if "://" not in link and re.search(r"[./#]", link)]


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_relative_links_lead_somewhere(page):
    for link in links(page):
        path, _, fragment = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if fragment:
            twin = target.with_suffix(".py") if target.suffix == ".ipynb" else target
            assert fragment in anchors(twin), link


def test_links_are_found():
    assert len(links(ROOT / "README.md")) > 12
    assert "glossary" in anchors(ROOT / "docs" / "glossary.md")


def test_the_glossary_has_the_terms_that_readers_ask_for():
    wanted = (
        "CIEC 3DMM|UV map|dynamic neural texture|f_d|U-Net|SSIM|PSNR|LMD|CSS|EVP|LR-ASPP|Viseme|λ1|λ2|F|α|M|T"
    )
    known = {term.lower() for term in terms()}
    asked = [word for part in wanted.split("|") for word in (part.split() if part == "CIEC 3DMM" else [part])]
    assert [word for word in asked if word.lower() not in known] == []
    assert all(place and said for place, said in terms().values())
