r"""The study's clips: they tell nothing, go on where they were stopped, and leave other files alone."""

import csv
import re

import pandas as pd
import pytest

from dnt_core.clips import read_provenance, read_video
from dnt_core.studies.perceptual_study.collecting import make_clips, read_plan
from dnt_core.studies.perceptual_study.collecting.provenance_check import check_nothing_tells
from dnt_core.studies.perceptual_study.responses import COLUMNS, read_responses, write_responses
from tests.studies.study_clips import draw, make_study, write_plan


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


@pytest.mark.parametrize("name", ["1234e5", "007", "1_0", "True", "nan"])
def test_people_whose_names_look_like_numbers_keep_them(tmp_path, name):
    """Going on with clips that were begun, 1234e5 was read as 123400000.0: 'begun with another plan'."""
    arguments = dict(identities=(name,), expressions=("happy",), practice=(name, "happy"), progress=False)
    begun = []

    def stop_at_the_second(order):
        if begun:
            raise KeyboardInterrupt
        begun.append(order)
        return draw(order)

    with pytest.raises(KeyboardInterrupt):
        make_clips(tmp_path / "clips", stop_at_the_second, **arguments)
    asked = []
    plan = make_clips(tmp_path / "clips", lambda order: asked.append(order) or draw(order), **arguments)
    assert {group.identity for group in plan.groups} == {order.identity for order in asked} == {name}
    rows = [
        (name, "1e2", name, "happy", clip, x, rank)
        for rank, (clip, x) in enumerate((("1e3", 0.2), ("001000", 0.8)), 1)
    ]
    answers = write_responses(pd.DataFrame(rows, columns=COLUMNS), tmp_path / "answers.csv")
    read = read_responses(answers)
    assert [tuple(row) for row in read.itertuples(index=False)] == rows


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
        ({"identity": ""}, "line 17: identity '' is empty or has blanks around it"),
        ({"group": " g3"}, "line 17: group ' g3' is empty or has blanks around it"),
        ({"practice": "1.0"}, "line 17: practice '1.0' is neither 0 nor 1"),
        ({"identity": "W009"}, "group g3 is of one identity, but has M003, W009"),
        ({"intensity": "0.25"}, "group g3 needs two or more clips, all of different intensities"),
    ],
)
def test_a_wrong_manifest_is_refused_with_its_line(tmp_path, changes, sentence):
    with pytest.raises(ValueError, match=sentence):
        write_plan(tmp_path, **changes)
