r"""The page as a widget in a notebook; ``server`` has the same page for a class."""

from __future__ import annotations

import io
import os
from typing import Any

import anywidget
import traitlets

from dnt_core.studies.perceptual_study.collecting.answer_store import AnswerStore
from dnt_core.studies.perceptual_study.collecting.page_text import STYLE, script
from dnt_core.studies.perceptual_study.collecting.session import CONSENT, ObserverSession
from dnt_core.studies.perceptual_study.collecting.study_plan import StudyPlan, read_plan


class OrderStudy(anywidget.AnyWidget):
    r"""The study for one observer at a time: shows groups of clips, takes their orders, stores them.

    ``OrderStudy("answers.sqlite", "clips/")`` as the last line of a cell shows it. Without a kernel (GitHub,
    nbviewer, a book) the cell shows a still of the practice group.

    Args:
        store: the SQLite file for the answers, or an :class:`AnswerStore`.
        clips: folder of clips as ``make_clips`` writes it, or the plan read from it.
        consent: the sentence to be agreed to before anything is stored.

    Its synchronised state holds the page's script and a hash that tells one study from another; clips travel
    as bytes in answers to the page, so they are not kept in the notebook.
    """

    _css = STYLE
    _esm = script("notebook.js")
    study = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        store: str | os.PathLike | AnswerStore,
        clips: str | os.PathLike | StudyPlan,
        consent: str = CONSENT,
    ) -> None:
        plan = clips if isinstance(clips, StudyPlan) else read_plan(clips)
        store = store if isinstance(store, AnswerStore) else AnswerStore(store, plan)
        self.session = ObserverSession(store, consent)
        super().__init__(study=plan.mark)
        self.on_msg(self._answer)

    def _answer(self, _: Any, request: Any, __: Any) -> None:
        screen, clips = self.session.handle(request)
        self.send({"id": request.get("id") if isinstance(request, dict) else None, "screen": screen}, clips)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        from dnt_core.plotting.captions import with_still

        still = still_of_practice(self.session.store.plan)
        return with_still(
            super()._repr_mimebundle_(**options), "a page on which clips are put in order", still
        )


def still_of_practice(plan: StudyPlan) -> bytes:
    r"""PNG: the middle frames of the first group's clips side by side, weakest first, 128 px high."""
    import numpy as np
    from PIL import Image

    from dnt_core.clips import read_video

    frames = []
    for clip in sorted(plan.groups[0].clips, key=lambda c: c.intensity):
        video = read_video(clip.path)
        picture = Image.fromarray(video.frames[len(video) // 2])
        width = round(128 * picture.width / picture.height)
        frames += [np.asarray(picture.resize((width, 128))), np.full((128, 4, 3), 255, np.uint8)]
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate(frames[:-1], axis=1)).save(buffer, format="PNG")
    return buffer.getvalue()
