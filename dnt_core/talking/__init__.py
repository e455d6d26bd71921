r"""Sound and a path of expressions in, a talking face out (section 3.4, figures 1 and 2).

``talk`` is the whole way from a sound file to an mp4; :class:`SpeakingFace` and :func:`speak_frames` are its
parts, for those who want the frames as they are drawn.
"""

from dnt_core.lazy_exports import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "dnt_core.talking.film": ["talk"],
        "dnt_core.talking.listening": ["idle_clip"],
        "dnt_core.talking.pipeline": ["speak_frames"],
        "dnt_core.talking.sounds": ["SampleSound", "open_sound", "spoken_text"],
        "dnt_core.talking.speaking_face": ["SpeakingFace"],
    },
)
