r"""A frame's 257 numbers → vertices, colours, landmarks, and where they land in the image (section 3.1).

Most of it imports torch, which a picture of the actor does not need: names are imported when first asked for.
"""

from dnt_core.face3d.topology import Topology, topology
from dnt_core.lazy_exports import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "dnt_core.face3d.camera": ["PerspectiveCamera", "pose", "rotation_matrix"],
        "dnt_core.face3d.illumination": ["spherical_harmonics", "spherical_harmonics_shading"],
        "dnt_core.face3d.load": ["face_model_key", "load_face_model"],
        "dnt_core.face3d.morphable_model": ["INNER_LIP", "MOUTH", "OUTER_LIP", "MorphableModel"],
        "dnt_core.face3d.parameters": ["N_PARAMETERS", "SIZES", "FaceParameters"],
        "dnt_core.face3d.registry": [
            "FACE_MODELS",
            "check_face_model",
            "face_model_family",
            "same_face_model",
        ],
    },
)
__all__ += ["Topology", "topology"]
