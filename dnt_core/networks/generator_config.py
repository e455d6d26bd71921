r"""The sizes of a generator, kept beside its weights."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from dnt_core.arguments import whole_number

_RENAMED = {"most": "max_width_mult"}  # version 0.1 → now
TEXTURES = ("dynamic", "static", "set")
_WORDS = {
    "between": ("nearest", "blend"),
    "norm": ("none", "instance"),
    "skips": ("concatenate", "add"),
}


@dataclass(frozen=True)
class GeneratorConfig:
    r"""Sizes and kinds of the generator's parts; what the paper leaves open is stated here.

    Args:
        texture: "dynamic"; or the ablations "static" (one texture) and "set" (one for each expression and
            level).
        texture_size: T, texels along a side of the texture.
        texture_channels: N, channels of the texture, at least 3; the first three are supervised as RGB.
        bases: K, bases of the dynamic texture; higher: more shades of expression, slower.
        basis_size: texels along the bases' sides, 0 for T; smaller: smoother changes, smaller files.
        transcoder: hidden widths of the transcoding network.
        between: of the set, "nearest" or "blend".
        teeth: with the teeth submodule.
        teeth_width: channels of the teeth submodule's first level.
        teeth_depth: levels of the teeth submodule's U-Net.
        mouth_window: height and width of the teeth submodule's window, as shares of ``face_window``.
        code_size: numbers that the teeth submodule turns the CIEC into.
        face_window: height and width of the rectangle that is computed, as shares of the image's; around it
            eq. 1 has α = 0 and copies the background. Smaller: faster; it grows where a face does not fit.
        width: channels of the neural renderer's first level.
        depth: levels of the neural renderer's U-Net.
        half_resolution: whether the neural renderer computes at half the image's size; faster.
        detail_width: so many channels of its first convolution go past the U-Net to the last one.
        max_width_mult: its deeper levels have up to this many times ``width`` channels.
        background_width: channels of the renderer's background network.
        norm: "none" or "instance".
        skips: of the U-Nets, "concatenate" or "add"; "add": faster.
        seed: of all initial weights.

    Raises:
        TypeError: a size that is no whole number.
        ValueError: an unknown kind of texture, ``between``, norm or skips; a size below 1, fewer than three
            channels, a window that is not two shares in (0, 1], a negative seed.

    Examples:
        >>> config = dnt_core.GeneratorConfig(bases=4)
        >>> dnt_core.GeneratorConfig.from_json(config.to_json()) == config
        True
    """

    texture: str = "dynamic"
    texture_size: int = 256
    texture_channels: int = 16
    bases: int = 16
    basis_size: int = 0
    transcoder: tuple[int, ...] = (64, 64)
    between: str = "nearest"
    teeth: bool = True
    teeth_width: int = 8
    teeth_depth: int = 3
    mouth_window: tuple[float, float] = (0.25, 0.375)
    code_size: int = 16
    face_window: tuple[float, float] = (1.0, 1.0)
    width: int = 16
    depth: int = 5
    half_resolution: bool = True
    detail_width: int = 16
    max_width_mult: int = 8
    background_width: int = 8
    norm: str = "none"
    skips: str = "concatenate"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.texture not in TEXTURES:
            raise ValueError(f"unknown texture {self.texture!r}; expected one of {', '.join(TEXTURES)}")
        for field in fields(self):
            value = getattr(self, field.name)
            if field.type == "int":
                least = 0 if field.name in ("basis_size", "seed") else 1
                whole_number(value, f"generator config: {field.name}", least)
            if isinstance(value, list):  # as JSON gives them
                object.__setattr__(self, field.name, tuple(value))
        for name in ("face_window", "mouth_window"):
            shares = getattr(self, name)
            if not isinstance(shares, tuple) or len(shares) != 2:
                raise ValueError(f"generator config: {name} must be two shares, got {shares!r}")
            if not all(0 < share <= 1 for share in shares):
                raise ValueError(f"generator config: {name} must lie in (0, 1], got {shares}")
        for name, known in _WORDS.items():
            if (given := getattr(self, name)) not in known:
                raise ValueError(f"unknown {name} {given!r}; expected one of {', '.join(known)}")
        if self.texture_channels < 3:
            raise ValueError(
                f"generator config: texture_channels must be at least 3, got {self.texture_channels}"
            )

    def to_json(self) -> str:
        r"""The config as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> GeneratorConfig:
        r"""The inverse of :meth:`to_json`, also of version 0.1; ValueError for unknown keys.

        Args:
            text: what :meth:`to_json` gave.

        Raises:
            ValueError: no JSON object, an unknown key, a value out of its range.
        """
        try:
            read: Any = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"a generator config is not JSON: {error}") from None
        if not isinstance(read, dict):
            raise ValueError(f"a generator config is a JSON object, got {text!r:.80}")
        held: dict[str, Any] = read
        values = {_RENAMED.get(key, key): value for key, value in held.items()}
        unknown = set(values) - {field.name for field in fields(cls)}
        if unknown:
            raise ValueError(f"generator config: unknown key {sorted(unknown)[0]!r}")
        return cls(**values)


#: Sizes by recipe. ``quick`` is for 64–96 px; ``laptop`` for 256 px at interactive speed, ``laptop_128`` for
#: 128 px in a file a quarter as large; ``paper`` takes the literature's sizes for what the paper leaves open.
GENERATOR_CONFIGS: dict[str, GeneratorConfig] = {
    "nbval": GeneratorConfig(
        texture_size=32, bases=4, width=8, depth=2, teeth_depth=2, half_resolution=False
    ),
    "quick": GeneratorConfig(texture_size=64, bases=8, width=16, depth=4, half_resolution=False),
    "laptop": GeneratorConfig(
        texture_size=256, bases=8, basis_size=96, width=16, depth=5, max_width_mult=2, skips="add",
        face_window=(7 / 8, 5 / 8), mouth_window=(2 / 7, 3 / 5),
    ),
    "laptop_128": GeneratorConfig(
        texture_size=128, bases=8, basis_size=56, width=16, depth=4, max_width_mult=2, skips="add",
        face_window=(7 / 8, 5 / 8), mouth_window=(2 / 7, 3 / 5),
    ),
    "paper": GeneratorConfig(
        texture_size=256, bases=64, width=64, depth=5, half_resolution=False, teeth_width=64, teeth_depth=4,
        background_width=64, norm="instance", code_size=64,
    ),
}  # fmt: skip
