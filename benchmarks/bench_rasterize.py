r"""How long one frame of a 35,709-vertex face takes to rasterise, back-end by back-end, PyTorch3D beside them
when installed."""

import json
import math
import sys
import time
from contextlib import contextmanager
from functools import partial

import torch

from dnt_core.face3d import FaceParameters, PerspectiveCamera, load_face_model
from dnt_core.rendering.rasterizer import available_backends, rasterize

VERTICES = 35_709
SIZES = (128, 256, 512)
NAMES = {"numba": "cpu", "torch": "torch", "pytorch3d": "pytorch3d"}  # back-end → its name in runs/bench.json

# What the same picture took by other means, ms on 2 busy cores of an AMD Milan: quoted beside ours, not
# measured by this run.
QUOTED = {
    "pytorch3d_0.7.9_cpu": (6267, 23218, 104300),
    "embree": (151, 155, 155),
    "open3d": (39, 44, 54),
    "opengl_llvmpipe": (19, 22, 27),
}


def annulus_on_a_dome(n_vertices: int = VERTICES) -> tuple[torch.Tensor, torch.Tensor]:
    r"""A stand-in for the face: rings round a mouth hole on a curved surface, (V, 3) dm and (F, 3), outside
    towards +z."""
    segments = 190
    rings = n_vertices // segments
    share, angle = torch.linspace(0, 1, rings)[:, None], torch.arange(segments) / segments * 2 * math.pi
    x, y = (0.1 + 0.65 * share) * angle.cos(), (0.1 + 0.85 * share) * angle.sin()
    z = 0.8 - 0.7 * (x * x + y * y)
    ring, segment = torch.meshgrid(torch.arange(rings - 1), torch.arange(segments), indexing="ij")
    inner = (ring * segments + segment).reshape(-1)
    inner_next = (ring * segments + (segment + 1) % segments).reshape(-1)
    outer, outer_next = inner + segments, inner_next + segments
    triangles = torch.cat(
        [torch.stack([inner, outer, outer_next], -1), torch.stack([inner, outer_next, inner_next], -1)]
    )
    return torch.stack([x, y, z], -1).reshape(-1, 3), triangles


def face_mesh() -> tuple[torch.Tensor, torch.Tensor]:
    r"""Posed vertices and triangles of the face that is timed: the procedural one, else a stand-in."""
    try:
        model = load_face_model(f"procedural:{VERTICES}")
        return model.posed(FaceParameters.zeros((1,)))[0], model.triangles
    except (ImportError, ValueError):
        return annulus_on_a_dome()


def best_ms(call, seconds: float = 1.5, at_most: int = 50) -> float:
    r"""The least time of repeated calls: what the machine can do when nothing else is in the way."""
    start = time.perf_counter()
    call()  # compiles, warms caches
    first = time.perf_counter() - start
    if first > 10 * seconds:  # a peer that takes a minute is not asked twice
        return 1000 * first
    times, end = [], time.perf_counter() + seconds
    while not times or (time.perf_counter() < end and len(times) < at_most):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


@contextmanager
def one_thread():
    r"""Lets torch, and with it the numba back-end, use one thread: what a neighbour's load disturbs least."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def run(sizes: tuple[int, ...] = SIZES, seconds: float = 1.5) -> dict[str, float]:
    r"""Times every installed back-end.

    Args:
        sizes: sides of the image in px.
        seconds: spent on each number.

    Returns:
        ``rasterize.{size}.{cpu|torch|pytorch3d}.ms``, one frame on one thread, and ``….all_threads.ms``;
        ``….agreement``, the share of pixels that show the same face as the CPU back-end's;
        ``rasterize.{size}.torch.backward.ms``, forward and gradient to the vertices;
        ``rasterize.{size}.quoted.{peer}.ms``; the mesh's size.
    """
    vertices, triangles = face_mesh()
    result = {"rasterize.vertices": float(len(vertices)), "rasterize.triangles": float(len(triangles))}
    for size in sizes:
        screen = PerspectiveCamera(size).project(vertices)[None].detach()
        reference = rasterize(screen, triangles, size, "numba").pix_to_face
        for backend in available_backends():
            key = f"rasterize.{size}.{NAMES[backend]}"
            call = partial(rasterize, screen, triangles, size, backend)
            result[f"{key}.agreement"] = (call().pix_to_face == reference).double().mean().item()
            with one_thread():
                result[f"{key}.ms"] = best_ms(call, seconds)
            if backend != "pytorch3d":
                bands = {"threads": 0} if backend == "numba" else {}
                result[f"{key}.all_threads.ms"] = best_ms(partial(call, **bands), seconds)
        leaf = screen.clone().requires_grad_()
        with one_thread():
            result[f"rasterize.{size}.torch.backward.ms"] = best_ms(
                lambda s=leaf, n=size: rasterize(s, triangles, n, "torch").bary_coords.sum().backward(),
                seconds,
            )
        if size in SIZES:
            for peer, row in QUOTED.items():
                result[f"rasterize.{size}.quoted.{peer}.ms"] = float(row[SIZES.index(size)])
    return result


if __name__ == "__main__":
    json.dump(run(), sys.stdout, indent=1)
    print()
