r"""The trainings of the adversarial baselines: what they learn."""

import numpy as np
import pytest
import torch

from dnt_core.networks.exprgan import ExprGANConfig
from dnt_core.networks.stargan import StarGANConfig
from dnt_core.training.exprgan_training import ExprGANPlan, ExprGANTraining
from dnt_core.training.face_crops import FaceCrops, crop_window
from dnt_core.training.stargan_training import StarGANPlan, StarGANTraining, domain_loss


def crops(count=16):
    r"""Faces of noise whose colour is the type's and whose brightness is the level's."""
    rng = np.random.default_rng(0)
    types, levels = np.arange(count) % 2 * 4, np.arange(count) // 2 % 3
    pictures = rng.integers(0, 60, (count, 3, 16, 16))
    pictures[:, 0] += (120 * (types == 4))[:, None, None]
    pictures += 20 * levels[:, None, None, None]
    return FaceCrops(pictures.astype(np.uint8), types.astype(np.int64), levels.astype(np.int64))


def make(kind, steps=6, seed=0, **changes):
    if kind == "stargan":
        config = StarGANConfig(width=4, blocks=1, critic_width=4, critic_depth=2)
        return StarGANTraining(crops(), config, StarGANPlan(steps, 4, seed=seed, **changes))
    plan = ExprGANPlan(steps, batch_size=4, seed=seed, **changes)
    return ExprGANTraining(crops(), ExprGANConfig(4, 3, 2), plan)


def test_stargan_learns_the_way_back_and_the_critic_the_domains():
    training = make("stargan", steps=120)
    list(training.run())
    back, domain = training.history["reconstruction"], training.history["domain_real"]
    assert back[-1] < 0.9 * back[19]
    assert domain[-1] < domain[19]


def test_exprgan_goes_through_its_three_stages_and_learns_to_draw():
    training, stages = make("exprgan", steps=100), []
    for _ in training.run():
        stages.append(training.stage)
    assert list(dict.fromkeys(stages)) == ["controller", "reconstruction", "refining"]
    assert training.history["pixels"][-1] < 0.7 * training.history["pixels"][9]


def test_neutral_faces_have_no_level_to_be_wrong_about():
    types, levels = torch.zeros(2, 8), torch.zeros(2, 3)
    alone = domain_loss(types, levels, torch.tensor([7, 7]), torch.tensor([-1, -1]))
    assert float(alone) == pytest.approx(np.log(8), abs=1e-5)
    with_level = domain_loss(types, levels, torch.tensor([7, 1]), torch.tensor([-1, 0]))
    assert float(with_level) == pytest.approx(np.log(8) + np.log(3), abs=1e-5)


def test_crops_are_the_frames_cut_around_the_face(toy_data):
    rows = np.array([3, 40, 200])
    found = FaceCrops.of(toy_data, rows)
    batch = toy_data.batch(rows)
    window = crop_window(batch)
    assert found.size == window.size and len(found) == 3
    pasted = window.paste(found.batch(np.arange(3))[0], onto=batch.target)
    torch.testing.assert_close(pasted, batch.target, atol=1 / 500, rtol=0)
    assert found.types.tolist() == [toy_data.clips[toy_data.rows[r, 0]].type_index for r in rows]
    with pytest.raises(ValueError, match="no frames"):
        FaceCrops.of(toy_data, rows[:0])


def test_exprgans_gradients_have_a_longest_length():
    r"""Without it the first training at 128 px ended in faces of one colour, and no gradient leads back."""
    training, lengths = make("exprgan", max_gradient=1e-3), []

    def measure(optimizer, *_):
        gradients = [p.grad.norm() for p in optimizer.param_groups[0]["params"] if p.grad is not None]
        lengths.append(float(torch.stack(gradients).norm()))

    training.optimizers[0].register_step_pre_hook(measure)
    training.take_step()
    assert lengths and max(lengths) <= 1.001e-3
