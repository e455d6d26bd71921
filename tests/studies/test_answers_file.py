r"""The file of answers where it may be read only, where the drive cannot lock, and where it is damaged."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from dnt_core.studies.perceptual_study.collecting import answer_file, answer_store, study_command
from dnt_core.studies.perceptual_study.collecting.answer_store import AnswerStore
from dnt_core.studies.perceptual_study.collecting.export import read_answers
from dnt_core.studies.perceptual_study.collecting.server import _Report
from tests.studies.study_clips import write_plan

SECRET = "0123456789abcdef" * 2


@pytest.fixture
def store(tmp_path):
    r"""A study with every group answered."""
    store = AnswerStore(tmp_path / "kept" / "answers.sqlite", write_plan(tmp_path / "clips"))
    store.enrol(SECRET, "I agree")
    for group in store.plan.groups:
        store.answer(SECRET, group.name, [c.name for c in group.clips])
    return store


def as_a_person(*command, **options):
    r"""A process that file permissions hold for, also where the tests run as root."""
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("root, and no setpriv to give up root's rights")
        rights = "-dac_override,-dac_read_search,-fowner"
        command = ("setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}", *command)
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


@pytest.mark.parametrize("names", [("answers.csv", None), ("answers.sqlite", "answers.sqlite")])
def test_the_csv_never_takes_the_place_of_the_answers(tmp_path, names):
    answers, out = (name and tmp_path / name for name in names)
    AnswerStore(answers, write_plan(tmp_path / "clips")).enrol(SECRET, "I agree")
    for begin in (study_command.export, lambda *files: study_command.run_study(0, "127.0.0.1", None, *files)):
        with pytest.raises(ValueError, match="would be the CSV and the file of the answers"):
            begin(answers, out)
    assert answers.read_bytes().startswith(b"SQLite format 3")


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
@pytest.mark.parametrize("shut", ["file", "folder", "both"])
def test_what_may_only_be_read_is_exported(store, tmp_path, shut):
    folder = store.path.parent
    if shut in ("file", "both"):
        store.path.chmod(0o444)
    if shut in ("folder", "both"):
        folder.chmod(0o555)
    try:
        done = as_a_person(
            sys.executable, "-m", "dnt_core", "study", "--export", "--answers", str(store.path),
            "--out", str(tmp_path / "out.csv"),
        )  # fmt: skip
    finally:
        folder.chmod(0o755)
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 1 + 3 * 4


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_answers_not_yet_in_the_main_file_are_exported_too(store, tmp_path):
    r"""A computer that was switched off leaves them in the -wal file; the folder is read-only now."""
    with closing(sqlite3.connect(store.path, isolation_level=None)) as db:
        db.execute("DELETE FROM answers")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    crash = (
        "import os, sys; from pathlib import Path\n"
        "from tests.studies.test_answers_file import SECRET, AnswerStore\n"
        "from dnt_core.studies.perceptual_study.collecting.study_plan import read_plan\n"
        "import sqlite3\n"
        "held = sqlite3.connect(sys.argv[1]); held.execute('SELECT 1 FROM study').fetchone()\n"
        "store = AnswerStore(Path(sys.argv[1]), read_plan(sys.argv[2]))\n"
        "for g in store.plan.groups: store.answer(SECRET, g.name, [c.name for c in g.clips])\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", crash, store.path, tmp_path / "clips"], check=True)
    assert store.path.with_name("answers.sqlite-wal").stat().st_size > 0
    folder = store.path.parent
    folder.chmod(0o555)
    try:
        done = as_a_person(
            sys.executable, "-m", "dnt_core", "study", "--export", "--answers", str(store.path),
            "--out", str(tmp_path / "out.csv"),
        )  # fmt: skip
    finally:
        folder.chmod(0o755)
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 1 + 3 * 4


def test_a_drive_that_cannot_lock_is_said_at_once(tmp_path, monkeypatch):
    def refuse(db):
        error = sqlite3.OperationalError("locking protocol")
        error.sqlite_errorcode = sqlite3.SQLITE_PROTOCOL
        raise error

    monkeypatch.setattr(answer_store, "to_wal", refuse)
    plan = write_plan(tmp_path / "clips")
    with pytest.raises(OSError, match="answers.sqlite: .*locking protocol; a network drive.*--answers"):
        AnswerStore(tmp_path / "answers.sqlite", plan)


class _NoLocks:
    calls = 0

    def execute(self, statement):
        type(self).calls += 1
        error = sqlite3.OperationalError("locking protocol")
        error.sqlite_errorcode = sqlite3.SQLITE_PROTOCOL
        raise error


def test_only_a_busy_file_is_waited_for():
    begun = time.monotonic()
    with pytest.raises(sqlite3.OperationalError, match="locking protocol"):
        answer_file.to_wal(_NoLocks())
    assert _NoLocks.calls == 1 and time.monotonic() - begun < 5


def test_a_damaged_file_is_said(store, tmp_path):
    with sqlite3.connect(store.path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = store.path.read_bytes()
    for at in range(1, len(data) // 4096):
        damaged = tmp_path / f"damaged_{at}.sqlite"
        damaged.write_bytes(data[: at * 4096] + b"\xff" * 4096 + data[(at + 1) * 4096 :])
        for read in (read_answers, lambda p: AnswerStore(p, store.plan).counts()):
            try:
                read(damaged)
            except (ValueError, OSError) as error:
                assert damaged.name in str(error)
    with pytest.raises(ValueError, match="is no SQLite file of answers"):
        (tmp_path / "text.sqlite").write_text("not a database, but long enough to be looked at" * 100)
        read_answers(tmp_path / "text.sqlite")


def test_a_copy_of_the_file_alone_holds_what_was_answered_while_the_study_runs(store, tmp_path):
    other = SECRET[::-1]
    said, copy = [], tmp_path / "copy.sqlite"
    report = _Report(store, said.append, store.settle)  # what the server calls every five seconds
    with store.kept_open():
        store.enrol(other, "I agree")
        for group in store.plan.groups:
            store.answer(other, group.name, [c.name for c in group.clips])
        shutil.copy(store.path, copy)
        assert read_answers(copy)["observer"].nunique() == 1  # the rest is in the -wal file
        report()
        shutil.copy(store.path, copy)
    assert read_answers(copy)["observer"].nunique() == 2
    assert said == ["2 observers, 2 through, 6 orders"]


def test_answers_of_another_study_are_told_before_new_clips_are_drawn(store, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(study_command, "in_own_process", lambda *given: drawn.append(given))
    with pytest.raises(ValueError, match="of a study whose clips are not in .*new; name another --answers"):
        study_command.run_study(0, clips=tmp_path / "new", answers=store.path)
    assert not drawn
