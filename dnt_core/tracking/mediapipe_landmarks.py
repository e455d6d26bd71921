r"""68 landmarks of a video's frames by MediaPipe's face landmarker, where it and its ``.task`` file are
there.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from dnt_core.assets import require_asset
from dnt_core.clips import iterate_frames, video_info

MESH_POINTS = (468, 478)  # of MediaPipe's face mesh, without and with the irises
# Of MediaPipe's 478 points, those that lie nearest to the 68 (iBUG order).
OF_478 = (
    127, 234, 93, 132, 58, 136, 150, 176, 152, 400, 379, 365, 288, 361, 323, 454, 356,
    70, 63, 105, 66, 107, 336, 296, 334, 293, 300,
    168, 197, 5, 4, 75, 97, 2, 326, 305,
    33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380,
    61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181,
    78, 82, 13, 312, 308, 317, 14, 87,
)  # fmt: skip


def mediapipe_landmarks(video: Path, progress: Callable[[int, int], None] | None = None) -> np.ndarray:
    r"""(T, 68, 2) column and row in px of the video's frames; NaN where no face is found.

    Raises:
        FileNotFoundError: no ``face_landmarker.task``; the sentence says where it is looked for.
        ImportError: mediapipe is not installed.
    """
    try:
        task = require_asset("face_landmarker")
        import mediapipe
        from mediapipe.tasks import python as tasks
    except (FileNotFoundError, ImportError) as error:
        what = "mediapipe is not installed" if isinstance(error, ImportError) else "mediapipe lacks its model"
        raise type(error)(
            f"no landmarks are given or lie beside {video.name} ({video.stem}.csv or {video.stem}"
            f".landmarks.npy), and {what} to find them: {error}; "
            "install it, or give --landmarks: OpenFace's CSV, or any 68 points per frame; "
            "docs/your_own_face.md says how mediapipe 0.10.21, which brings its model, finds them"
        ) from error
    options = tasks.vision.FaceLandmarkerOptions(
        base_options=tasks.BaseOptions(model_asset_path=str(task)),
        running_mode=tasks.vision.RunningMode.VIDEO,
        num_faces=1,
    )
    info = video_info(video)
    total = info.n_frames
    found = np.full((total, 68, 2), np.nan)
    with tasks.vision.FaceLandmarker.create_from_options(options) as landmarker:
        for t, frame in enumerate(iterate_frames(video)):
            if t >= total:
                break
            picture = mediapipe.Image(
                image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(frame)
            )
            seen = landmarker.detect_for_video(picture, round(1000 * t / float(info.fps)))
            if seen.face_landmarks:
                points = seen.face_landmarks[0]
                shares = np.array([[points[i].x, points[i].y] for i in OF_478])
                found[t] = shares * [info.width, info.height] - 0.5
            if progress:
                progress(t + 1, total)
    return found
