r"""A trained model on any clip: frames in, the same frames with another expression out, in three lines."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import compress
from pathlib import Path

import numpy as np
import torch

from dnt_core.arguments import as_tensor, check_type, shown, whole_number
from dnt_core.ciec import CIEC_TYPES, NEUTRAL, encode, type_index, validate
from dnt_core.ciec_path import CIECPath, parse_path
from dnt_core.clips import Clip, FaceCache, LoadedClip, load_clip
from dnt_core.clips.cache_model import expect_maker
from dnt_core.clips.face_cache import expect_clip, no_face_beside
from dnt_core.clips.frame_order import BRIDGED, without_short_gaps
from dnt_core.clips.pixel_format import resize_rgb
from dnt_core.clips.scanner import clip_of_video
from dnt_core.face3d import FaceParameters, MorphableModel, check_face_model, load_face_model
from dnt_core.live.without_bars import without_bars
from dnt_core.networks.frame_inputs import frame_inputs
from dnt_core.networks.generator import FrameInputs
from dnt_core.own_torch import exact_inference, on_cpu, usable_device
from dnt_core.paths import runs_folder, user_path, weights_folder
from dnt_core.training.face_checks import drawable_frames, face_problem
from dnt_core.training.generator_weights import TrainedGenerator, all_generators, open_generator

BATCH = 8  # frames drawn at once
Opened = tuple[np.ndarray, FaceParameters, np.ndarray, MorphableModel, float | None]


def load(
    source: str | os.PathLike, size: int | None = None, device: torch.device | str | None = None
) -> TalkingFace:
    r"""A trained model, ready to draw.

    Args:
        source: an actor's name, such as ``"M003"``, or a file of ``dnt train generator``; a name means what
            :func:`file_of_actor` says. ``weights`` of the model is the file that was taken.
        size: S px of the pictures, one of those the actor has a generator for; None: the largest.
        device: where to compute; None: see :func:`~dnt_core.own_torch.one_device`.

    Raises:
        FileNotFoundError: no such weights; the sentence says which there are.
        ValueError: foreign or broken weights, a file of another size, a device that is not here.

    Examples:
        >>> dnt_core.load("M003", size=128, device="cpu").size
        128
    """
    if size is not None:
        whole_number(size, "size")
    told = partial(warnings.warn, stacklevel=3)
    opened = open_generator(source if _is_file(source) else file_of_actor(str(source), size, told))
    if size is not None and opened.image_size != size:
        raise ValueError(f"{opened.path} draws {opened.image_size} px, not {size}")
    return TalkingFace(opened, device)


class TalkingFace:
    r"""A generator with its decoupling network, called with a clip, an expression and an intensity.

    Args:
        opened: weights, see :func:`load`.
        device: where to compute; None: see :func:`~dnt_core.own_torch.one_device`.

    Attributes:
        weights: the file.
        identity: the actor's name, or None.
        size: S px of the pictures.
        generator: the network on ``device``.
        decoupling: f_d, or None where the generator was trained without it.
        device: where it computes.

    Examples:
        >>> from dnt_core.live.default_clip import default_clip
        >>> video = default_clip("M003", 128)  # one of the shipped clips
        >>> model = dnt_core.load("M003", size=128, device="cpu")
        >>> next(model.parts(video, "happy", 0.7)).shape[1:]  # the first frames; model(video, …) gives all
        (128, 128, 3)
    """

    def __init__(self, opened: TrainedGenerator, device: torch.device | str | None = None) -> None:
        self.device = usable_device(device)
        self.weights, self.identity, self.size = opened.path, opened.identity, opened.image_size
        self.generator = opened.generator.to(self.device).requires_grad_(False)
        self.decoupling = opened.decoupling()
        self._face_model, self._unseen, self._stranger = opened.face_model, opened.unseen, opened.stranger

    def __call__(
        self,
        clip: str | os.PathLike | Clip | LoadedClip | np.ndarray,
        expression: str | Sequence[str] | np.ndarray | torch.Tensor | CIECPath,
        intensity: float | np.ndarray | None = None,
        *,
        face: FaceCache | FaceParameters | None = None,
    ) -> np.ndarray:
        r"""The clip's frames, drawn with another expression; the lips go on speaking.

        Frames that show no face (confidence 0 in the cache, or one that no camera sees) stay as filmed; a
        tenth of a second of them is drawn through. Where the square around the face is wider than a portrait
        film, the film's edges go on.

        Args:
            clip: an mp4 with its ``.face3d.npz`` beside it; a :class:`~dnt_core.clips.Clip` of ``scan``; a
                loaded one; or frames (T, H, W, 3) uint8 RGB, square as the camera sees them, with ``face``.
            expression: one of ``EXPRESSIONS``, or T of them, one per frame; a path over time, as
                :func:`~dnt_core.parse_path` gives it or as the text that it reads (what of it lies after the
                clip's end is left out); or CIEC vectors (T, 7), one per frame.
            intensity: in [0, 1], one number or one per frame (T,); None: full. Neutral takes 0 or None; a
                path and vectors hold their own.
            face: the 257 numbers of frames in memory, T of them.

        Returns:
            (T, S, S, 3) uint8 RGB.

        Raises:
            FileNotFoundError: no such clip.
            TypeError: a clip, a face or an expression of another kind.
            ValueError: no 3D face beside it, no frame that shows one, numbers of another face model, a camera
                that sees another part of the picture, an unknown expression, an intensity outside [0, 1] or
                beside a path or vectors, another number of expressions than frames, a path in seconds where
                ``face`` does not say the frames per second.
        """
        return np.concatenate(list(self.parts(clip, expression, intensity, face=face)))

    def parts(
        self,
        clip: str | os.PathLike | Clip | LoadedClip | np.ndarray,
        expression: str | Sequence[str] | np.ndarray | torch.Tensor | CIECPath,
        intensity: float | np.ndarray | None = None,
        *,
        face: FaceCache | FaceParameters | None = None,
    ) -> Iterator[np.ndarray]:
        r"""As a call, a few frames at a time, (t, S, S, 3) uint8: for clips that are long.

        Args:
            clip: a file, a clip or frames (T, H, W, 3), as in a call.
            expression: as in a call: names (T,), a path, or CIEC vectors (T, 7).
            intensity: in [0, 1], one number or one per frame (T,); None: full.
            face: as in a call.

        Yields:
            one array (t, S, S, 3) uint8 RGB per part.

        Raises:
            ValueError: as in a call, once the first part is asked for; so are the other errors.
        """
        with on_cpu():
            frames, seen, shown, model, fps = self._opened(clip, face)
            ciec = _ciecs(expression, intensity, len(frames), fps)
        if said := self._unseen(compress(CIEC_TYPES, (ciec > 0).any(0).tolist())):
            warnings.warn(said, stacklevel=2)
        for start in range(0, len(frames), BATCH):
            part = slice(start, start + BATCH)
            pictures, rows = frames[part], np.flatnonzero(shown[part])
            if len(rows):
                pictures[rows] = self._drawn(model, pictures[rows], seen[part][rows], ciec[part][rows])
            yield pictures

    def _drawn(self, model: MorphableModel, frames: np.ndarray, seen: FaceParameters, ciec: torch.Tensor):
        """(t, S, S, 3) uint8 of a few frames; who takes them is left in no mode of ours."""
        with exact_inference():
            drawn = None if self.decoupling is None else self.decoupling.decouple(seen)
            pictures = torch.from_numpy(frames).permute(0, 3, 1, 2).float() / 255
            inputs = frame_inputs(model, pictures, seen, drawn)
            there = FrameInputs(*(value.to(self.device) for value in inputs))
            image = self.generator(there, ciec.to(self.device)).image.clamp(0, 1)
            return (image.permute(0, 2, 3, 1) * 255 + 0.5).to(torch.uint8).cpu().numpy()

    def _opened(self, clip, face) -> Opened:
        """Frames (T, S, S, 3) of their own, their faces (T,), which are drawn (T,), the face model, frames a
        second."""
        if isinstance(clip, np.ndarray):
            return self._frames(clip, face)
        expected = "a video's path, a Clip, a LoadedClip or frames as an array (T, H, W, 3) of uint8"
        check_type(clip, (str, os.PathLike, Clip, LoadedClip), "clip", expected)
        if face is not None:
            raise ValueError("face is given with frames in memory; a clip has its own beside it")
        if not isinstance(clip, LoadedClip):
            if not isinstance(clip, Clip):
                clip = user_path(clip)
                expect_clip(clip)
                clip = clip_of_video(clip)
            if clip.face_cache is None or not Path(clip.face_cache).is_file():
                raise ValueError(no_face_beside(clip.video))
            clip = load_clip(clip, size=self.size, crop="camera", sound=False)
        if why := clip.camera_misses:
            raise ValueError(why)
        return self._frames(without_bars(clip.frames, clip.box, clip.video_size), clip.face, clip.clip.video)

    def _frames(
        self, frames: np.ndarray, face: FaceCache | FaceParameters | None, video: Path | None = None
    ) -> Opened:
        if frames.ndim != 4 or frames.shape[3] != 3 or not 0 < frames.shape[1] == frames.shape[2]:
            raise ValueError(f"frames have shape {frames.shape}; expected square ones (T, S, S, 3)")
        if frames.dtype != np.uint8 or not len(frames):
            raise ValueError(f"{len(frames)} frames of {frames.dtype}; expected at least one of uint8")
        if face is None:
            raise ValueError("frames in memory need their 257 numbers: face=FaceCache or FaceParameters")
        check_type(face, (FaceCache, FaceParameters), "face", "a FaceCache or FaceParameters")
        source, fps = self._face_model or "procedural", None
        if isinstance(face, FaceCache):
            source, fps, seen = face.face_model, float(face.fps), face.face_parameters()
            if said := self._stranger(video, face.source):
                warnings.warn(said, stacklevel=4)
        else:
            seen = face
        if tuple(seen.batch_shape) != (len(frames),):
            raise ValueError(f"{len(frames)} frames with faces of batch {tuple(seen.batch_shape)}")
        check_face_model(self._face_model, source, "the generator", "face")
        seen = seen.to("cpu", torch.float32)  # as the networks are, whatever the caller computes with
        size, model = (self.size, self.size), load_face_model(source)
        if isinstance(face, FaceCache):
            expect_maker(model, face, "face")
        shown = _shown(model, face) if isinstance(face, FaceCache) else np.ones(len(frames), bool)
        return np.stack([resize_rgb(frame, size) for frame in frames]), seen, shown, model, fps


def _shown(model: MorphableModel, face: FaceCache) -> np.ndarray:
    """(T,) bool: frames that show a face, and short gaps between them."""
    seen = drawable_frames(model, face)
    if not seen.any():
        raise ValueError(f"none of {len(seen)} frames shows a face: {face_problem(model, face)}")
    return without_short_gaps(seen, round(BRIDGED * face.fps))


def _ciecs(expression, intensity, n_frames: int, fps: float | None) -> torch.Tensor:
    """(T, 7)"""
    if isinstance(expression, str) and ":" in expression:
        expression = parse_path(expression)
    shape = tuple(getattr(expression, "shape", ()))
    vectors = len(shape) == 2
    if intensity is not None and (vectors or isinstance(expression, CIECPath)):
        kind = "CIEC vectors hold their" if vectors else "a path over time holds its"
        raise ValueError(f"{kind} own intensities; leave intensity out, got {shown(intensity)}")
    if isinstance(expression, CIECPath):
        return torch.from_numpy(expression.vectors(n_frames, fps))
    if vectors:
        if shape != (n_frames, 7):
            raise ValueError(f"CIEC vectors have shape {shape}; expected ({n_frames}, 7), one per frame")
        return as_tensor(validate(expression, name="expression"), torch.float32).cpu()
    names = [expression] if isinstance(expression, str) else expression
    check_type(names, (list, tuple, np.ndarray), "expression", "a name, names, a path or vectors (T, 7)")
    if len(names) not in ({1} if isinstance(expression, str) else {n_frames}):
        raise ValueError(f"{len(names)} expressions for {n_frames} frames; expected one per frame")
    if intensity is None:
        intensity = [0.0 if type_index(name) == NEUTRAL else 1.0 for name in names]
    if isinstance(intensity, torch.Tensor):
        intensity = intensity.detach().cpu().float()  # NumPy takes no gradient and no bfloat16
    try:
        value = np.broadcast_to(np.asarray(intensity, dtype=np.float32), n_frames).copy()
    except (TypeError, ValueError):
        wanted = f"one number in [0, 1], or {n_frames} of them, one per frame"
        raise ValueError(f"intensity must be {wanted}, got {shown(intensity)}") from None
    return torch.from_numpy(encode(expression, value))


def _is_file(source: str | os.PathLike) -> bool:
    return not isinstance(source, str) or source.endswith(".safetensors") or user_path(source).is_file()


def file_of_actor(name: str, size: int | None, tell: Callable[[str], object] = lambda line: None) -> Path:
    r"""The file of an actor's generator: a shipped one, so that a script draws the same everywhere, else one
    in ``weights/`` of the runs folder, where trainings end. What one trained oneself for an actor of whom
    weights are shipped is taken by the name of its file.

    Args:
        name: of the actor.
        size: px, one of those there are; None: the largest.
        tell: is given a line where weights of one's own are left aside.

    Raises:
        FileNotFoundError: no such weights; the sentence says which there are.
    """
    known, chosen = dict[str, set[int]](), list[Path]()
    for folder in _weights_folders():
        for identity, generators in all_generators(folder).items():
            known.setdefault(identity, set()).update(generators)
            if identity == name and (size is None or size in generators):
                chosen.append(generators[size or max(generators)].path)
    if chosen:
        if chosen[1:]:
            tell(f"the shipped weights of {name} are taken; for your own, name their file, {chosen[1]}")
        return chosen[0]
    if name in known:
        sizes = ", ".join(map(str, sorted(known[name])))
        raise FileNotFoundError(f"there is no generator of {name} for {size} px; there is one for {sizes}")
    if meant := next((one for one in known if one.lower() == name.lower()), None):
        raise FileNotFoundError(f"there are no weights of {name!r}; did you mean {meant}?")
    raise FileNotFoundError(
        f"there are no weights of {name!r}; there are some of {', '.join(sorted(known)) or 'nobody'}, and "
        f"`dnt train generator --actor {name}` makes them"
    )


def _weights_folders() -> Iterator[Path]:
    with suppress(FileNotFoundError):
        yield weights_folder()
    yield runs_folder() / "weights"
