r"""A face that follows the hand: expression, intensity, frame and pose in, a picture out, in milliseconds."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from dnt_core.ciec import EXPRESSIONS, encode, validate
from dnt_core.live.errors import LiveError
from dnt_core.live.folded_cache import BoundedCache
from dnt_core.live.insides import INSIDES, draw_inside
from dnt_core.live.scene import Pose, Scene, check_pose
from dnt_core.networks.folded_pose import FoldedPose
from dnt_core.networks.generator import FrameInputs
from dnt_core.training.decoupling_weights import load_decoupling_network
from dnt_core.training.generator_weights import load_generator

MEMORY = 384 * 2**20  # bytes of folded poses and of geometries that are kept, each
RUNTIMES = ("auto", "torch", "exported")


class LiveFace:
    r"""A trained generator on one clip, drawn for any expression (section 5.1's editing, live).

    Args:
        weights: a file of ``dnt train generator``.
        clip: an mp4 with a ``.face3d.npz`` beside it, as MEAD's layout has them; None: a short clip of the
            built-in actor of the weights' identity, filmed once into ``runs/live``.
        runtime: "torch", "exported" (ONNX Runtime), or "auto": the exported one where it can be had.
        decoupling: f_d: a network, a file or an actor's name; None: the one the weights were trained with;
            False: none, the geometry keeps the clip's expression.

    Attributes:
        size: S px. n_frames, fps: of the clip. audio: its sound, (samples (N,) float32, rate in Hz), or None.

    Raises:
        FileNotFoundError: no such weights or clip.
        ValueError: foreign or broken weights, a clip without 3D face (:class:`LiveError`), unknown runtime.
    """

    def __init__(
        self, weights: str | os.PathLike, clip: str | os.PathLike | None = None, *, runtime: str = "auto",
        decoupling: nn.Module | str | os.PathLike | bool | None = None,
    ) -> None:  # fmt: skip
        if runtime not in RUNTIMES:
            raise LiveError(f"unknown runtime {runtime!r}; expected one of {', '.join(RUNTIMES)}")
        self.weights = Path(weights)
        self.generator, self.made_with = load_generator(self.weights)
        self.generator.requires_grad_(False).to(memory_format=torch.channels_last)
        self.identity = _said(r"--actor (\S+)", self.made_with, _name_part(self.weights, r"[MW]\d{3}"))
        self.size = self._trained_size()
        if clip is None:
            from dnt_core.live.default_clip import default_clip

            clip = default_clip(self.identity, self.size)
        self.scene = Scene(clip, self.size, self._decoupling(decoupling))
        self.n_frames, self.fps, self.audio = len(self.scene), self.scene.fps, self.scene.audio
        self.runtime = "torch"
        self._lock = threading.RLock()
        self._inputs = BoundedCache(MEMORY, lambda value: sum(t.nbytes for t in value))
        self._folded = BoundedCache(MEMORY, lambda value: sum(b.nbytes for b in value.buffers()))

    def __call__(
        self, expression: str = "neutral", intensity: float = 0.0, frame: int = 0,
        pose: Pose = (0.0, 0.0, 0.0), *, ciec: np.ndarray | Tensor | None = None,
    ) -> np.ndarray:  # fmt: skip
        r"""Draws one picture, (S, S, 3) uint8 RGB; may be called from any thread.

        Args:
            expression: one of ``EXPRESSIONS``. intensity: in [0, 1]; 0: neutral.
            frame: of the clip, from 0. pose: degrees of yaw (to image right), pitch (down) and roll
                (counter-clockwise) added to the clip's, cut to ``POSE_LIMIT``: what lies behind the head is
                the clip's and does not turn.
            ciec: a CIEC vector (7,) in place of expression and intensity.

        Raises:
            LiveError: one sentence: unknown expression, intensity NaN or outside [0, 1], no such frame.
        """
        code, key = self._request(expression, intensity, frame, pose, ciec)
        with self._lock, torch.inference_mode():
            return to_uint8(self._folded_pose(key)(code).image)

    def inside(
        self, what: str, expression: str = "neutral", intensity: float = 0.0, frame: int = 0,
        pose: Pose = (0.0, 0.0, 0.0), *, ciec: np.ndarray | Tensor | None = None,
    ) -> np.ndarray:  # fmt: skip
        r"""A step of the pipeline as a picture, (S, S, 3) uint8; arguments as for a call.

        Args:
            what: see :data:`~dnt_core.live.insides.INSIDES`.
        """
        if what not in INSIDES:
            raise LiveError(f"unknown inside {what!r}; expected one of {', '.join(INSIDES)}")
        code, (frame, pose, _) = self._request(expression, intensity, frame, pose, ciec)
        with self._lock, torch.inference_mode():
            inputs = self._frame_inputs((frame, pose, what != "expressive"))
            return draw_inside(what, self.generator, self.scene, inputs, code, frame, pose)

    # ---- what is asked for ----

    def _request(self, expression, intensity, frame, pose, ciec):
        """Checked: the CIEC (1, 7), and the key (frame, pose, decoupled) of its geometry."""
        if ciec is None:
            code = self._encode(expression, intensity)
        else:
            try:
                code = validate(torch.as_tensor(ciec, dtype=torch.float32))
            except (ValueError, TypeError) as error:
                raise LiveError(str(error)) from error
            if code.shape != (7,):
                raise LiveError(f"ciec has shape {tuple(code.shape)}; expected (7,)")
        whole = isinstance(frame, (int, np.integer)) and not isinstance(frame, bool)
        if not whole or not 0 <= frame < self.n_frames:
            raise LiveError(f"there is no frame {frame!r}; the clip has frames 0 to {self.n_frames - 1}")
        return code.reshape(1, 7), (int(frame), check_pose(pose), True)

    @staticmethod
    def _encode(expression: str, intensity: float) -> Tensor:
        if expression not in EXPRESSIONS:
            raise LiveError(f"unknown expression {expression!r}; expected one of {', '.join(EXPRESSIONS)}")
        try:
            value = float(intensity)
        except (TypeError, ValueError):
            raise LiveError(f"intensity {intensity!r} is not a number in [0, 1]") from None
        if not 0 <= value <= 1:  # NaN, too
            raise LiveError(f"intensity {value:g} is not in [0, 1]")
        return encode(expression, torch.tensor(0.0 if expression == "neutral" else value))

    # ---- what is kept ----

    def _frame_inputs(self, key) -> FrameInputs:
        return self._inputs.get(key, lambda: self.scene.inputs(*key))

    def _folded_pose(self, key) -> FoldedPose:
        return self._folded.get(key, lambda: FoldedPose(self.generator, self._frame_inputs(key)))

    # ---- what the weights say about themselves ----

    def _trained_size(self) -> int:
        stages = self.made_with.get("stages")
        if stages:
            return int(stages[-1]["image_size"])
        named = _name_part(self.weights, r"(?<=_)\d{2,4}$")
        return int(named) if named else self.generator.config.texture_size

    def _decoupling(self, wanted) -> nn.Module | None:
        if wanted is None:
            named = _said(r"--decoupling (\S+)", self.made_with, None)
            wanted = Path(named).stem.removeprefix("decoupling_") if named else False
        if wanted is False or isinstance(wanted, nn.Module):
            return wanted or None
        return load_decoupling_network(wanted)


def to_uint8(image: Tensor) -> np.ndarray:
    r"""(1, 3, S, S) in [0, 1] → (S, S, 3) uint8, rounded."""
    return (image[0].permute(1, 2, 0) * 255 + 0.5).clamp_(0, 255).to(torch.uint8).contiguous().numpy()


def _said(pattern: str, made_with: dict, otherwise: str | None) -> str | None:
    found = re.search(pattern, str(made_with.get("command", "")))
    return found[1] if found else otherwise


def _name_part(path: Path, pattern: str) -> str | None:
    found = re.search(pattern, path.stem)
    return found[0] if found else None
