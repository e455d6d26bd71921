r"""A face that follows the hand: expression, intensity, frame and pose in, a picture out, in milliseconds."""

from __future__ import annotations

import os
import threading
import time
import warnings
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from dnt_core.arguments import as_tensor
from dnt_core.ciec import EXPRESSIONS, encode, expression_named, validate
from dnt_core.live.errors import LiveError
from dnt_core.live.intermediate_outputs import COUPLED, INSIDES, draw_intermediate_output
from dnt_core.live.memory_cache import MemoryCache
from dnt_core.live.picture_threads import picture_threads
from dnt_core.live.prepared_frame import PreparedFrame, prepare_frame
from dnt_core.live.runtimes import Drawing, check_runtime
from dnt_core.live.scene import Pose, Scene, check_pose
from dnt_core.own_process import OwnProcess
from dnt_core.own_torch import exact_inference, on_cpu
from dnt_core.parallel import torch_threads
from dnt_core.training.decoupling_weights import load_decoupling_network
from dnt_core.training.generator_weights import open_generator

REST = 0.1  # s that a frame must stand before it is folded
MEMORY = 384 * 2**20  # bytes of prepared frames that are kept, and of folded ones
Key = tuple[int, Pose, bool]  # frame, pose, decoupled


class LiveFace:
    r"""A trained generator on one clip, drawn for any expression (section 5.1's editing, live).

    It works with threads, so a process that is forked from its own has to open one anew.

    Args:
        weights: a file of ``dnt train generator``.
        clip: an mp4 with a ``.face3d.npz`` beside it, as MEAD's layout has them; None: a short clip of the
            built-in actor of the weights' identity, filmed once into ``runs/live``.
        runtime: "torch", "exported" (ONNX Runtime), or "auto": the exported one where it can be had.
        decoupling: f_d: a network, a file or an actor's name; None or True: the one the weights were trained
            with; False: none, the geometry keeps the clip's expression.
        captions: what is said in the clip; None: the built-in clip's sentence, nothing for another clip.

    Attributes:
        weights: the file.
        identity: the actor's name, or None.
        size: S px.
        n_frames: T, of the clip, or of its longest part that shows a face.
        fps: frames per second of the clip.
        audio: the sound of these frames, (samples (N,) float32 in [-1, 1], rate in Hz), or None.
        captions: what is said, or "".

    Raises:
        FileNotFoundError: no such weights or clip.
        ValueError: foreign or broken weights, a clip without 3D face (:class:`LiveError`), an unknown
            runtime, or "exported" without ONNX Runtime.

    Examples:
        >>> live = dnt_core.LiveFace(dnt_core.load("M003", 128).weights, runtime="torch")
        >>> live("happy", 0.7, frame=0).shape
        (128, 128, 3)
    """

    def __init__(
        self, weights: str | os.PathLike, clip: str | os.PathLike | None = None, *, runtime: str = "auto",
        decoupling: nn.Module | str | os.PathLike | bool | None = None, captions: str | None = None,
    ) -> None:  # fmt: skip
        check_runtime(runtime)
        self._process = OwnProcess("a LiveFace", LiveError)
        found = open_generator(weights)
        self.weights, self.identity, self.size = found.path, found.identity, found.image_size
        self.generator = found.generator.requires_grad_(False).to(memory_format=torch.channels_last)
        self.generator.texture.to(memory_format=torch.contiguous_format)  # summed, not convolved
        if clip is None:
            from dnt_core.live.default_clip import default_clip, said

            clip = default_clip(self.identity, self.size)
            captions = said() if captions is None else captions
        self.captions = captions or ""
        network = found.decoupling() if decoupling in (None, True) else _decoupling(decoupling)
        with on_cpu():
            self.scene = Scene(clip, self.size, network, found.face_model, found)
        if self.scene.stranger:
            warnings.warn(self.scene.stranger, stacklevel=2)
        self.n_frames, self.fps, self.audio = len(self.scene), self.scene.fps, self.scene.audio
        self._lock, self._behind = threading.RLock(), ThreadPoolExecutor(1, "fold")
        self._prepared: MemoryCache[PreparedFrame] = MemoryCache(MEMORY, lambda frame: frame.nbytes)
        self._folded: MemoryCache[tuple[Tensor, ...]] = MemoryCache(MEMORY, _bytes)
        self._last: Key | None = None
        self._folding: Future | None = None
        self._resting: tuple[Key, PreparedFrame] | None = None  # the next that is folded
        with self._computing():
            example = self._prepare((0, (0.0, 0.0, 0.0), True))
            self._drawing = Drawing(self.generator, runtime, example)
        self.runtime = self._drawing.runtime

    def __call__(
        self, expression: str = "neutral", intensity: float = 0.0, frame: int = 0,
        pose: Pose = (0.0, 0.0, 0.0), *, ciec: np.ndarray | Tensor | None = None,
    ) -> np.ndarray:  # fmt: skip
        r"""Draws one picture, (S, S, 3) uint8 RGB; may be called from any thread.

        Args:
            expression: one of ``EXPRESSIONS``.
            intensity: in [0, 1]; 0: neutral; it changes nothing for "neutral".
            frame: of the clip, from 0.
            pose: degrees of yaw (to image right), pitch (down) and roll (counter-clockwise) added to the
                clip's, cut to ±12, ±8 and ±8 (:data:`~dnt_core.live.scene.POSE_LIMIT`) and rounded to half
                degrees: what lies behind the head is the clip's and does not turn.
            ciec: a CIEC vector (7,) in place of expression and intensity.

        Raises:
            LiveError: one sentence: unknown expression, intensity NaN or outside [0, 1], a vector that is no
                CIEC, no such frame, a pose that is not three finite numbers, a forked process.
        """
        code, key = self._request(expression, intensity, frame, pose, ciec)
        with self._computing():
            prepared = self._prepare(key)
            if key == self._last and key not in self._folded:
                self._fold_behind(key, prepared)
            self._last = key
            return self._drawing.picture(prepared, self._folded.find(key), code)

    def inside(
        self, what: str, expression: str = "neutral", intensity: float = 0.0, frame: int = 0,
        pose: Pose = (0.0, 0.0, 0.0), *, ciec: np.ndarray | Tensor | None = None,
    ) -> np.ndarray:  # fmt: skip
        r"""A step of the pipeline as a picture, (S, S, 3) uint8; arguments as for a call.

        Args:
            what: see :data:`~dnt_core.live.intermediate_outputs.INSIDES`.
            expression: one of ``EXPRESSIONS``.
            intensity: in [0, 1]; 0: neutral.
            frame: of the clip, from 0.
            pose: degrees of yaw, pitch and roll added to the clip's.
            ciec: a CIEC vector (7,) in place of expression and intensity.

        Raises:
            LiveError: an unknown step, expression or frame, an intensity outside [0, 1].
        """
        if what not in INSIDES:
            raise LiveError(f"unknown inside {what!r}; expected one of {', '.join(INSIDES)}")
        code, (frame, pose, _) = self._request(expression, intensity, frame, pose, ciec)
        with self._computing():
            prepared = self._prepare((frame, pose, what not in COUPLED))
            return draw_intermediate_output(
                what, self.generator, self.scene, prepared.whole, code, frame, pose
            )

    def warm(self, frames: Iterable[int] | None = None) -> None:
        r"""Prepares frames (default: all) before they are played, tens of milliseconds each.

        Args:
            frames: numbers of frames, from 0; None: all.

        Raises:
            LiveError: a frame that the clip does not have.
        """
        for frame in range(self.n_frames) if frames is None else frames:
            _, key = self._request("neutral", 0.0, frame, (0.0, 0.0, 0.0), None)
            with self._computing():
                self._prepare(key)

    @property
    def provenance(self) -> dict[str, str]:
        r"""What a film of this face says about its making: weights, identity, the clip behind it."""
        clip = self.scene.clip.video
        return {"weights": self.weights.name, "identity": self.identity or "unknown", "clip": clip.name}

    def settle(self) -> bool:
        r"""Waits for the folding that goes on behind.

        Returns:
            Whether the last frame asked for is folded. It is when it was asked for at least twice in a row.

        Raises:
            LiveError: in a forked process.
        """
        self._process.check()
        if (folding := self._folding) is not None:
            folding.result()
        return self._last in self._folded

    # ---- what is asked for ----

    def _request(self, expression, intensity, frame, pose, ciec):
        """Checked: the CIEC (1, 7), and the key (frame, pose, decoupled) of its geometry."""
        self._process.check()
        with on_cpu():
            code, pose = self._code(expression, intensity, ciec), check_pose(pose)
        whole = isinstance(frame, (int, np.integer)) and not isinstance(frame, bool)
        if not whole or not 0 <= frame < self.n_frames:
            raise LiveError(f"there is no frame {frame!r}; the clip has frames 0 to {self.n_frames - 1}")
        return code.reshape(1, 7), (int(frame), pose, True)

    @staticmethod
    def _code(expression: str, intensity: float, ciec: np.ndarray | Tensor | None) -> Tensor:
        """The CIEC (7,)."""
        if ciec is not None:
            try:
                code = validate(as_tensor(ciec, torch.float32))
            except (ValueError, TypeError) as error:
                raise LiveError(str(error)) from error
            if code.shape != (7,):
                raise LiveError(f"ciec has shape {tuple(code.shape)}; expected (7,)")
            return code
        try:
            name = expression_named(expression)
        except ValueError as error:
            raise LiveError(str(error)) from None
        try:
            value = float(intensity)
        except (TypeError, ValueError):
            raise LiveError(f"intensity {intensity!r} is not a number in [0, 1]") from None
        if not 0 <= value <= 1:  # NaN, too
            raise LiveError(f"intensity {value:.8g} is not in [0, 1]")
        return value * _axes()[name]

    # ---- what is kept ----

    @contextmanager
    def _computing(self) -> Iterator[None]:
        with self._lock, exact_inference(), torch_threads(picture_threads()):
            yield

    def _prepare(self, key: Key) -> PreparedFrame:
        return self._prepared.get(key, lambda: prepare_frame(self.generator, self.scene.inputs(*key)))

    def _fold_behind(self, key: Key, prepared: PreparedFrame) -> None:
        """Starts folding in another thread: it takes longer than a hand waits, and frames go on meanwhile."""
        self._resting = key, prepared
        if self._folding is None or self._folding.done():
            self._folding = self._behind.submit(self._fold_what_rests)

    def _fold_what_rests(self) -> None:
        """Folds one frame after the other: what comes to rest while one is folded is the next."""
        while True:
            with self._lock:
                resting, self._resting = self._resting, None
                if resting is None:
                    self._folding = None
                    return
            time.sleep(REST)
            key, prepared = resting
            if key != self._last or key in self._folded:
                continue  # the clip plays, and asked for this frame twice in passing
            with torch.inference_mode(), torch_threads(1):
                folded = self._drawing.fold(prepared)
            with self._lock:
                self._folded.get(key, lambda folded=folded: folded)


@cache
def _axes() -> dict[str, Tensor]:
    """Each expression's CIEC at full intensity, with which it grows in proportion (section 3.1)."""
    ones = torch.ones((), dtype=torch.float32)
    full = {name: ones * (name != "neutral") for name in EXPRESSIONS}
    return {name: torch.as_tensor(encode(name, intensity)) for name, intensity in full.items()}


def _decoupling(wanted: nn.Module | str | os.PathLike | bool) -> nn.Module | None:
    if isinstance(wanted, nn.Module):
        return wanted
    return None if wanted is False else load_decoupling_network(cast("str | os.PathLike", wanted))


def _bytes(tensors: tuple[Tensor, ...]) -> int:
    return sum(tensor.nbytes for tensor in tensors)
