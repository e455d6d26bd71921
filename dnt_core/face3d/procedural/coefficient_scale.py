r"""What sets the scale of the expression coefficients: plausible moments, whose coefficients are N(0, 1).

Networks are trained on these coefficients. So the moments stay as they were first set, whatever
:data:`~dnt_core.face3d.procedural.movements.EMOTION_MOVEMENTS` shows today: another table here would be
another convention for the 64 numbers, and every trained network would misread them.
"""

from __future__ import annotations

import numpy as np

from .movements import movement_weights

# both sides unless a suffix says otherwise; value at intensity 1
_MOMENTS: dict[str, dict[str, float]] = {
    "angry": {
        "browDown": 1.7, "corrugatorBulge": 1.1, "eyeSquint": 0.75, "noseSneer": 0.35, "nostrilFlare": 0.9,
        "mouthPress": 0.8, "mouthFrown": 0.7, "mouthRollUpper": 0.2, "mouthRollLower": 0.1, "jawForward": 0.3,
        "masseterClench": 0.9,
    },
    "contempt": {
        "browDown_L": 0.35, "browOuterUp_R": 0.7, "eyeSquint": 0.4, "eyeBlink": 0.22, "cheekSquint_L": 0.6,
        "mouthSmile_L": 0.8, "mouthDimple_L": 0.9, "mouthUpperUp_L": 0.12, "mouthPress_R": 0.5,
        "mouthLeft": 0.16,
    },
    "disgusted": {
        "browDown": 0.7, "eyeSquint": 0.75, "eyeBlink": 0.18, "noseSneer": 1.0, "nostrilFlare": 0.5,
        "cheekSquint": 0.7, "mouthUpperUp": 0.75, "mouthFrown": 0.6, "mouthLowerDown": 0.15,
        "mouthShrugLower": 0.3,
    },
    "fear": {
        "browInnerUp": 1.0, "browOuterUp": 0.35, "browDown": 0.25, "corrugatorBulge": 0.35, "eyeWide": 1.0,
        "mouthStretch": 1.0, "mouthLowerDown": 0.55, "mouthFrown": 0.3, "jawOpen": 0.09,
    },
    "happy": {
        "eyeSquint": 0.55, "cheekSquint": 0.9, "mouthSmile": 0.95, "mouthDimple": 0.2, "mouthUpperUp": 0.42,
        "jawOpen": 0.05,
    },
    "sad": {
        "browInnerUp": 1.0, "corrugatorBulge": 0.4, "eyeBlink": 0.32, "eyelidHood": 0.6, "cheekSquint": 0.2,
        "mouthFrown": 1.0, "mouthShrugLower": 0.55, "mentalisBulge": 0.8,
    },
    "surprised": {
        "browInnerUp": 1.0, "browOuterUp": 1.0, "eyeWide": 1.0, "mouthFunnel": 0.22, "jawOpen": 0.30,
    },
    "neutral": {},
}  # fmt: skip
# largest value in natural speech, for the scale of the coefficients
_SPEECH_RANGE = {
    "jawOpen": 0.32, "mouthClose": 0.2, "mouthFunnel": 0.5, "mouthPucker": 0.6, "mouthPress": 0.4,
    "mouthStretch": 0.4, "mouthRollLower": 0.4, "mouthRollUpper": 0.25, "mouthLowerDown": 0.5,
    "mouthUpperUp": 0.3, "mouthSmile": 0.15, "eyeBlink": 0.5,
}  # fmt: skip


def performance_weights(n: int = 3000, seed: int = 0) -> np.ndarray:
    r"""(n, 64) movement weights of plausible moments: an expression at some intensity, and speech on top."""
    generator = np.random.default_rng(seed)
    emotions = np.stack([movement_weights(m) for m in _MOMENTS.values()])
    weights = emotions[generator.integers(0, len(emotions), n)] * generator.uniform(0, 1, (n, 1))
    speech = np.stack([movement_weights({k: v}) for k, v in _SPEECH_RANGE.items()])
    weights += generator.beta(1.0, 2.2, (n, len(speech))) @ speech
    return weights + 0.04 * generator.normal(size=weights.shape)
