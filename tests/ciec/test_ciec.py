"""(type, intensity) ↔ CIEC vectors, levels, and what is said about a vector that is none."""

import numpy as np
import pytest
import torch

from dnt_core.ciec import (
    CIEC_TYPES,
    EXPRESSIONS,
    LEVEL_INTENSITY,
    decode,
    decode_batch,
    encode,
    intensity_to_level,
    level_to_intensity,
    type_index,
    validate,
)
from dnt_core.ciec_path import CIECPath, parse_path


def test_eight_types_of_which_seven_have_an_entry():
    assert len(EXPRESSIONS) == 8 and len(set(EXPRESSIONS)) == 8
    assert CIEC_TYPES == EXPRESSIONS[:7] and EXPRESSIONS[7] == "neutral"


@pytest.mark.parametrize("expression", CIEC_TYPES)
@pytest.mark.parametrize("intensity", [0.25, 0.67, 1.0])
def test_encode_writes_the_intensity_at_the_types_place(expression, intensity):
    slow = [intensity if name == expression else 0.0 for name in EXPRESSIONS[:7]]
    vector = encode(expression, intensity)
    torch.testing.assert_close(vector, torch.tensor(slow))
    name, x = decode(vector)
    assert name == expression and x == pytest.approx(intensity)


def test_neutral_is_the_zero_vector_and_zero_is_neutral():
    assert encode("neutral", 0.0).tolist() == [0.0] * 7
    assert decode(encode("happy", 0.0)) == ("neutral", 0.0)
    with pytest.raises(ValueError, match="neutral has no intensity"):
        encode("neutral", 0.5)


def test_batches_round_trip_in_torch():
    index = torch.arange(8).repeat(5)
    x = torch.rand(40, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    x[index == 7] = 0
    vectors = encode(index, x)
    assert vectors.shape == (40, 7) and vectors.dtype == torch.float64
    back_index, back_x = decode_batch(vectors)
    assert torch.equal(back_index, index) and torch.equal(back_x, x)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_every_floating_dtype_comes_back(dtype):
    vectors = encode(["happy", "sad"], torch.tensor([0.5, 1.0], dtype=dtype))
    assert vectors.dtype == dtype and decode(vectors[0]) == ("happy", 0.5)
    types, intensities = decode_batch(vectors)
    assert types.tolist() == [4, 5] and intensities.tolist() == [0.5, 1.0]


def test_batches_round_trip_in_numpy():
    x = np.array([[0.1, 0.2], [0.0, 1.0]])
    vectors = encode(np.array([["sad", "fear"], ["neutral", "happy"]]), x)
    assert isinstance(vectors, np.ndarray) and vectors.shape == (2, 2, 7) and vectors.dtype == np.float64
    index, back = decode_batch(vectors)
    assert [[EXPRESSIONS[i] for i in row] for row in index] == [["sad", "fear"], ["neutral", "happy"]]
    np.testing.assert_array_equal(back, x)


def test_a_type_and_many_intensities_broadcast_and_gradients_reach_the_intensity():
    x = torch.linspace(0, 1, 5, dtype=torch.float64, requires_grad=True)
    vectors = encode("sad", x)
    assert vectors.shape == (5, 7)
    assert torch.autograd.gradcheck(lambda v: encode("sad", v), 0.5 * x.detach().requires_grad_() + 0.1)


@pytest.mark.parametrize("bad", [-0.01, 1.01, float("nan"), float("inf")])
def test_encode_refuses_intensities_outside_the_unit_interval(bad):
    with pytest.raises(ValueError, match=r"intensity 1.0000001 is not in"):
        encode("happy", 1.0000001)
    with pytest.raises(ValueError, match="intensity .* is not in"):
        encode("happy", bad)


@pytest.mark.parametrize("name", ["Happy", "HAPPY", " happy ", np.str_("Happy")])
def test_names_are_known_in_any_case(name):
    assert decode(encode(name, 0.5)) == ("happy", 0.5) and type_index(name) == EXPRESSIONS.index("happy")
    np.testing.assert_array_equal(encode(np.array([name, "Neutral"]), np.array([1.0, 0.0])).sum(1), [1, 0])
    path = CIECPath(((0, name, 0), (1, name, 1)))
    assert path == parse_path("happy:0→1") and str(path) == "happy:0→1"


def test_encode_refuses_unknown_types():
    with pytest.raises(ValueError, match="unknown expression 'joy'.*angry"):
        encode("joy", 0.5)
    with pytest.raises(ValueError, match="expression index must be in 0 … 7"):
        encode([8], torch.tensor([0.5]))


@pytest.mark.parametrize("mask", [True, [True, False], np.array([True, False]), torch.tensor([True, False])])
def test_a_mask_is_no_type(mask):
    r"""As an index True would be contempt, and False angry."""
    with pytest.raises(TypeError, match="types must be names or integer indices"):
        encode(mask, 0.5)


@pytest.mark.parametrize(
    ("vector", "message"),
    [
        ([0.0] * 6, r"7 entries .* shape \(6,\)"),
        ([0, 0, 0, 0.2, 0.3, 0, 0], "fear=0.2, happy=0.3 all non-zero, but at most one"),
        ([0, 0, 0, float("nan"), 0, 0, 0], "fear=nan not finite"),
        ([0, 1.5, 0, 0, 0, 0, 0], r"contempt=1.5 outside \[0, 1\]"),
        ([0, 0, 0, 0, 0, -0.1, 0], r"sad=-0.1 outside"),
    ],
)
def test_invalid_vectors_say_what_is_wrong(vector, message):
    with pytest.raises(ValueError, match=message):
        validate(torch.tensor(vector))
    with pytest.raises(ValueError, match=message):
        decode(np.array(vector, dtype=float))


def test_validation_names_the_row_of_a_batch():
    batch = torch.zeros(2, 3, 7)
    batch[1, 2, :2] = 0.5
    with pytest.raises(ValueError, match=r"codes\[1, 2\] is not a CIEC: angry=0.5, contempt=0.5"):
        validate(batch, name="codes")
    good = torch.zeros(2, 3, 7)
    assert validate(good) is good


def test_levels_are_the_papers_and_half_levels_are_thirds():
    assert LEVEL_INTENSITY == {1: 0.33, 2: 0.67, 3: 1.0}
    assert [level_to_intensity(n) for n in (0, 1, 2, 3)] == [0.0, 0.33, 0.67, 1.0]
    assert [level_to_intensity(n) for n in (0.5, 1.5, 2.5)] == pytest.approx([0.5 / 3, 0.5, 2.5 / 3])
    for level in np.arange(0, 3.1, 0.5):
        assert intensity_to_level(level_to_intensity(level)) == pytest.approx(level)
    steps = [level_to_intensity(x) for x in np.arange(0, 3.01, 0.5)]
    assert steps == sorted(steps)


@pytest.mark.parametrize("bad", [-1, 3.5, float("nan")])
def test_levels_outside_are_refused(bad):
    with pytest.raises(ValueError, match="is not in"):
        level_to_intensity(bad)
