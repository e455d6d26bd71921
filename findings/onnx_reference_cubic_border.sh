#!/bin/sh
# onnx's reference evaluator: cubic GridSample with border padding is not what ONNX Runtime computes.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

row = np.array([0, 0, 0, 1, 1, 5], np.float32)
picture = np.tile(row, (6, 1))[None, None]
columns = np.array([0.5, 3.5, 5.2, 5.6, 5.8], np.float32)  # pixels; the last two lie beyond the edge, at 5.5
grid = np.stack([(2 * columns + 1) / 6 - 1, np.zeros(5, np.float32)], -1)[None, None].astype(np.float32)


def sampled(padding, by_runtime):
    node = helper.make_node("GridSample", ["x", "grid"], ["y"], mode="cubic", padding_mode=padding, align_corners=0)
    kinds = [helper.make_tensor_value_info(n, TensorProto.FLOAT, v.shape) for n, v in (("x", picture), ("grid", grid))]
    out = [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)]
    model = helper.make_model(helper.make_graph([node], "g", kinds, out), opset_imports=[helper.make_opsetid("", 20)])
    model.ir_version = 9
    if by_runtime:
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        return session.run(None, {"x": picture, "grid": grid})[0].ravel()
    return ReferenceEvaluator(model).run(None, {"x": picture, "grid": grid})[0].ravel()


def padded(column, a=-0.75):
    """The cubic spline of the row, whose last values go on for ever."""
    far = np.pad(row, 4, mode="edge")
    first = int(np.floor(column)) - 1
    t = np.abs(column - np.arange(first, first + 4))
    near, wide = ((a + 2) * t - (a + 3)) * t * t + 1, ((a * t - 5 * a) * t + 8 * a) * t - 4 * a
    return float((np.where(t <= 1, near, wide) * far[first + 4 : first + 8]).sum())


print(f"onnx {onnx.__version__}, ONNX Runtime {onnxruntime.__version__}")
print("columns 0.5, 3.5, 5.2, 5.6, 5.8 of", row.tolist())
reference, runtime = sampled("border", False), sampled("border", True)
wanted = np.array([padded(float(column)) for column in columns])
print("reference evaluator:  ", [round(float(x), 3) for x in reference])
print("ONNX Runtime:         ", [round(float(x), 3) for x in runtime])
print("the row, its end kept:", wanted.round(3).tolist())
# A place beyond the edge is moved to the last pixel before the curve is read. PyTorch 2.14 gives what ONNX Runtime
# gives (not run here), so whoever takes the reference for the truth finds an error in a right export.
assert np.allclose(runtime, wanted, atol=1e-4), "the behaviour has changed"
assert np.allclose(reference[:3], wanted[:3], atol=1e-4), "the behaviour has changed"
assert np.abs(reference[3:] - wanted[3:]).min() > 0.05, "the behaviour has changed"
assert np.allclose(sampled("reflection", False), sampled("reflection", True), atol=1e-4), "the behaviour has changed"
PY
