r"""A tab with ``dnt live`` in it, and its painted frames."""

from tests.live.dragging import LINES

CANVAS, INTENSITY = ".dnt-live figure canvas", '.dnt-live input[aria-label^="intensity"]'
LISTEN = f"""
() => {{
  window.dntPaints = [];
  document.querySelector({CANVAS!r}).addEventListener("dnt-frame", (e) => window.dntPaints.push(e.detail));
}}
"""


def open_live(chromium, server, **context):
    r"""A tab with the face on the screen: (page, what its console complained about, hosts it asked)."""
    page, complaints, hosts = chromium.new_page(**context), [], set()
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: complaints.append(str(e)))
    page.on("request", lambda r: hosts.add(r.url.split("/")[2] if r.url.startswith("http") else ""))
    page.add_init_script(LINES)
    page.goto(server.url)
    page.wait_for_selector(".dnt-live", timeout=60_000)
    page.evaluate(LISTEN)
    page.locator(INTENSITY).fill("0.5")
    wait_for_paint(page, "r.intensity === 0.5")
    return page, complaints, hosts


def wait_for_paint(page, condition):
    r"""Until the last painted frame's request ``r`` fulfils a condition in JavaScript; that request."""
    last = "window.dntPaints.at(-1)?.request"
    page.wait_for_function(f"() => {{ const r = {last}; return r && ({condition}) }}", timeout=30_000)
    return page.evaluate(last)
