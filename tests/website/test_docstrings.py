r"""Every name that the package exports says what it takes, in which shape, and what it raises."""

from __future__ import annotations

import pytest
import torch

from tests.website.docstring_rules import faults, faults_of_function, sections


def test_all_that_is_exported_keeps_the_rules():
    assert faults() == []


def good(frames: torch.Tensor, size: int) -> torch.Tensor:
    r"""Resizes frames.

    Args:
        frames: (B, 3, H, W) in [0, 1].
        size: S px,
            at least 1.

    Returns:
        (B, 3, S, S).

    Raises:
        ValueError: a size below 1.
    """
    if size < 1:
        raise ValueError("no")
    return frames


def test_a_docstring_that_keeps_them_has_no_faults():
    assert list(faults_of_function(good, "good")) == []
    assert sections(good.__doc__)["Args"] == ["frames: (B, 3, H, W) in [0, 1].", "size: S px, at least 1."]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("        size: S px,\n            at least 1.\n", ""), "no line of its own for size"),
        (("(B, 3, H, W) in [0, 1].", "in [0, 1]. size: S px."), "frames has no shape"),
        (("(B, 3, S, S).", "resized ones."), "what is returned has no shape"),
        (("ValueError: a size below 1.", "OSError: never."), "Raises does not name ValueError"),
        (("size: S px,", "sizes: S px,"), "Args tells of sizes, which is no argument"),
    ],
)
def test_each_rule_can_fail(change, said):
    docstring = good.__doc__.replace(*change)
    assert docstring != good.__doc__
    assert any(said in fault for fault in faults_of_function(good, "good", docstring))
