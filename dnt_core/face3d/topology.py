r"""What the triangles alone say about a face: its edges, its holes, and which triangles meet at a vertex."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Topology:
    r"""Counts and boundary of a triangle mesh.

    A face with an open mouth is an annulus: one component, V - E + F = 0, two boundary loops: the outer rim
    and the mouth hole.

    Args:
        n_vertices: V.
        n_edges: E.
        n_faces: F, triangles.
        boundary_loops: vertex ids (L,) of each loop, once round.
    """

    n_vertices: int  # that some triangle uses
    n_edges: int
    n_faces: int
    boundary_loops: tuple[np.ndarray, ...]  # vertex ids in order, each loop once round

    @property
    def euler(self) -> int:
        r"""V - E + F."""
        return self.n_vertices - self.n_edges + self.n_faces


def topology(triangles: np.ndarray) -> Topology:
    r"""Edges, Euler characteristic and boundary loops of a consistently oriented mesh.

    Args:
        triangles: (F, 3) integer vertex ids, all turning the same way.

    Returns:
        :class:`Topology`. Loops follow the triangles' own direction: with triangles counter-clockwise seen
        from outside, the outer rim runs counter-clockwise and a hole clockwise.

    Raises:
        ValueError: no integers (F, 3) with F of at least 1, a triangle that uses a vertex twice, an edge of
            more than two triangles, or two neighbours that turn opposite ways.
    """
    triangles = np.asarray(triangles)
    if (
        triangles.ndim != 2
        or triangles.shape[1] != 3
        or triangles.dtype.kind not in "iu"
        or not len(triangles)
    ):
        got = f"shape {triangles.shape} and type {triangles.dtype}"
        raise ValueError(f"triangles must be integer vertex ids (F, 3), at least one row, got {got}")
    triangles = triangles.astype(np.int64, copy=False)
    degenerate = (triangles == np.roll(triangles, 1, axis=1)).any(axis=1)
    if degenerate.any():
        bad = int(degenerate.argmax())
        raise ValueError(f"triangle {bad} uses a vertex twice: {triangles[bad].tolist()}")
    half = np.stack([triangles, np.roll(triangles, -1, axis=1)], axis=-1).reshape(-1, 2)  # (3F, 2) directed
    base = int(triangles.max()) + 1
    key, opposite = half[:, 0] * base + half[:, 1], half[:, 1] * base + half[:, 0]
    unique, counts = np.unique(key, return_counts=True)
    if (counts > 1).any():
        start, stop = divmod(int(unique[counts.argmax()]), base)
        raise ValueError(
            f"the directed edge {start} -> {stop} belongs to {counts.max()} triangles: "
            "neighbouring triangles must turn the same way and share each edge at most once"
        )
    is_boundary = ~np.isin(opposite, key, assume_unique=True)
    n_edges = (len(half) + int(is_boundary.sum())) // 2
    return Topology(len(np.unique(triangles)), n_edges, len(triangles), _chain(half[is_boundary]))


def check_one_sheet(name: str, found: Topology, n_loops: int | None = 2) -> None:
    r"""A ValueError unless the mesh of the face ``name`` has V - E + F = 2 - loops, and so many loops.

    Args:
        name: of the face, for the message.
        found: what :func:`topology` says of its mesh.
        n_loops: how many boundary loops it must have; None: any number from 2.
    """
    loops = len(found.boundary_loops)
    if found.euler == 2 - loops and loops >= 2 and n_loops in (None, loops):
        return
    wanted = 2 if n_loops is None else n_loops
    holes = {2: "a mouth hole", 4: "a mouth hole and two eye holes"}.get(wanted, f"{wanted - 1} holes")
    boundary = f"{'two' if wanted == 2 else wanted} boundary loops{' or more' if n_loops is None else ''}"
    raise ValueError(
        f"{name}: a face with {holes} has V - E + F = {2 - wanted} and {boundary}, found "
        f"{found.n_vertices} - {found.n_edges} + {found.n_faces} = {found.euler} and {loops} loops"
    )


def _chain(edges: np.ndarray) -> tuple[np.ndarray, ...]:
    r"""Directed boundary edges (E, 2) → closed loops; a vertex that two loops touch is entered by each."""
    following: dict[int, list[int]] = {}
    for start, stop in edges.tolist():
        following.setdefault(start, []).append(stop)
    loops = []
    while following:
        first = next(iter(following))
        loop, here = [], first
        while True:
            loop.append(here)
            here = following[here].pop() if len(following[here]) > 1 else following.pop(here)[0]
            if here == first:
                break
        loops.append(np.array(loop, dtype=np.int64))
    return tuple(loops)


def mouth_loop(
    triangles: np.ndarray,
    vertices: np.ndarray,
    start_near: np.ndarray | None = None,
    lips: np.ndarray | None = None,
) -> np.ndarray:
    r"""The mouth hole's inner loop: of two boundary loops the shorter, of more the one nearest to the lips.

    Args:
        triangles: (F, 3) vertex ids of one sheet with a rim and a mouth hole.
        vertices: (V, 3) positions that the loops' lengths are measured with.
        start_near: (3,) point; the loop starts at its vertex nearest to it. Default: at an arbitrary vertex.
        lips: (N, 3) points on the inner lips, for meshes with further holes.

    Returns:
        (K,) int64 vertex ids in order once round.

    Raises:
        ValueError: fewer than two boundary loops, or more without ``lips``.
    """
    loops = topology(triangles).boundary_loops
    if len(loops) < 2 or (len(loops) > 2 and lips is None):
        raise ValueError(
            f"the mouth loop is found as the shorter of two boundary loops, but the mesh has {len(loops)}; "
            "give mouth_loop explicitly"
        )
    vertices = np.asarray(vertices)
    if len(loops) == 2:
        score = [np.linalg.norm(vertices[loop] - vertices[np.roll(loop, 1)], axis=1).sum() for loop in loops]
    else:
        from scipy.spatial.distance import cdist  # takes half a second, and few ask

        score = [cdist(np.asarray(lips), vertices[loop]).min(axis=1).mean() for loop in loops]
    loop = loops[int(np.argmin(score))]
    if start_near is not None:
        loop = np.roll(loop, -int(np.linalg.norm(vertices[loop] - np.asarray(start_near), axis=1).argmin()))
    return loop


def incident_triangles(triangles: np.ndarray, n_vertices: int) -> np.ndarray:
    r"""The triangles around each vertex as one padded table, the ``point_buf`` of the Basel model's files.

    A gather over this table sums face normals twice as fast as an ``index_add`` over the triangles, and in a
    fixed order on every device.

    Args:
        triangles: (F, 3) vertex ids.
        n_vertices: V.

    Returns:
        (V, N) int64 triangle ids ascending, N the most triangles at one vertex; F pads shorter rows.
    """
    triangles = np.asarray(triangles, dtype=np.int64)
    n_faces = len(triangles)
    corner = triangles.reshape(-1)
    by_vertex = np.argsort(corner, kind="stable")
    counts = np.bincount(corner, minlength=n_vertices)
    within = np.arange(len(corner)) - np.repeat(np.cumsum(counts) - counts, counts)
    table = np.full((n_vertices, max(1, int(counts.max()))), n_faces, dtype=np.int64)
    table[corner[by_vertex], within] = by_vertex // 3
    return table
