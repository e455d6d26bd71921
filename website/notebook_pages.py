r"""Notebooks as the site shows them: stored outputs, stills where widgets were, links to their code."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from urllib.parse import urlencode

from dnt_core.workbook.notebook_lint import WIDGET

LIVE_FACE = re.compile(r"a live face at (\w+) ([\d.]+), frame (\d+)")  # what its widget stores as text
IMPORTED = re.compile(r"^\s*(?:from (dnt_core[\w.]*) import (.+)|import (dnt_core[\w.]*))", re.M)


def write_all(source: Path, target: Path, live: str | None = None) -> None:
    r"""Writes the pages of all notebooks of ``source`` to ``target``, and their text files beside them.

    Args:
        source, target: folders.
        live: address of the live page as a notebook's page sees it, or None.
    """
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.glob("[0-9][0-9]_*.ipynb")):  # an Untitled.ipynb beside them is nobody's page
        notebook = json.loads(path.read_text(encoding="utf-8"))
        page(notebook, path.stem, live)
        (target / path.name).write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")


def page(notebook: dict, name: str, live: str | None = None) -> None:
    r"""Changes a notebook, as JSON has it, into its page.

    Args:
        notebook: of nbformat 4; changed in place.
        name: the file's, without its suffix.
        live: address of the live page, which stands in for the live face's widget; None: its still does.
    """
    notebook["metadata"].pop("widgets", None)
    for cell in notebook["cells"]:
        if "outputs" in cell:
            cell["outputs"] = [output for output in cell["outputs"] if still(output, live)]
    at = next((i for i, cell in enumerate(notebook["cells"]) if cell["cell_type"] == "markdown"), -1)
    notebook["cells"].insert(
        at + 1,
        text_cell("site-source", f"*This page is* `notebooks/{name}.py` *with the outputs of its last run.*"),
    )
    modules = imported_modules(notebook)
    lines = [
        "## Code",
        "",
        "What this notebook imports from the package:",
        "",
        *(f"- `{name}`" for name in modules),
    ]
    notebook["cells"].append(text_cell("site-code", "\n".join(lines)))


def still(output: dict, live: str | None = None) -> bool:
    r"""Leaves a widget's picture, or a sentence where it stored none: there is no kernel behind a site.

    Args:
        output: of a code cell; changed in place.
        live: address of the live page: the live face's picture then opens it, at the widget's own values.

    Returns:
        False for a progress bar, of which nothing is shown.
    """
    data = output.get("data", {})
    said = "".join(data.get("text/plain", ""))
    values = LIVE_FACE.match(said)
    if data.pop(WIDGET, None) is None and not values:
        return True
    data.pop("text/plain", None)
    if live and values:
        data["text/html"] = living_face(live, *values.groups(), "".join(data.pop("image/png", "")))
    if not data:
        data["text/plain"] = "(a widget, which needs a kernel)"
    return "%|" not in said


def living_face(live: str, expression: str, intensity: str, frame: str, png: str) -> str:
    r"""The live page within a notebook's page: closed, and nothing of it is fetched, until a reader opens it.

    Args:
        live: address of the live page.
        expression, intensity, frame: of the widget.
        png: its still, base64.
    """
    query = urlencode({"expression": expression, "intensity": intensity, "frame": frame})
    address = html.escape(f"{live}?{query}")
    still = (
        f'<img src="data:image/png;base64,{png}" alt="The face as the notebook stored it.">' if png else ""
    )
    return (
        f'<details class="living-face"><summary>{still}<span>Open the living face: it runs in your browser, '
        "without a kernel (8 MB, once)</span></summary>"
        f'<iframe src="{address}" title="The live face" loading="lazy" allow="microphone; autoplay"></iframe>'
        f'<p><a href="{address}">The same on a page of its own</a></p></details>'
    )


def imported_modules(notebook: dict) -> list[str]:
    r"""``dnt_core.a.b`` of every import in the notebook's code, sorted, each once."""
    code = "\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code")
    return sorted({found[0] or found[2] for found in IMPORTED.findall(code)})


def text_cell(name: str, text: str) -> dict:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text}
