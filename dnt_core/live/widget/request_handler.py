r"""What the kernel answers to the page: a request in, a message and bytes out, an error as a sentence.

Every request is answered, the wrong ones too: the page would wait for ever.
"""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dnt_core.ciec import check_intensity, expression_named
from dnt_core.ciec_path import parse_path
from dnt_core.live.errors import LiveError
from dnt_core.live.film import film_bytes
from dnt_core.live.widget.dirty_rect import PAGES, ShownPictures

Face = Callable[..., np.ndarray]  # a LiveFace, or anything that is called as one
Tell = Callable[[dict[str, Any]], None]

REST = 0.4  # s without a request after which frames are warmed

_log = logging.getLogger(__name__)


class RequestHandler:
    r"""Draws what the page asks for.

    Args:
        faces: name → face, or a file of weights, or a function without arguments, of which the face is made
            when it is first looked at. What that raises is said to the page.
        pages: how many of them have their last picture remembered, so that the next is sent as a difference.

    A face is called as ``face(expression, intensity, frame, pose)`` → (S, S, 3) uint8 and has ``size``,
    ``n_frames``, ``fps``, ``audio`` ((N,) float32 in [−1, 1], rate) or None, and
    ``inside(what, expression, intensity, frame, pose)``. If it has ``warm(frames)``, that is called for every
    frame once the page has opened it, behind and while nothing else is asked.

    Raises:
        LiveError: no face at all.
    """

    def __init__(self, faces: Mapping[str, Any], pages: int = PAGES) -> None:
        if not faces:
            raise LiveError("no face to show: expected at least one name and its LiveFace")
        self._faces = dict(faces)
        self._lock, self._shown, self._asked_at = threading.RLock(), ShownPictures(pages), 0.0
        self._warming: set[int] = set()  # faces, by id(): once for all pages

    @property
    def names(self) -> list[str]:
        r"""Names of the faces, in the order given."""
        return list(self._faces)

    def face(self, name: str) -> Face:
        r"""The face of that name, made if it was not yet.

        Args:
            name: one of the faces' names.

        Raises:
            LiveError: there is none. Whatever its maker raises.
        """
        with self._lock:
            if name not in self._faces:
                raise LiveError(f"there is no face {name!r}; expected one of {', '.join(self._faces)}")
            face = self._faces[name]
            if isinstance(face, str | os.PathLike):
                from dnt_core.live.engine import LiveFace

                face = self._faces[name] = LiveFace(face)
            elif not hasattr(face, "n_frames"):
                face = self._faces[name] = face()
            return face

    def answer(self, request: Any, tell: Tell | None = None) -> tuple[dict[str, Any], list[bytes]]:
        r"""Message and buffers for one request; never raises for what a page or a face does wrong.

        Args:
            request: what the page sent, a dictionary with "kind".
            tell: called with messages that go ahead of the answer, how far a film has come.
        """
        mark = request.get("id") if isinstance(request, dict) else None
        kinds = {"open": self._open, "frame": self._frame, "path": self._path}
        try:
            kind = request.get("kind") if isinstance(request, dict) else None
            if kind == "film":  # takes seconds: frames are answered meanwhile where threads allow it
                message, buffers = self._film(request, lambda **said: tell and tell({"id": mark, **said}))
            elif kind in kinds:
                with self._lock:
                    message, buffers = kinds[kind](request)
            else:
                raise LiveError(f"the page asked for {request!r}; expected one of {', '.join(kinds)}, film")
        except Exception as error:
            if not isinstance(error, (ValueError, OSError)):
                _log.exception("a live face failed at %r", request)
            return {"id": mark, "kind": "trouble", "sentence": sentence(error)}, []
        return {"id": mark, "kind": kind, **message}, buffers

    def _open(self, request: dict) -> tuple[dict, list[bytes]]:
        name = request.get("identity") or self.names[0]
        face = self.face(name)
        samples, rate = face.audio or (np.zeros(0, np.float32), 0)
        sound = (np.clip(samples, -1, 1) * 32767).astype("<i2")
        if hasattr(face, "warm") and id(face) not in self._warming:
            self._warming.add(id(face))
            threading.Thread(target=self._warm, args=(face,), daemon=True).start()
        about = {"identity": name, "n_frames": face.n_frames, "fps": float(face.fps), "rate": int(rate)}
        return about | {"captions": getattr(face, "captions", "")}, [sound.tobytes()]

    def _warm(self, face: Face) -> None:
        try:
            for frame in range(face.n_frames):
                while time.monotonic() - self._asked_at < REST:
                    time.sleep(REST / 4)
                face.warm([frame])
        except Exception:  # a frame that cannot be prepared is said when it is asked for
            _log.debug("a face could not be warmed", exc_info=True)

    def _frame(self, request: dict) -> tuple[dict, list[bytes]]:
        expression = expression_named(str(request.get("expression")))
        intensity = number(request.get("intensity"), "intensity")
        if expression == "neutral":
            intensity = 0.0
        check_intensity(intensity)
        face = self.face(request.get("identity") or self.names[0])
        frame = int(number(request.get("frame", 0), "frame"))
        if not 0 <= frame < face.n_frames:
            raise LiveError(f"frame {frame} is not in the clip; expected 0 … {face.n_frames - 1}")
        pose = _pose(request)
        start = time.perf_counter()
        pictures = [_picture(face(expression, intensity, frame, pose))]
        inside = request.get("inside") or ""
        if inside:
            pictures.append(_picture(face.inside(inside, expression, intensity, frame, pose)))
        spent = 1000 * (time.perf_counter() - start)
        mark = str(request.get("id"))
        page = mark.rpartition("-")[0]
        since, parts = self._shown.parts(page, mark, pictures, whole=bool(request.get("whole", True)))
        self._asked_at = time.monotonic()
        message = {
            "since": since,
            "shapes": [[int(p.shape[1]), int(p.shape[0])] for p in pictures],
            "boxes": [box for box, _ in parts],
            "engine_ms": round(spent, 2),
        }
        return message, [pixels for _, pixels in parts]

    def _path(self, request: dict) -> tuple[dict, list[bytes]]:
        path, length = parse_path(request.get("text", "")), 1.0
        if path.in_seconds:
            length = number(request.get("duration"), "duration of the clip")
            path.check_within(length, "the clip")
        points = [[p.time / length, p.type, p.intensity] for p in path.key_points]
        return {"points": points, "text": str(path)}, []

    def _film(self, request: dict, tell: Callable[..., Any]) -> tuple[dict, list[bytes]]:
        path = parse_path(request.get("text", ""))  # one clear sentence before anything is drawn
        face = self.face(request.get("identity") or self.names[0])
        pose = _pose(request)

        def progress(done: int, frames: int) -> None:
            tell(kind="progress", done=done, frames=frames)

        return {"text": str(path)}, [film_bytes(face, path, pose=pose, progress=progress)]


def sentence(error: Exception) -> str:
    r"""An exception as one line for a reader; the name of its class where the message alone may not do."""
    text = " ".join(str(error).split()) or "no message"
    return text if isinstance(error, (ValueError, OSError)) else f"{type(error).__name__}: {text}"


def number(value: Any, what: str) -> float:
    r"""``value`` as a finite float, or a LiveError that names it."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = math.nan
    if not math.isfinite(found):
        raise LiveError(f"{what} is {value}, which is no finite number")
    return found


def _pose(request: dict) -> tuple[float, ...]:
    pose = tuple(number(v, "an angle of the pose") for v in request.get("pose", (0, 0, 0)))
    if len(pose) != 3:
        raise LiveError(f"a pose has three angles, got {len(pose)}")
    return pose


def _picture(image: Any) -> np.ndarray:
    array = np.asarray(image)
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3:
        raise LiveError(f"a face drew {array.dtype} {array.shape}; expected (height, width, 3) uint8")
    return np.ascontiguousarray(array)
