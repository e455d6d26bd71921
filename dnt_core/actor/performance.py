r"""What the actor does in a clip: speech, expression, blinks, head, light — before any picture is made.

A :class:`Performance` is the truth of a clip. It splits every movement of the expression into the part the
face model's 64 numbers carry and the part only the film shows (``ActorConfig.geometry_share``), and knows the
speech alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.ndimage import gaussian_filter1d

from dnt_core.actor.actor_config import ActorConfig
from dnt_core.actor.light import clip_light
from dnt_core.actor.people import Person, get_person
from dnt_core.actor.skin_albedo import vertex_albedo
from dnt_core.actor.speech import MOUTH_MOVEMENTS, Speech, mouth_movements
from dnt_core.cache.built_once import built_once
from dnt_core.ciec import expression_named
from dnt_core.face3d.procedural import bases
from dnt_core.face3d.procedural.movements import EMOTION_MOVEMENTS, MOVEMENTS, movement_weights
from dnt_core.face3d.procedural.vertex_colors import mean_color

REST_TRANSLATION = np.array([0.0, -0.12, -2.0])  # dm: far enough for hair and neck to be in the picture
# angles x, y, z in rad at intensity 1
_DEFAULT_SHARE = ActorConfig().geometry_share
SPEECH_SHARE = 0.35  # of the folds that speech alone draws
_HEAD_BEARING = {
    "angry":     ( 0.06,  0.00, 0.00),
    "contempt":  (-0.07, -0.05, 0.04),
    "disgusted": (-0.05,  0.07, 0.00),
    "fear":      (-0.04,  0.00, 0.00),
    "happy":     (-0.03,  0.00, 0.03),
    "sad":       ( 0.10,  0.02, 0.03),
    "surprised": (-0.05,  0.00, 0.00),
    "neutral":   ( 0.00,  0.00, 0.00),
}  # fmt: skip


@dataclass(frozen=True)
class Performance:
    r"""T frames of one clip; weights are those of :data:`MOVEMENTS` (64).

    Attributes:
        person: who plays.
        expression: one of :data:`EXPRESSIONS`.
        fps: frames per second.
        intensity: (T,) the continuous intensity shown, in [0, 1].
        speech_weights: (T, 64) movements of the speech, with blinks.
        emotion_weights: (T, 64) movements of the expression.
        geometry_weights: (T, 64) what the face model carries of their sum.
        film_weights: (T, 64) the rest, which only the film shows.
        identity: (80,) α of the face model.
        texture: (80,) δ of the face model.
        illumination: (27,) γ of the face model.
        pose: (T, 6) angles in rad, then the translation in decimetres.
        gaze: (T, 2) radians right and up.
        tongue: (T,) in [0, 1], higher: further up.
        skin: (T,) in [0, 1], how far flush is out.
        reconstruction_error: (T, 64) added to the true expression numbers by an imperfect reconstruction.
        knobs: how the clip was acted.
    """

    person: Person
    expression: str
    fps: float
    intensity: np.ndarray
    speech_weights: np.ndarray
    emotion_weights: np.ndarray
    geometry_weights: np.ndarray
    film_weights: np.ndarray
    identity: np.ndarray
    texture: np.ndarray
    illumination: np.ndarray
    pose: np.ndarray
    gaze: np.ndarray
    tongue: np.ndarray
    skin: np.ndarray
    reconstruction_error: np.ndarray
    knobs: ActorConfig

    def __len__(self) -> int:
        return len(self.intensity)

    @property
    def fold_gain(self) -> float:
        r"""How deep skin folds for a full movement: the share the geometry leaves, times ``fold_depth``."""
        return skin_share(self.knobs) * self.knobs.fold_depth * (0.72 + 0.4 * self.person.age)

    def fold_weights(self, index: int) -> np.ndarray:
        r"""(64,) movements that fold skin in frame ``index``: the expression's and a share of speech's.

        Args:
            index: of the frame, from 0.
        """
        return self.emotion_weights[index] + SPEECH_SHARE * self.speech_weights[index]

    @property
    def expression_coefficients(self) -> np.ndarray:
        r"""(T, 64) the true β."""
        return bases.movements_to_expression(self.geometry_weights)

    @property
    def speech_expression(self) -> np.ndarray:
        r"""(T, 64) the β of the speech alone: what a perfect decoupling network would give."""
        return bases.movements_to_expression(self.speech_weights)

    def storage_vectors(self, reconstructed: bool) -> np.ndarray:
        r"""(T, 257) in storage order (id, exp, tex, angles, γ, translation), true or as reconstructed.

        Args:
            reconstructed: with the errors of a reconstruction; False: the true numbers.
        """
        t = len(self)
        beta = self.expression_coefficients + (self.reconstruction_error if reconstructed else 0.0)
        fixed = [np.broadcast_to(a, (t, len(a))) for a in (self.identity, self.texture, self.illumination)]
        parts = [fixed[0], beta, fixed[1], self.pose[:, :3], fixed[2], self.pose[:, 3:]]
        return np.concatenate(parts, 1).astype(np.float32)


def skin_share(knobs: ActorConfig) -> float:
    r"""[0, 1] how much the skin shows: 1 at the geometry's default share, 0 when geometry carries all."""
    return min(1.0, (1.0 - knobs.geometry_share) / (1.0 - _DEFAULT_SHARE))


