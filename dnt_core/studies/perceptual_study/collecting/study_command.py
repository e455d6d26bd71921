r"""``dnt study``: clips made, the page served to a class, answers exported."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from dnt_core.paths import runs_folder, weights_folder
from dnt_core.serving.preflight import check_packages, check_port
from dnt_core.studies.perceptual_study.collecting.answer_store import AnswerStore
from dnt_core.studies.perceptual_study.collecting.drawing_process import in_own_process
from dnt_core.studies.perceptual_study.collecting.study_plan import MANIFEST, StudyPlan, read_plan


def run_study(
    port: int = 8866,
    host: str = "127.0.0.1",
    clips: Path | None = None,
    answers: Path | None = None,
    out: Path | None = None,
    weights: Sequence[Path] = (),
    expressions: Sequence[str] = (),
    seconds: float = 2.0,
    tell: Callable[[str], None] = print,
    prefix: str = "",
) -> None:
    r"""Make the clips if they are missing, serve the page until it is stopped, then export what was answered.

    Args:
        port, host: of the page; the default host is loopback.
        clips: folder of the study's clips, ``study/clips`` of the runs folder by default; one that holds a
            finished study is served as it is.
        answers: SQLite file, ``study/answers.sqlite`` of the runs folder by default; one that is there goes
            on growing.
        out: CSV for :func:`export_answers`; ``answers`` with the suffix ``.csv`` by default.
        weights: generators, one an identity; the shipped ones of the size nearest to 128 px by default.
        expressions: the groups' expressions; all seven by default. seconds: length of a clip.
        tell: is given lines for the lecturer.
        prefix: that a proxy leaves in front of every path.

    Raises:
        ValueError: a folder or file of another study, one file for answers and CSV.
        FileNotFoundError: clips are missing, and weights.
        OSError: the port is taken.
    """
    check_packages()
    from dnt_core.studies.perceptual_study.collecting.server import serve

    check_port(host, port)  # before clips are made for minutes
    clips, answers = Path(clips or runs_folder() / "study" / "clips"), answers or default_answers()
    _csv(answers, out)
    if not (clips / MANIFEST).is_file() and answers.is_file() and answers.stat().st_size:
        raise ValueError(f"{answers} holds the answers of a study whose clips are not in {clips}; name "
                         "another --answers for new clips, or the --clips it was begun with")  # fmt: skip
    plan = _clips(clips, weights, expressions, seconds, tell)
    store = AnswerStore(answers, plan)
    groups, m = len(plan.scored), len(plan.scored[0].clips)
    tell(f"{groups} groups of {m} clips; answers go to {answers}, and Ctrl-C writes them as CSV")
    serve(store, port, host, tell, prefix)
    tell(export(answers, out) if store.counts().orders else "nobody has answered yet")


def default_answers() -> Path:
    r"""Where answers are collected when nobody says where."""
    return runs_folder() / "study" / "answers.sqlite"


def export(answers: Path | None = None, out: Path | None = None) -> str:
    r"""Write the answers as CSV; returns the line that says so. ValueError when there are none."""
    answers = Path(answers or default_answers())
    out = _csv(answers, out)
    from dnt_core.studies.perceptual_study.collecting.export import export_answers

    observers = export_answers(answers, out)
    return f"wrote the answers of {observers} observer{'s' * (observers != 1)}: dnt score {out}"


def _csv(answers: Path, out: Path | None) -> Path:
    r"""Where the CSV goes; ValueError where that is the answers' own file, which it would replace."""
    out = Path(out or answers.with_suffix(".csv"))
    if os.path.realpath(out) == os.path.realpath(answers):
        raise ValueError(f"{out} would be the CSV and the file of the answers; give --answers or --out "
                         "another name")  # fmt: skip
    return out


def _clips(folder: Path, weights, expressions, seconds: float, tell) -> StudyPlan:
    r"""The folder's clips, drawn where they are missing."""
    from dnt_core.studies.perceptual_study.collecting.provenance_check import check_nothing_tells

    if (folder / MANIFEST).is_file():
        tell(f"the clips are those in {folder}, as they were drawn; another --clips folder gets new ones")
        return check_nothing_tells(read_plan(folder))
    in_own_process(_draw, folder, tuple(weights), tuple(expressions), seconds)
    return read_plan(folder)


def _draw(folder: Path, weights: Sequence[Path], expressions: Sequence[str], seconds: float) -> None:
    from dnt_core.ciec import CIEC_TYPES, expression_named
    from dnt_core.studies.perceptual_study.collecting.clip_making import make_clips
    from dnt_core.studies.perceptual_study.collecting.generated_clips import GeneratedClips
    from dnt_core.training.generator_weights import find_generators

    weights = weights or list(find_generators().values())
    if not weights:
        raise FileNotFoundError(f"there are no generators in {weights_folder()}; train one with "
                                "`dnt train generator` and name its file with --weights")  # fmt: skip
    render = GeneratedClips(weights, seconds)
    print(f"drawing clips of {', '.join(render.identities)} into {folder}; a run that is stopped goes on",
          flush=True)  # fmt: skip
    expressions = tuple(dict.fromkeys(map(expression_named, expressions))) or CIEC_TYPES
    make_clips(folder, render, render.identities, expressions, made_of=render.made_of)
