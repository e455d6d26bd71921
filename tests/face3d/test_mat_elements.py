r"""MATLAB files with a wrong byte: SciPy would end the process, here it is a sentence."""

import struct

import numpy as np
import pytest
from scipy.io import savemat

from dnt_core.face3d.bfm.mat_file import read_mat

ARRAYS = {
    "plain": np.arange(24.0).reshape(4, 6),
    "whole": np.arange(9, dtype=np.int32)[None],
    "small": np.float32([[2.5]]),
    "complex": np.array([[1 + 2j, 3 - 4j]]),
    "text": "words",
    "cells": np.array([[1, "two"]], object),
}
NUMBERS = ("plain", "whole", "small", "complex")


@pytest.mark.parametrize("packed", [False, True])
def test_arrays_of_numbers_are_read_and_others_are_no_arrays(tmp_path, packed):
    savemat(tmp_path / "a.mat", ARRAYS, do_compression=packed)
    held = read_mat(tmp_path / "a.mat", NUMBERS)
    for name in NUMBERS:
        assert held[name].dtype == ARRAYS[name].dtype and np.array_equal(held[name], ARRAYS[name])
    for name in ("text", "cells"):
        with pytest.raises(ValueError, match=f"no array '{name}', .* it holds complex, plain, small, whole"):
            read_mat(tmp_path / "a.mat", (name,))
    savemat(tmp_path / "b.mat", {"plain": ARRAYS["plain"]}, format="4")
    assert np.array_equal(read_mat(tmp_path / "b.mat", ("plain",))["plain"], ARRAYS["plain"])


@pytest.mark.parametrize("kind", [0, 8, 14, 15, 18, 20, 0x4007, 0xFFFF])
def test_a_kind_of_number_that_there_is_none_of(tmp_path, kind):
    path = tmp_path / "a.mat"
    savemat(path, {"plain": ARRAYS["plain"]})
    data = path.read_bytes()
    at = data.index(struct.pack("<II", 9, 24 * 8))
    path.write_bytes(data[:at] + struct.pack("<I", kind) + data[at + 4 :])
    with pytest.raises(ValueError, match="a.mat: not a readable MATLAB file.*'plain' is of numbers of the"):
        read_mat(path, ("plain",))


def test_any_wrong_byte_of_a_header(tmp_path):
    path = tmp_path / "a.mat"
    savemat(path, {"plain": ARRAYS["plain"], "complex": ARRAYS["complex"]})
    data, generator = path.read_bytes(), np.random.default_rng(0)
    for at in range(120, len(data), 3):
        path.write_bytes(data[:at] + generator.bytes(1) + data[at + 1 :])
        try:
            read_mat(path, ("plain",), ("complex",))
        except ValueError as error:
            assert "a.mat" in str(error)
