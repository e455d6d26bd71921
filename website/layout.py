r"""Lays out what Sphinx reads: the repository's own pages at their own paths, and pages made from code."""

from __future__ import annotations

import shutil
from pathlib import Path

from website import api_pages, notebook_pages

ROOT = Path(__file__).parents[1]

#: Captions of the navigation, and the pages under them; a page that is not there is left out.
NAVIGATION = {
    "Use it": [
        "live",
        "docs/your_own_face",
        "docs/teaching",
        "docs/class_study",
        "docs/live_page",
        "docs/without_installing",
    ],
    "Notebooks": ["notebooks/*"],
    "Code": [
        "docs/api",
        "api/index",
        "docs/architecture",
        "docs/where_to_change",
        "docs/formats",
        "CONTRIBUTING",
    ],
    "Words and results": [
        "docs/glossary",
        "docs/symbols",
        "docs/claims",
        "docs/open_points",
        "docs/judges",
        "docs/blind_pairs",
        "figures/index",
    ],
    "About": ["docs/*", "findings/README", "CHANGELOG"],
}


def lay_out(target: Path, has_live_page: bool) -> None:
    r"""Fills ``target``, which is emptied first.

    Args:
        target: the folder that Sphinx reads.
        has_live_page: whether the live page will lie under ``live/`` of the site.
    """
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for page in ("CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"):
        shutil.copy(ROOT / page, target)
    for folder, kinds in {"docs": ("*.md",), "findings": ("*.md", "*.sh"), "figures": ("*",)}.items():
        (target / folder).mkdir()
        for kind in kinds:
            for file in (ROOT / folder).glob(kind):
                if file.is_file():
                    shutil.copy(file, target / folder)
    mend_fences(target / "docs")
    live = "../live/index.html" if has_live_page else None
    notebook_pages.write_all(ROOT / "notebooks", target / "notebooks", live)
    api_pages.write_all(target / "api")
    (target / "figures" / "index.md").write_text(gallery(target / "figures"), encoding="utf-8")
    (target / "live.md").write_text(live_page(has_live_page), encoding="utf-8")
    index = (ROOT / "README.md").read_text(encoding="utf-8").replace("](figures)", "](figures/index.md)")
    (target / "index.md").write_text(index + navigation(target), encoding="utf-8")


def mend_fences(docs: Path) -> None:
    r"""A flow chart in Mermaid, which only a script of 3 MB could draw, becomes its picture."""
    for page in docs.glob("*.md"):
        text = page.read_text(encoding="utf-8")
        before, mark, rest = text.partition("```mermaid\n")
        if mark:
            chart, _, after = rest.partition("```")
            boxes = sorted({file for line in chart.splitlines() for file in files_of_boxes(line)})
            named = ", ".join(f"`{file}`" for file in boxes)
            picture = "![The paper's figure 2, drawn by this package](../figures/figure2_pipeline.png)"
            page.write_text(f"{before}{picture}\n\nIn its boxes: {named}.\n{after}", encoding="utf-8")


def files_of_boxes(line: str) -> list[str]:
    r"""The modules that a line of the flow chart names: ``"…<br/>clips/ · ciec.py"`` → ``["ciec.py"]``."""
    label = line.partition('["')[2].partition('"]')[0].partition("<br/>")[2]
    return [part for part in label.split(" · ") if part.endswith(".py")]


def navigation(target: Path) -> str:
    r"""Toctrees over the pages that are there, each page once, in the order of ``NAVIGATION``."""
    named = {page for pages in NAVIGATION.values() for page in pages if "*" not in page}
    blocks = []
    for caption, patterns in NAVIGATION.items():
        pages = []
        for pattern in patterns:
            found = sorted(target.glob(f"{pattern}.md")) + sorted(target.glob(f"{pattern}.ipynb"))
            names = [file.relative_to(target).with_suffix("").as_posix() for file in found]
            pages += [name for name in names if "*" not in pattern or name not in named]
        blocks.append(
            "\n".join(["", "```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```", ""])
        )
    return "".join(blocks)


def gallery(figures: Path) -> str:
    r"""A page of every figure, each with its file's name."""
    lines = [
        "# Figures",
        "",
        "`make figures` and the notebooks draw them; the faces are the built-in synthetic actor's.",
    ]
    for file in sorted(figures.glob("*.png")):
        lines += [
            "",
            f"## {file.stem.replace('_', ' ')}",
            "",
            f"![{file.stem.replace('_', ' ')}]({file.name})",
        ]
    return "\n".join(lines) + "\n"


def live_page(there: bool) -> str:
    r"""The page that leads to the live face, or says how to get it."""
    text = [
        "# The live face",
        "",
        "Drag the pad, and a face of the built-in synthetic actor shows as much of an expression as you",
        "ask for, while its lips go on speaking.",
        "The picture is what the generator draws; it is synthetic, and marked so.",
        "",
    ]
    if there:
        text += [
            '<p><a class="big-link" href="live/index.html">Open the live face</a></p>',
            "",
            "It runs in your browser: the networks are fetched once, and nothing you do is sent anywhere.",
        ]
    else:
        text += [
            "This copy of the site was built without it. On your machine, install with `make run`; then",
            "`.venv/bin/dnt live` opens it.",
        ]
    text += [
        "",
        "[Notebook 08](notebooks/08_live_sliders.ipynb) shows what happens between hand and picture;",
        "[the architecture](docs/architecture.md) names the files on the way.",
    ]
    return "\n".join(text) + "\n"
