r"""A notebook's own progress bars, read from what its kernel sends: tqdm's widgets, or tqdm's text."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

_TEXT_BAR = re.compile(r"\d+%\||\d+(it|\w+)? \[\d\d:\d\d")


class KernelBars:
    r"""Follows one kernel; :attr:`text` is the bar that moved last, in one line, or "".

    ``feed`` is called with every message of the kernel's output channel.
    """

    def __init__(self) -> None:
        self.text = ""
        self._state: dict[str, dict[str, Any]] = {}  # widget → its state
        self._boxes: dict[str, list[str]] = {}  # box → its parts

    def feed(self, message: Mapping[str, Any]) -> bool:
        r"""Takes one message; returns whether :attr:`text` is another now."""
        before, content = self.text, message.get("content", {})
        kind = message.get("msg_type")
        if kind == "stream":
            self._text_bar(content.get("text", ""))
        elif kind in ("comm_open", "comm_msg"):
            state = content.get("data", {}).get("state")
            if isinstance(state, dict):
                self._widget(content.get("comm_id", ""), state)
        elif kind == "status" and content.get("execution_state") == "idle":
            self.text = ""
        return self.text != before

    def _text_bar(self, text: str) -> None:
        lines = [line.strip() for line in re.split(r"[\r\n]", text) if line.strip()]
        if lines and _TEXT_BAR.search(lines[-1]):
            self.text = re.sub(r"\|[^|]*\|", " ", lines[-1])

    def _widget(self, widget: str, state: dict[str, Any]) -> None:
        self._state.setdefault(widget, {}).update(state)
        if "children" in state:
            self._boxes[widget] = [child.removeprefix("IPY_MODEL_") for child in state["children"]]
        for parts in self._boxes.values():
            if widget in parts and any("max" in self._state.get(part, {}) for part in parts):
                words = [self._state.get(part, {}).get("value") for part in parts]
                words = [html.unescape(word) for word in words if isinstance(word, str)]
                self.text = " ".join(" ".join(words).split())
