r"""Serves a widget of a few lines: ``python tiny_page.py PORT``. Kernels count as idle soon."""

import sys

from dnt_core.serving import voila_server
from dnt_core.serving.served_page import ServedPage

CELL = """
import anywidget, traitlets

class Doubling(anywidget.AnyWidget):
    _esm = '''
    export default { render({ model, el }) {
      el.innerHTML = "<button>more</button> <output></output> <pre></pre>";
      const show = () => (el.querySelector("output").textContent = model.get("doubled"));
      el.querySelector("button").onclick = () => {
        model.set("n", model.get("n") + 1);
        model.save_changes();
        model.send({ ask: "bytes" });
      };
      model.on("change:doubled", show);
      model.on("msg:custom", ({ told }, [bytes]) => {
        el.querySelector("pre").textContent = `${told} ${bytes.getUint8(0)} ${bytes.byteLength}`;
      });
      model.on("comm_live_update", () => el.append("the line broke"));
      show();
    } };
    '''
    n = traitlets.Int(0).tag(sync=True)
    doubled = traitlets.Int(0).tag(sync=True)

    def __init__(self):
        super().__init__()
        self.observe(lambda change: setattr(self, "doubled", 2 * change["new"]), "n")
        self.on_msg(lambda _, asked, __: self.send({"told": asked["ask"]}, [bytes([7, 8, 9])]))

Doubling()
"""

voila_server.PING_MS = 200
port = int(sys.argv[1])
voila_server.serve_widget(
    CELL,
    ServedPage("Tiny & small", above="<p id='above'>SCRIPT, {{ TITLE }} and WIDGET are words</p>"),
    port,
    ready=lambda: print(f"The page is at {port}", flush=True),
    idle_seconds=8,
    look_seconds=1,
)
