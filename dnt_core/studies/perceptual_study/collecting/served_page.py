r"""The page that Voilà renders for an observer: no JupyterLab in it, so that any phone opens it quickly.

Voilà's own template brings JupyterLab along and asks two other hosts for fonts. This one is the widget's
script, its style and ``served.js``, which carries the widget's messages.
"""

from __future__ import annotations

from pathlib import Path

TEMPLATE = "dnt_study"
_WIDGET = "application/vnd.jupyter.widget-view+json"

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Which face shows more?</title>
<link rel="icon" href="data:;base64,=">
<style>
body { margin: 0; font: 17px/1.5 system-ui, sans-serif; background: #fff; color: #59626d; }
@media (prefers-color-scheme: dark) { body { background: #14171b; color: #a9b2bd; } }
#study > p { max-width: 44rem; margin: 3rem auto; padding: 0 1rem; }
</style>
</head>
<body data-voila="voila">
<div id="study"><p role="status">One moment, the page is being prepared…</p>
<noscript><p>This page needs JavaScript.</p></noscript></div>
{%- with kernel_id = kernel_start(nb) -%}
{%- for cell in cell_generator(nb, kernel_id) -%}
{%- for output in cell.outputs -%}
{%- if output.data is defined and "WIDGET" in output.data %}
<script>
SCRIPT
openStudy({ kernel: "{{ kernel_id }}", comm: "{{ output.data["WIDGET"].model_id }}",
            base: "{{ resources.base_url }}" }, document.getElementById("study"));
</script>
{%- elif output.output_type == "error" %}
<p role="alert">The study cannot be shown. Please tell the person who runs it.</p>
{%- endif -%}
{%- endfor -%}
{%- endfor -%}
{%- endwith %}
</body>
</html>
"""


def write_template(folder: Path) -> Path:
    r"""Write the template under a folder in the layout that Voilà looks for; returns where it stands."""
    script = (Path(__file__).parent / "page" / "served.js").read_text(encoding="utf-8")
    home = folder / "voila" / "templates" / TEMPLATE
    home.mkdir(parents=True)
    page = _PAGE.replace("WIDGET", _WIDGET).replace("SCRIPT", "{% raw %}\n" + script + "{% endraw %}")
    (home / "index.html.j2").write_text(page, encoding="utf-8")
    return home
