r"""A few tiny real clips of the toy face, tinted after their expression, with their 257 numbers."""

from pathlib import Path

import numpy as np
import torch

from dnt_core.clips import FaceCache, scan, write_face_cache, write_video
from dnt_core.face3d import FaceParameters, PerspectiveCamera
from dnt_core.rendering.interpolate import interpolate_attributes
from dnt_core.rendering.rasterizer import rasterize

CELLS = (("neutral", 1), ("happy", 1), ("happy", 3), ("sad", 3))
TINT = {"neutral": (0.0, 0.0, 0.0), "happy": (0.4, 0.1, -0.2), "sad": (-0.3, -0.1, 0.3)}


def write_clips(root: Path, model, frames: int = 5, size: int = 32, numbers=(1, 2)):
    r"""Four cells of two clips; skin takes the expression's tint, times the level."""
    generator = torch.Generator().manual_seed(0)
    for expression, level in CELLS:
        for number in numbers:
            shift = torch.cat(
                [
                    0.03 * torch.randn(frames, 3, generator=generator),
                    0.02 * torch.randn(frames, 3, generator=generator),
                ],
                1,
            )
            beta = torch.randn(frames, 64, generator=generator)
            parameters = FaceParameters.zeros(frames).replace(pose=shift, expression=beta)
            screen = PerspectiveCamera(size).project(model.posed(parameters))
            fragments = rasterize(screen, model.triangles, size)
            color = model.mean_color * 0.6 + level / 3 * torch.tensor(TINT[expression])
            picture = interpolate_attributes(fragments, model.triangles, color[None]).clamp(0, 1)
            face = (fragments.pix_to_face >= 0).float()
            picture = picture + (1 - face) * torch.tensor([0.3, 0.4, 0.5])
            video = root / "M003" / "video" / "front" / expression / f"level_{level}" / f"{number:03d}.mp4"
            write_video(video, (picture * 255).round().byte().numpy(), 10, mark=False)
            cache = FaceCache(
                parameters.numpy("storage"), 10, "toy", "test", (size, size),
                speech_expression=0 * beta.numpy(),
                truth_intensity=np.linspace(0, level / 3 * (expression != "neutral"), frames),
            )  # fmt: skip
            write_face_cache(video, cache)
    return scan(root)
