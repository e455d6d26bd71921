r"""A committed notebook as JupyterLab shows it before a cell was run: stills, whatever kernel there is."""

import nbformat
import pytest

from tests.live.widget_stage import ROOT, TOKEN, browser, lab

pytestmark = [pytest.mark.slow, pytest.mark.alone]
STILL = ".jp-OutputArea-output img"


def lay_out(folder, kernel):
    r"""Of notebook 08 the cells whose outputs were widgets, for a kernel of this name."""
    whole = nbformat.read(ROOT / "notebooks" / "08_live_sliders.ipynb", 4)
    cells = [
        c for c in whole.cells if c.cell_type == "code" and ("Question(" in c.source or "Widget(" in c.source)
    ]
    meta = {"kernelspec": {"name": kernel, "display_name": kernel, "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=meta), folder / f"{kernel}.ipynb")


@pytest.mark.parametrize("kernel", ["python3", "nobody"])
def test_stills_stand_where_widgets_were(tmp_path, kernel):
    lay_out(tmp_path, kernel)
    with lab(tmp_path) as url, browser() as chromium:
        page = chromium.new_page(viewport={"width": 1280, "height": 3000})
        page.goto(f"{url}lab/tree/{kernel}.ipynb?token={TOKEN}&reset")
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
        if kernel == "nobody":
            page.locator(".jp-Dialog button", has_text="No Kernel").first.click()
        face = page.locator(f".jp-Cell:has-text('widget = LiveFaceWidget') {STILL}")
        face.wait_for(timeout=60_000)
        page.wait_for_timeout(1000)  # a widget would have been looked for
        text = page.locator(".jp-Notebook").inner_text()
        assert "widget..." not in text and "model not found" not in text
        assert "Predict. How long does the kernel work" in text
        assert face.bounding_box()["width"] > 300
