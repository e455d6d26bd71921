r"""A trained generator on a clip's head, drawn with lips and an expression of one's own."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from dnt_core.face3d.camera import PerspectiveCamera, pose
from dnt_core.live.errors import LiveError
from dnt_core.live.prepared_frame import prepare_frame
from dnt_core.live.runtimes import Drawing
from dnt_core.live.scene import Scene
from dnt_core.networks.generator import FrameInputs
from dnt_core.networks.mouth_window import mouth_box
from dnt_core.networks.frame_inputs import HOLE_MARGIN
from dnt_core.paths import runs_folder
from dnt_core.rendering.masks import background_frame, dilate, mouth_mask
from dnt_core.rendering.rasterizer import rasterize
from dnt_core.rendering.uv_map import uv_map
from dnt_core.talking.frame_order import looped, there_and_back
from dnt_core.training.generator_weights import open_generator


class SpeakingFace:
    r"""What is the same in every frame of a talking face, prepared once; drawn from any number of threads.

    Head, hair and background come from the clip, frame after frame; the face in it is drawn. Of a frame that
    returns, the filmed face's outline and the identity's shape are kept.

    Args:
        weights: a file of ``dnt train generator``.
        clip: an mp4 with its ``.face3d.npz`` beside it.
        closed: the clip's last frame leads into its first; else it is played forwards and backwards.
        runtime: see :class:`~dnt_core.live.runtimes.Drawing`.

    Attributes:
        size: S px. fps: of the clip. order: (P,) the clip's frames, period after period. face_model: name of the
            face model that the expression numbers are of.

    Raises:
        FileNotFoundError: no such weights or clip.
        ValueError: foreign or broken weights, a clip without 3D face, of another camera or face model.
    """

    def __init__(
        self, weights: str | os.PathLike, clip: str | os.PathLike, *, closed: bool = False, runtime: str = "auto"
    ) -> None:
        found = open_generator(weights)
        self.weights, self.identity, self.size = found.path, found.identity, found.image_size
        if self.size % 2:
            raise LiveError(f"{found.path} draws {self.size} px; a film needs an even size")
        self.generator = found.generator.requires_grad_(False).to(memory_format=torch.channels_last)
        self.generator.texture.to(memory_format=torch.contiguous_format)  # summed, not convolved
        self._scene = Scene(clip, self.size, None, found.made_with.get("face_model", ""))
        self.clip, self.fps = Path(clip), self._scene.fps
        self.order = looped(len(self._scene)) if closed else there_and_back(len(self._scene), self.fps)
        model = self._scene.model
        self.face_model = model.name
        self._camera = PerspectiveCamera(self.size)
        self._outlines: dict[int, np.ndarray] = {}
        with torch.inference_mode():
            identity = self._scene.seen.identity
            self._at_rest = None  # (3V,) the shape without expression, where the clip has one identity
            self._basis = model.expression_basis.flatten(0, 1).contiguous()  # (3V, 64)
            if bool((identity == identity[:1]).all()):
                self._at_rest = model.shape(identity[0], torch.zeros(64)).flatten()
            example = prepare_frame(self.generator, self._inputs(0, torch.zeros(64)))
            folder = runs_folder() / "live" / "exported"
            self._drawing = Drawing(self.generator, runtime, example, folder, folds=False)
        self.runtime = self._drawing.runtime

    def __call__(self, frame: int, expression: np.ndarray, ciec: np.ndarray) -> np.ndarray:
        r"""Draws one picture, (S, S, 3) uint8 RGB.

        Args:
            frame: of the clip, which gives head and background.
            expression: (64,) numbers of the face that is drawn: lips and blinks, no expression.
            ciec: (7,) type and intensity.
        """
        with torch.inference_mode():
            inputs = self._inputs(frame, torch.from_numpy(np.asarray(expression, np.float32)))
            code = torch.from_numpy(np.asarray(ciec, np.float32))[None]
            return self._drawing.picture(prepare_frame(self.generator, inputs), None, code)

    def screen(self, frame: int, expression: Tensor) -> Tensor:
        r"""(1, V, 3) column, row and depth of the posed face's vertices."""
        seen = self._scene.seen
        at_rest = self._at_rest
        if at_rest is None:
            at_rest = self._scene.model.shape(seen.identity[frame], torch.zeros(64)).flatten()
        shape = torch.addmv(at_rest, self._basis, expression).view(1, -1, 3)
        return self._camera.project(pose(shape, seen.angles[frame : frame + 1], seen.translation[frame : frame + 1]))

    def _inputs(self, frame: int, expression: Tensor) -> FrameInputs:
        r"""As :func:`~dnt_core.networks.frame_inputs.frame_inputs`, with what is known of the clip."""
        model, screen = self._scene.model, self.screen(frame, expression)
        fragments = rasterize(screen, model.triangles, self.size, threads=1)
        coordinates, mask = uv_map(fragments, model.triangles, model.uv)
        mouth = mouth_mask(screen, model.mouth_loop, self.size, fragments)
        hole = dilate(self._outline(frame).maximum(mask).maximum(mouth), round(HOLE_MARGIN * self.size))
        background, _ = background_frame(self._scene.picture(frame), hole)
        return FrameInputs(background, hole, coordinates, mask, mouth, mouth_box(model.mouth_polygon(screen)))

    def _outline(self, frame: int) -> Tensor:
        r"""(1, 1, S, S), 1 where the clip's own face or its mouth shows."""
        if frame not in self._outlines:
            model, screen = self._scene.model, self.screen(frame, self._scene.seen.expression[frame])
            fragments = rasterize(screen, model.triangles, self.size, threads=1)
            mouth = mouth_mask(screen, model.mouth_loop, self.size, fragments)
            covered = (fragments.pix_to_face[..., 0] >= 0).numpy() | (mouth[:, 0] > 0).numpy()
            self._outlines[frame] = np.packbits(covered)
        bits = np.unpackbits(self._outlines[frame], count=self.size**2)
        return torch.from_numpy(bits).view(1, 1, self.size, self.size).float()
