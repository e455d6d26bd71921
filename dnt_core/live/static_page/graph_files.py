r"""Graphs as small ONNX files that share one file of weights, as few bytes as the pictures allow.

Convolutions are kept in 16-bit floats, as the shipped weights are; textures in 8 bits with a scale per
channel. Both are constants to the runtime, which turns them into 32-bit floats when it opens a graph.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from torch import Tensor, nn

from dnt_core.live.errors import LiveError
from dnt_core.live.onnx_session import export

WEIGHTS = "weights.bin"
SMALL = 256  # numbers; smaller constants stay in the graph


class WeightsFile:
    r"""Arrays one after the other; the same array is kept once."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._places: dict[str, int] = {}
        self._end = 0

    def add(self, array: np.ndarray) -> tuple[int, int]:
        r"""Offset and length in bytes."""
        data = np.ascontiguousarray(array).tobytes()
        key = hashlib.sha256(array.dtype.str.encode() + data).hexdigest()
        if key not in self._places:
            self._places[key] = self._end
            padded = data + bytes(-len(data) % 16)
            self._parts.append(padded)
            self._end += len(padded)
        return self._places[key], len(data)

    def to_bytes(self) -> bytes:
        r"""The file."""
        return b"".join(self._parts)


def quantize(texture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""(..., N, T, T) float32 → int8 of that shape and scales (..., N, 1, 1), rounded to 1/127 of the
    channel's largest."""
    scale = np.abs(texture).max((-2, -1), keepdims=True) / 127
    scale = np.where(scale > 0, scale, 1).astype(np.float32)
    return np.rint(texture / scale).astype(np.int8), scale


def graph_bytes(
    graph: nn.Module, example: Sequence[Tensor], textures: Sequence[Tensor], weights: WeightsFile
) -> bytes:
    r"""A graph as ONNX whose weights lie in ``weights``.

    Args:
        graph: one of ``page_graphs``. example: its arguments; only their shapes count.
        textures: those of its constants that are kept in 8 bits.

    Raises:
        LiveError: torch cannot express it, or the package onnx is missing.
    """
    try:
        import onnx
        from onnx import helper, numpy_helper
    except ImportError as error:
        raise LiveError("a page needs the package onnx; install it with `make env`") from error
    with tempfile.TemporaryDirectory(prefix="dnt_page_") as folder:
        path = Path(folder) / "graph.onnx"
        export(graph, example, graph.inputs, path, outputs=graph.outputs)
        model = onnx.load(path)
    kept = {t.detach().numpy().tobytes(): tuple(t.shape) for t in textures}
    casts, initializers = [], []
    for tensor in model.graph.initializer:
        array = numpy_helper.to_array(tensor)
        if array.dtype != np.float32 or array.size <= SMALL:
            initializers.append(tensor)
            continue
        name, stored = tensor.name, f"{tensor.name}.stored"
        if (shape := kept.get(array.tobytes())) is not None:
            numbers, scale = quantize(array.reshape(shape))
            shape = np.array(array.shape, np.int64)
            casts += [
                helper.make_node("Cast", [stored], [f"{name}.whole"], to=onnx.TensorProto.FLOAT),
                helper.make_node("Mul", [f"{name}.whole", f"{name}.scale"], [f"{name}.float"]),
                helper.make_node("Reshape", [f"{name}.float", f"{name}.shape"], [name]),
            ]
            initializers.append(numpy_helper.from_array(scale, f"{name}.scale"))
            initializers.append(numpy_helper.from_array(shape, f"{name}.shape"))
        else:
            numbers = array.astype(np.float16)
            casts.append(helper.make_node("Cast", [stored], [name], to=onnx.TensorProto.FLOAT))
        initializers.append(_external(onnx, stored, numbers, weights))
    nodes = [*casts, *model.graph.node]
    for node in nodes:
        node.ClearField("doc_string")
        node.ClearField("name")
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend(initializers)
    return model.SerializeToString()


def _external(onnx, name: str, array: np.ndarray, weights: WeightsFile):
    tensor = onnx.TensorProto(name=name, dims=array.shape)
    tensor.data_type = onnx.helper.np_dtype_to_tensor_dtype(array.dtype)
    tensor.data_location = onnx.TensorProto.EXTERNAL
    offset, length = weights.add(array)
    for key, value in (("location", WEIGHTS), ("offset", offset), ("length", length)):
        tensor.external_data.add(key=key, value=str(value))
    return tensor
