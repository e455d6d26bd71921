r"""Answers that stay, requests that may be repeated, screens that tell nothing."""

import json
import re
import secrets
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from dnt_core.studies.perceptual_study.collecting import AnswerStore, OrderStudy, make_clips
from dnt_core.studies.perceptual_study.collecting.answer_store import opened
from dnt_core.studies.perceptual_study.collecting.export import export_answers, read_answers
from dnt_core.studies.perceptual_study.collecting.session import CONSENT, ObserverSession
from dnt_core.studies.perceptual_study.orders import group_orders
from dnt_core.studies.perceptual_study.responses import read_responses
from dnt_core.studies.perceptual_study.score import summarise
from tests.studies.study_clips import draw, write_plan

SECRET = "0123456789abcdef" * 2


@pytest.fixture
def plan(tmp_path):
    return write_plan(tmp_path / "clips")


@pytest.fixture
def store(tmp_path, plan):
    return AnswerStore(tmp_path / "answers.sqlite", plan)


@pytest.fixture
def session(store):
    return ObserverSession(store)


def answer_all(session, secret, order=None):
    r"""One observer from consent to thanks, in the true order or another (as places among the weakest)."""
    screen, _ = session.handle({"kind": "consent", "secret": secret})
    while screen["name"] == "group":
        observer = session.store.observer(secret)
        shown = observer.layout.clips[screen["step"]]
        true = sorted(range(len(shown)), key=lambda i: shown[i])  # names count up with intensity
        given = true if order is None else [true[i] for i in order]
        request = {"kind": "answer", "secret": secret, "step": screen["step"], "order": given}
        screen, _ = session.handle(request)
    return screen


# store


def test_the_first_answer_stands_and_a_second_changes_nothing(store):
    observer = store.enrol(SECRET, CONSENT)
    group = observer.layout.groups[1]
    names = [c.name for c in store.plan.group(group).clips]
    assert store.answer(SECRET, group, names)
    assert not store.answer(SECRET, group, names[::-1])
    assert read_answers(store.path).sort_values("rank")["clip"].tolist() == names


