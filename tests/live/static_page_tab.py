r"""A tab with the page that has no kernel, and its painted frames."""

from __future__ import annotations

from tests.live.widget_stage import pixels

CANVAS = ".dnt-live figure canvas"


NO_ADAPTER = "No available adapters."  # Chromium says so of itself where WebGPU is asked for


def is_complaint(message):
    return message.type in ("error", "warning") and message.text != NO_ADAPTER


def open_page(chromium, url, **context):
    page, complaints, hosts = chromium.new_page(**context), [], set()
    page.set_default_timeout(300_000)  # a busy machine takes its time
    page.on("console", lambda m: complaints.append(m.text) if is_complaint(m) else None)
    page.on("pageerror", lambda e: complaints.append(str(e)))
    page.on("request", lambda r: hosts.add(r.url.split("/")[2] if r.url.startswith("http") else ""))
    page.goto(url)
    page.wait_for_selector("canvas[data-drawn]")
    yield page, complaints, hosts
    page.close()


def until(page, condition, seconds=120):
    r"""Waits in this process: the page's policy lets no text become code."""
    for _ in range(10 * seconds):
        if found := page.evaluate(condition):
            return found
        page.wait_for_timeout(100)
    raise AssertionError(f"{condition} did not come true; the page says {page.locator('body').inner_text()}")


def drawn(page, **values):
    r"""Gives the page values and waits for their picture."""
    listen = """(wanted) => { window.dntSeen = null;
      window.dntWait?.abort();  // a late picture of the last call's values is not this one's
      window.dntWait = new AbortController();
      const canvas = document.querySelector(".dnt-live figure canvas");
      canvas.addEventListener("dnt-frame", (e) => { const r = e.detail.request;
        if (Object.entries(wanted).every(([k, v]) => r[k] === v)) window.dntSeen = true;
      }, { signal: window.dntWait.signal });
      for (const [k, v] of Object.entries(wanted)) dntModel.set(k, v); }"""
    page.evaluate(listen, values)
    until(page, "window.dntSeen")
    return pixels(page, CANVAS).astype(int)
