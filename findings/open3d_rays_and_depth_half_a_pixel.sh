#!/bin/sh
# Open3D: rays through a camera's pixels, and points from a depth picture of the same camera, are half a pixel apart.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check open3d-cpu==0.20.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
import numpy as np
import open3d
from open3d import camera, geometry
from open3d.core import Tensor
from open3d.t.geometry import RaycastingScene, TriangleMesh

width, height, focal, depth = 64, 48, 50.0, 2.0
wall = np.array([[-9, -9, depth], [9, -9, depth], [9, 9, depth], [-9, 9, depth]], np.float32)
scene = RaycastingScene()
scene.add_triangles(TriangleMesh(Tensor(wall), Tensor(np.array([[0, 2, 1], [0, 3, 2]], np.int32))))
matrix = np.array([[focal, 0, 32], [0, focal, 24], [0, 0, 1]])
rays = scene.create_rays_pinhole(Tensor(matrix), Tensor(np.eye(4)), width, height)
far = scene.cast_rays(rays)["t_hit"].numpy()[..., None]
rays = rays.numpy()
seen = rays[..., :3] + far * rays[..., 3:]  # where each pixel's ray meets the wall
picture = geometry.Image(np.ascontiguousarray(seen[..., 2], np.float32))
intrinsic = camera.PinholeCameraIntrinsic(width, height, focal, focal, 32, 24)
cloud = geometry.PointCloud.create_from_depth_image(picture, intrinsic, depth_scale=1.0, depth_trunc=9.0)
apart = (seen - np.asarray(cloud.points).reshape(height, width, 3)) * focal / depth
print(f"Open3D {open3d.__version__}; a wall is met by rays, and its depth picture becomes points again")
print("apart, in pixels:", apart.reshape(-1, 3).mean(0).round(3).tolist())
assert np.allclose(apart, [0.5, 0.5, 0], atol=1e-3), "the behaviour has changed"
PY
