r"""The diagram says what the network has."""

import matplotlib.pyplot as plt
import pytest
from torch import nn

from dnt_core.networks.decoupling_network import DecouplingNetwork
from dnt_core.networks.neutral_discriminator import NeutralDiscriminator
from dnt_core.workbook.layer_diagram import layer_diagram, layer_widths


def test_widths_are_the_networks_own():
    assert layer_widths(DecouplingNetwork((128, 32))) == [64, 128, 32, 64]
    assert layer_widths(NeutralDiscriminator((16,), condition_dim=7)) == [71, 16, 1]
    for network in (nn.Sequential(nn.Linear(2, 3), nn.Linear(4, 5)), nn.ReLU()):
        with pytest.raises(ValueError, match="no chain of linear layers"):
            layer_widths(network)


def test_a_box_per_layer_and_an_arrow_past_them():
    ax = layer_diagram(DecouplingNetwork((128, 32)), "F", "f_d(F)", "f_d", skip="+ F")
    texts = [text.get_text() for text in ax.texts]
    assert [t for t in texts if t.startswith("hidden")] == ["hidden\n128", "hidden\n32"]
    assert {"F\n64", "f_d(F)\n64", "+ F"} <= set(texts)
    assert any("slope 0.2" in t for t in texts)
    plt.close(ax.figure)
