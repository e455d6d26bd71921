r"""The 3D morphable model: 257 numbers in, a coloured face surface out (section 3.1)."""

from __future__ import annotations

from os import PathLike

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dnt_core.arguments import as_tensor, check_type
from dnt_core.face3d.camera import pose
from dnt_core.face3d.checked_arrays import real_array, vertex_ids
from dnt_core.face3d.illumination import spherical_harmonics_shading
from dnt_core.face3d.parameters import SIZES, FaceParameters
from dnt_core.face3d.topology import Topology, check_one_sheet, incident_triangles, mouth_loop, topology
from dnt_core.own_torch import without_autocast

# Places in the 68 landmarks (iBUG order).
OUTER_LIP, INNER_LIP = slice(48, 60), slice(60, 68)
MOUTH = slice(48, 68)  # the twenty of the lip loss (equation 4) and of LMD
NORMAL_WEIGHTINGS = ("area", "uniform")


class MorphableModel(nn.Module):
    r"""A linear face: shape = mean + identity alpha + expression beta, albedo = mean + texture delta.

    Frame of reference: decimetres, x to image right, y up, z towards the camera, origin inside the head.
    All arrays are buffers, so ``.to(device)`` moves the model and ``state_dict`` holds it; results follow the
    dtype and device of the *parameters* given, and everything is differentiable in them.

    A further face model (ICT-FaceKit's scans, say) needs no new class: bring its arrays into the form below.
    Bases with *fewer* columns than the paper's 80/64/80 go through :meth:`from_arrays`, which pads them with
    zeros; a larger basis must be cut to its leading components by whoever knows what they mean.

    Args:
        mean_shape: (V, 3) in decimetres.
        identity_basis: (V, 3, 80) decimetres per unit coefficient; coefficients are about N(0, 1).
        expression_basis: (V, 3, 64), likewise.
        mean_color: (V, 3) mean albedo, RGB in [0, 1].
        texture_basis: (V, 3, 80), albedo per unit coefficient.
        triangles: (F, 3) vertex ids from 0, counter-clockwise seen from outside.
        uv: (V, 2) texture coordinates in [0, 1], v up.
        landmark_indices: (68,) vertex ids, iBUG order.
        mouth_loop: (K,) ordered vertex ids round the mouth hole; found from the boundary edges when not
            given, and then starting near landmark 60, the inner lips' right corner.
        name: what the model is called in messages, caches and weights: a name of
            :data:`~dnt_core.face3d.registry.FACE_MODELS`, never a path.
        normal_weighting: how triangles count in a vertex's normal, see :meth:`normals`.

    Raises:
        ValueError: an array has the wrong shape, an index is out of range, a number is not finite, uv or
            mean_color leaves [0, 1], or the mouth loop is not given and cannot be found.

    Examples:
        >>> model = dnt_core.load_face_model("procedural:coarse")
        >>> vertices, colors = model(dnt_core.FaceParameters.zeros(1))
        >>> vertices.shape == colors.shape
        True
    """

    mean_shape: Tensor
    identity_basis: Tensor
    expression_basis: Tensor
    mean_color: Tensor
    texture_basis: Tensor
    uv: Tensor
    triangles: Tensor
    landmark_indices: Tensor
    mouth_loop: Tensor
    incident_triangles: Tensor

    def __init__(
        self, *, mean_shape, identity_basis, expression_basis, mean_color, texture_basis, triangles, uv,
        landmark_indices, mouth_loop=None, name: str = "unnamed", normal_weighting: str = "area",
    ) -> None:  # fmt: skip
        super().__init__()
        if normal_weighting not in NORMAL_WEIGHTINGS:
            raise ValueError(f"unknown weighting {normal_weighting!r}, expected 'area' or 'uniform'")
        self.name, self.normal_weighting = name, normal_weighting
        mean_shape = as_tensor(mean_shape)
        n = mean_shape.shape[0] if mean_shape.ndim else 0
        real = {
            "mean_shape": (mean_shape, (n, 3)),
            "identity_basis": (identity_basis, (n, 3, SIZES["identity"])),
            "expression_basis": (expression_basis, (n, 3, SIZES["expression"])),
            "mean_color": (mean_color, (n, 3)),
            "texture_basis": (texture_basis, (n, 3, SIZES["texture"])),
            "uv": (uv, (n, 2)),
        }
        for key, (value, shape) in real.items():
            self.register_buffer(key, real_array(f"{name}: {key}", value, shape))
        for key, slack in (("uv", 0.0), ("mean_color", 0.2)):  # Basel's brightest vertex is beyond 1
            low, high = (float(end) for end in self.get_buffer(key).aminmax())
            if low < -slack or high > 1 + slack:
                raise ValueError(f"{name}: {key} must lie in [0, 1], got [{low:.3f}, {high:.3f}]")

        def ids(key: str, value, shape: tuple[int | None, ...]) -> None:
            self.register_buffer(key, vertex_ids(f"{name}: {key}", value, shape, self.n_vertices))

        ids("triangles", triangles, (None, 3))
        ids("landmark_indices", landmark_indices, (68,))
        ids("mouth_loop", self._find_mouth_loop() if mouth_loop is None else mouth_loop, (None,))
        table = torch.from_numpy(incident_triangles(self.triangles.numpy(force=True), self.n_vertices))
        self.register_buffer("incident_triangles", table.to(self.triangles.device))

    @classmethod
    def from_arrays(cls, **arrays) -> MorphableModel:
        r"""Like the constructor, with bases of fewer columns padded with zeros to the paper's 80, 64 and 80.

        Coefficients behind the padding then do nothing.

        Args:
            arrays: the constructor's arguments by name.

        Raises:
            ValueError: a basis has more columns than the paper's, besides the constructor's reasons.
        """
        for kind in ("identity", "expression", "texture"):
            basis = as_tensor(arrays[f"{kind}_basis"])
            missing = SIZES[kind] - basis.shape[-1]
            if missing < 0:
                raise ValueError(
                    f"{kind}_basis has {basis.shape[-1]} columns, the 257 numbers hold {SIZES[kind]}: "
                    "cut it to its leading components first"
                )
            arrays[f"{kind}_basis"] = F.pad(basis, (0, missing))
        return cls(**arrays)

    @classmethod
    def of_file(cls, path: str | PathLike[str], n_loops: int | None, **arrays) -> MorphableModel:
        r"""Like :meth:`from_arrays`, of a file's arrays: its name stands in front of what is wrong with them.

        Args:
            path: of the file or folder.
            n_loops: boundary loops that its mesh must have, see :meth:`check_topology`.
            arrays: the constructor's arguments by name.

        Raises:
            ValueError: the arrays are no face; one sentence that names the file.
        """
        try:
            model = cls.from_arrays(**arrays)
            model.check_topology(n_loops)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error
        return model

    @classmethod
    def of_buffers(
        cls, name: str, buffers: dict[str, Tensor], normal_weighting: str = "area"
    ) -> MorphableModel:
        r"""A model of buffers that a constructed one had (``named_buffers``), without checking them again.

        Args:
            name: of the face model.
            buffers: name → tensor (...), as ``named_buffers`` gave them.
            normal_weighting: "area" or "uniform", see :meth:`normals`.
        """
        model = cls.__new__(cls)
        nn.Module.__init__(model)
        model.name, model.normal_weighting = name, normal_weighting
        for key, buffer in buffers.items():
            model.register_buffer(key, buffer)
        return model

    # ---- checks ----

    def _find_mouth_loop(self) -> Tensor:
        vertices = self.mean_shape.numpy(force=True)
        lips = vertices[self.landmark_indices[INNER_LIP].numpy(force=True)]
        loop = mouth_loop(self.triangles.numpy(force=True), vertices, lips[0], lips)
        return torch.from_numpy(loop).to(self.triangles.device)

    def check_topology(self, n_loops: int | None = 2) -> Topology:
        r"""The mesh's :class:`~dnt_core.face3d.topology.Topology`: one sheet with a rim and a mouth hole.

        Args:
            n_loops: how many boundary loops the mesh must have: 2 is the annulus of the paper's model, holes
                for the two eyes make it 4; None: any number from 2.

        Raises:
            ValueError: V - E + F is not 2 - loops (so it is not one sheet without handles), the number of
                boundary loops is another, or the triangles are clockwise seen from outside.
        """
        found = topology(self.triangles.numpy(force=True))
        check_one_sheet(self.name, found, n_loops)
        if self._face_normals(self.mean_shape)[:, 2].sum() <= 0:
            raise ValueError(f"{self.name}: triangles are clockwise seen from outside, expected the reverse")
        return found

    # ---- sizes ----

    @property
    def n_vertices(self) -> int:
        return self.mean_shape.shape[0]

    @property
    def n_triangles(self) -> int:
        return self.triangles.shape[0]

    def extra_repr(self) -> str:
        return f"{self.name!r}, vertices={self.n_vertices}, triangles={self.n_triangles}"

    # ---- geometry and colour ----

    def shape(self, identity: Tensor, expression: Tensor, indices: Tensor | None = None) -> Tensor:
        r"""Vertices before the pose: mean + identity alpha + expression beta.

        Args:
            identity: alpha, (..., 80).
            expression: beta, (..., 64); batch shapes broadcast.
            indices: (N,) vertex ids; only these are computed, far cheaper for a few landmarks. Default: all.

        Returns:
            (..., V, 3) or (..., N, 3), decimetres.
        """
        return self._linear(self.identity_basis, identity, indices) + self._linear(
            self.expression_basis, expression, indices, self.mean_shape
        )

    def albedo(self, texture: Tensor, indices: Tensor | None = None) -> Tensor:
        r"""Skin colour without light: mean + texture delta, (..., 80) → (..., V, 3) RGB, not clamped.

        Args:
            texture: δ (..., 80).
            indices: (K,) vertices to compute, K in place of V then; None: all.
        """
        return self._linear(self.texture_basis, texture, indices, self.mean_color)

    @staticmethod
    @without_autocast()
    def _linear(
        basis: Tensor, coefficients: Tensor, indices: Tensor | None, mean: Tensor | None = None
    ) -> Tensor:
        if coefficients.shape[-1] != basis.shape[-1]:
            raise ValueError(
                f"expected coefficients (..., {basis.shape[-1]}), got shape {tuple(coefficients.shape)}"
            )
        if indices is not None:
            indices = indices.to(basis.device)
            basis, mean = basis[indices], None if mean is None else mean[indices]
        moved = F.linear(coefficients, basis.to(coefficients).flatten(0, 1))  # (..., 3V)
        moved = moved.unflatten(-1, (-1, 3))  # (..., V, 3)
        return moved if mean is None else moved + mean.to(moved)

    def _check_vertices(self, vertices: Tensor) -> None:
        if vertices.ndim < 2 or vertices.shape[-2] != self.n_vertices:
            got = tuple(vertices.shape)
            raise ValueError(f"expected vertices (..., {self.n_vertices}, D) of {self.name}, got shape {got}")

    def _face_normals(self, vertices: Tensor) -> Tensor:
        a, b, c = (vertices[..., self.triangles[:, corner].to(vertices.device), :] for corner in range(3))
        return torch.linalg.cross(b - a, c - a, dim=-1)  # (..., F, 3), length = twice the area

    def normals(self, vertices: Tensor, weighting: str | None = None) -> Tensor:
        r"""Unit normals of the vertices, pointing out of the face.

        Args:
            vertices: (..., V, 3).
            weighting: "area": triangles around a vertex count by their area; "uniform": all alike, as the
                reconstruction networks of the Basel family were trained with. Default: the model's own
                ``normal_weighting``, "uniform" for Basel files and "area" for the others.

        Returns:
            (..., V, 3). A vertex without triangles has the zero normal.

        Raises:
            ValueError: an unknown weighting, another number of vertices than the model's.
        """
        self._check_vertices(vertices)
        weighting = weighting or self.normal_weighting
        faces = self._face_normals(vertices)
        if weighting == "uniform":
            faces = F.normalize(faces, dim=-1, eps=1e-20)
        elif weighting != "area":
            raise ValueError(f"unknown weighting {weighting!r}, expected 'area' or 'uniform'")
        padded = F.pad(faces, (0, 0, 0, 1))  # (..., F + 1, 3): the padding id F adds nothing
        around = padded[..., self.incident_triangles.to(vertices.device), :]  # (..., V, N, 3)
        return F.normalize(around.sum(dim=-2), dim=-1, eps=1e-20)

    def posed(self, parameters: FaceParameters, indices: Tensor | None = None) -> Tensor:
        r"""Vertices in front of the camera: shape rotated and translated by p, (..., V, 3) in decimetres.

        Args:
            parameters: the 257 numbers, batch (...).
            indices: (K,) vertices to compute, K in place of V then; None: all.
        """
        check_type(parameters, FaceParameters, "parameters", "FaceParameters")
        vertices = self.shape(parameters.identity, parameters.expression, indices)
        return pose(vertices, parameters.angles, parameters.translation)

    def colors(self, parameters: FaceParameters, vertices: Tensor | None = None) -> Tensor:
        r"""Vertex colours under the light gamma: albedo x spherical-harmonics shading of the posed normals.

        With the model's ``normal_weighting`` "uniform", as Basel files are loaded, this is Deep3DFaceRecon's
        light within 0.004; "area" differs from it by up to 0.7 at vertices of folded slivers.

        Args:
            parameters: the 257 numbers.
            vertices: (..., V, 3) posed vertices, if they are there already.

        Returns:
            (..., V, 3) RGB, not clamped: strong light exceeds 1.
        """
        vertices = self.posed(parameters) if vertices is None else vertices
        shading = spherical_harmonics_shading(self.normals(vertices), parameters.illumination)
        return self.albedo(parameters.texture) * shading

    def forward(self, parameters: FaceParameters) -> tuple[Tensor, Tensor]:
        r"""Posed vertices (..., V, 3) in decimetres and their lit colours (..., V, 3) in RGB.

        Args:
            parameters: the 257 numbers, batch (...).
        """
        vertices = self.posed(parameters)
        return vertices, self.colors(parameters, vertices)

    # ---- parts ----

    def landmarks(self, vertices: Tensor) -> Tensor:
        r"""The 68 landmarks among the vertices, (..., V, D) → (..., 68, D).

        Args:
            vertices: (..., V, D), all of the model's.

        Raises:
            ValueError: another number of vertices than the model's.
        """
        self._check_vertices(vertices)
        return vertices[..., self.landmark_indices.to(vertices.device), :]

    def posed_landmarks(self, parameters: FaceParameters) -> Tensor:
        r"""The 68 landmarks in front of the camera, (..., 68, 3), without computing the other vertices.

        Args:
            parameters: the 257 numbers, batch (...).
        """
        return self.posed(parameters, self.landmark_indices)

    def mouth_polygon(self, vertices: Tensor) -> Tensor:
        r"""The mouth hole's inner loop among the vertices, in order, (..., V, D) → (..., K, D).

        Args:
            vertices: (..., V, D), all of the model's.

        Raises:
            ValueError: another number of vertices than the model's.
        """
        self._check_vertices(vertices)
        return vertices[..., self.mouth_loop.to(vertices.device), :]
