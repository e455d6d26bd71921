r"""The same computation in ONNX Runtime, 1.5 to 2 times as fast as torch on a processor."""

from __future__ import annotations

import hashlib
import inspect
import logging
import warnings
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from dnt_core.atomic_write import atomic_path
from dnt_core.cache.built_once import code_digest
from dnt_core.cache.folder import note_use, remove_unused
from dnt_core.checkpoint import network_key
from dnt_core.live.errors import LiveError
from dnt_core.networks.generator import Generator
from dnt_core.paths import cache_folder

OPSET = 18
MOST = 100e6  # bytes of exported graphs that are kept on disk; one has about a megabyte
#: What decides which graph the same weights give.
_CODE = ("networks", "live/basis_reduction.py", "live/onnx_graphs.py", "live/onnx_session.py",
         "live/split_graphs.py", "rendering/draw_mesh.py")  # fmt: skip


def can_export() -> bool:
    r"""Whether ONNX Runtime is installed."""
    return find_spec("onnxruntime") is not None


class ExportedGraph:
    r"""A face graph as an ONNX Runtime session, called with the tensors the graph takes.

    Args:
        graph: :class:`UnfoldedFace`, or another module. It is exported once per machine; the file is kept
            in the cache, under a name made of the weights, the shapes and the code that they depend on.
        example: its arguments; only their shapes count.
        key: of the weights, see :func:`graph_key`.
        threads: that share one picture's work.

    Raises:
        LiveError: ONNX Runtime is missing, or the network cannot be exported.
    """

    def __init__(self, graph: nn.Module, example: Sequence[Tensor], key: str, threads: int) -> None:
        if not can_export():
            raise LiveError("runtime 'exported' needs the package onnxruntime; install it with `make env`")
        import onnxruntime

        shapes = " ".join(str(tuple(tensor.shape)) for tensor in example)
        digest = hashlib.sha256(f"{key} {shapes}".encode() + code_digest(*_CODE)).hexdigest()[:20]
        self.names = [f"input{k}" for k in range(len(example))]
        path = cache_folder() / "graphs" / f"{type(graph).__name__}-{digest}.onnx"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = threads, 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # others compute here, too

        def open_session():
            return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

        try:
            self.session = open_session()
            note_use(path)
        except Exception:  # not there yet, or damaged: made anew
            remove_unused(path.parent, limit=MOST)
            export(graph, example, self.names, path)
            self.session = open_session()

    def __call__(self, *tensors: Tensor) -> np.ndarray:
        r"""What the graph returns, for ``UnfoldedFace`` (h, w, 3) uint8."""
        feed = {name: tensor.numpy() for name, tensor in zip(self.names, tensors, strict=True)}
        return self.session.run(None, feed)[0]


def export(
    graph: nn.Module, example: Sequence[Tensor], names: Sequence[str], path: Path,
    outputs: Sequence[str] = ("picture",), dynamic: Mapping[str, Mapping[int, str]] | None = None,
) -> None:  # fmt: skip
    r"""Writes a graph as ONNX, whole or not at all.

    Args:
        graph: its weights become constants. example: its arguments; only their shapes count.
        names, outputs: of the arguments and of what it returns.
        dynamic: name of one of them → its axes that may be of any length, and their names.
        path: the file.

    Raises:
        LiveError: torch cannot express it.
        OSError: the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    known = inspect.signature(torch.onnx.export).parameters
    tracer = {"dynamo": False} if "dynamo" in known else {}  # the other one needs a further package
    verbosity = logging.getLogger("torch.onnx").level
    try:
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        with warnings.catch_warnings(), torch.no_grad(), atomic_path(path) as part:
            warnings.simplefilter("ignore")
            torch.onnx.export(
                graph.eval(), tuple(t.clone() for t in example), str(part), input_names=list(names),
                output_names=list(outputs), opset_version=OPSET, dynamic_axes=dynamic, **tracer,
            )  # fmt: skip
    except OSError:  # such as a full disk, which is not the network's fault
        raise
    except Exception as error:  # whatever torch raises, the sentence is the same
        said = str(error).strip().splitlines() or [type(error).__name__]
        raise LiveError(f"the generator cannot be exported to ONNX: {said[0]}") from error
    finally:
        logging.getLogger("torch.onnx").setLevel(verbosity)


def graph_key(generator: Generator) -> str:
    r"""A short name of all that an exported graph depends on: config and weights."""
    return hashlib.sha256(f"{generator.config.to_json()} {network_key(generator)}".encode()).hexdigest()[:16]
