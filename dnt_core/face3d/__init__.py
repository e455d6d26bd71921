r"""A frame's 257 numbers → vertices, colours, landmarks, and where they land in the image (section 3.1)."""

from dnt_core.face3d.topology import Topology, topology

__all__ = [
    "INNER_LIP",
    "MOUTH",
    "N_PARAMETERS",
    "OUTER_LIP",
    "SIZES",
    "FaceParameters",
    "MorphableModel",
    "PerspectiveCamera",
    "Topology",
    "load_face_model",
    "pose",
    "rotation_matrix",
    "spherical_harmonics",
    "spherical_harmonics_shading",
    "topology",
]
_HOMES = {
    "FaceParameters": "dnt_core.face3d.parameters",
    "INNER_LIP": "dnt_core.face3d.morphable_model",
    "MOUTH": "dnt_core.face3d.morphable_model",
    "MorphableModel": "dnt_core.face3d.morphable_model",
    "N_PARAMETERS": "dnt_core.face3d.parameters",
    "OUTER_LIP": "dnt_core.face3d.morphable_model",
    "PerspectiveCamera": "dnt_core.face3d.camera",
    "SIZES": "dnt_core.face3d.parameters",
    "load_face_model": "dnt_core.face3d.load",
    "pose": "dnt_core.face3d.camera",
    "rotation_matrix": "dnt_core.face3d.camera",
    "spherical_harmonics": "dnt_core.face3d.illumination",
    "spherical_harmonics_shading": "dnt_core.face3d.illumination",
}


def __getattr__(name: str):  # most of it imports torch, which a picture of the actor does not need
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
