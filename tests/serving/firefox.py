r"""Debian's Firefox, headless, over WebDriver BiDi, which it speaks: Playwright drives only its own."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager
from typing import Any

from websockets.sync.client import connect

PREFERENCES = {
    "browser.shell.checkDefaultBrowser": False, "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False, "app.update.enabled": False,
    "browser.startup.homepage_override.mstone": "ignore", "remote.active-protocols": 1,
}  # fmt: skip


def find_firefox() -> str | None:
    r"""Path of a Firefox, or None."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


class Page:
    r"""One tab. ``complaints`` are its console's errors and warnings."""

    def __init__(self, line) -> None:
        self._line, self._count, self.complaints = line, 0, []
        self.call("session.new", capabilities={})
        self.call("session.subscribe", events=["log.entryAdded"])
        self.context = self.call("browsingContext.getTree")["contexts"][0]["context"]

    def call(self, method: str, **params: Any) -> Any:
        self._count += 1
        self._line.send(json.dumps({"id": self._count, "method": method, "params": params}))
        while True:
            said = json.loads(self._line.recv(timeout=120))
            if said.get("method") == "log.entryAdded" and said["params"]["level"] in ("error", "warn"):
                self.complaints.append(said["params"]["text"])
            if said.get("id") == self._count:
                if said["type"] == "error":
                    raise RuntimeError(f"{method}: {said['message']}")
                return said["result"]

    def goto(self, url: str) -> None:
        self.call("browsingContext.navigate", context=self.context, url=url, wait="complete")

    def evaluate(self, code: str) -> Any:
        r"""Value of an expression in JavaScript, as JSON has it."""
        result = self.call(
            "script.evaluate", expression=f"Promise.resolve({code}).then((v) => JSON.stringify(v))",
            target={"context": self.context}, awaitPromise=True,
        )  # fmt: skip
        if result["type"] == "exception":
            raise RuntimeError(result["exceptionDetails"]["text"])
        return json.loads(result["result"].get("value") or "null")

    def wait_for(self, condition: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not self.evaluate(f"!!({condition})"):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{condition}: {self.evaluate('document.body.innerText')}")
            time.sleep(0.1)

    def click(self, element: str) -> None:
        r"""A real click in the middle of an element, given as an expression."""
        self.wait_for(element)
        x, y = self.evaluate(
            f"(() => {{ const e = {element}; e.scrollIntoView({{ block: 'center' }}); "
            "const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        steps = [{"type": "pointerMove", "x": round(x), "y": round(y)}, {"type": "pointerDown", "button": 0},
                 {"type": "pointerUp", "button": 0}]  # fmt: skip
        pointer = {"type": "pointer", "id": "mouse", "actions": steps}
        self.call("input.performActions", context=self.context, actions=[pointer])


@contextmanager
def firefox(**preferences: Any):
    r"""A tab of a fresh Firefox with these preferences."""
    with tempfile.TemporaryDirectory(prefix="dnt_firefox_", ignore_cleanup_errors=True) as profile:
        lines = [f'user_pref("{k}", {json.dumps(v)});' for k, v in (PREFERENCES | preferences).items()]
        with open(f"{profile}/user.js", "w") as file:
            file.write("\n".join(lines))
        command = [
            find_firefox(),
            "--headless",
            "--no-remote",
            "--profile",
            profile,
            "--remote-debugging-port",
            "0",
        ]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        try:
            for said in process.stderr:
                if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", said):
                    break
            threading.Thread(target=process.stderr.read, daemon=True).start()  # a full pipe would stop it
            with connect(f"{found[1]}/session", max_size=None, compression=None) as line:
                yield Page(line)
        finally:
            process.terminate()
            process.wait(20)
