r"""Graphs as small ONNX files that share one file of weights, as few bytes as the pictures allow.

Convolutions are kept in 16-bit floats, as the shipped weights are; textures in 8 bits with a scale per
channel. A page expands them to the 32-bit floats that the graphs name as their external data.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from torch import Tensor, nn

from dnt_core.live.errors import LiveError
from dnt_core.live.onnx_session import export

WEIGHTS = "weights.bin"  # the expanded floats' name in the graphs
SMALL = 256  # numbers; smaller constants stay in the graph


class WeightsFile:
    r"""Arrays one after the other; the same numbers are kept once.

    Attributes:
        table: of each array [where its expanded floats begin, how many they are, where its bytes begin, its
            channels]; 0 channels: 16-bit floats, else that many 32-bit scales and then 8-bit integers.
    """

    def __init__(self) -> None:
        self.table: list[list[int]] = []
        self._parts: list[bytes] = []
        self._places: dict[str, int] = {}
        self._floats = self._bytes = 0

    def add(self, array: np.ndarray, channels: int = 0) -> int:
        r"""Where its expanded floats begin, in floats.

        Args:
            array: float32 of any shape. channels: that lie one after the other, each to have its own scale;
                0: keep 16-bit floats.
        """
        flat = np.ascontiguousarray(array, np.float32).reshape(-1)
        key = hashlib.sha256(flat.tobytes()).hexdigest()
        if key not in self._places:
            self._places[key] = self._floats
            if channels:
                numbers, scales = quantize(flat.reshape(channels, -1))
                data = scales.tobytes() + numbers.tobytes()
            else:
                data = flat.astype(np.float16).tobytes()
            self.table.append([self._floats, flat.size, self._bytes, channels])
            padded = data + bytes(-len(data) % 16)
            self._parts.append(padded)
            self._bytes += len(padded)
            self._floats += flat.size + -flat.size % 4
        return self._places[key]

    def to_bytes(self) -> bytes:
        r"""The file."""
        return b"".join(self._parts)


def quantize(channels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""(C, n) float32 → int8 of that shape and scales (C,), rounded to 1/127 of the channel's largest."""
    scales = np.abs(channels).max(1) / np.float32(127)
    scales = np.where(scales > 0, scales, 1).astype(np.float32)
    return np.rint(channels / scales[:, None]).astype(np.int8), scales


def expand(data: bytes, table: Sequence[Sequence[int]]) -> np.ndarray:
    r"""The floats of :class:`WeightsFile`, as ``page/face_file.js`` makes them."""
    size = max(start + count + -count % 4 for start, count, _, _ in table)
    floats = np.zeros(size, np.float32)
    for start, count, at, channels in table:
        if channels:
            scales = np.frombuffer(data, np.float32, channels, at)
            numbers = np.frombuffer(data, np.int8, count, at + 4 * channels).reshape(channels, -1)
            floats[start : start + count] = (numbers * scales[:, None]).reshape(-1)
        else:
            floats[start : start + count] = np.frombuffer(data, np.float16, count, at)
    return floats


def graph_bytes(
    graph: nn.Module, example: Sequence[Tensor], textures: Sequence[tuple[Tensor, int]],
    weights: WeightsFile, dynamic: Mapping[str, Mapping[int, str]] | None = None,
) -> bytes:  # fmt: skip
    r"""A graph as ONNX whose weights lie in ``weights``.

    Args:
        graph: one of ``page_graphs``. example: its arguments; only their shapes count.
        textures: those of its constants that are kept in 8 bits, and how many channels each has.
        dynamic: name of an argument or result → its axes that may be of any length, and their names.

    Raises:
        LiveError: torch cannot express it, or the package onnx is missing.
    """
    try:
        import onnx
        from onnx import numpy_helper
    except ImportError as error:
        raise LiveError("a page needs the package onnx; install it with `make env`") from error
    with tempfile.TemporaryDirectory(prefix="dnt_page_") as folder:
        path = Path(folder) / "graph.onnx"
        export(graph, example, graph.inputs, path, graph.outputs, dynamic)
        model = onnx.load(path)
    in_8_bits = {texture.detach().numpy().tobytes(): channels for texture, channels in textures}
    for tensor in model.graph.initializer:
        array = numpy_helper.to_array(tensor)
        if array.dtype == np.float32 and array.size > SMALL:
            start = weights.add(array, in_8_bits.get(array.tobytes(), 0))
            tensor.ClearField("raw_data")
            tensor.data_location = onnx.TensorProto.EXTERNAL
            places = {"location": WEIGHTS, "offset": 4 * start, "length": 4 * array.size}
            for key, value in places.items():
                tensor.external_data.add(key=key, value=str(value))
    for node in model.graph.node:
        node.ClearField("doc_string")
        node.ClearField("name")
    return model.SerializeToString()
