r"""The knobs of the built-in actor: what a student turns to make the study come out the other way."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from numbers import Real

from dnt_core.arguments import check_type


@dataclass(frozen=True)
class ActorConfig:
    r"""How the actor shows an expression and how well it is reconstructed; every knob says its direction.

    Args:
        geometry_share: [0, 1]. Higher: more of the brows', eyes' and cheeks' expression is moved by the face
            model's 64 expression numbers and the skin folds and flushes less; 1 leaves the skin smooth.
            Lower: the model's geometry stays still there and the skin carries the expression. The lips
            always follow the geometry.
        reconstruction_noise: ≥ 0, in standard deviations of an expression coefficient. Higher: the 257
            numbers a reconstruction network would give are worse; the truth beside them stays exact.
        mesh_resolution: vertices of the face model (400 … 200,000). Higher: finer geometry.
        head_motion: ≥ 0. Higher: the head turns and nods more; 0 holds it still.
        light_variation: ≥ 0. Higher: the light differs more between clips; 0 gives every clip the same light.
        speech: ≥ 0. Higher: the lips articulate more strongly; 0 keeps the mouth shut.
        variation: ≥ 0. Higher: no two clips of a cell show the expression alike; 0 makes the actor a machine.
        fold_depth: ≥ 0. Higher: deeper folds of the skin at the same intensity.

    Raises:
        TypeError: a knob that is no number.
        ValueError: a knob outside its range.
    """

    geometry_share: float = 0.35
    reconstruction_noise: float = 0.25
    mesh_resolution: int = 35_709
    head_motion: float = 1.0
    light_variation: float = 1.0
    speech: float = 1.0
    variation: float = 1.0
    fold_depth: float = 1.0

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            check_type(value, Real, f"knob {name}", "a number")
        if not 0.0 <= self.geometry_share <= 1.0:
            raise ValueError(f"knob geometry_share must lie in [0, 1], got {self.geometry_share}")
        if not 400 <= self.mesh_resolution <= 200_000:
            said = f"knob mesh_resolution must lie in [400, 200000] vertices, got {self.mesh_resolution}"
            raise ValueError(said)
        for name, value in asdict(self).items():
            if name not in ("geometry_share", "mesh_resolution") and not 0.0 <= value < float("inf"):
                raise ValueError(f"knob {name} must be a finite number of at least 0, got {value}")

    def turned(self, **changes: float) -> ActorConfig:
        r"""A copy with some knobs turned.

        Args:
            changes: field → its new value.
        """
        return replace(self, **changes)
