r"""A study's clips must not carry in their metadata what observers are asked about."""

from __future__ import annotations

from dnt_core.clips import read_provenance
from dnt_core.studies.perceptual_study.collecting.study_plan import StudyPlan

_TELLS = {"intensity", "expression", "level", "ciec"}


def check_nothing_tells(plan: StudyPlan) -> StudyPlan:
    r"""``plan``, or a ValueError that names a clip whose metadata tells what observers must not know."""
    for group in plan.groups:
        for clip in group.clips:
            if told := _TELLS & set(read_provenance(clip.path) or {}):
                raise ValueError(f"{clip.path}: its provenance record tells the {sorted(told)[0]}, which an "
                                 "observer could read; write it without, as make_clips does")  # fmt: skip
    return plan
