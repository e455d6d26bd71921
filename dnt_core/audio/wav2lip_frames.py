r"""Frames and sound → the same frames with lips that say the sound, by Wav2Lip's network."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from dnt_core.clips.loaded_clip import LoadedClip
from dnt_core.face3d.camera import PerspectiveCamera
from dnt_core.face3d.morphable_model import MorphableModel
from dnt_core.networks.wav2lip import FACE_SIZE, Wav2Lip

_LANDMARKS = 68
_ABOVE_BROWS = 0.3  # from the brows up to where the built-in mesh ends, in heights from brow to chin
_BELOW = 0.05  # below the chin, in heights of the box: an open mouth takes the chin down
_HIDDEN_FROM = FACE_SIZE // 2  # row: the lower half is what the network has to draw


def face_boxes(points: np.ndarray, height: int, width: int) -> np.ndarray:
    r"""Boxes around a face whose geometry is known, so that no detector is needed.

    Args:
        points: (T, N, 2) column and row in px of the frames: the projected vertices of the face, or its 68
            landmarks, above which the forehead is added.
        height: of the frames, px.
        width: of the frames, px.

    Returns:
        (T, 4) int64: top, left, bottom, right in px, within the frames, each at least 2 px high and wide.

    Raises:
        ValueError: a wrong shape, NaN, or a face that lies outside its frame (the first one is named).
    """
    points = np.asarray(points)
    if points.ndim != 3 or points.shape[2] != 2 or not points.shape[0] or points.shape[1] < 3:
        raise ValueError(f"expected points (T, N, 2) with T > 0 and N > 2, got {points.shape}")
    if not np.isfinite(points).all():
        raise ValueError("the points of the face hold NaN or infinity")
    (left, top), (right, bottom) = points.min(1).T, points.max(1).T  # pixel centres
    tall = bottom - top
    if points.shape[1] == _LANDMARKS:
        top = top - _ABOVE_BROWS * tall
    bottom = bottom + _BELOW * (bottom - top)
    edges = np.stack([np.floor(top), np.floor(left), np.ceil(bottom) + 1, np.ceil(right) + 1], axis=1)
    boxes = edges.astype(np.int64).clip(0, [height, width, height, width])
    small = (boxes[:, 2] - boxes[:, 0] < 2) | (boxes[:, 3] - boxes[:, 1] < 2)
    if small.any():
        raise ValueError(
            f"the face of frame {int(np.argmax(small))} lies outside its picture of {width}x{height} px"
        )
    return boxes


def clip_boxes(loaded: LoadedClip, model: MorphableModel | None = None) -> np.ndarray:
    r"""Boxes around the face of a clip with cached 3DMM parameters.

    Args:
        loaded: a clip in memory, with its cache.
        model: the face model of the cache, whose projected vertices give the tighter box. ``None``: the
            cache's landmarks.

    Returns:
        (T, 4), see :func:`face_boxes`.

    Raises:
        ValueError: no cache, no landmarks where they are needed, or a model given for a cache whose camera
            sees another part of the picture than the clip's frames show.
    """
    height, width = loaded.frames.shape[1:3]
    if model is not None and loaded.parameters is not None:
        if why := loaded.camera_misses:
            raise ValueError(why)
        with torch.no_grad():
            vertices = PerspectiveCamera(width).project(model.posed(loaded.parameters))[..., :2]
        return face_boxes(vertices.numpy(), height, width)
    if loaded.landmarks is None:
        raise ValueError(f"{loaded.clip.video} has no landmarks in a .face3d.npz beside it")
    return face_boxes(loaded.landmarks, height, width)


def wav2lip_input(frames: np.ndarray, boxes: np.ndarray) -> Tensor:
    r"""What the network sees of each frame.

    The face in its box, scaled to 96 px (bilinear, rounded to whole grey levels as an 8-bit picture is); as
    blue, green, red in [0, 1]; three channels with the rows from 48 on at 0, then three with the whole face.

    Args:
        frames: (B, H, W, 3) uint8, red, green, blue.
        boxes: (B, 4), from :func:`face_boxes`.

    Returns:
        (B, 6, 96, 96) float32.
    """
    crops = []
    for frame, (top, left, bottom, right) in zip(frames, boxes, strict=True):
        crop = torch.from_numpy(np.ascontiguousarray(frame[top:bottom, left:right, ::-1]))
        crops.append(_resized(crop.permute(2, 0, 1).float(), FACE_SIZE, FACE_SIZE))
    whole = torch.stack(crops) / 255
    hidden = whole.clone()
    hidden[:, :, _HIDDEN_FROM:] = 0
    return torch.cat([hidden, whole], dim=1)


def paste_back(frames: np.ndarray, boxes: np.ndarray, faces: Tensor) -> np.ndarray:
    r"""The frames with the network's faces in their boxes.

    Args:
        frames: (B, H, W, 3) uint8, red, green, blue; they are left as they are.
        boxes: (B, 4), from :func:`face_boxes`.
        faces: (B, 3, 96, 96) blue, green, red in [0, 1].

    Returns:
        (B, H, W, 3) uint8, red, green, blue.
    """
    result = frames.copy()
    faces = (255 * faces.detach().float().cpu()).round().clamp(0, 255)
    for frame, (top, left, bottom, right), face in zip(result, boxes, faces, strict=True):
        scaled = _resized(face, int(bottom - top), int(right - left))
        frame[top:bottom, left:right] = scaled.permute(1, 2, 0).byte().numpy()[..., ::-1]
    return result


@torch.no_grad()
def speak(network: Wav2Lip, frames: np.ndarray, boxes: np.ndarray, windows: np.ndarray) -> np.ndarray:
    r"""One batch of frames with new lips.

    Args:
        network: from :func:`dnt_core.networks.wav2lip.load_wav2lip`.
        frames: (B, H, W, 3) uint8, red, green, blue, 25 per second.
        boxes: (B, 4), from :func:`face_boxes`.
        windows: (B, 80, 16), from :func:`dnt_core.audio.mel.mel_windows`, one per frame.

    Returns:
        (B, H, W, 3) uint8, red, green, blue.

    Raises:
        ValueError: a wrong shape or type, or different numbers of frames, boxes and windows.
    """
    if frames.ndim != 4 or frames.shape[-1] != 3 or frames.dtype != np.uint8:
        raise ValueError(f"expected frames (B, H, W, 3) uint8, got {frames.shape} {frames.dtype}")
    if not len(frames) == len(boxes) == len(windows):
        raise ValueError(
            f"expected one box and one window of sound per frame, got {len(frames)} frames, {len(boxes)} "
            f"boxes and {len(windows)} windows"
        )
    weight = next(network.parameters())
    mel = torch.from_numpy(np.ascontiguousarray(windows))[:, None].to(weight)
    return paste_back(frames, boxes, network(mel, wav2lip_input(frames, boxes).to(weight)))


def _resized(picture: Tensor, height: int, width: int) -> Tensor:
    r"""(3, H, W) grey levels at another size: bilinear without smoothing, as the network's data were made."""
    if picture.shape[-2:] == (height, width):
        return picture
    return F.interpolate(picture[None], (height, width), mode="bilinear", align_corners=False)[0].round()
