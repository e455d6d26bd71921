r"""Collecting orders from people (section 5.2): the page, where its answers go, and who serves it.

``study_plan`` (a folder of clips and its manifest → groups), ``clip_making`` (renders such a folder),
``generated_clips`` (a generator does), ``answer_store`` (SQLite), ``export`` (to the tidy CSV),
``session`` (what one observer may ask and answer), ``order_widget`` and ``page/`` (the page, in a notebook),
``server`` (the page for a class, by Voilà, behind ``dnt study``). Nothing heavy is imported here: every
observer has a kernel.
"""

__all__ = ["AnswerStore", "OrderStudy", "StudyPlan", "make_clips", "read_plan"]
_HOMES = {
    "AnswerStore": "answer_store",
    "OrderStudy": "order_widget",
    "StudyPlan": "study_plan",
    "make_clips": "clip_making",
    "read_plan": "study_plan",
}


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
