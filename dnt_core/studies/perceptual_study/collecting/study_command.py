r"""``dnt study``: clips made, the page served to a class, answers exported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from dnt_core.serving.preflight import check_port, check_voila
from dnt_core.studies.perceptual_study.collecting.answer_store import AnswerStore
from dnt_core.studies.perceptual_study.collecting.clip_making import check_nothing_tells, make_clips
from dnt_core.studies.perceptual_study.collecting.export import export_answers
from dnt_core.studies.perceptual_study.collecting.study_plan import MANIFEST, StudyPlan, read_plan

CLIPS = Path("runs") / "study" / "clips"
ANSWERS = Path("runs") / "study" / "answers.sqlite"


def run_study(
    port: int = 8866,
    host: str = "127.0.0.1",
    clips: Path = CLIPS,
    answers: Path = ANSWERS,
    out: Path | None = None,
    weights: Sequence[Path] = (),
    expressions: Sequence[str] = (),
    seconds: float = 2.0,
    tell: Callable[[str], None] = print,
) -> None:
    r"""Make the clips if they are missing, serve the page until it is stopped, then export what was answered.

    Args:
        port, host: of the page; the default host is loopback.
        clips: folder of the study's clips; one that holds a finished study is served as it is.
        answers: SQLite file; one that is there goes on growing.
        out: CSV for :func:`export_answers`; ``answers`` with the suffix ``.csv`` by default.
        weights: generators, one an identity; the shipped ones of the size nearest to 128 px by default.
        expressions: the groups' expressions; all seven by default. seconds: length of a clip.
        tell: is given lines for the lecturer.

    Raises:
        ValueError: a folder or file of another study. FileNotFoundError: clips are missing, and weights.
        OSError: the port is taken.
    """
    check_voila()
    from dnt_core.studies.perceptual_study.collecting.server import serve

    check_port(host, port)  # before clips are made for minutes
    plan = _clips(Path(clips), weights, expressions, seconds, tell)
    store = AnswerStore(answers, plan)
    groups, m = len(plan.scored), len(plan.scored[0].clips)
    tell(f"{groups} groups of {m} clips; answers go to {answers}, and Ctrl-C writes them as CSV")
    serve(store, clips, port, host, tell)
    tell(export(answers, out) if store.counts().orders else "nobody has answered yet")


def export(answers: Path, out: Path | None = None) -> str:
    r"""Write the answers as CSV; returns the line that says so. ValueError when there are none."""
    out = Path(out or Path(answers).with_suffix(".csv"))
    observers = export_answers(answers, out)
    return f"wrote the answers of {observers} observer{'s' * (observers != 1)}: dnt score {out}"


def _clips(folder: Path, weights, expressions, seconds: float, tell) -> StudyPlan:
    if (folder / MANIFEST).is_file():
        tell(f"the clips are those in {folder}, as they were drawn; another --clips folder gets new ones")
        return check_nothing_tells(read_plan(folder))
    from dnt_core.ciec import CIEC_TYPES
    from dnt_core.studies.perceptual_study.collecting.generated_clips import GeneratedClips
    from dnt_core.training.generator_weights import find_generators

    if not weights:
        weights = list(find_generators().values())
    if not weights:
        raise FileNotFoundError("there are no generators in weights/; train one with `dnt train generator` "
                                "and name its file with --weights")  # fmt: skip
    render = GeneratedClips(weights, seconds)
    tell(f"drawing clips of {', '.join(render.identities)} into {folder}; a run that is stopped goes on")
    expressions = tuple(dict.fromkeys(expressions)) or CIEC_TYPES
    return make_clips(folder, render, render.identities, expressions, made_of=render.made_of)
