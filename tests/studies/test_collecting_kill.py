r"""Killed with ``kill -9`` in the middle: what was confirmed is there, once, and the session goes on."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from dnt_core.studies.perceptual_study.collecting import AnswerStore
from dnt_core.studies.perceptual_study.collecting.session import ObserverSession
from tests.studies.study_clips import write_plan

SECRET = "fedcba9876543210" * 2
GROUPS = 400


@pytest.mark.parametrize("confirmed", [1, 40, 41])
def test_kill_9_loses_nothing_and_doubles_nothing(tmp_path, confirmed):
    plan = write_plan(tmp_path / "clips", groups=GROUPS)
    script = Path(__file__).with_name("answer_until_killed.py")
    process = subprocess.Popen(
        [sys.executable, script, tmp_path, SECRET], stdout=subprocess.PIPE, text=True, bufsize=1
    )
    said = [process.stdout.readline() for _ in range(confirmed)]
    os.kill(process.pid, signal.SIGKILL)
    said += process.stdout.readlines()  # confirmed while it was being killed
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    steps = [[int(number) for number in line.split()] for line in said if line.endswith("\n")]
    assert confirmed <= len(steps) < GROUPS

    store = AnswerStore(tmp_path / "answers.sqlite", plan)
    observer = store.observer(SECRET)
    with sqlite3.connect(store.path) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rows = db.execute("SELECT in_group, weak_to_strong FROM answers").fetchall()
    stored = {group: json.loads(order) for group, order in rows}
    assert len(stored) == len(rows), "an answer is there twice"
    assert len(steps) <= len(rows) <= len(steps) + 1  # one may be stored and not yet said
    for step, *order in steps:
        shown = observer.layout.clips[step]
        assert stored[observer.layout.groups[step]] == [shown[i] for i in order], "an answer is lost"

    # the page asks again for what was not confirmed, and goes on to the end
    session = ObserverSession(store)
    screen, _ = session.handle({"kind": "hello", "secret": SECRET})
    assert screen["step"] == len(rows)
    last = {"kind": "answer", "secret": SECRET, "step": len(rows) - 1, "order": [3, 2, 1, 0]}
    assert session.handle(last)[0]["step"] == len(rows)
    with sqlite3.connect(store.path) as db:
        assert db.execute("SELECT in_group, weak_to_strong FROM answers").fetchall() == rows


def test_a_writer_that_is_killed_leaves_no_lock_behind(tmp_path):
    r"""Killed while it holds the write lock: others write at once, and nothing half is there."""
    plan = write_plan(tmp_path / "clips")
    store = AnswerStore(tmp_path / "answers.sqlite", plan)
    code = (
        "import sqlite3, sys, time\n"
        "db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "db.execute('BEGIN IMMEDIATE')\n"
        "db.execute(\"INSERT INTO observers VALUES ('p-half', x'00', '', '', '[]')\")\n"
        "print('locked', flush=True)\n"
        "time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, store.path], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "locked\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    screen, _ = ObserverSession(store).handle({"kind": "consent", "secret": SECRET})
    assert screen["name"] == "group" and store.counts().observers == 1
