r"""The three people the actor can be: face, colours, hair, voice. They are drawn, not taken from anyone."""

from __future__ import annotations

from dataclasses import dataclass

from dnt_core.actor.speech import VOICES, Voice


@dataclass(frozen=True)
class Person:
    r"""One identity.

    Args:
        name: a folder name in MEAD's form, ``M###`` or ``W###``.
        traits: geometric traits of :data:`dnt_core.face3d.procedural.bases.IDENTITY_TRAITS`.
        skin, flush, lips, brows, hair, iris, shirt, backdrop: RGB in [0, 1], sRGB-encoded.
        hair_style: "short", "long" or "cropped".
        brow_width: half width of the brows, cm. stubble, freckles, age: [0, 1].
    """

    name: str
    traits: dict[str, float]
    skin: tuple[float, float, float]
    flush: tuple[float, float, float]
    lips: tuple[float, float, float]
    brows: tuple[float, float, float]
    hair: tuple[float, float, float]
    iris: tuple[float, float, float]
    shirt: tuple[float, float, float]
    backdrop: tuple[float, float, float]
    hair_style: str
    brow_width: float
    stubble: float
    freckles: float
    age: float

    @property
    def voice(self) -> Voice:
        r"""How the person sounds."""
        return VOICES[self.name]


PEOPLE: dict[str, Person] = {
    person.name: person
    for person in (
        Person(
            "M003",
            {"wide_jaw": 0.7, "strong_chin": 0.5, "heavy_brow": 0.5, "long_nose": 0.2, "wide_nose": -0.4,
             "full_lips": -0.3},
            skin=(0.86, 0.68, 0.57), flush=(0.82, 0.42, 0.36), lips=(0.72, 0.46, 0.42),
            brows=(0.26, 0.17, 0.11), hair=(0.22, 0.14, 0.09), iris=(0.32, 0.42, 0.50),
            shirt=(0.22, 0.31, 0.44), backdrop=(0.62, 0.66, 0.68),
            hair_style="short", brow_width=0.34, stubble=0.55, freckles=0.0, age=0.3,
        ),
        Person(
            "W009",
            {"wide_jaw": -0.9, "large_eyes": -0.2, "full_lips": 0.6, "big_nose": -0.9, "wide_nose": -1.1,
             "high_brow": 0.1, "heavy_brow": -0.5, "strong_chin": -0.3, "long_chin": -0.4},
            skin=(0.93, 0.77, 0.68), flush=(0.90, 0.50, 0.46), lips=(0.80, 0.42, 0.42),
            brows=(0.37, 0.21, 0.12), hair=(0.47, 0.25, 0.12), iris=(0.36, 0.44, 0.30),
            shirt=(0.50, 0.22, 0.28), backdrop=(0.70, 0.66, 0.62),
            hair_style="long", brow_width=0.27, stubble=0.0, freckles=0.8, age=0.0,
        ),
        Person(
            "M011",
            {"wide_nose": 1.1, "full_lips": 1.1, "wide_cheekbones": 0.6, "high_forehead": 0.1,
             "long_face": 0.2, "full_cheeks": -0.2, "wide_mouth": 0.4, "high_bridge": -0.5,
             "heavy_brow": 0.7, "high_brow": 0.2, "large_eyes": -0.6},
            skin=(0.50, 0.33, 0.24), flush=(0.52, 0.22, 0.16), lips=(0.50, 0.28, 0.26),
            brows=(0.10, 0.07, 0.06), hair=(0.09, 0.075, 0.07), iris=(0.24, 0.14, 0.08),
            shirt=(0.74, 0.66, 0.46), backdrop=(0.52, 0.60, 0.58),
            hair_style="cropped", brow_width=0.32, stubble=0.8, freckles=0.0, age=0.6,
        ),
    )
}  # fmt: skip


def get_person(name: str) -> Person:
    r"""The person of that folder name.

    Raises:
        ValueError: nobody is called so.
    """
    if name not in PEOPLE:
        raise ValueError(f"no built-in actor is called {name!r}; there are {', '.join(PEOPLE)}")
    return PEOPLE[name]
