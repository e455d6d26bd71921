r"""The clip a live face speaks in: its frames, sound and 257 numbers, posed and decoupled for any frame."""

from __future__ import annotations

import math
import os

import numpy as np
import torch
from torch import Tensor, nn

from dnt_core.arguments import as_tensor
from dnt_core.clips import ClipError, face_cache_path, load_clip
from dnt_core.clips.cache_model import expect_maker
from dnt_core.clips.clip_reading import frames_that_fit
from dnt_core.clips.face_cache import expect_clip, no_face_beside, read_face_cache
from dnt_core.clips.frame_order import BRIDGED, longest_run
from dnt_core.clips.scanner import clip_of_video
from dnt_core.face3d import FaceParameters, check_face_model, load_face_model
from dnt_core.live.errors import LiveError
from dnt_core.live.without_bars import without_bars
from dnt_core.networks.frame_inputs import frame_inputs
from dnt_core.networks.generator import FrameInputs
from dnt_core.own_torch import exact_inference
from dnt_core.paths import user_path
from dnt_core.training.face_checks import drawable_frames, face_problem
from dnt_core.training.generator_weights import TrainedGenerator

POSE_LIMIT = (12.0, 8.0, 8.0)  # degrees of yaw, pitch, roll beyond which the clip's own head shows behind
POSE_STEP = 0.5  # degrees; finer differences are not worth a new geometry

Pose = tuple[float, float, float]


class Scene:
    r"""One clip in memory, ready to be drawn with another expression: its longest part that shows a face. Of
    minutes, no more than :func:`~dnt_core.clips.clip_reading.frames_that_fit` says.

    Where the square around the face is wider than a portrait film, the film's edges go on.

    Args:
        video: an mp4 with its ``.face3d.npz`` beside it.
        image_size: S px, that of the generator.
        decoupling: f_d, or None to leave the geometry as reconstructed.
        face_model: name of the face model that the generator was trained for, "" if it notes none.
        weights: the generator's, to say so where they draw somebody else; None: nothing is said.

    Attributes:
        part: which of the clip's frames these are.
        stranger: a sentence where the clip is of somebody whom the weights do not draw, or "".
        note: that sentence and one on frames that are left out because they show no face, or "".

    Raises:
        FileNotFoundError: no such clip.
        LiveError: no 3D face beside it, no frame with a face, a camera that does not see the clip's frames, a
            face model that is unknown, not there, or another than the weights'.
    """

    def __init__(
        self,
        video: str | os.PathLike,
        image_size: int,
        decoupling: nn.Module | None = None,
        face_model: str = "",
        weights: TrainedGenerator | None = None,
    ) -> None:
        video = user_path(video)
        expect_clip(video)
        cache = face_cache_path(video)
        if not cache.is_file():
            raise LiveError(no_face_beside(video))
        try:
            clip = clip_of_video(video)
            most = frames_that_fit(image_size, image_size)
            loaded = load_clip(clip, size=image_size, crop="camera", stop=most)
            if why := loaded.camera_misses:
                raise LiveError(why)
            for wanted, whose in (
                (face_model, "the generator"),
                (getattr(decoupling, "face_model", ""), "f_d"),
            ):
                check_face_model(wanted, loaded.face.face_model, whose, cache)
            self.model = load_face_model(loaded.face.face_model)
            expect_maker(self.model, loaded.face, cache)
            seen = np.flatnonzero(drawable_frames(self.model, loaded.face))
            if not len(seen):
                why = face_problem(self.model, loaded.face) if loaded.face.has_face.sum() > 1 else None
                said = f": {why}" if why else ""
                raise LiveError(f"{cache}: none of {len(loaded)} frames shows a face{said}")
            run = seen[longest_run(seen, round(BRIDGED * loaded.fps))]
            self.part = slice(int(run[0]), int(run[-1]) + 1)
        except (ClipError, ValueError, FileNotFoundError) as error:
            raise LiveError(str(error)) from error
        first, stop = self.part.start, self.part.stop
        self.clip, self.fps = clip, float(loaded.fps)
        self.frames = without_bars(loaded.frames[self.part], loaded.box, loaded.video_size)
        self.audio = None
        if loaded.audio is not None:
            start, end = (round(k * loaded.sample_rate / loaded.fps) for k in (first, stop))
            self.audio = loaded.audio[start:end], loaded.sample_rate
        self.seen = loaded.parameters[self.part]
        self.stranger = weights.stranger(video, loaded.face.source) if weights else ""
        said = ""
        if stop - first < len(loaded):
            said = (
                f"{video.name}: frames {first} to {stop - 1} of {len(loaded)} are shown, the longest part "
                "with a face in it"
            )
        if len(loaded) == most and (rows := len(read_face_cache(cache))) > most:
            said = (
                f"{video.name}: its first {most / self.fps:.0f} s are used; all {rows / self.fps:.0f} s at "
                f"{image_size} px would take too much memory. {said}"
            ).strip()
        self.note = "; ".join(filter(None, (self.stranger, said)))
        with exact_inference():
            self.drawn = self.seen if decoupling is None else decoupling.decouple(self.seen)

    def __len__(self) -> int:
        return len(self.frames)

    def picture(self, frame: int) -> Tensor:
        r"""The clip's own frame, (1, 3, S, S) RGB in [0, 1]."""
        return torch.from_numpy(self.frames[frame : frame + 1]).permute(0, 3, 1, 2).float() / 255

    def inputs(self, frame: int, pose: Pose = (0.0, 0.0, 0.0), decoupled: bool = True) -> FrameInputs:
        r"""What the generator is told, B = 1.

        Args:
            pose: degrees added to the clip's yaw, pitch and roll. decoupled: draw f_d's geometry.
        """
        seen = self.seen[frame : frame + 1]
        return frame_inputs(self.model, self.picture(frame), seen, self.face(frame, pose, decoupled))

    def face(self, frame: int, pose: Pose = (0.0, 0.0, 0.0), decoupled: bool = True) -> FaceParameters:
        r"""The 257 numbers of the face that is drawn, batch (1,)."""
        face = (self.drawn if decoupled else self.seen)[frame : frame + 1]
        yaw, pitch, roll = (math.radians(value) for value in pose)
        return face.replace(angles=face.angles + face.angles.new_tensor([pitch, yaw, roll]))


def check_pose(pose: Pose) -> Pose:
    r"""Yaw, pitch and roll in degrees, cut to ``POSE_LIMIT`` and rounded to ``POSE_STEP``.

    Raises:
        LiveError: not three finite numbers.
    """
    try:
        values = as_tensor(pose, torch.float64).numpy(force=True)
    except (TypeError, ValueError, RuntimeError):
        values = np.full(1, np.nan)
    if values.shape != (3,) or not np.isfinite(values).all():
        raise LiveError(f"pose {pose!r} is not three finite numbers: yaw, pitch and roll in degrees")
    values = np.clip(values, np.negative(POSE_LIMIT), POSE_LIMIT)
    return tuple(float(x) for x in np.round(values / POSE_STEP) * POSE_STEP + 0.0)
