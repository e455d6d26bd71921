r"""The perceptual distance: 0 for the same picture, larger with more blur, of nets with features only."""

from copy import deepcopy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from dnt_core.metrics.classifier_fit import Normalise
from dnt_core.metrics.expression_classifier import small_residual_net
from dnt_core.metrics.feature_distance import FeatureDistance, feature_distance


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    pictures = torch.randint(0, 256, (32, 3, 32, 32), dtype=torch.uint8).numpy()
    return nn.Sequential(Normalise(pictures), small_residual_net(8)).eval()


def blurred(pictures, pixels):
    return F.avg_pool2d(F.pad(pictures, (pixels,) * 4, mode="replicate"), 2 * pixels + 1, 1)


def test_it_grows_with_blur_from_nought(net):
    distance, pictures = FeatureDistance(net), torch.rand(2, 3, 48, 48)
    found = torch.stack([distance(blurred(pictures, n), pictures) for n in (0, 1, 3)])  # (3, 2)
    assert found[0].tolist() == [0, 0]
    assert (found.diff(dim=0) > 0).all() and found.max() <= 4


def test_it_does_not_change_the_pictures_or_the_net(net):
    pictures = torch.rand(1, 3, 32, 32)
    before, said = pictures.clone(), net(255 * pictures)
    FeatureDistance(net)(pictures, pictures.flip(-1))
    assert torch.equal(pictures, before) and torch.equal(net(255 * pictures), said)


def test_frames_of_generator_data_are_measured(net, toy_data):
    rows = [3, 40, 77]
    assert feature_distance(net, lambda batch: batch.target, toy_data, rows) == 0
    assert feature_distance(net, lambda batch: blurred(batch.target, 2), toy_data, rows) > 0.01


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_net_on_a_gpu_measures_pictures_on_the_cpu(net, toy_data):
    r"""Written without a GPU at hand: nobody has run it yet."""
    rows, there = [3, 40], deepcopy(net).cuda()
    here, found = (
        feature_distance(one, lambda batch: blurred(batch.target, 2), toy_data, rows) for one in (net, there)
    )
    assert found == pytest.approx(here, rel=1e-2)


def test_a_net_without_residual_blocks_is_refused():
    with pytest.raises(ValueError, match="residual net"):
        FeatureDistance(nn.Sequential(nn.Identity(), nn.Sequential(nn.Conv2d(3, 4, 3))))


def test_the_net_that_is_looked_through_can_be_trained_on(net):
    net.train()
    FeatureDistance(net)
    assert net.training and all(p.requires_grad for p in net.parameters())
    net.eval()
