r"""Collecting orders from people (section 5.2): the page, where its answers go, and who serves it.

``study_plan`` (a folder of clips and its manifest → groups), ``clip_making`` (renders such a folder),
``generated_clips`` (a generator does), ``drawing_process`` (in a process of its own), ``answer_store``
(SQLite), ``export`` (to the tidy CSV), ``session`` (what one observer may ask and answer), ``page/`` and
``page_text`` (what the browser shows), ``order_widget`` (that in a notebook), ``server`` (that for a class,
and the lecturer's page, behind ``dnt study``). The server imports neither torch nor pandas before it needs
them.
"""

from dnt_core.lazy_exports import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "dnt_core.studies.perceptual_study.collecting.answer_store": ["AnswerStore"],
        "dnt_core.studies.perceptual_study.collecting.clip_making": ["make_clips"],
        "dnt_core.studies.perceptual_study.collecting.order_widget": ["OrderStudy"],
        "dnt_core.studies.perceptual_study.collecting.study_plan": ["StudyPlan", "read_plan"],
    },
)
