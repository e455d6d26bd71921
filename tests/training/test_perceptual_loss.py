r"""Equation 6 and its substitutes."""

import pytest
import torch
from torch import nn

from dnt_core.metrics.psnr import psnr
from dnt_core.training.perceptual_loss import (
    VGG_LAYERS,
    PerceptualLoss,
    Vgg19Features,
    make_loss,
    mouth_loss,
    texture_color_loss,
)

close = torch.testing.assert_close


def pictures(batch=2, size=32):
    return torch.rand(2, batch, 3, size, size, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def features():
    return Vgg19Features(levels=3)


def test_taps_are_the_first_relu_of_each_of_the_five_blocks():
    from torchvision.models.vgg import cfgs

    first, number = [], 0
    for block, layer in enumerate(cfgs["E"]):
        start_of_block = block == 0 or cfgs["E"][block - 1] == "M"
        if layer == "M":
            number += 1
        else:
            first += [number + 1] if start_of_block else []
            number += 2
    assert first == list(VGG_LAYERS) and list(VGG_LAYERS.values()) == [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1]


def test_equation_6_is_a_weighted_sum_of_mean_differences(features):
    a, b = pictures()
    wanted = sum(
        w * (x - y).abs().mean()
        for w, x, y in zip(VGG_LAYERS.values(), features(a), features(b), strict=False)
    )
    close(PerceptualLoss(features)(a, b), wanted)
    assert PerceptualLoss(features)(a, a) == 0 < wanted


def test_features_see_normalised_pictures_at_falling_sizes(features):
    grey = torch.tensor([0.485, 0.456, 0.406])[:, None, None].expand(1, 3, 32, 32)
    assert features(grey)[0].abs().max() < 1e-6  # ImageNet's mean is 0 and random layers have no bias
    assert [tuple(f.shape[1:]) for f in features(pictures()[0])] == [(64, 32, 32), (128, 16, 16), (256, 8, 8)]


def test_features_are_frozen_and_pass_gradients(features):
    a, b = pictures()
    PerceptualLoss(features)(a.requires_grad_(), b).backward()
    assert a.grad.abs().sum() > 0 and not any(p.requires_grad for p in features.parameters())


def test_random_features_follow_from_the_seed():
    before = torch.get_rng_state()
    a, b, other = (Vgg19Features(levels=1, seed=s).layers[0].weight for s in (0, 0, 1))
    assert torch.equal(torch.get_rng_state(), before)  # the caller's random numbers
    assert torch.equal(a, b) and not torch.equal(a, other)


def test_pixel_and_gradient_terms():
    a, b = pictures(1, 3)
    loss = PerceptualLoss(pixel_weight=2.0, gradient_weight=3.0)
    d = (a - b)[0]
    across = sum((d[:, r, c + 1] - d[:, r, c]).abs().sum() for r in range(3) for c in range(2)) / 18
    down = sum((d[:, r + 1, c] - d[:, r, c]).abs().sum() for r in range(2) for c in range(3)) / 18
    close(loss(a, b), 2 * d.abs().mean() + 3 * (across + down))
    a, b = (p.double().requires_grad_() for p in (a, b))
    assert torch.autograd.gradcheck(loss, (a, b))


def test_any_features_will_do():
    loss = PerceptualLoss(_Two(), weights=(1.0, 0.5))
    a, b = pictures()
    close(loss(a, b), (a - b).abs().mean() + 0.5 * (2 * a - 2 * b).abs().mean())


class _Two(nn.Module):
    def forward(self, x):
        return [x, 2 * x]


def test_weights_from_a_file(tmp_path, monkeypatch):
    source = Vgg19Features(levels=2, seed=7)
    state = {f"features.{key}": value for key, value in source.layers.state_dict().items()}
    torch.save(state | {"classifier.0.bias": torch.zeros(3)}, tmp_path / "vgg19-dcbb9e9d.pth")
    monkeypatch.setenv("DNT_VGG19", str(tmp_path / "vgg19-dcbb9e9d.pth"))
    name, loss = make_loss("auto", levels=2)
    assert name == "vgg19" and loss.pixel_weight == 0
    close(loss.features(pictures()[0])[1], source(pictures()[0])[1])


def test_without_weights_a_substitute_stands_in(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("DNT_ASSETS", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DNT_VGG19", raising=False)
    name, loss = make_loss("auto")
    assert name == "pixel_gradient" and loss.features is None
    with pytest.raises(FileNotFoundError, match="VGG-19 weights was not found"):
        make_loss("vgg19")


@pytest.mark.parametrize("content", [b"no pickle", None])
def test_foreign_weights_are_refused_in_one_sentence(tmp_path, content):
    path = tmp_path / "vgg19.pth"
    path.write_bytes(content) if content else torch.save({"features.0.weight": torch.zeros(2)}, path)
    with pytest.raises(ValueError, match="is not torchvision's VGG-19 weights") as caught:
        Vgg19Features(path, levels=1)
    assert "\n" not in str(caught.value)


def test_refusals():
    for make, message in (
        (lambda: make_loss("lpips"), "unknown loss 'lpips'"),
        (lambda: Vgg19Features(levels=6), "1 to 5, got 6"),
        (lambda: PerceptualLoss(), "above 0"),
        (
            lambda: PerceptualLoss(pixel_weight=1.0)(torch.zeros(1, 3, 4, 4), torch.zeros(1, 3, 5, 5)),
            "the same",
        ),
    ):
        with pytest.raises(ValueError, match=message):
            make()


def test_colors_count_on_the_face_only():
    color, target = pictures(1, 4)
    mask = torch.zeros(1, 1, 4, 4)
    mask[..., 1, 2] = 1
    close(texture_color_loss(color, target, mask), (color - target)[0, :, 1, 2].abs().mean())
    assert texture_color_loss(color, target, 0 * mask) == 0
    two = [torch.cat([a, b]) for a, b in ((color, color), (target, color), (mask, 1 - mask))]
    close(texture_color_loss(*two), texture_color_loss(color, target, mask) / 2)  # every picture counts alike


def test_psnr():
    a = torch.zeros(2, 3, 4, 4)
    b = torch.stack([a[0] + 0.1, a[1] + 0.01])
    close(psnr(a, b), torch.tensor([20.0, 40.0], dtype=torch.float64), atol=1e-4, rtol=0)
    mask = torch.zeros(2, 1, 4, 4)
    mask[0, :, 0, 0] = 1
    b[0, :, 0, 0] = 1.0
    assert psnr(a, b, mask)[0] == 0 and torch.isnan(psnr(a, b, mask)[1]) and psnr(a, a)[0] == 100


def test_the_mouth_counts_as_often_as_its_weight_says():
    image, target, mouth = torch.zeros(1, 3, 64, 64), torch.zeros(1, 3, 64, 64), torch.zeros(1, 1, 64, 64)
    mouth[..., 40:44, 30:40] = 1
    target[..., 41, 35], target[..., 10, 10] = 1, 1  # the same error inside and outside
    image.requires_grad_()
    ((image - target).abs().mean() + 10 * mouth_loss(image, target, mouth)).backward()
    inside, outside = image.grad[0, 0, 41, 35], image.grad[0, 0, 10, 10]
    close(inside / outside, torch.tensor(11.0))
    margin = mouth_loss(torch.ones_like(target), torch.zeros_like(target), mouth) * 64 * 64
    close(margin, torch.tensor(6.0 * 12))  # a pixel of the lips on each side


def test_features_learnt_from_expressions_are_read_back_and_differ_from_random_ones(tmp_path):
    from types import SimpleNamespace

    import numpy as np

    from dnt_core.training.generator_data import Batch
    from dnt_core.training.vgg_pretraining import learn_features

    tints = torch.tensor([[0.2, 0.5, 0.8], [0.8, 0.3, 0.2]])
    clips = [SimpleNamespace(expression="neutral", level=1), SimpleNamespace(expression="happy", level=3)]
    rows = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])

    def batch(chosen):
        clean = tints[torch.from_numpy(rows[chosen, 0])][:, :, None, None].expand(-1, -1, 16, 16)
        return Batch(None, None, clean.contiguous())

    data = SimpleNamespace(clips=clips, rows=rows, batch=batch)
    path = tmp_path / "learnt.safetensors"
    losses = learn_features(data, np.arange(4), path, levels=1, steps=30, batch_size=4, progress=False)
    assert losses["last"] < 0.5 * losses["first"]
    learnt = Vgg19Features(path, levels=1).layers[0].weight
    assert not torch.equal(learnt, Vgg19Features(levels=1).layers[0].weight)
    name, loss = make_loss("learnt_vgg19", levels=1, weights=path)
    a, b = pictures(1, 16)
    assert name == "learnt_vgg19" and loss(a, b) > 0
    with pytest.raises(ValueError, match="needs the file"):
        make_loss("learnt_vgg19")
