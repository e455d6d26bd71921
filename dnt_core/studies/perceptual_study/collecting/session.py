r"""What the page may ask and what it is told: four kinds of request, each answered by the screen to show.

====================================  ==================================================================
request                               answer
====================================  ==================================================================
``hello``, secret                     where this observer stands; the consent screen if nobody has it
``consent``, secret                   the first group, after the consent is recorded
``answer``, secret, step, order       the next group, after the order is recorded
``withdraw``, secret                  that the consent and all answers of this observer are deleted
====================================  ==================================================================

Every request can be repeated without harm, so the page repeats it until it is answered. A screen tells how
many clips there are and carries them as bytes, in the sequence they are first shown in; ``order`` is a
permutation of 0 … m−1 in that sequence. ``said``, where the manifest has it, is the sentence that all clips
of the group say. Names of clips and groups, identities, expressions and intensities are never sent, and the
clips on a screen are all of one length in bytes: a stronger expression moves more and so makes a larger file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from dnt_core.studies.perceptual_study.collecting.answer_store import AnswerStore, Observer

CONSENT = (
    "I take part of my own free will and may stop at any time. Only the orders I give are stored, under a "
    "random name and with today's date; nothing says who I am. I agree that they are analysed and published. "
    "As long as the study runs I can withdraw on every page, and then all of it is deleted."
)


_GONE = (
    "A clip of the next group is no longer there. What you confirmed is stored; please tell the person who "
    "runs the study, then reload the page."
)
_NOT_YET = {"error": "The answer could not be stored yet.", "again": True}, []


class ObserverSession:
    r"""Answers the requests of pages; holds no state, so that a new kernel can go on where another stopped.

    Args:
        store: where answers go.
        consent: the sentence to be agreed to first.
    """

    def __init__(self, store: AnswerStore, consent: str = CONSENT) -> None:
        self.store, self.consent = store, consent

    def handle_all(self, requests: Sequence[Any]) -> list[tuple[dict[str, Any], list[bytes]]]:
        r""":meth:`handle` for some requests that wait for the disk together."""
        try:
            with self.store.together():
                return [self.handle(request) for request in requests]
        except (ValueError, OSError, sqlite3.Error):
            return [_NOT_YET for _ in requests]  # none is stored

    def handle(self, request: Any) -> tuple[dict[str, Any], list[bytes]]:
        r"""The screen to show, and the clips on it as bytes of mp4 files.

        A request that cannot be carried out gives ``{"error": sentence, "again": bool}``; ``again`` says that
        the same request may succeed later.
        """
        try:
            return self._handle(request if isinstance(request, dict) else {})
        except ValueError as error:
            return {"error": str(error), "again": False}, []
        except (OSError, sqlite3.Error):  # a full disk, a lock: the page keeps the answer and asks again
            return _NOT_YET

    def _handle(self, request: dict) -> tuple[dict[str, Any], list[bytes]]:
        kind, secret = request.get("kind"), str(request.get("secret", ""))
        if kind == "consent":
            return self._screen(self.store.enrol(secret, self.consent))
        if kind == "withdraw":
            self.store.withdraw(secret)
            return {"name": "withdrawn"}, []
        observer = self.store.observer(secret)
        if kind not in ("hello", "answer"):
            raise ValueError("the page asked for something unknown; please reload it")
        if observer is None:
            m = len(self.store.plan.scored[0].clips)
            groups = len(self.store.plan.scored)
            return {"name": "consent", "consent": self.consent, "groups": groups, "clips": m}, []
        if kind == "answer":
            observer = self._record(observer, secret, request.get("step"), request.get("order"))
        return self._screen(observer)

    def _record(self, observer: Observer, secret: str, step: Any, order: Any) -> Observer:
        if type(step) is not int or not 0 <= step <= observer.step:
            raise ValueError("the page is ahead of what was answered; please reload it")
        if step == observer.step < len(observer.layout.groups):  # else a repeated answer
            shown = observer.layout.clips[step]
            whole = isinstance(order, list) and all(type(i) is int for i in order)
            if not whole or sorted(order) != list(range(len(shown))):
                raise ValueError("the order is no permutation of the clips; please reload the page")
            self.store.answer(secret, observer.layout.groups[step], [shown[i] for i in order])
        return self.store.observer(secret)

    def _screen(self, observer: Observer) -> tuple[dict[str, Any], list[bytes]]:
        step, groups = observer.step, observer.layout.groups
        if step == len(groups):
            return {"name": "thanks", "observer": observer.name}, []
        plan = self.store.plan
        practice = sum(plan.group(g).practice for g in groups)
        path = {clip.name: clip.path for clip in plan.group(groups[step]).clips}
        shown = observer.layout.clips[step]
        screen = {
            "name": "group",
            "step": step,
            "practice": step < practice,
            "number": step - practice + 1,
            "groups": len(groups) - practice,
            "clips": len(shown),
        }
        if said := plan.group(groups[step]).said:
            screen["said"] = said
        try:
            return screen, _of_one_length([path[name].read_bytes() for name in shown])
        except FileNotFoundError as error:  # it does not come back by asking again
            raise ValueError(_GONE) from error


def _of_one_length(files: list[bytes]) -> list[bytes]:
    r"""The mp4 files, the shorter ones filled up by a box of the type "free", which players skip."""
    whole = max(map(len, files)) + 8
    return [f + (whole - len(f)).to_bytes(4) + b"free" + bytes(whole - len(f) - 8) for f in files]
