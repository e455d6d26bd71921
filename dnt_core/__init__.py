r"""Dynamic Neural Textures: talking faces with continuously controllable expressions, and a workbook on them.

``load`` opens a trained model, which draws a clip with another expression::

    model = dnt_core.load("M003", size=256)
    pictures = model("clip.mp4", "happy", 0.7)  # (T, 256, 256, 3) uint8

The packages follow figure 2 of the paper: ``clips`` (videos and their 3D faces), ``face3d`` (the 257
numbers and the face model), ``rendering``, ``networks``, ``training``, ``studies`` (what the paper measures),
``live`` (a face that follows a slider), ``serving`` and ``workbook`` (pages and notebooks), ``plotting``,
``cli`` (the command ``dnt``), with ``actor`` making the default data. Each shows its main names; they are
imported when first asked for, so that ``import dnt_core`` is quick.
"""

from dnt_core.lazy_exports import lazy_exports

__version__ = "0.2.0"

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "dnt_core.ciec": ["CIEC_TYPES", "EXPRESSIONS", "decode", "encode"],
        "dnt_core.ciec_path": ["CIECPath", "format_path", "parse_path"],
        "dnt_core.clips": [
            "Clip",
            "FaceCache",
            "load_clip",
            "read_face_cache",
            "scan",
            "write_face_cache",
            "write_video",
        ],
        "dnt_core.face3d": ["FaceParameters", "MorphableModel", "PerspectiveCamera", "load_face_model"],
        "dnt_core.live": ["LiveFace", "film_face"],
        "dnt_core.networks": ["DecouplingNetwork", "Generator", "GeneratorConfig"],
        "dnt_core.rendering": ["rasterize"],
        "dnt_core.talking": ["talk"],
        "dnt_core.talking_face": ["TalkingFace", "load"],
    },
)
