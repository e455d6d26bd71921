r"""Which of the ways to the same picture is taken: folded or not, in torch or exported."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from dnt_core.live.basis_reduction import BasisReduction, reduce_bases
from dnt_core.live.errors import LiveError
from dnt_core.live.onnx_graphs import FaceGraph, FoldedFace, UnfoldedFace
from dnt_core.live.onnx_session import ExportedGraph, can_export, graph_key
from dnt_core.live.prepared_frame import PreparedFrame, folded_tensors, to_uint8
from dnt_core.networks.folded_pose import FoldedPose
from dnt_core.networks.generator import Generator

RUNTIMES = ("auto", "torch", "exported")


def check_runtime(runtime: str) -> None:
    r"""Raises a LiveError for a runtime that is none of ``RUNTIMES``."""
    if runtime not in RUNTIMES:
        raise LiveError(f"unknown runtime {runtime!r}; expected one of {', '.join(RUNTIMES)}")


class Drawing:
    r"""A generator that draws prepared frames.

    Args:
        runtime: one of ``RUNTIMES``; "auto" is "exported" where that can be had, which measures faster on
            every processor we tried, else "torch".
        example: any frame; the exported graphs are for rectangles of its size. Where a face does not fit
            into one, that picture is drawn by torch. They run on as many threads as torch has now.

    Raises:
        LiveError: unknown runtime, "exported" without ONNX Runtime.
    """

    def __init__(self, generator: Generator, runtime: str, example: PreparedFrame) -> None:
        check_runtime(runtime)
        self.generator, self.runtime, self._threads = generator, "torch", torch.get_num_threads()
        self._of_last: tuple[Tensor, Tensor] | None = None  # CIEC, its texture: they play on together
        self._graphs: dict[tuple[type[FaceGraph], tuple[int, int]], FaceGraph] = {}
        self._exported: dict[tuple[type[FaceGraph], tuple[int, int]], ExportedGraph] = {}
        self._wanted: set[type[FaceGraph]] = set()  # exported once their tensors are there
        if runtime == "exported" or (runtime == "auto" and can_export()):
            try:
                if generator.teeth is not None and example.mouth_corner is None:
                    raise LiveError(
                        "the mouth does not fit into its window, so the generator is not exported"
                    )
                self._export(UnfoldedFace, example, example.tensors(self._texture(torch.zeros(1, 7))))
                self.runtime, self._wanted = "exported", {FoldedFace}
            except (LiveError, OSError):  # such as a full disk: torch needs no file
                if runtime == "exported":
                    raise

    def picture(
        self, frame: PreparedFrame, folded: tuple[Tensor, ...] | None, ciec: Tensor
    ) -> np.ndarray:  # (S, S, 3) uint8
        r"""A frame with the expression ``ciec`` (1, 7); ``folded`` from :meth:`fold`, or None."""
        if self.generator.teeth is not None and frame.mouth_corner is None:
            return to_uint8(self.generator(frame.whole, ciec).image)
        kind = UnfoldedFace if folded is None else FoldedFace
        tensors = frame.tensors(self._texture(ciec)) if folded is None else folded
        return frame.compose(self.patch(kind, frame.window.size, ciec, *tensors))

    def patch(
        self, kind: type[FaceGraph], size: tuple[int, int], ciec: Tensor, *tensors: Tensor
    ) -> np.ndarray:
        r"""A graph's picture of a rectangle of ``size``, (h, w, 3) uint8."""
        if (kind, size) in self._exported:
            return self._exported[kind, size](ciec, *tensors)
        return self._graph(kind, size)(ciec, *tensors).numpy()

    def fold(self, frame: PreparedFrame) -> tuple[Tensor, ...]:
        r"""What each basis gives in this frame, see :class:`~dnt_core.networks.folded_pose.FoldedPose`.

        The first one opens the graph that draws them: nobody waits for it before a face is there.
        """
        pose = FoldedPose(self.generator, frame.inside, frame.window, frame.background)
        folded = folded_tensors(pose, frame, self._fewer)
        if FoldedFace in self._wanted:
            self._wanted.discard(FoldedFace)
            with suppress(LiveError, OSError):  # torch draws it, as it draws frames of other sizes
                self._export(FoldedFace, frame, folded)
        return folded

    @cached_property
    def _fewer(self) -> BasisReduction | None:
        return reduce_bases(self.generator.texture)

    def _texture(self, ciec: Tensor) -> Tensor:
        last = self._of_last  # read once: another thread may draw another expression meanwhile
        if last is None or not torch.equal(last[0], ciec):
            self._of_last = last = ciec, self.generator.texture(ciec)
        return last[1]

    def _graph(self, kind: type[FaceGraph], size: tuple[int, int]) -> FaceGraph:
        if (kind, size) not in self._graphs:
            more = (self._fewer,) if kind is FoldedFace else ()
            self._graphs[kind, size] = kind(self.generator, size, *more)
        return self._graphs[kind, size]

    @cached_property
    def _key(self) -> str:
        return graph_key(self.generator)

    def _export(self, kind: type[FaceGraph], frame: PreparedFrame, tensors: tuple[Tensor, ...]) -> None:
        place = kind, frame.window.size
        given = torch.zeros(1, 7), *tensors
        with torch.no_grad():
            self._exported[place] = ExportedGraph(self._graph(*place), given, self._key, self._threads)
