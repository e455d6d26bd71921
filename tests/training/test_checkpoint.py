r"""A checkpoint gives back exactly what went in, and bad files get one sentence."""

import pytest
import torch
from torch import nn

from dnt_core.checkpoint import read_checkpoint, write_checkpoint


def _trained(seed, steps=5):
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    network = nn.Linear(3, 2)
    optimizer = torch.optim.Adam(network.parameters(), 1e-2)
    _train(network, optimizer, generator, steps)
    return network, optimizer, generator


def _train(network, optimizer, generator, steps):
    for _ in range(steps):
        optimizer.zero_grad()
        network(torch.randn(8, 3, generator=generator)).square().mean().backward()
        optimizer.step()


def test_networks_optimisers_and_randomness_go_on_as_if_nothing_had_happened(tmp_path):
    network, optimizer, generator = _trained(0)
    path = tmp_path / "a.safetensors"
    write_checkpoint(path, {"step": 5}, network=network, optimizer=optimizer, generator=generator)
    other = _trained(1)
    checkpoint = read_checkpoint(path)
    checkpoint.restore(network=other[0], optimizer=other[1], generator=other[2])
    assert checkpoint.notes == {"step": 5}
    _train(network, optimizer, generator, 4)
    _train(*other, 4)
    for a, b in zip(network.parameters(), other[0].parameters(), strict=True):
        assert torch.equal(a, b)


def test_tied_weights_are_stored(tmp_path):
    network = nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2)])
    network[1].weight = network[0].weight
    path = write_checkpoint(tmp_path / "tied.safetensors", network=network)
    assert torch.equal(read_checkpoint(path).states["network"]["1.weight"], network[0].weight)


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = write_checkpoint(tmp_path / "a.safetensors", {"step": 1}, network=nn.Linear(1, 1))
    before = path.read_bytes()
    with pytest.raises(ValueError, match="not JSON"):
        write_checkpoint(path, {"loss": float("nan")}, network=nn.Linear(1, 1))
    assert path.read_bytes() == before and len(list(tmp_path.iterdir())) == 1


def test_bad_files_are_said(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        read_checkpoint(tmp_path / "nowhere.safetensors")
    path = write_checkpoint(tmp_path / "a.safetensors", network=nn.Linear(3, 3))
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ValueError, match="cut.safetensors is not a whole"):
        read_checkpoint(cut)
    from safetensors.torch import save_file

    save_file({"x": torch.zeros(1)}, tmp_path / "foreign.safetensors")
    with pytest.raises(ValueError, match="foreign.safetensors was not written by dnt_core"):
        read_checkpoint(tmp_path / "foreign.safetensors")


def test_a_state_that_does_not_fit_is_said(tmp_path):
    checkpoint = read_checkpoint(write_checkpoint(tmp_path / "a.safetensors", network=nn.Linear(3, 3)))
    with pytest.raises(ValueError, match="'network' of .* does not fit"):
        checkpoint.restore(network=nn.Linear(2, 2))
    with pytest.raises(ValueError, match="no 'critic'"):
        checkpoint.restore(critic=nn.Linear(3, 3))


def test_a_folder_in_the_place_of_weights_is_told_as_such(tmp_path):
    with pytest.raises(FileNotFoundError, match="is a folder, expected a file of weights"):
        read_checkpoint(tmp_path)
    with pytest.raises(FileNotFoundError, match="there is no checkpoint"):
        read_checkpoint(tmp_path / "none.safetensors")
