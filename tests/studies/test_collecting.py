r"""Clips that tell nothing, answers that stay, requests that may be repeated."""

import csv
import json
import re
import secrets
import sqlite3
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from study_clips import draw, make_study, write_plan

from dnt_core.clips import read_provenance, read_video
from dnt_core.studies.perceptual_study.collecting import AnswerStore, OrderStudy, make_clips, read_plan
from dnt_core.studies.perceptual_study.collecting.answer_store import connect
from dnt_core.studies.perceptual_study.collecting.clip_making import check_nothing_tells
from dnt_core.studies.perceptual_study.collecting.export import export_answers, read_answers
from dnt_core.studies.perceptual_study.collecting.session import CONSENT, ObserverSession
from dnt_core.studies.perceptual_study.orders import group_orders
from dnt_core.studies.perceptual_study.responses import read_responses
from dnt_core.studies.perceptual_study.score import summarise

SECRET = "0123456789abcdef" * 2


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    return make_study(tmp_path_factory.mktemp("study") / "clips")


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


# clips


def test_clips_are_h264_with_sound_and_a_mark_and_their_names_and_records_tell_nothing(clips):
    assert len(clips.scored) == 2 and [g.practice for g in clips.groups] == [True, False, False]
    names = set()
    for group in clips.groups:
        levels = []
        for clip in group.clips:
            video = read_video(clip.path)
            levels.append((clip.intensity, float(video.frames[2, 20, 20].mean())))
            assert re.fullmatch(r"[0-9a-f]{16}\.mp4", clip.path.name)
            names.add(clip.path.name)
            record = read_provenance(clip.path)
            assert record and not {"intensity", "expression", "level", "ciec"} & set(record)
            assert b"avc1" in clip.path.read_bytes() and b"mp4a" in clip.path.read_bytes()
        assert [v for _, v in sorted(levels)] == sorted(v for _, v in levels)
    assert len(names) == 12
    check_nothing_tells(clips)


def test_clips_that_were_stopped_go_on_and_those_done_are_not_drawn_again(tmp_path):
    drawn = []

    def stop_at_six(order):
        if len(drawn) == 6:
            raise KeyboardInterrupt
        drawn.append(order)
        return draw(order)

    arguments = dict(identities=("M003",), expressions=("happy", "sad"), progress=False)
    with pytest.raises(KeyboardInterrupt):
        make_clips(tmp_path, stop_at_six, **arguments)
    with pytest.raises(ValueError, match="no manifest.csv"):
        read_plan(tmp_path)
    kept = sorted(p.name for p in tmp_path.glob("*.mp4"))
    assert len(kept) == 6
    with pytest.raises(ValueError, match="begun with another plan"):
        make_clips(tmp_path, draw, **arguments | {"seed": 1})
    with pytest.raises(ValueError, match="begun with other weights or of another length"):
        make_clips(tmp_path, draw, **arguments | {"made_of": "3 s, generator_M003_128 0123"})
    assert sorted(p.name for p in tmp_path.glob("*.mp4")) == kept
    again = []
    plan = make_clips(tmp_path, lambda order: again.append(order) or draw(order), **arguments)
    assert len(again) == 6 and set(kept) <= {c.path.name for g in plan.groups for c in g.clips}
    assert {o.speech for o in again} == {1, 2}


def test_what_clips_are_made_of_stands_in_the_manifest_and_what_a_killed_run_left_is_no_hindrance(tmp_path):
    (tmp_path / ".drawn.0123abcd.part.csv").write_text("group,ident")
    plan = make_study(tmp_path, expressions=("sad",), made_of="2 s, generator_M003_128 0123")
    with (tmp_path / "manifest.csv").open(newline="") as file:
        assert {row["made_of"] for row in csv.DictReader(file)} == {"2 s, generator_M003_128 0123"}
    assert make_study(tmp_path, expressions=("sad",), made_of="3 s") == plan, (
        "finished clips are left as they are"
    )


def test_a_mistyped_study_does_not_stand_in_the_way_of_the_right_one(tmp_path):
    with pytest.raises(ValueError, match="expression 'joy' is unknown, expected one of angry, .*surprised$"):
        make_study(tmp_path / "clips", expressions=("joy",))
    assert not (tmp_path / "clips").exists()

    def stop_at_once(order):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_clips(tmp_path / "clips", stop_at_once, ("M003",), ("happy", "sad"), progress=False)
    plan = make_study(tmp_path / "clips", expressions=("sad",))
    assert [g.expression for g in plan.groups] == ["sad", "sad"]
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(ValueError, match="notes is a file; expected a folder for the clips"):
        make_study(tmp_path / "notes")


def test_a_folder_of_other_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ValueError, match="holds other files and no manifest.csv"):
        make_study(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"intensity": "1.5"}, "line 17: intensity '1.5' is no number"),
        ({"expression": "smug"}, "line 17: expression 'smug' is unknown"),
        ({"expression": "neutral"}, "line 17: expression 'neutral' is unknown"),
        ({"file": "../x.mp4"}, "line 17: no file '../x.mp4' in the folder"),
        ({"clip": "clip-3-0"}, "line 17: the clip 'clip-3-0' is listed twice"),
        ({"identity": "W009"}, "group g3 is of one identity, but has M003, W009"),
        ({"intensity": "0.25"}, "group g3 needs two or more clips, all of different intensities"),
    ],
)
def test_a_wrong_manifest_is_refused_with_its_line(tmp_path, changes, sentence):
    with pytest.raises(ValueError, match=sentence):
        write_plan(tmp_path, **changes)


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
    with closing(connect(store.path)) as db:
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
