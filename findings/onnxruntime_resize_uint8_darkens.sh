#!/bin/sh
# ONNX Runtime's Resize rounds pictures of uint8 down, unless antialias is on: they get darker by half a level.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
import numpy as np
import onnxruntime
from onnx import TensorProto, helper

options = onnxruntime.SessionOptions()
options.log_severity_level = 3
picture = np.random.default_rng(0).integers(0, 256, (1, 3, 64, 64)).astype(np.uint8)


def resized(values, size, antialias):
    kind = TensorProto.UINT8 if values.dtype == np.uint8 else TensorProto.FLOAT
    node = helper.make_node("Resize", ["x", "", "", "size"], ["y"], mode="linear", antialias=antialias)
    graph = helper.make_graph([node], "graph", [helper.make_tensor_value_info("x", kind, values.shape)],
                              [helper.make_tensor_value_info("y", kind, size)],
                              [helper.make_tensor("size", TensorProto.INT64, [4], size)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)])
    model.ir_version = 9
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": values})[0].astype(float)


print(f"ONNX Runtime {onnxruntime.__version__}; a picture of uint8 against the same values as floats, mean difference")
lower = {}
for size in ((1, 3, 48, 48), (1, 3, 100, 100)):
    for antialias in (0, 1):
        difference = resized(picture, size, antialias) - resized(picture.astype(np.float32), size, antialias)
        lower[size, antialias] = difference.mean()
        print(f"64 to {size[-1]} pixels, antialias={antialias}: {difference.mean():+.3f} levels,"
              f" from {difference.min():+.2f} to {difference.max():+.2f}")
assert all(value < -0.4 for (_, antialias), value in lower.items() if not antialias), "the behaviour has changed"
assert all(abs(value) < 0.25 for (_, antialias), value in lower.items() if antialias), "the behaviour has changed"
PY
