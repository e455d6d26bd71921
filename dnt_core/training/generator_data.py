r"""What the generator learns from: clips turned once into UV maps and masks on disk, one file a clip."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from joblib import Parallel, delayed
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file
from torch import Tensor, nn
from tqdm.auto import tqdm

from dnt_core.atomic_write import atomic_path
from dnt_core.clips import Clip, load_clip, read_face_cache
from dnt_core.clips.splits import Fold, frame_rows, split_by_clip, split_within_clips
from dnt_core.face3d import FaceParameters, PerspectiveCamera, load_face_model
from dnt_core.networks.frame_inputs import HOLE_MARGIN, face_and_hole
from dnt_core.networks.generator import FrameInputs
from dnt_core.rendering.inpaint import inpaint
from dnt_core.rendering.masks import background_frame
from dnt_core.rendering.unwrap import unwrap

FORMAT = 1  # raised when the same clip gives other numbers
FACE, MOUTH, HOLE = 1, 2, 4  # bits of the stored masks
UV_STEPS = 65535  # UV maps are stored in 16 bits: a 256th of a texel of a texture of 256
GEOMETRIES = ("reconstructed", "speech")


@dataclass(frozen=True)
class DataPlan:
    r"""How clips are turned into training data.

    Args:
        image_size: S px. face_model: source for ``load_face_model``; "" takes the one named in the clips'
        caches.
        geometry: without a decoupling network: "reconstructed" leaves the geometry as it is (the paper's
        "w/o DeNet"),
            "speech" takes the built-in actor's true geometry of speech alone, the best any network could
            give.
        intensity: "label": the CIEC of every frame is its clip's level, as in the paper; "truth": the
        intensity the
            cache knows of every frame.
        hole_margin: by which share of S the part cut out of the background is wider than the face.
        texture_size: side of the mean texture, from ``texture_frames`` frames of every clip.
    """

    image_size: int = 256
    face_model: str = ""
    geometry: str = "reconstructed"
    intensity: str = "label"
    hole_margin: float = HOLE_MARGIN
    texture_size: int = 128
    texture_frames: int = 2

    def __post_init__(self) -> None:
        if (
            self.geometry not in GEOMETRIES
            or self.intensity not in ("label", "truth")
            or self.image_size < 16
        ):
            raise ValueError(
                f"data plan: needs geometry of {GEOMETRIES}, intensity label or truth, 16 px or more; got "
                f"{self.geometry!r}, {self.intensity!r}, {self.image_size}"
            )


class Batch(NamedTuple):
    r"""Frames to learn from: inputs, CIEC (B, 7), and the true frames (B, 3, S, S) RGB in [0, 1]."""

    frame: FrameInputs
    ciec: Tensor
    target: Tensor


class GeneratorData:
    r"""Prepared clips on disk; only the frames asked for are read, so memory is that of a batch.

    Rows number all frames of clip 0, then of clip 1 ….

    Args:
        clips: labels. files: each clip's file, made by :func:`prepare_data`.
    """

    def __init__(self, clips: Sequence[Clip], files: Sequence[Path]) -> None:
        self.clips, self.files = tuple(clips), tuple(files)
        self._open = [_open(file) for file in self.files]
        self.counts = [file.get_slice("ciec").get_shape()[0] for file in self._open]
        self.rows = frame_rows(self.counts)  # (N, 2): clip, frame
        sizes = {tuple(file.get_slice("frames").get_shape()[-2:]) for file in self._open}
        if len(sizes) > 1:
            raise ValueError(f"the prepared clips have frames of different sizes: {sorted(sizes)}")
        self.image_size = sizes.pop()[0]

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def key(self) -> str:
        r"""A short name: the same clips prepared the same way, the same key."""
        return hashlib.sha256("\n".join(file.stem for file in self.files).encode()).hexdigest()[:12]

    def split(self, kind: str = "within", seed: int = 0, share: float = 0.2) -> Fold:
        r"""Rows that train and rows that test.

        Args:
            kind: "within": the last 20 % of each clip test (the paper); "clip": whole clips do.
            seed: of the choice of clips. share: that tests.
        """
        if kind == "within":
            return split_within_clips(self.counts, 1 - share)
        if kind != "clip":
            raise ValueError(f"unknown split {kind!r}; expected 'within' or 'clip'")
        return tuple(
            np.flatnonzero(np.isin(self.rows[:, 0], side)) for side in split_by_clip(self.clips, share, seed)
        )

    def batch(self, rows: Sequence[int] | np.ndarray, device: torch.device | str = "cpu") -> Batch:
        r"""Reads some rows, in the order given, as float32 on ``device``."""
        parts = [self._read(*self.rows[row]) for row in rows]
        frames, uv, masks, box, ciec = (
            torch.from_numpy(np.stack([part[k] for part in parts])).to(device) for k in range(5)
        )
        target = frames.float() / 255
        mask, mouth, hole = (((masks & bit) > 0).float()[:, None] for bit in (FACE, MOUTH, HOLE))
        background, _ = background_frame(target, hole)
        return Batch(FrameInputs(background, hole, uv.float() / UV_STEPS, mask, mouth, box), ciec, target)

    def _read(self, clip: int, frame: int) -> tuple[np.ndarray, ...]:
        file = self._open[clip]
        frames, uv, masks, box, ciec = (
            file.get_slice(name)[frame : frame + 1][0]
            for name in ("frames", "uv", "masks", "mouth_box", "ciec")
        )
        return frames, uv.astype(np.int32), masks, box, ciec  # torch knows little of uint16

    def mean_frame(self, rows: np.ndarray) -> Tensor:
        r"""(3, S, S) in [0, 1]: the mean of some rows, the simplest of all predictions."""
        total = sum(
            self._open[c].get_slice("frames")[i : i + 1][0].astype(np.float64) for c, i in self.rows[rows]
        )
        return torch.from_numpy(total / (255 * len(rows))).float()

    def mean_texture(self, clips: Sequence[int] | None = None) -> Tensor:
        r"""(3, T, T) in [0, 1]: frames of some clips (default: all) taken off the face and averaged."""
        chosen = range(len(self.files)) if clips is None else clips
        seen = torch.from_numpy(
            sum(self._open[c].get_tensor("texture_seen").astype(np.float64) for c in chosen)
        )
        total = torch.from_numpy(
            sum(self._open[c].get_tensor("texture_sum").astype(np.float64) for c in chosen)
        )
        known = (seen > 0).double()
        return inpaint((total / seen.clamp(min=1))[None], known[None])[0].float()


def prepare_data(
    clips: Sequence[Clip], folder: str | os.PathLike, plan: DataPlan | None = None,
    decoupling: nn.Module | None = None, jobs: int | None = None, progress: bool = True,
) -> GeneratorData:  # fmt: skip
    r"""Prepares the clips that have no file in ``folder`` yet, and opens all.

    Args:
        clips: labelled clips with 3DMM parameters. folder: one file a clip, written whole or not at all, so
        an
            interrupted run goes on where it stopped; a changed clip, plan or network makes other files.
        decoupling: a trained :class:`~dnt_core.networks.decoupling_network.DecouplingNetwork`; None:
        ``plan.geometry``.
        jobs: clips prepared side by side; default one for every core.

    Raises:
        ValueError: no clips, clips without parameters, a cache whose camera does not see the picture's crop.
    """
    clips, plan = list(clips), plan or DataPlan()
    if not clips:
        raise ValueError("there is no clip to learn from; expected a folder in MEAD's layout")
    bare = [clip for clip in clips if clip.face_cache is None]
    if bare:
        raise ValueError(f"{bare[0].video} has no 3DMM parameters beside it; expected a .face3d.npz")
    key = f"{FORMAT} {plan!r} {network_key(decoupling)}"
    files = [Path(folder) / f"{_clip_key(clip, key)}.safetensors" for clip in clips]
    missing = [(clip, file) for clip, file in zip(clips, files, strict=True) if not file.exists()]
    if missing:
        load_face_model(plan.face_model or read_face_cache(missing[0][0].face_cache).face_model)  # built once
        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # clips side by side; torch's own threads would stand in their way
        try:
            pool = Parallel(jobs or os.cpu_count() or 1, backend="threading", return_as="generator_unordered")
            done = pool(delayed(_prepare_to)(file, clip, plan, decoupling) for clip, file in missing)
            for _ in tqdm(done, total=len(missing), desc="UV maps", unit="clip", disable=not progress):
                pass
        finally:
            torch.set_num_threads(threads)
    return GeneratorData(clips, files)


def _prepare_to(file: Path, clip: Clip, plan: DataPlan, decoupling: nn.Module | None) -> None:
    arrays = prepare_clip(clip, plan, decoupling)
    with atomic_path(file) as part:
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, part)


@torch.no_grad()
def prepare_clip(
    clip: Clip, plan: DataPlan, decoupling: nn.Module | None = None, batch: int = 8
) -> dict[str, np.ndarray]:
    r"""One clip's arrays, ``batch`` frames at a time.

    Returns:
        frames (T, 3, S, S) uint8, uv (T, 2, S, S) uint16, masks (T, S, S) uint8 of the bits FACE, MOUTH,
        HOLE, mouth_box (T, 4), ciec (T, 7); for the mean texture its sum and how often each texel was seen.
    """
    loaded = load_clip(clip, size=plan.image_size, crop=read_face_cache(clip.face_cache).crop)
    if not loaded.camera_fits:
        raise ValueError(
            f"{clip.face_cache}: its camera sees another part of the picture than the frames show"
        )
    model = load_face_model(plan.face_model or loaded.face.face_model)
    drawn = _decoupled(loaded, plan, decoupling)
    arrays = frame_arrays(model, loaded.frames, loaded.parameters, drawn, plan, batch)
    constant = np.broadcast_to(clip.ciec, (len(loaded), 7))
    arrays["ciec"] = np.asarray(loaded.ciec if plan.intensity == "truth" else constant, np.float32)
    return arrays


@torch.no_grad()
def frame_arrays(
    model, frames: np.ndarray, seen: FaceParameters, drawn: FaceParameters, plan: DataPlan, batch: int = 8
) -> dict[str, np.ndarray]:
    r"""What :func:`prepare_clip` returns, but for the CIEC, of pictures (T, S, S, 3) uint8 RGB in memory.

    Args:
        seen: batch (T,), the faces in the pictures, as reconstructed. drawn: after the decoupling network.
    """
    size = plan.image_size
    made: dict[str, list[Tensor]] = {"uv": [], "masks": [], "mouth_box": []}
    for start in range(0, len(frames), batch):
        part = slice(start, start + batch)
        target, hole = face_and_hole(model, seen[part], drawn[part], size, plan.hole_margin)
        masks = FACE * target.mask + MOUTH * target.mouth + HOLE * hole
        made["uv"].append((target.uv_map * UV_STEPS + 0.5).to(torch.int32))
        made["masks"].append(masks[:, 0].to(torch.uint8))
        made["mouth_box"].append(target.mouth_box)
    arrays = {name: torch.cat(parts).numpy() for name, parts in made.items()}
    arrays["uv"] = arrays["uv"].astype(np.uint16)
    arrays["frames"] = frames.transpose(0, 3, 1, 2)
    return arrays | _texture_sums(frames, seen, model, plan)


def _decoupled(loaded, plan: DataPlan, decoupling: nn.Module | None) -> FaceParameters:
    if decoupling is not None:
        return decoupling.decouple(loaded.parameters)
    if plan.geometry == "reconstructed":
        return loaded.parameters
    if loaded.face.speech_expression is None:
        raise ValueError(
            f"{loaded.clip.face_cache} knows no geometry of speech alone (only the built-in actor's clips do)"
        )
    return loaded.parameters.replace(expression=torch.from_numpy(loaded.face.speech_expression.copy()))


def _texture_sums(
    frames: np.ndarray, parameters: FaceParameters, model, plan: DataPlan
) -> dict[str, np.ndarray]:
    """Some frames taken off the face: their sum (3, T, T), how often each texel was seen (1, T, T)."""
    chosen = torch.linspace(0, len(frames) - 1, plan.texture_frames).round().long()
    pictures = torch.from_numpy(frames[chosen.numpy()]).permute(0, 3, 1, 2).float() / 255
    screen = PerspectiveCamera(plan.image_size).project(model.posed(parameters[chosen]))
    texture, seen = unwrap(pictures, screen, model.triangles, model.uv.to(pictures), plan.texture_size)
    return {"texture_sum": texture.sum(0).numpy(), "texture_seen": seen.sum(0).numpy()}


def network_key(network: nn.Module | None) -> str:
    r"""A short name of a network's weights; "none" without one."""
    if network is None:
        return "none"
    digest = hashlib.sha256(type(network).__name__.encode())
    for name, value in sorted(network.state_dict().items()):
        digest.update(name.encode() + value.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:12]


def _clip_key(clip: Clip, key: str) -> str:
    stamps = [(path.stat().st_size, path.stat().st_mtime_ns) for path in (clip.video, clip.face_cache)]
    return hashlib.sha256(f"{clip.name} {stamps} {key}".encode()).hexdigest()[:20]


def _open(file: Path):
    try:
        return safe_open(file, framework="np")
    except (SafetensorError, OSError) as error:
        raise ValueError(
            f"{file} is not a whole file of prepared frames ({error}); remove it and run again"
        ) from error
