r"""The live face as an anywidget: the page asks for the newest values, the kernel answers with raw pixels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import anywidget
import numpy as np
import traitlets

from dnt_core.ciec import check_intensity, expression_named
from dnt_core.ciec_path import parse_path
from dnt_core.live.intermediate_outputs import INSIDES
from dnt_core.live.scene import POSE_LIMIT
from dnt_core.live.widget.page_files import page_script, page_style
from dnt_core.live.widget.request_handler import RequestHandler, sentence

_DRIVEN = ("expression", "intensity", "frame", "pose", "identity", "inside")  # with a frame's request
_TOLD = ("playing", "path")  # on their own


def _held(trait: traitlets.TraitType) -> traitlets.TraitType:
    return trait.tag(sync=True, echo_update=False)  # the page knows what it asked for


class LiveFaceWidget(anywidget.AnyWidget):
    r"""A face that follows the hand: type and intensity on a pad, speech with its sound, pose, a timeline.

    Args:
        faces: a ``LiveFace``, or name → ``LiveFace`` for several identities. A file of weights in its place,
            or a function without arguments, becomes a face when it is first looked at, and what that raises
            is said in the widget.
        values: first values of the traits.

    Its traits follow the hand, and sliders drive them through ``jslink`` or ``link``.

    Attributes:
        expression: one of ``EXPRESSIONS``.
        intensity: [0, 1]. Higher: more of the expression.
        frame: 0 … n_frames − 1, the moment of the speech.
        pose: degrees of yaw, pitch and roll, as ``LiveFace`` takes them.
        playing: whether the speech runs, with its sound.
        path: the curve over time in the text form of :func:`~dnt_core.ciec_path.parse_path`; follows the hand
            when it rests, and sets the curve.
        identity: name of the face.
        inside: "" or a key of ``dnt_core.live.intermediate_outputs.INSIDES``, shown beside the picture.
        error: what the widget said last, "" once a picture was drawn after it; read it, do not write it.

    The page asks for the newest values when the kernel is about to be free: while one frame is drawn, at
    most the one before it travels, and none waits. So the hand's value is drawn in the next frame, whatever a
    frame costs. A type changes only through neutral.
    Frames are messages, not state: a saved notebook stays small. Without a kernel the cell shows a still.
    """

    _esm = page_script()
    _css = page_style()
    expression = _held(traitlets.Unicode("happy"))
    intensity = _held(traitlets.Float(0.0))
    frame = _held(traitlets.Int(0))
    pose = _held(traitlets.List(traitlets.Float(), [0.0, 0.0, 0.0], minlen=3, maxlen=3))
    playing = _held(traitlets.Bool(False))
    path = _held(traitlets.Unicode("happy:0@0%→1@50%→0@100%"))
    identity = _held(traitlets.Unicode(""))
    inside = _held(traitlets.Enum(("", *INSIDES), ""))
    error = traitlets.Unicode("").tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    insides = traitlets.Dict().tag(sync=True)
    colors = traitlets.Dict().tag(sync=True)
    pose_limit = traitlets.List(traitlets.Float()).tag(sync=True)

    def __init__(self, faces: Any, **values: Any) -> None:
        faces = faces if isinstance(faces, Mapping) else {"face": faces}
        self.answers, self._by_page = RequestHandler(faces), False
        super().__init__(**{**_about(self.answers.names), **values})
        self.on_msg(self._receive)

    @traitlets.validate("expression")
    def _a_type(self, proposal: Any) -> str:
        return self._checked(expression_named, proposal["value"])

    @traitlets.validate("intensity")
    def _in_range(self, proposal: Any) -> float:
        return self._checked(check_intensity, proposal["value"])

    @traitlets.validate("path")
    def _a_path(self, proposal: Any) -> str:
        self._checked(parse_path, proposal["value"])
        return proposal["value"]

    def _checked(self, check: Callable[[Any], Any], value: Any) -> Any:
        try:
            return check(value)
        except ValueError as error:
            if not self._by_page:
                self._complain(str(error))  # in the widget, too
            raise traitlets.TraitError(str(error)) from None

    def _complain(self, said: str) -> None:
        self.error = ""  # the same again is said again
        self.error = said

    def set_state(self, sync_data: dict[str, Any]) -> None:
        r"""As in ipywidgets; a value that no trait takes, of a student's own link, is said in the widget.

        Args:
            sync_data: trait → value, as the page sent it.
        """
        self._by_page = True
        try:
            super().set_state(sync_data)
        except traitlets.TraitError as error:
            if self.error != str(error):  # the frame of this value may have said it
                self._complain(str(error))
        finally:
            self._by_page = False

    def picture(self, **values: Any) -> np.ndarray:
        r"""What is drawn for the traits of now, (S, S, 3) uint8; ``values`` take a trait's place.

        The same way to the pixels as the page's. Raises LiveError with the sentence that the page would show.

        Args:
            values: trait → value in place of its own.

        Raises:
            LiveError: what the page would say of these values.
        """
        from dnt_core.live.errors import LiveError

        request = {name: getattr(self, name) for name in _DRIVEN} | values | {"kind": "frame"}
        message, buffers = self.answers.answer(request)
        if message["kind"] == "trouble":
            raise LiveError(message["sentence"])
        width, height = message["shapes"][0]
        return np.frombuffer(buffers[0], np.uint8).reshape(height, width, 3)

    def _receive(self, _: Any, request: Any, __: Any) -> None:
        if isinstance(request, dict) and request.get("kind") == "set":
            values = request.get("values")
            if isinstance(values, dict):
                self.set_state({k: v for k, v in values.items() if k in _TOLD})
            return
        message, buffers = self.answers.answer(request, tell=self.send)
        asked = isinstance(request, dict) and request.get("kind") == "frame"
        if asked and message["kind"] == "frame" and not request.get("passing"):
            try:
                asked_for = {name: request[name] for name in _DRIVEN if name in request}
                self.set_state({k: v for k, v in asked_for.items() if v != getattr(self, k)})
            except Exception as error:  # an observer's, of the student's own: the picture still arrives
                message["note"] = sentence(error)
        self.send(message, buffers)
        if asked:
            self.error = message.get("sentence", message.get("note", ""))

    def _repr_mimebundle_(self, **options: Any) -> Any:
        from dnt_core.live.widget.still import still
        from dnt_core.plotting.captions import with_still

        bundle = super()._repr_mimebundle_(**options)
        plain = f"a live face at {self.expression} {self.intensity:g}, frame {self.frame}"
        try:
            shown = still(self.picture(), self.expression, self.intensity, self.frame, self.colors)
        except ValueError as error:
            return with_still(bundle, f"{plain} ({error})")
        return with_still(bundle, plain, shown)


def _about(names: list[str]) -> dict[str, Any]:
    r"""The values that come from the faces and the package."""
    from dnt_core.plotting import EXPRESSION_COLORS

    about = {"insides": dict(INSIDES), "colors": EXPRESSION_COLORS, "pose_limit": list(POSE_LIMIT)}
    return {"names": names, "identity": names[0], **about}


def first_values(names: list[str]) -> dict[str, Any]:
    r"""What a page holds at first when no widget stands behind it: every trait's value for these faces."""
    told = (*_DRIVEN, *_TOLD, "error")
    return {name: LiveFaceWidget.class_traits()[name].default() for name in told} | _about(names)
