#!/bin/sh
# ONNX Runtime takes a transpose into the first convolution when one convolution reads it, not when two do (x86-64).
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

rng = np.random.default_rng(0)


def model(convolutions):
    """`convolutions` that read the same picture (N, H, W, C), through one transpose to (N, C, H, W)."""
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, (1, 64, 64, 32))
    nodes = [helper.make_node("Transpose", ["picture"], ["t"], perm=[0, 3, 1, 2])]
    weights, outputs = [], []
    for i in range(convolutions):
        values = rng.normal(size=32 * 32 * 9).astype(np.float32)
        weights.append(helper.make_tensor(f"w{i}", TensorProto.FLOAT, (32, 32, 3, 3), values))
        nodes.append(helper.make_node("Conv", ["t", f"w{i}"], [f"y{i}"], pads=[1] * 4))
        outputs.append(helper.make_tensor_value_info(f"y{i}", TensorProto.FLOAT, (1, 32, 64, 64)))
    graph = helper.make_graph(nodes, "graph", [picture], outputs, weights)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    made.ir_version = 9
    return made.SerializeToString()


def transposes_left(convolutions):
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath, options.log_severity_level = "optimised.onnx", 3
    onnxruntime.InferenceSession(model(convolutions), options, providers=["CPUExecutionProvider"])
    return sum(node.op_type == "Transpose" for node in onnx.load("optimised.onnx").graph.node)


print(f"ONNX Runtime {onnxruntime.__version__}, all optimisations, one picture with channels last")
one, two = transposes_left(1), transposes_left(2)
print(f"one convolution reads the transpose: {one} transposes left after optimisation")
print(f"two convolutions read it: {two} left")
assert (one, two) == (0, 1), "the behaviour has changed"
PY