def _wander(generator: np.random.Generator, n: int, seconds: float, fps: float) -> np.ndarray:
    r"""(n,) smooth noise of unit variance that changes within ``seconds``."""
    pad = int(4 * seconds * fps) + 1
    noise = gaussian_filter1d(generator.normal(size=n + 2 * pad), seconds * fps)[pad : pad + n]
    return noise * np.sqrt(2 * np.sqrt(np.pi) * max(seconds * fps, 1e-6))


def _blinks(generator: np.random.Generator, n: int, fps: float) -> np.ndarray:
    r"""(n,) in [0, 1] how far the eyes are closed by blinks, one every few seconds."""
    closed = np.zeros(n)
    at = generator.uniform(0.25, 2.5)
    frames = np.arange(n) / fps
    while at < n / fps + 0.5:
        closed = np.maximum(closed, np.exp(-(((frames - at) / 0.075) ** 2) * 1.2))
        at += 0.6 + generator.exponential(2.6)
    return np.where(closed > 0.05, closed, 0.0)


def _moves(*begins: str) -> np.ndarray:
    r"""(64,) True for the movements whose name begins so."""
    return np.array([name.startswith(begins) for name in MOVEMENTS])


LIPS_AND_JAW = _moves("mouth", "jaw", "mentalis")  # always in the geometry; of the others ``geometry_share``
_PARTS_LIPS = _moves("mouthUpperUp", "mouthLowerDown", "jawOpen", "mouthFunnel")
_PRESSES_LIPS = _moves("mouthPress")


