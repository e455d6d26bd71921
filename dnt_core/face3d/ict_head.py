r"""The rest of ICT-FaceKit's head around the narrow face: ears, neck, eyes, gums and teeth, to be drawn.

The 257 numbers describe the narrow face (:mod:`~dnt_core.face3d.ict`). Its file holds a whole head that
the same coefficients move, part after part in the order of its vertices (ICT-FaceKit's README lists them).
Tear fluid, lashes and the shells for shading in front of the eyes are left out: they are transparent.
"""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike

import numpy as np

from dnt_core.face3d.ict import N_VERTICES, NEUTRAL, PER_DECIMETRE, read_differences, read_folder, read_obj
from dnt_core.face3d.mesh_parts import SKIN
from dnt_core.face3d.morphable_model import MorphableModel

#: Name, the vertex behind its last one, RGB albedo; the kit brings no colours, so these are ours.
PARTS = (
    ("face", 9_409, SKIN),
    ("head and neck", 11_248, SKIN),
    ("mouth socket", 13_294, (0.30, 0.11, 0.10)),
    ("eye sockets", 14_062, (0.45, 0.28, 0.24)),
    ("gums and tongue", 17_039, (0.66, 0.33, 0.31)),
    ("teeth", 21_451, (0.86, 0.83, 0.76)),
    ("left sclera", 22_221, (0.88, 0.86, 0.84)),
    ("left iris", 23_021, (0.16, 0.20, 0.22)),
    ("right sclera", 23_791, (0.88, 0.86, 0.84)),
    ("right iris", 24_591, (0.16, 0.20, 0.22)),
)


@dataclass(frozen=True)
class IctHead:
    r"""A head that the narrow face's coefficients move, in the narrow face's frame of reference.

    Args:
        mean: (V, 3) in decimetres.
        identity: (V, 3, I) decimetres per unit coefficient, the first I of the 80.
        expression: (V, 3, E) likewise, the first E of the 64.
        triangles: (F, 3) vertex ids from 0.
        part: (V,) place in :data:`PARTS`.
        shapes: (E,) names of the expressions, "" for one that this version of the kit lacks.
    """

    mean: np.ndarray
    identity: np.ndarray
    expression: np.ndarray
    triangles: np.ndarray
    part: np.ndarray
    shapes: tuple[str, ...]

    def shape(self, identity: np.ndarray, expression: np.ndarray) -> np.ndarray:
        r"""(V, 3) decimetres before the pose.

        Args:
            identity: (80,) alpha.
            expression: (64,) beta.
        """
        moved = self.identity @ identity[: self.identity.shape[2]]
        return self.mean + moved + self.expression @ expression[: self.expression.shape[2]]


def load_ict_head(folder: str | PathLike[str], face: MorphableModel, identities: int = 20) -> IctHead:
    r"""Reads the head that belongs to the narrow face of the same folder.

    Args:
        folder: ICT-FaceKit's, or its ``FaceXModel`` folder.
        face: what :func:`~dnt_core.face3d.ict.load_ict` made of it; its frame of reference is taken.
        identities: how many of the identity's modes are read; every one costs as much time as a file of
            2.5 MB does.

    Raises:
        FileNotFoundError: the folder lacks a file.
        ValueError: a file that is not the face kit's; one sentence that names it.
    """
    folder, config = read_folder(folder)
    path = folder / NEUTRAL
    vertices, _, corners = read_obj(path)
    if len(vertices) != N_VERTICES:
        raise ValueError(f"{path}: {len(vertices)} vertices, expected {N_VERTICES}")
    count = PARTS[-1][1]
    triangles = corners[(corners[..., 0] < count).all(axis=1)][..., 0]
    mean = vertices[:count] / PER_DECIMETRE
    names = sorted(p.stem for p in folder.glob("identity[0-9][0-9][0-9].obj"))[:identities]
    at = config["idx_to_landmark_verts"][30]  # the tip of the nose is a vertex of both
    origin = mean[at] - face.mean_shape[face.landmark_indices[30]].numpy(force=True)
    return IctHead(
        mean - origin,
        read_differences(folder, names, mean),
        read_differences(folder, config["expressions"], mean),
        triangles,
        np.searchsorted([end for _, end, _ in PARTS], np.arange(count), side="right"),
        tuple(name or "" for name in config["expressions"]),
    )
