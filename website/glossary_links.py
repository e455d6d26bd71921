r"""In a notebook, each term of ``docs/glossary.md`` links there once; hovering shows its first sentence."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

GLOSSARY = Path(__file__).parents[1] / "docs" / "glossary.md"
NOT_INSIDE = (
    nodes.reference,
    nodes.title,
    nodes.literal,
    nodes.literal_block,
    nodes.raw,
    nodes.math,
    nodes.Invisible,
)


@cache
def terms() -> dict[str, tuple[str, str]]:
    r"""Term or other spelling of it → (anchor, first sentence).

    A term is a heading of the third level; "a, b" are two spellings of one.
    """
    if not GLOSSARY.is_file():
        return {}
    found = {}
    for entry in GLOSSARY.read_text(encoding="utf-8").split("\n### ")[1:]:
        heading, _, text = entry.partition("\n")
        plain = re.sub(r"\[([^]]+)\]\([^)]*\)", r"\1", text.strip().replace("`", "").replace("\n", " "))
        sentence = re.split(r"(?<=[.:])\s", plain, maxsplit=1)[0].replace("$", "")
        for spelling in heading.split(", "):
            found[spelling] = (anchor(heading), sentence)
    return found


def anchor(heading: str) -> str:
    r"""GitHub's anchor of a heading, which MyST makes as well."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


@cache
def pattern() -> re.Pattern:
    longest_first = sorted((t for t in terms() if len(t) > 1), key=len, reverse=True)
    return re.compile(r"(?<![\w-])(" + "|".join(map(re.escape, longest_first)) + r")(?![\w-])")


def link_terms(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    if not docname.startswith("notebooks/") or not terms():
        return
    seen: set[str] = set()
    to = app.builder.get_relative_uri(docname, "docs/glossary")
    for text in list(doctree.findall(nodes.Text)):
        if isinstance(text.parent, NOT_INSIDE) or in_output(text):
            continue
        parts = pattern().split(text.astext())
        new: list[nodes.Node] = []
        for i, part in enumerate(parts):
            if i % 2 == 0 or terms()[part][0] in seen:
                new.append(nodes.Text(part))
            else:
                seen.add(terms()[part][0])
                where, said = terms()[part]
                new.append(
                    nodes.reference(
                        "", part, internal=True, refuri=f"{to}#{where}", reftitle=said, classes=["term"]
                    )
                )
        if any(isinstance(node, nodes.reference) for node in new):
            text.parent.replace(text, [node for node in new if node.astext()])


def in_output(node: nodes.Node) -> bool:
    while node.parent is not None:
        node = node.parent
        if isinstance(node, NOT_INSIDE) or "cell_output" in node.get("classes", ()):
            return True
    return False


def setup(app: Sphinx) -> dict:
    app.connect("doctree-resolved", link_terms)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
