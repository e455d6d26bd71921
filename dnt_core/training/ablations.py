r"""The paper's ablations (section 5.5) as switches of one training: what is left out, and of which part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dnt_core.networks.generator_config import GeneratorConfig


@dataclass(frozen=True)
class Ablation:
    r"""What one of the four trainings changes; all else (seed, frames, steps, losses) stays.

    Attributes:
        label: as the paper's table names it.
        config: fields of :class:`~dnt_core.networks.generator_config.GeneratorConfig` that differ.
        decoupled: True: the geometry is f_d's; False: as reconstructed, with the expression in it.
        without: what is left out, in a sentence.
    """

    label: str
    config: Mapping[str, Any] = field(default_factory=dict)
    decoupled: bool = True
    without: str = ""

    def apply(self, config: GeneratorConfig, seed: int) -> GeneratorConfig:
        r"""The sizes of this training's generator, its initial weights from the seed."""
        return replace(config, seed=seed, **self.config)


#: By the key that ``metrics.json`` and ``weights/table2.json`` use.
ABLATIONS: dict[str, Ablation] = {
    "ours": Ablation("Ours"),
    "without_dnt": Ablation(
        "w/o DNT", {"texture": "static"}, False,
        "One static neural texture; the expression is in the geometry. The teeth are still told the CIEC.",
    ),
    "without_denet": Ablation(
        "w/o DeNet", {}, False,
        "No decoupling network: the geometry keeps the expression coefficients as they were reconstructed.",
    ),
    "without_ts": Ablation(
        "w/o TS", {"teeth": False}, True,
        "No teeth submodule: the renderer fills the mouth hole from what lies around it.",
    ),
}  # fmt: skip
