from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from dnt_core.face3d.topology import incident_triangles, mouth_loop, topology

# Two triangles make a square; a ring of squares with a hole in the middle makes an annulus.
SQUARE = np.array([[0, 1, 2], [0, 2, 3]])


def ring(n: int) -> tuple[np.ndarray, np.ndarray]:
    inner, outer = np.arange(n), np.arange(n) + n
    after = np.roll(inner, -1)
    triangles = np.r_[np.c_[inner, outer, outer[after]], np.c_[inner, outer[after], after]]
    angle = 2 * np.pi * inner / n
    circle = np.c_[np.cos(angle), np.sin(angle), 0 * angle]
    return triangles, np.r_[circle, 2 * circle]


def test_a_square():
    found = topology(SQUARE)
    assert (found.n_vertices, found.n_edges, found.n_faces, found.euler) == (4, 5, 2, 1)
    assert len(found.boundary_loops) == 1
    assert_array_equal(np.roll(found.boundary_loops[0], -int(found.boundary_loops[0].argmin())), [0, 1, 2, 3])


def test_a_ring_is_an_annulus_and_its_mouth_is_the_shorter_loop():
    triangles, vertices = ring(9)
    found = topology(triangles)
    assert (found.euler, len(found.boundary_loops)) == (0, 2)
    loop = mouth_loop(triangles, vertices, start_near=vertices[4])
    assert loop[0] == 4
    steps = np.diff(np.r_[loop, loop[:1]]) % 9
    assert set(steps.tolist()) == {8}  # every neighbour in turn, clockwise


def test_a_tetrahedron_has_no_boundary():
    found = topology(np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]]))
    assert (found.euler, found.boundary_loops) == (2, ())


def test_two_holes_that_touch_in_a_vertex_are_walked_whole():
    r"""Two separate triangles sharing one vertex: every boundary edge is used exactly once."""
    found = topology(np.array([[0, 1, 2], [0, 3, 4]]))
    assert sum(len(loop) for loop in found.boundary_loops) == 6


def test_incident_triangles_against_a_loop():
    triangles, _ = ring(7)
    table = incident_triangles(triangles, 15)  # vertex 14 is in no triangle
    for vertex in range(15):
        expected = [f for f in range(len(triangles)) if vertex in triangles[f]]
        row = table[vertex]
        assert row[row < len(triangles)].tolist() == expected
        assert (row[len(expected) :] == len(triangles)).all()


def test_wrong_meshes_are_said():
    with pytest.raises(ValueError, match=r"triangle 1 uses a vertex twice: \[1, 2, 2\]"):
        topology(np.array([[0, 1, 2], [1, 2, 2]]))
    with pytest.raises(ValueError, match="must turn the same way"):
        topology(np.array([[0, 1, 2], [0, 3, 2], [0, 2, 4]]))
    with pytest.raises(ValueError, match="shorter of two boundary loops, but the mesh has 1"):
        mouth_loop(SQUARE, np.zeros((4, 3)))
