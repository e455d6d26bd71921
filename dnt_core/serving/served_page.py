r"""The page that Voilà renders around a widget: no JupyterLab in it, so that any phone opens it quickly.

Voilà's own template brings JupyterLab along and asks two other hosts for fonts. This one is the widget's
script, its style and what ``page/`` has: a line that carries the widget's messages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

_WIDGET = "application/vnd.jupyter.widget-view+json"
#: mark in the page → scripts that stand there: the first before the widget's cell is run
_SCRIPTS = {"FIRST": ("try_again.js",), "SCRIPT": ("kernel_line.js", "open_widget.js")}

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>TITLE</title>
<link rel="icon" href="data:;base64,=">
<style>
body { margin: 0; font: 17px/1.5 system-ui, sans-serif; background: #fff; color: #59626d; }
@media (prefers-color-scheme: dark) { body { background: #14171b; color: #a9b2bd; } }
#widget > p { max-width: 44rem; margin: 3rem auto; padding: 0 1rem; }
STYLE
</style>
</head>
<body data-voila="voila">
<script>
document.body.dataset.jpThemeLight = !matchMedia("(prefers-color-scheme: dark)").matches;
FIRST
</script>
ABOVE
<template><p role="alert">BROKEN</p></template>
<div id="widget"><p role="status">WAITING</p>
<noscript><p>This page needs JavaScript.</p></noscript></div>
{%- with kernel_id = kernel_start(nb) -%}
{%- for cell in cell_generator(nb, kernel_id) -%}
{%- for output in cell.outputs -%}
{%- if output.data is defined and "WIDGET" in output.data %}
<script>
SCRIPT
openWidget(document.getElementById("widget"), { kernel: "{{ kernel_id }}",
  comm: "{{ output.data["WIDGET"].model_id }}", base: "{{ resources.base_url }}" });
</script>
{%- elif output.output_type == "error" %}
<p role="alert">BROKEN</p>
{%- endif -%}
{%- endfor -%}
{%- endfor -%}
{%- endwith %}
</body>
</html>
"""


@dataclass(frozen=True)
class ServedPage:
    r"""What a page says around its widget.

    Args:
        title: of the tab. waiting: until the widget is there. broken: where it cannot be shown at all.
        above: HTML over the widget. style: CSS for it.
    """

    title: str
    waiting: str = "One moment, the page is being prepared…"
    broken: str = "This page cannot be shown. Please tell the person who runs it."
    above: str = ""
    style: str = ""


def write_template(page: ServedPage, folder: Path) -> Path:
    r"""Writes the template under a folder in the layout that Voilà looks for; returns where it stands."""
    here = Path(__file__).parent / "page"
    said = {"TITLE": escape(page.title), "WAITING": escape(page.waiting), "BROKEN": escape(page.broken)}
    said |= {"STYLE": page.style, "ABOVE": page.above}
    for mark, names in _SCRIPTS.items():
        said[mark] = "\n".join((here / name).read_text(encoding="utf-8") for name in names)
    plain = {mark: f"{{% raw %}}{text}{{% endraw %}}" for mark, text in said.items()} | {"WIDGET": _WIDGET}
    text = re.sub(r"\b(?:" + "|".join(plain) + r")\b", lambda found: plain[found[0]], _PAGE)
    home = folder / "voila" / "templates" / "dnt"
    home.mkdir(parents=True)
    (home / "index.html.j2").write_text(text, encoding="utf-8")
    return home
