r"""Checkpoints of random numbers with exactly the keys, shapes and types that an original's has."""

import csv
from pathlib import Path

import torch

TABLES = Path(__file__).parent / "state_dicts"


def key_table(name: str) -> dict[str, tuple[tuple[int, ...], torch.dtype]]:
    r"""key → shape and type, from ``NAME_keys.csv``."""
    with (TABLES / f"{name}_keys.csv").open(newline="") as file:
        return {
            row["key"]: (tuple(map(int, filter(None, row["shape"].split("x")))), getattr(torch, row["dtype"]))
            for row in csv.DictReader(file)
        }


def layer_table(name: str) -> list[dict[str, str]]:
    r"""One row per layer, from ``NAME.csv``."""
    with (TABLES / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def random_state_dict(name: str, seed: int = 0) -> dict[str, torch.Tensor]:
    r"""Random numbers that keep a network's values moderate, so that every layer shows in its output."""
    generator = torch.Generator().manual_seed(seed)
    state = {}
    for key, (shape, dtype) in key_table(name).items():
        if not dtype.is_floating_point:
            state[key] = torch.tensor(1000, dtype=dtype)
            continue
        value = torch.randn(shape, generator=generator, dtype=dtype)
        if key.endswith("running_var"):
            value = 0.5 + value.abs()
        elif len(shape) > 1:
            value *= value[0].numel() ** -0.5
        elif key.endswith("weight"):
            value = 1 + 0.2 * value
        else:
            value *= 0.2
        state[key] = value
    return state
