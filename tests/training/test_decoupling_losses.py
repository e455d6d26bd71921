r"""Equations 2 to 5 against loops, in forward and in gradient; λ2 in other units."""

import math

import pytest
import torch

from dnt_core.face3d.morphable_model import MOUTH
from dnt_core.training import decoupling_losses as losses


def _logits(seed=0, n=6):
    return torch.randn(n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_equation_2_is_the_paper_s_sum_of_logarithms():
    real, made = _logits(0), _logits(1, 4)
    d = lambda logit: 1 / (1 + math.exp(-logit))  # noqa: E731
    value = (
        sum(math.log(d(x)) for x in real.tolist()) / 6 + sum(math.log(1 - d(x)) for x in made.tolist()) / 4
    )
    assert float(losses.discriminator_loss(real, made)) == pytest.approx(-value)
    expected = sum(math.log(1 - d(x)) for x in made.tolist()) / 4
    assert float(losses.adversarial_loss(made)) == pytest.approx(expected)
    expected = -sum(math.log(d(x)) for x in made.tolist()) / 4
    assert float(losses.adversarial_loss(made, saturating=False)) == pytest.approx(expected)


@pytest.mark.parametrize("saturating", [True, False])
def test_which_variant_pulls_where_the_discriminator_is_sure(saturating):
    logit = torch.tensor([-8.0], requires_grad=True)
    losses.adversarial_loss(logit, saturating).backward()
    assert logit.grad < 0  # both want to look real
    assert (logit.grad.abs() < 1e-3) == saturating


def test_equations_3_and_4_are_means(toy_model_float64):
    before, after = (
        torch.randn(5, 64, dtype=torch.float64, generator=torch.Generator().manual_seed(k)) for k in (0, 1)
    )
    total = sum(abs(float(after[i, k] - before[i, k])) for i in range(5) for k in range(64))
    assert float(losses.neutral_loss(before, after)) == pytest.approx(total / (5 * 64))

    mouth = losses.MouthLandmarks(toy_model_float64)
    a, b = mouth(before), mouth(after)
    total = sum(float(a[i, j, c] - b[i, j, c]) ** 2 for i in range(5) for j in range(20) for c in range(3))
    assert float(losses.mouth_loss(a, b)) == pytest.approx(total / (5 * 20 * 3))


def test_equation_4_as_printed_pulls_as_strongly_however_near_the_lips_are():
    before, off = torch.zeros(1, 20, 3, dtype=torch.float64), torch.zeros(1, 20, 3, dtype=torch.float64)
    off[0, 4] = torch.tensor([3.0, 4.0, 0.0])
    assert float(losses.mouth_norm(before, off)) == pytest.approx(5)
    pulls = {}
    for size in (1.0, 0.01):
        for loss in (losses.mouth_norm, losses.mouth_loss):
            after = (size * off).requires_grad_()
            loss(before, after).backward()
            pulls[loss, size] = float(after.grad.norm())
    assert pulls[losses.mouth_norm, 1.0] == pytest.approx(pulls[losses.mouth_norm, 0.01]) == pytest.approx(1)
    assert pulls[losses.mouth_loss, 0.01] == pytest.approx(0.01 * pulls[losses.mouth_loss, 1.0])


def test_mouth_landmarks_are_those_of_the_whole_face_whoever_it_is(toy_model_float64):
    generator = torch.Generator().manual_seed(3)
    expression = torch.randn(2, 64, dtype=torch.float64, generator=generator)
    identity = torch.randn(80, dtype=torch.float64, generator=generator)
    mouth = losses.MouthLandmarks(toy_model_float64)
    faces = [
        toy_model_float64.landmarks(toy_model_float64.shape(i, expression))[:, MOUTH]
        for i in (0 * identity, identity)
    ]
    torch.testing.assert_close(mouth(expression), faces[0])
    difference = lambda x: x[0] - x[1]  # noqa: E731
    torch.testing.assert_close(difference(faces[1]), difference(mouth(expression)))


@pytest.mark.parametrize("unit,in_one_decimetre", [("mm", 100.0), ("cm", 10.0), ("dm", 1.0), ("m", 0.1)])
def test_lambda2_in_another_unit_weighs_the_same(unit, in_one_decimetre):
    a, b = torch.rand(2, 4, 20, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    in_dm = losses.total_loss(torch.tensor(0.7), torch.tensor(0.1), losses.mouth_loss(a, b))
    mouth = losses.mouth_loss(in_one_decimetre * a, in_one_decimetre * b)
    rescaled = losses.total_loss(
        torch.tensor(0.7), torch.tensor(0.1), mouth, lambda2=losses.lambda2_for(unit)
    )
    torch.testing.assert_close(rescaled, in_dm)
    with pytest.raises(ValueError, match="inch"):
        losses.lambda2_for("inch")


def test_50000_is_5_in_millimetres_and_one_millimetre_costs_1_7():
    assert losses.lambda2_for("mm") == pytest.approx(5.0)
    off = torch.zeros(1, 20, 3)
    off[..., 1] = 0.01
    assert float(losses.LAMBDA2 * losses.mouth_loss(torch.zeros(1, 20, 3), off)) == pytest.approx(5 / 3)


def test_losses_are_differentiable(toy_model_float64):
    mouth = losses.MouthLandmarks(toy_model_float64)
    before = torch.randn(3, 64, dtype=torch.float64, generator=torch.Generator().manual_seed(0))

    def total(after, logit):
        return losses.total_loss(
            losses.adversarial_loss(logit),
            losses.neutral_loss(before, after),
            losses.mouth_loss(mouth(before), mouth(after)),
        )

    after = (before + 0.3).requires_grad_(True)
    assert torch.autograd.gradcheck(total, (after, _logits().requires_grad_(True)))


def test_gradient_penalty_of_a_linear_discriminator_is_its_squared_slope():
    linear = torch.nn.Linear(64, 1, dtype=torch.float64)
    discriminator = lambda x: linear(x)[..., 0]  # noqa: E731
    penalty = losses.gradient_penalty(discriminator, torch.randn(5, 64, dtype=torch.float64))
    torch.testing.assert_close(penalty, linear.weight.square().sum())