def perform(
    person: str,
    expression: str,
    intensity: float,
    speech: Speech,
    fps: float,
    n_frames: int,
    seed: int,
    knobs: ActorConfig = ActorConfig(),  # noqa: B008 (frozen)
) -> Performance:
    r"""Act one clip.

    Args:
        person: a name of :data:`~dnt_core.actor.people.PEOPLE`.
        expression: one of :data:`EXPRESSIONS`.
        intensity: [0, 1], any number, also between the filmed levels; for neutral it counts as 0.
        speech: what is said, of :func:`~dnt_core.actor.speech.synthesize`.
        fps: frames per second, above 0.
        n_frames: T.
        seed: everything random in the clip comes from it, at least 0.
        knobs: see :class:`ActorConfig`.

    Raises:
        ValueError: an unknown person or expression, an intensity outside [0, 1], fps not above 0, a negative
            seed.
    """
    expression = expression_named(expression)
    if not 0.0 <= intensity <= 1.0:
        raise ValueError(f"intensity must lie in [0, 1], got {intensity}")
    cast = get_person(person)
    generator = np.random.default_rng(seed)
    if expression == "neutral":
        intensity = 0.0
    mouth = mouth_movements(speech, fps, n_frames)
    lips = [name for name in MOUTH_MOVEMENTS if name != "tongueUp"]
    speech_weights = sum(np.outer(mouth[name], movement_weights({name: knobs.speech})) for name in lips)
    blinks = _blinks(generator, n_frames, fps)
    speech_weights = speech_weights + np.outer(blinks, movement_weights({"eyeBlink": 0.95}))

    drift = 0.05 * knobs.variation * _wander(generator, n_frames, 0.5, fps)
    level = np.clip(intensity * (1.0 + drift), 0.0, 1.0)
    style = np.exp(0.12 * knobs.variation * generator.normal(size=len(MOVEMENTS)))
    emotion = level[:, None] * (movement_weights(EMOTION_MOVEMENTS[expression]) * style)
    closure = np.clip((mouth["mouthPress"] + mouth["mouthRollLower"]) / 0.4, 0.0, 1.0)  # of p, b, m, f, v
    talking = np.clip(mouth["jawOpen"] / 0.2, 0.0, 1.0)
    # the expression does not part closing lips, nor press talking ones together
    held = np.where(_PARTS_LIPS, 1.0 - closure[:, None], 1.0)
    held = np.where(_PRESSES_LIPS, 1.0 - 0.8 * talking[:, None], held)
    emotion = emotion * held
    carried = np.where(LIPS_AND_JAW, 1.0, knobs.geometry_share)

    bearing = np.array(_HEAD_BEARING[expression]) * intensity
    sway = np.stack([_wander(generator, n_frames, 0.35, fps) for _ in range(6)], 1)
    rest = generator.normal(size=6) * np.array([0.02, 0.04, 0.015, 0.02, 0.015, 0.05])
    spread = np.array([0.022, 0.035, 0.014, 0.010, 0.008, 0.03])
    pose = knobs.head_motion * (rest + sway * spread)
    pose[:, :3] += knobs.head_motion * bearing
    pose[:, 3:] += REST_TRANSLATION
    gaze = np.repeat(generator.normal(size=(n_frames // 12 + 2, 2)) * (0.05, 0.03), 12, axis=0)[:n_frames]
    error = _error(generator, n_frames) * knobs.reconstruction_noise
    identity, texture = person_coefficients(cast.name)
    return Performance(
        person=cast,
        expression=expression,
        fps=fps,
        intensity=level,
        speech_weights=speech_weights,
        emotion_weights=emotion,
        geometry_weights=speech_weights + emotion * carried,
        film_weights=emotion * (1.0 - carried),
        identity=identity,
        texture=texture,
        illumination=clip_light(generator, knobs.light_variation),
        pose=pose,
        gaze=gaze,
        tongue=mouth["tongueUp"],
        skin=level * skin_share(knobs),
        reconstruction_error=error,
        knobs=knobs,
    )


def _error(generator: np.random.Generator, n: int) -> np.ndarray:
    r"""(n, 64) unit-variance error, half of it constant over the clip, half flickering between frames."""
    return np.sqrt(0.5) * generator.normal(size=(1, 64)) + np.sqrt(0.5) * generator.normal(size=(n, 64))


@cache
def person_coefficients(name: str) -> tuple[np.ndarray, np.ndarray]:
    r"""Identity (80,) and texture (80,) numbers of a built-in person."""
    get_person(name)  # says so when there is none
    numbers = _person_coefficients(name)
    return numbers["identity"], numbers["texture"]


@built_once("actor", bases.CODE)
def _person_coefficients(name: str) -> dict[str, np.ndarray]:
    person = get_person(name)
    flat = bases.reference_flat()
    wanted = vertex_albedo(person, flat) - mean_color(flat)
    basis = bases.texture_basis(flat).reshape(-1, 80)
    texture = np.linalg.solve(basis.T @ basis, basis.T @ wanted.reshape(-1))
    return {"identity": bases.traits_to_identity(person.traits), "texture": texture}
