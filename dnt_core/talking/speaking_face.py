r"""A trained generator on a clip's head, drawn with lips and an expression of one's own."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from dnt_core.audio.mouth_movements import widest_mouth
from dnt_core.clips.frame_order import looped, there_and_back
from dnt_core.face3d.camera import PerspectiveCamera, rotation_matrix
from dnt_core.live.errors import LiveError
from dnt_core.live.memory_cache import MemoryCache
from dnt_core.live.prepared_frame import mouth_corner, prepare_frame
from dnt_core.live.runtimes import Drawing, check_runtime
from dnt_core.live.scene import Scene
from dnt_core.networks.face_window import FaceWindow, face_window
from dnt_core.networks.frame_inputs import HOLE_MARGIN, frame_inputs
from dnt_core.networks.generator import FrameInputs
from dnt_core.networks.mouth_window import mouth_box
from dnt_core.own_process import OwnProcess
from dnt_core.parallel import torch_threads
from dnt_core.paths import user_path
from dnt_core.rendering.masks import dilate
from dnt_core.rendering.mesh_check import check_mesh
from dnt_core.rendering.polygon_numba import fill_polygon
from dnt_core.rendering.rasterizer_numba import fill_depth
from dnt_core.talking.split_renderer import SplitRenderer
from dnt_core.talking.texture_lookup import TextureLookup
from dnt_core.training.generator_weights import open_generator

MEMORY = 320 * 2**20  # bytes of prepared frames of the clip
#: A frame's holes, for mouths open so far, as shares of the widest one. The picture follows its hole: in the
#: widest one closed lips are painted dark. Nearly all speech fits into the first hole.
HOLES = (0.2, 0.5, 1.0)


class _Place(NamedTuple):
    """A frame of the clip with its face cut out, for whatever mouth it will be drawn with."""

    window: FaceWindow
    hole: Tensor  # (1, 1, h, w) bool
    filmed: np.ndarray  # (h, w) bool: where the face is that was filmed
    stem: Tensor  # half precision: what the background gives the renderer's first convolution

    @property
    def nbytes(self) -> int:
        return self.hole.nbytes + self.filmed.nbytes + self.stem.nbytes


class SpeakingFace:
    r"""What is the same in every frame of a talking face, prepared once; drawn from any number of threads.

    Head, hair and background come from the clip, frame after frame; the face in it is drawn. Of a frame that
    returns, the hole and what the background network says of it are kept: the hole is cut wide enough for the
    filmed face, the one at rest and a mouth as wide open as the first of :data:`HOLES` says; a wider mouth
    gets the next one. Where the hole is wider than the face that is drawn, what was filmed shows: else a
    closed mouth has the open one's chin below its own. A face that fits into no hole is drawn as
    :class:`~dnt_core.live.LiveFace` draws it, with a hole of its own.

    Args:
        weights: a file of ``dnt train generator``.
        clip: an mp4 with its ``.face3d.npz`` beside it.
        closed: the clip's last frame leads into its first; else it is played forwards and backwards.
        runtime: see :class:`~dnt_core.live.runtimes.Drawing`.
        reuse: False: nothing is kept, every face gets a hole of its own.

    Attributes:
        size: S px. fps: of the clip. order: (P,) its frames, period after period, from the first of the
            longest part with a face. face_model: name of the face model that the expression numbers are of.
            note: a sentence on frames that are left out because they show no face, or "".

    Raises:
        FileNotFoundError: no such weights or clip.
        ValueError: foreign or broken weights, a clip without 3D face, of another camera or face model.
        LiveError: weights of an odd size, which H.264 cannot hold.
    """

    def __init__(
        self, weights: str | os.PathLike, clip: str | os.PathLike, *, closed: bool = False,
        runtime: str = "auto", reuse: bool = True,
    ) -> None:  # fmt: skip
        check_runtime(runtime)
        self._process = OwnProcess("a SpeakingFace")
        found = open_generator(weights)
        self.weights, self.identity, self.size = found.path, found.identity, found.image_size
        if self.size % 2:
            raise LiveError(f"{found.path} draws {self.size} px; a film needs an even size")
        self.generator = found.generator.requires_grad_(False).to(memory_format=torch.channels_last)
        self.generator.texture.to(memory_format=torch.contiguous_format)  # summed, not convolved
        self._scene = Scene(clip, self.size, None, found.face_model, found)
        self.clip, self.fps, self.note = user_path(clip), self._scene.fps, self._scene.note
        self.order = looped(len(self._scene)) if closed else there_and_back(len(self._scene), self.fps)
        self.face_model = self._scene.model.name
        self._camera, self._margin = PerspectiveCamera(self.size), round(HOLE_MARGIN * self.size)
        self._triangles = self._scene.model.triangles.int().numpy()
        self._uv = self._scene.model.uv.float().numpy()
        self._mouth_loop = self._scene.model.mouth_loop.long().numpy()
        widest = widest_mouth(self.face_model) if reuse else None
        self._mouths = (
            None if widest is None else torch.from_numpy(np.outer(HOLES, widest).astype(np.float32))
        )
        self._lock, self._opening = threading.Lock(), threading.Lock()
        self._places: MemoryCache[_Place] = MemoryCache(MEMORY, lambda place: place.nbytes)
        with torch_threads(1), torch.inference_mode():  # small sums: two threads wait longer than one adds
            self._know_shape()
            self._lookup = None
            if TextureLookup.can(self.generator.texture):
                self._lookup = TextureLookup(self.generator.texture)
            self._runtime, self._drawn_whole = runtime, None
            self._renderers: dict[tuple[int, int], SplitRenderer] = {}
            if self._mouths is None or self._lookup is None:
                self.runtime = self._drawing().runtime
            else:
                self.runtime = self._renderer(self._place(0, 0).window.size).runtime

    def __call__(self, frame: int, expression: np.ndarray, ciec: np.ndarray) -> np.ndarray:
        r"""Draws one picture, (S, S, 3) uint8 RGB.

        Args:
            frame: of the clip, which gives head and background.
            expression: (64,) numbers of the face that is drawn: lips and blinks, no expression.
            ciec: (7,) type and intensity.

        Raises:
            RuntimeError: in a forked process.
        """
        return self.pictures([(frame, expression, ciec)])[0]

    def pictures(self, asked: Sequence[tuple[int, np.ndarray, np.ndarray]]) -> list[np.ndarray]:
        r"""Draws several pictures: the bases of shape and texture, 11 MB, are read once for them.

        Args:
            asked: for each picture the arguments of a call: frame, expression (64,) and ciec (7,).

        Returns:
            The pictures, (S, S, 3) uint8 RGB each.

        Raises:
            RuntimeError: in a forked process.
        """
        self._process.check()
        with torch.inference_mode():
            frames, expressions, ciecs = zip(*asked, strict=True)
            betas = torch.from_numpy(np.stack(expressions).astype(np.float32, copy=False))
            codes = torch.from_numpy(np.stack(ciecs).astype(np.float32, copy=False))
            drawn: Iterable[np.ndarray | None] = [None] * len(frames)
            if self._mouths is not None and self._lookup is not None:
                screens, changes = self._screen(frames, betas).split(1), self._lookup.changes(codes)
                drawn = map(self._drawn_in_place, frames, screens, codes.split(1), changes)
            return [
                self._drawn_alone(frame, beta, code) if picture is None else picture
                for picture, frame, beta, code in zip(drawn, frames, betas, codes.split(1), strict=True)
            ]

    def _drawn_alone(self, frame: int, beta: Tensor, code: Tensor) -> np.ndarray:
        prepared = prepare_frame(self.generator, self.inputs(frame, beta))
        return self._drawing().picture(prepared, None, code)

    # ---- the quick way ----

    def _drawn_in_place(
        self, frame: int, screen: Tensor, code: Tensor, change: np.ndarray
    ) -> np.ndarray | None:
        """The picture, or None where the face leaves every hole or its mouth the mouth's window."""
        mesh, face, mouth = self._raster(screen)
        covered = (face >= 0) | (mouth > 0)
        for place in (self._place(frame, k) for k in range(len(HOLES))):
            (row, column), (h, w) = place.window.corners[0].tolist(), place.window.size
            inside, hole = (slice(row, row + h), slice(column, column + w)), place.hole[0, 0].numpy()
            if np.count_nonzero(covered) == np.count_nonzero(covered[inside] & hole):
                break
        else:
            return None
        shown = self._scene.frames[frame]
        renderer, seen = self._renderer(place.window.size), None
        if self.generator.teeth is not None:
            box = place.window.shift_box(mouth_box(self._scene.model.mouth_polygon(screen)))
            corner = mouth_corner(self.generator, box, (h, w))
            if corner is None:
                return None
            top, left = corner.tolist()
            cut = tuple(slice(a, a + n) for a, n in zip((top, left), renderer.mouth_size, strict=True))
            masks = np.stack([face[inside][cut] >= 0, mouth[inside][cut]])[None].astype(np.float32)
            seen = torch.from_numpy(masks), corner
        texture = self._lookup(face, mesh, self._uv, (row, column), (h, w), change)
        picture = shown.copy()
        faces = covered[inside] | place.filmed
        renderer.draw(texture, place.stem, seen, code, hole, faces, (row, column), picture)
        return picture

    def _renderer(self, size: tuple[int, int]) -> SplitRenderer:
        """That of a rectangle's size; nearly always the same."""
        if size not in self._renderers:
            with self._lock:
                if size not in self._renderers:
                    self._renderers[size] = SplitRenderer(self.generator, size, self._margin, self._runtime)
        return self._renderers[size]

    def _drawing(self) -> Drawing:
        """Draws faces with a hole of their own, as the live face does; opened when it is needed."""
        with self._opening:
            if self._drawn_whole is None:
                example = prepare_frame(self.generator, self.inputs(0, torch.zeros(64)))
                self._drawn_whole = Drawing(self.generator, self._runtime, example)
            return self._drawn_whole

    def _place(self, frame: int, mouth: int) -> _Place:
        """A frame with the hole of that place in :data:`HOLES`."""
        with self._lock:
            found = self._places.find((frame, mouth))
        if found is None:
            made = self._prepared(frame, mouth)
            with self._lock:
                found = self._places.get((frame, mouth), lambda: made)
        return found

    def _prepared(self, frame: int, mouth: int) -> _Place:
        seen = self._scene.seen.expression[frame]
        wide = self._mouths[mouth]
        shapes = (seen, torch.zeros(64), wide) if bool(seen.any()) else (seen, wide)
        screens = self._screen([frame] * len(shapes), torch.stack(shapes))
        faces = [self._raster(screen) for screen in screens.split(1)]
        covered = [(face >= 0) | (mouth > 0) for _, face, mouth in faces]
        shown = torch.from_numpy(np.logical_or.reduce(covered).astype(np.float32))
        hole = dilate(shown[None, None], self._margin)
        window = face_window(hole, self.generator.config.face_window)
        inside, film = window.cut(hole), torch.from_numpy(self._scene.frames[frame]).permute(2, 0, 1)
        background = torch.where(inside > 0, 0.5, window.cut(film[None]) / 255)
        stem = self._renderer(window.size).share_of_background(background, inside)
        filmed = window.cut(torch.from_numpy(covered[0])[None, None])[0, 0].numpy()
        return _Place(window, inside > 0, filmed.copy(), stem.half())

    def _raster(self, screen: Tensor) -> tuple[tuple[np.ndarray, ...], np.ndarray, np.ndarray]:
        """The mesh as kernels take it, the face of every pixel, and the mouth hole, (S, S) each."""
        size, vertices = self.size, screen[0].double().numpy()
        if not np.isfinite(vertices).all():
            check_mesh(screen.numpy(), self._triangles, size, size)  # says which vertex
        with np.errstate(divide="ignore"):
            mesh = vertices, 1 / vertices[:, 2], self._triangles
        face, depth = np.empty((size, size), np.int32), np.empty((size, size), np.float32)
        fill_depth(*mesh, face, depth)
        mouth = np.zeros((size, size), np.float32)
        fill_polygon(np.ascontiguousarray(vertices[self._mouth_loop, :2]), mouth)
        return mesh, face, np.where(face >= 0, 0.0, mouth)

    # ---- geometry ----

    def _know_shape(self) -> None:
        """The shape without expression (3V,), where the clip has one identity, and the expression's basis.

        All x stand before all y and z: long rows are multiplied and projected several times as fast.
        """
        model, identity = self._scene.model, self._scene.seen.identity
        self._basis = model.expression_basis.permute(2, 1, 0).flatten(1).contiguous()  # (64, 3V)
        self._at_rest = None
        if bool((identity == identity[:1]).all()):
            self._at_rest = model.shape(identity[0], torch.zeros(64)).mT.flatten()

    def _screen(self, frames: Sequence[int], expressions: Tensor) -> Tensor:
        """Frames of the clip and (n, 64) → (n, V, 3) column, row and depth of the posed faces' vertices."""
        part, seen, at_rest = list(frames), self._scene.seen, self._at_rest
        if at_rest is None:
            at_rest = self._scene.model.shape(seen.identity[part], torch.zeros(64)).mT.flatten(1)
        shapes = torch.addmm(at_rest, expressions, self._basis).unflatten(1, (3, -1))
        posed = rotation_matrix(seen.angles[part]) @ shapes + seen.translation[part].unsqueeze(-1)
        return self._camera.project(posed.mT)

    def inputs(self, frame: int, expression: Tensor) -> FrameInputs:
        r"""What the generator is given for one picture, with a hole that fits this face alone.

        Args:
            frame: of the clip.
            expression: (64,) numbers of the face that is drawn.
        """
        seen = self._scene.seen[frame : frame + 1]
        drawn = seen.replace(expression=expression[None])
        return frame_inputs(self._scene.model, self._scene.picture(frame), seen, drawn)
