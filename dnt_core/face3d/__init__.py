r"""A frame's 257 numbers → vertices, colours, landmarks, and where they land in the image (section 3.1)."""

from dnt_core.face3d.camera import PerspectiveCamera, pose, rotation_matrix
from dnt_core.face3d.illumination import spherical_harmonics, spherical_harmonics_shading
from dnt_core.face3d.load import load_face_model
from dnt_core.face3d.morphable_model import INNER_LIP, MOUTH, OUTER_LIP, MorphableModel
from dnt_core.face3d.parameters import N_PARAMETERS, SIZES, FaceParameters
from dnt_core.face3d.registry import FACE_MODELS, check_face_model, face_model_family, same_face_model
from dnt_core.face3d.topology import Topology, topology

__all__ = [
    "FACE_MODELS",
    "INNER_LIP",
    "MOUTH",
    "N_PARAMETERS",
    "OUTER_LIP",
    "SIZES",
    "FaceParameters",
    "MorphableModel",
    "PerspectiveCamera",
    "Topology",
    "check_face_model",
    "face_model_family",
    "load_face_model",
    "pose",
    "rotation_matrix",
    "same_face_model",
    "spherical_harmonics",
    "spherical_harmonics_shading",
    "topology",
]
