r"""Answers groups as fast as it can and says each answer that was confirmed; its test kills it."""

import sys
from itertools import permutations
from pathlib import Path

from dnt_core.studies.perceptual_study.collecting import AnswerStore, read_plan
from dnt_core.studies.perceptual_study.collecting.session import CONSENT, ObserverSession

folder, secret = Path(sys.argv[1]), sys.argv[2]
session = ObserverSession(AnswerStore(folder / "answers.sqlite", read_plan(folder / "clips")), CONSENT)
screen, _ = session.handle({"kind": "consent", "secret": secret})
orders = list(permutations(range(screen["clips"])))
while screen["name"] == "group":
    step = screen["step"]
    order = list(orders[step % len(orders)])
    screen, _ = session.handle({"kind": "answer", "secret": secret, "step": step, "order": order})
    print(step, *order, flush=True)
