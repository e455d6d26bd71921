r"""Which frames, which labels, which folds, and one clear sentence where the study cannot be done."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from dnt_core.ciec import EXPRESSIONS
from dnt_core.clips import labelled_frames
from dnt_core.clips.clip import CELLS
from dnt_core.clips.labelled_frames import LabelledFrames, check_clips, check_folds
from tests.studies.where_clips import make_clips


def make_frames(takes=2, each=3, **options):
    clips = make_clips(takes)
    return LabelledFrames(
        clips, np.repeat(np.arange(len(clips)), each), np.tile(np.arange(each), len(clips)), **options
    )


def test_labels_say_type_and_level():
    frames = make_frames()
    clips = [frames.clips[i] for i in frames.clip]
    assert frames.labels("type").tolist() == [EXPRESSIONS.index(c.expression) for c in clips]
    expected = [-1 if c.expression == "neutral" else c.level - 1 for c in clips]
    assert frames.labels("level").tolist() == expected


def test_neutral_as_level_1_is_a_choice_and_changes_only_neutral():
    left_out, level_1 = make_frames(), make_frames(neutral_level="level_1")
    differ = left_out.labels("level") != level_1.labels("level")
    assert (left_out.labels("type")[differ] == EXPRESSIONS.index("neutral")).all() and differ.any()
    assert (level_1.labels("level")[differ] == 0).all()
    assert left_out.key() != level_1.key()


def test_levels_between_meads_have_no_class_of_their_own():
    r"""``dnt film --intensity 0.5`` films level 1.5: no classifier of three levels has a word for it."""
    frames = make_frames()
    between = tuple(replace(clip, level=1.5) if clip.level == 2 else clip for clip in frames.clips)
    labels, mixed = frames.labels("level"), replace(frames, clips=between).labels("level")
    assert mixed.dtype == labels.dtype and (mixed[labels == 1] == -1).all()
    assert (mixed[labels != 1] == labels[labels != 1]).all()


def test_frames_without_a_face_and_levels_between_are_not_chosen(monkeypatch):
    clips = make_clips()
    seen = np.isin(np.arange(10), [2, 3, 7, 8, 9])
    monkeypatch.setattr(labelled_frames, "count_frames", lambda video: 10)
    cache = SimpleNamespace(has_face=seen)
    monkeypatch.setattr(labelled_frames, "read_face_cache", lambda path: cache)
    half = replace(clips[0], level=1.5, number=9)
    found = labelled_frames.labelled_frames((*clips, half), 3, 2)
    assert found.clips == clips and set(found.frame.tolist()) == {2, 7, 9}
    cache.has_face = np.ones(10, bool)
    assert labelled_frames.labelled_frames(clips, 3, 2).frame[:3].tolist() == [1, 5, 8]
    cache.has_face = np.zeros(10, bool)
    with pytest.raises(ValueError, match="x.face3d.npz: no frame has a face"):
        labelled_frames.labelled_frames(clips, 3, 2)


@pytest.mark.parametrize("target", ["type", "level"])
@pytest.mark.parametrize("kind", ["frame", "clip"])
def test_every_labelled_frame_is_tested_once(target, kind):
    frames = make_frames(takes=3)
    folds = frames.folds(target, kind, 3, seed=1)
    tested = np.sort(np.concatenate([test for _, test in folds]))
    assert tested.tolist() == np.flatnonzero(frames.labels(target) >= 0).tolist()
    for train, test in folds:
        assert not np.intersect1d(train, test).size


def test_folds_by_clip_leak_nothing_and_folds_by_frame_leak():
    frames = make_frames(takes=3, each=4)

    def leaked(kind):
        return np.mean(
            [
                np.isin(frames.clip[test], frames.clip[train]).mean()
                for train, test in frames.folds("type", kind, 3)
            ]
        )

    assert leaked("clip") == 0
    assert leaked("frame") > 0.9


def test_cameras_of_one_sentence_stay_together():
    clips = make_clips(2)
    both = clips + tuple(replace(clip, view="left_30") for clip in clips)
    frames = LabelledFrames(both, np.arange(len(both)), np.zeros(len(both), int))
    takes = frames.takes()
    for train, test in frames.folds("type", "clip", 2):
        assert not set(takes[train]) & set(takes[test])


@pytest.mark.parametrize(
    ("clips", "folds", "sentence"),
    [
        ((), 2, "no clip of view 'front'"),
        (make_clips(cache=None), 2, "no 3DMM parameters beside them"),
        (
            make_clips(cells=[c for c in CELLS if c != ("fear", 2)]),
            2,
            "actor M003 has no clip of fear level 2",
        ),
        (make_clips(1), 2, "class 'neutral' has one clip"),
        (make_clips(2), 45, "44 clips cannot fill 45 folds"),
    ],
)
def test_what_cannot_be_done_is_said_before_any_work(clips, folds, sentence):
    with pytest.raises(ValueError, match=sentence):
        check_clips(clips, folds)


def test_an_actor_without_a_cell_is_named_among_complete_ones():
    clips = make_clips(actors=("M003", "W009"))
    lost = [c for c in clips if (c.actor, c.expression, c.level) != ("W009", "happy", 1)]
    with pytest.raises(ValueError, match="actor W009 has no clip of happy level 1"):
        check_clips(lost, 2)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda f: f.labels("mood"), "target must be one of type, level"),
        (lambda f: f.folds("type", "person", 2), "fold kind must be one of frame, clip"),
        (lambda f: make_frames(neutral_level="level_2"), "neutral_level must be one of"),
    ],
)
def test_unknown_choices(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call(make_frames())


@pytest.mark.parametrize(
    ("plans", "folds_run", "sentence"),
    [
        ([("frame", 7)], 0, "class 'neutral' has 6 frames, expected at least one for each of 7 folds"),
        ([("frame", 2), ("clip", 45)], 0, "44 clips cannot fill 45 folds"),
        ([("frame", 2)], 1, "folds_run must be 0 .all. or lie between 2 and 2, got 1"),
        ([("frame", 2)], 3, "between 2 and 2, got 3"),
    ],
)
def test_folds_that_cannot_be_made_are_said_before_any_fit(plans, folds_run, sentence):
    with pytest.raises(ValueError, match=sentence):
        check_folds(make_frames(takes=2, each=3), plans, 0, folds_run)
    check_folds(make_frames(takes=3, each=3), [("frame", 3), ("clip", 3)], 0, 2)