def test_the_same_secret_is_the_same_observer_and_the_file_holds_nothing_personal(store):
    first, second = store.enrol(SECRET, CONSENT), store.enrol(SECRET, CONSENT)
    assert first == second and re.fullmatch("p-[0-9a-f]{12}", first.name)
    with sqlite3.connect(store.path) as db:
        (row,) = db.execute("SELECT * FROM observers").fetchall()
        columns = [d[1] for d in db.execute("PRAGMA table_info(observers)")]
    assert columns == ["observer", "secret_hash", "day", "consent", "layout"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", row[2]) and row[3] == CONSENT
    whole = b"".join(p.read_bytes() for p in store.path.parent.glob("answers.sqlite*"))
    assert SECRET.encode() not in whole
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


def test_observers_see_groups_and_clips_in_sequences_of_their_own(store):
    layouts = [store.enrol(secrets.token_hex(16), CONSENT).layout for _ in range(12)]
    assert {layout.groups[0] for layout in layouts} == {"g0"}
    assert len({layout.groups for layout in layouts}) > 1 and len({layout.clips for layout in layouts}) == 12
    assert all(sorted(layout.groups) == ["g0", "g1", "g2", "g3"] for layout in layouts)


def test_wrong_answers_are_refused_and_nothing_is_stored(store):
    store.enrol(SECRET, CONSENT)
    names = [c.name for c in store.plan.group("g1").clips]
    for secret, group, order, sentence in [
        ("f" * 32, "g1", names, "nobody with this secret"),
        (SECRET, "g9", names, "no group 'g9'"),
        (SECRET, "g1", names[:3], "each of its 4 clips once"),
        (SECRET, "g1", [*names[:3], names[0]], "each of its 4 clips once"),
        (SECRET, "g1", ["clip-2-0", *names[1:]], "each of its 4 clips once"),
    ]:
        with pytest.raises(ValueError, match=sentence):
            store.answer(secret, group, order)
    with pytest.raises(ValueError, match="no group has been answered yet"):
        read_answers(store.path)


def test_other_files_are_refused_and_left_as_they_are(tmp_path, plan):
    other = tmp_path / "notes.sqlite"
    other.write_text("these are notes and no database " * 100)
    with pytest.raises(ValueError, match="is no SQLite file of answers"):
        AnswerStore(other, plan)
    assert other.read_text().startswith("these are notes")
    AnswerStore(tmp_path / "a.sqlite", plan)
    with pytest.raises(ValueError, match="a study with other clips"):
        AnswerStore(tmp_path / "a.sqlite", write_plan(tmp_path / "more", groups=4))
    with pytest.raises(ValueError, match="is a folder"):
        AnswerStore(tmp_path, plan)


def test_answers_are_written_ahead_and_to_the_disk(store):
    with opened(store.path) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert db.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL: a power cut loses no answer


def test_thirty_observers_at_once_lose_and_double_nothing(store):
    r"""Threads, each with connections of its own, as kernels have."""
    everyone = [secrets.token_hex(16) for _ in range(30)]
    with ThreadPoolExecutor(30) as pool:
        screens = list(pool.map(lambda secret: answer_all(ObserverSession(store), secret), everyone))
    assert all(s["name"] == "thanks" for s in screens)
    table = read_answers(store.path)
    assert len(table) == 30 * 3 * 4 and table["observer"].nunique() == 30
    assert str(store.counts()) == "30 observers, 30 through, 90 orders"


# what the page may ask


def test_consent_comes_first(session, store):
    for request in (
        {"kind": "hello", "secret": SECRET},
        {"kind": "answer", "secret": SECRET, "step": 0, "order": [0, 1, 2, 3]},
    ):
        screen, files = session.handle(request)
        assert screen["name"] == "consent" and screen["consent"] == CONSENT and files == []
        assert store.counts().observers == 0
    assert session.handle({"kind": "consent", "secret": SECRET})[0]["name"] == "group"
    assert store.counts().observers == 1


def test_screens_tell_no_intensity_expression_identity_or_file(session, store, clips, tmp_path):
    real = ObserverSession(AnswerStore(tmp_path / "real.sqlite", clips))
    screen, files = real.handle({"kind": "consent", "secret": SECRET})
    assert set(screen) == {"name", "step", "practice", "number", "groups", "clips"}
    assert len({len(f) for f in files}) == 1, "a larger file would tell a stronger expression"
    for group in clips.groups:
        for clip in group.clips:
            for told in (clip.name, clip.path.stem, str(clip.intensity)):
                assert told not in json.dumps(screen)
    whole = b"".join(files)
    for told in (b"happy", b"M003", b"intensity"):
        assert told not in whole


def test_every_request_may_be_repeated(session, store):
    session.handle({"kind": "consent", "secret": SECRET})
    request = {"kind": "answer", "secret": SECRET, "step": 0, "order": [3, 2, 1, 0]}
    first, second = session.handle(request)[0], session.handle(request)[0]
    assert first == second and first["step"] == 1
    again = session.handle({**request, "order": [0, 1, 2, 3]})[0]  # another order of a group that is done
    assert again["step"] == 1
    observer = store.observer(SECRET)
    with sqlite3.connect(store.path) as db:
        ((stored,),) = db.execute("SELECT weak_to_strong FROM answers").fetchall()
    assert json.loads(stored) == list(observer.layout.clips[0][::-1])
    assert session.handle({"kind": "hello", "secret": SECRET})[0]["step"] == 1


@pytest.mark.parametrize(
    "request_",
    [
        None,
        {"kind": "delete", "secret": SECRET},
        {"kind": "answer", "secret": SECRET, "step": 2, "order": [0, 1, 2, 3]},  # ahead
        {"kind": "answer", "secret": SECRET, "step": 0, "order": [0, 1, 2]},
        {"kind": "answer", "secret": SECRET, "step": 0, "order": [0, 1, 2, 2]},
        {"kind": "answer", "secret": SECRET, "step": 0, "order": [False, 1, 2, 3]},
        {"kind": "answer", "secret": SECRET, "step": True, "order": [0, 1, 2, 3]},
        {"kind": "answer", "secret": SECRET, "step": -1, "order": [0, 1, 2, 3]},
    ],
)
def test_what_the_page_would_never_ask_is_answered_with_a_sentence(session, store, request_):
    session.handle({"kind": "consent", "secret": SECRET})
    screen, files = session.handle(request_)
    assert screen["error"] and screen["again"] is False and files == []
    assert store.observer(SECRET).answered == frozenset()


def test_a_full_disk_is_told_as_one_and_may_be_tried_again(session, store, monkeypatch):
    session.handle({"kind": "consent", "secret": SECRET})

    def full(*_):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(AnswerStore, "answer", full)
    screen, _ = session.handle({"kind": "answer", "secret": SECRET, "step": 0, "order": [0, 1, 2, 3]})
    assert screen == {"error": "The answer could not be stored yet.", "again": True}


def test_a_clip_that_was_deleted_is_said_and_the_answer_before_it_is_stored(session, store):
    session.handle({"kind": "consent", "secret": SECRET})
    observer = store.observer(SECRET)
    gone = store.plan.group(observer.layout.groups[1]).clips[0].path
    kept = gone.read_bytes()
    gone.unlink()
    request = {"kind": "answer", "secret": SECRET, "step": 0, "order": [0, 1, 2, 3]}
    ((screen, files),) = session.handle_all([request])  # it said "could not be stored yet" for ever
    assert "no longer there" in screen["error"] and screen["again"] is False and files == []
    assert len(store.observer(SECRET).answered) == 1
    gone.write_bytes(kept)
    assert session.handle({"kind": "hello", "secret": SECRET})[0]["step"] == 1


def test_nobody_sees_or_changes_anothers_answers(session, store):
    one, two = secrets.token_hex(16), secrets.token_hex(16)
    session.handle({"kind": "consent", "secret": one})
    session.handle({"kind": "answer", "secret": one, "step": 0, "order": [0, 1, 2, 3]})
    session.handle({"kind": "consent", "secret": two})
    assert session.handle({"kind": "hello", "secret": two})[0]["step"] == 0
    name = store.observer(one).name  # the public name opens nothing
    assert session.handle({"kind": "hello", "secret": name})[0]["name"] == "consent"
    before = store.observer(one)
    session.handle({"kind": "answer", "secret": name, "step": 1, "order": [3, 2, 1, 0]})
    assert store.observer(one) == before


# export


def test_exported_answers_are_what_dnt_score_reads(session, store, tmp_path):
    answer_all(session, secrets.token_hex(16))
    answer_all(session, secrets.token_hex(16), order=[3, 2, 1, 0])
    out = tmp_path / "answers.csv"
    assert export_answers(store.path, out) == 2
    table = read_responses(out)
    assert set(table["group"]) == {"g1", "g2", "g3"}, "practice is left out"
    assert summarise(group_orders(table)).tau == 0.0  # one right, one upside down
    right = table[table["observer"] == table["observer"][0]]
    assert abs(summarise(group_orders(right)).tau) == 1.0


def test_nothing_to_export_is_told(tmp_path, store):
    with pytest.raises(ValueError, match="no such file"):
        export_answers(tmp_path / "nothing.sqlite", tmp_path / "a.csv")
    with pytest.raises(ValueError, match="no group has been answered yet"):
        export_answers(store.path, tmp_path / "a.csv")
    assert not (tmp_path / "a.csv").exists()


def test_in_a_notebook_without_a_kernel_one_sees_the_practice_group(clips, tmp_path):
    page = OrderStudy(tmp_path / "answers.sqlite", clips)
    data, _ = page._repr_mimebundle_()
    assert len(data["image/png"]) > 500
    assert set(page.get_state()) >= {"_esm", "_css", "study"}
    assert str(tmp_path) not in json.dumps(page.get_state())


# withdrawing


def test_who_withdraws_is_deleted_and_the_others_stay(session, store):
    one, two = secrets.token_hex(16), secrets.token_hex(16)
    for secret in (one, two):
        answer_all(session, secret)
    name = store.observer(one).name
    for _ in range(2):  # repeated without harm
        assert session.handle({"kind": "withdraw", "secret": one})[0] == {"name": "withdrawn"}
    assert store.observer(one) is None and store.counts().observers == 1
    assert set(read_answers(store.path)["observer"]) == {store.observer(two).name}
    left = b"".join(p.read_bytes() for p in store.path.parent.glob("answers.sqlite*"))
    assert name.encode() not in left, "overwritten, not only forgotten"
    screen, _ = session.handle({"kind": "answer", "secret": one, "step": 0, "order": [0, 1, 2, 3]})
    assert screen["name"] == "consent" and store.counts().observers == 1
    assert store.observer(one) is None


def test_by_the_public_name_only_the_lecturer_deletes(session, store):
    answer_all(session, SECRET)
    name = store.observer(SECRET).name
    assert session.handle({"kind": "hello", "secret": SECRET})[0] == {"name": "thanks", "observer": name}
    session.handle({"kind": "withdraw", "secret": name})
    assert store.counts().observers == 1
    assert store.progress() == {name: 3}
    assert not store.withdraw(name="p-000000000000") and store.withdraw(name=name)
    assert store.progress() == {}


def test_codes_stay_when_a_study_is_opened_again(store, plan):
    drawn = iter("abc")
    assert [store.code("observers", lambda: next(drawn)) for _ in range(2)] == ["a", "a"]
    again = AnswerStore(store.path, plan)
    assert again.code("observers", lambda: "z") == "a" and again.code("lecturer", lambda: "y") == "y"


def test_a_file_of_answers_from_before_goes_on(store, plan):
    with sqlite3.connect(store.path) as db:
        db.execute("DROP TABLE codes")
    assert AnswerStore(store.path, plan).code("observers", lambda: "new") == "new"


# captions


def test_what_a_group_says_is_shown_when_the_manifest_has_it(tmp_path):
    class Speaking:
        def __call__(self, order):
            return draw(order)

        def said(self, speech):
            return f"Sentence, no. {speech}"

    plan = make_clips(tmp_path / "said", Speaking(), ("M003",), ("happy", "sad"), progress=False)
    assert [g.said for g in plan.groups] == ["Sentence, no. 0", "Sentence, no. 1", "Sentence, no. 2"]
    screen, _ = ObserverSession(AnswerStore(tmp_path / "said.sqlite", plan)).handle(
        {"kind": "consent", "secret": SECRET}
    )
    assert screen["said"] == "Sentence, no. 0"


# many at once


def test_what_waits_together_is_stored_together_and_one_wrong_request_harms_no_other(session, store):
    one, two = secrets.token_hex(16), secrets.token_hex(16)
    screens = session.handle_all([{"kind": "consent", "secret": s} for s in (one, two)] + [None])
    assert [s.get("name", "error") for s, _ in screens] == ["group", "group", "error"]
    wrong = {"kind": "answer", "secret": two, "step": 0, "order": [0, 0, 0, 0]}
    right = {"kind": "answer", "secret": one, "step": 0, "order": [0, 1, 2, 3]}
    answers = session.handle_all([wrong, right, right])
    assert "permutation" in answers[0][0]["error"]
    assert [s["step"] for s, _ in answers[1:]] == [1, 1], "the second is a repeat"
    assert store.observer(one).step == 1 and store.observer(two).step == 0


def test_when_the_disk_is_full_none_of_them_is_confirmed(session, store, monkeypatch):
    session.handle({"kind": "consent", "secret": SECRET})
    request = {"kind": "answer", "secret": SECRET, "step": 0, "order": [0, 1, 2, 3]}
    given = AnswerStore.answer

    def then_full(self, *arguments):
        given(self, *arguments)
        self._shared.db.execute("ROLLBACK")  # as SQLite does by itself when a write fails
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(AnswerStore, "answer", then_full)
        screens = session.handle_all([{"kind": "hello", "secret": SECRET}, request])
    assert all(screen["again"] for screen, _ in screens)
    assert store.observer(SECRET).step == 0
    assert session.handle_all([request])[0][0]["step"] == 1, "asked again, it is stored"


def test_withdrawn_together_with_others_it_is_overwritten_too(session, store):
    for secret in (SECRET, "f" * 32):
        answer_all(session, secret)
    name = store.observer(SECRET).name
    screens = session.handle_all(
        [{"kind": "withdraw", "secret": SECRET}, {"kind": "hello", "secret": "f" * 32}]
    )
    assert [screen["name"] for screen, _ in screens] == ["withdrawn", "thanks"]
    left = b"".join(p.read_bytes() for p in store.path.parent.glob("answers.sqlite*"))
    assert name.encode() not in left
