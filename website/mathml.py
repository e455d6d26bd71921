r"""Formulas as MathML, which browsers draw by themselves and screen readers read: no script, no fonts."""

from __future__ import annotations

import re

from docutils import nodes
from docutils.utils.math import latex2mathml
from sphinx.application import Sphinx

#: What docutils does not know, in what it does.
SPELT_OUT = {r"\\(?:Big|big|bigg|Bigg)(?![a-zA-Z])": "", "½": r"\\tfrac12 "}


def mathml(formula: str, block: bool) -> str:
    r"""MathML of a formula.

    Args:
        formula: LaTeX, without dollar signs.
        block: whether it stands on a line of its own.

    Raises:
        docutils.utils.math.MathError: a command that docutils does not know.
    """
    for pattern, simpler in SPELT_OUT.items():
        formula = re.sub(pattern, simpler, formula)
    return latex2mathml.tex2mathml(formula, as_block=block)


def inline(writer, node: nodes.math) -> None:
    writer.body.append(mathml(node.astext(), False))
    raise nodes.SkipNode


def display(writer, node: nodes.math_block) -> None:
    number = f'<span class="eqno">({node["number"]})</span>' if node.get("number") else ""
    writer.body.append(f'<div class="math-block">{number}{mathml(node.astext(), True)}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict:
    app.add_html_math_renderer("mathml", (inline, None), (display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
