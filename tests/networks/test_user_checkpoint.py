r"""Checkpoints that users bring: every way they can be wrong is one sentence with the file's name."""

import io
import os
import re
import zipfile

import numpy as np
import pytest
import torch
from torch import nn

from dnt_core.networks.syncnet import load_syncnet
from dnt_core.networks.user_checkpoint import load_user_network, read_state_dict
from dnt_core.networks.wav2lip import load_wav2lip
from dnt_core.networks.wm3dr_network import load_wm3dr
from tests.networks.random_state_dict import random_state_dict


def tiny() -> nn.Module:
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, 2))


def tiny_state(seed: int = 0) -> dict[str, torch.Tensor]:
    torch.manual_seed(seed)
    return tiny().state_dict()


def saved(path, held, zipped: bool = True):
    torch.save(held, path, _use_new_zipfile_serialization=zipped)
    return path


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize("prefix", ["", "module."])
@pytest.mark.parametrize("inside", [True, False])
def test_reads_every_way_they_are_stored(tmp_path, zipped, prefix, inside):
    state = tiny_state()
    held = {prefix + key: value for key, value in state.items()}
    if inside:
        held = {"state_dict": held, "optimizer": {"state": {}, "param_groups": [{"lr": 1e-4}]}, "epoch": 3}
    network = load_user_network(tiny, "wav2lip", saved(tmp_path / "w.pth", held, zipped))
    assert not network.training
    for key, value in network.state_dict().items():
        torch.testing.assert_close(value, state[key], rtol=0, atol=0)
    assert not any(p.requires_grad or p.is_meta for p in network.parameters())


def test_half_precision_becomes_float32(tmp_path):
    state = {k: v.half() if v.is_floating_point() else v for k, v in tiny_state().items()}
    network = load_user_network(tiny, "wav2lip", saved(tmp_path / "w.pth", state))
    assert network[0].weight.dtype == torch.float32


@pytest.mark.parametrize(
    ("name", "load", "file"),
    [
        ("wav2lip", load_wav2lip, "wav2lip.pth"),
        ("wm3dr", load_wm3dr, "wm3dr.pth"),
        ("syncnet_v2", load_syncnet, "syncnet_v2.model"),
    ],
)
def test_random_checkpoints_of_the_originals_keys_load(tmp_path, monkeypatch, name, load, file):
    r"""Found in an assets folder; two keys wrong and it is refused."""
    monkeypatch.setenv("DNT_ASSETS", str(tmp_path))
    for variable in ("DNT_WAV2LIP", "DNT_WM3DR", "DNT_SYNCNET"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(FileNotFoundError, match=rf"was not found .*{file}.*"):
        load()
    state = random_state_dict(name)
    plain = name == "syncnet_v2"
    held = state if plain else {"state_dict": {f"module.{k}": v for k, v in state.items()}}
    saved(tmp_path / file, held)
    network = load()
    assert all(torch.equal(value, state[key]) for key, value in network.state_dict().items())
    first = next(iter(state))
    state["extra.weight"] = state.pop(first)
    saved(tmp_path / file, state)
    with pytest.raises(
        ValueError, match=rf"{file} does not fit .* 1 key missing \({first}\); 1 key too many"
    ):
        load()


def refused(path, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        load_user_network(tiny, "wav2lip", path)
    message = str(caught.value)
    assert str(path) in message and "Wav2Lip checkpoint" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", r"is empty \(0 bytes\)"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4\n", "git-lfs pointer"),
        (b"\n <!DOCTYPE html><html><body>Sign in</body></html>", "is a web page"),
        (b"<html>quota exceeded</html>", "is a web page"),
        (b"\x1f\x8b\x08\x00" + bytes(100), "is no file of torch.save"),
        (b"\x80\x02garbage", "truncated or damaged"),
    ],
)
def test_files_of_another_kind(tmp_path, content, said):
    path = tmp_path / "wav2lip.pth"
    path.write_bytes(content)
    refused(path, said)


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.99])
def test_truncated_anywhere(tmp_path, zipped, share):
    whole = saved(tmp_path / "whole.pth", {"state_dict": tiny_state()}, zipped).read_bytes()
    path = tmp_path / "cut.pth"
    path.write_bytes(whole[: int(share * len(whole))])
    refused(path, "truncated")


def test_a_zip_of_something_else(tmp_path):
    path = tmp_path / "wav2lip.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("checkpoints/wav2lip.pth", b"x")
    refused(path, "zip archive that torch.save did not write")


class RunsCode:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
def test_code_in_a_file_is_not_run(tmp_path, zipped):
    ran = tmp_path / "ran"
    path = saved(tmp_path / "w.pth", {"state_dict": tiny_state(), "x": RunsCode(ran)}, zipped)
    refused(path, "Python objects beside its tensors")
    assert not ran.exists()
    refused(saved(tmp_path / "n.pth", {"state_dict": tiny_state(), "best": np.float64(3)}), "Python objects")


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ({"model": 3, "epoch": 4}, "holds a dictionary with 'model', 'epoch'"),
        ({}, "nothing in it"),
        (torch.zeros(3), "holds a Tensor"),
        ([1, 2], "holds a list"),
    ],
)
def test_no_state_dict_in_it(tmp_path, held, said):
    refused(saved(tmp_path / "w.pth", held), said)


def test_keys_are_counted_and_named(tmp_path):
    state = tiny_state()
    del state["1.running_var"]
    state |= {f"head.{k}": torch.zeros(1) for k in range(5)}
    state["3.weight"] = torch.zeros(3, 4)
    path = saved(tmp_path / "w.pth", state)
    refused(path, r"1 key missing \(1.running_var\); 5 keys too many \(head.0, head.1, head.2, …\); "
                  r"1 key of a wrong shape \(3.weight 3x4 where 2x4 is expected\)")  # fmt: skip


def test_a_key_with_and_without_its_prefix_is_not_lost(tmp_path):
    state = tiny_state()
    state["module.3.bias"] = torch.ones(2)
    refused(saved(tmp_path / "w.pth", state), r"1 key too many \(module.3.bias\)")


def test_numbers_that_are_none(tmp_path):
    state = tiny_state()
    state["3.bias"][1] = float("nan")
    with pytest.raises(ValueError, match=r"is damaged: NaN or infinity in 1 key \(3.bias\)"):
        load_user_network(tiny, "wav2lip", saved(tmp_path / "w.pth", state))


def test_a_missing_file(tmp_path):
    with pytest.raises(
        FileNotFoundError, match="nothing.pth does not exist; expected the Wav2Lip checkpoint"
    ):
        load_wav2lip(tmp_path / "nothing.pth")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="is a folder"):
        read_state_dict(tmp_path, "Wav2Lip checkpoint")


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_torchscript_is_one_sentence(tmp_path):
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.script(nn.ReLU()), buffer)
    path = tmp_path / "w.pth"
    path.write_bytes(buffer.getvalue())
    refused(path, "TorchScript")


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
def test_the_sentence_on_torchscript_says_what_opens(tmp_path):
    r"""Wav2Lip's own page offers TorchScript now: its tensors have the same keys."""
    network = nn.Sequential(nn.Conv2d(3, 2, 3), nn.BatchNorm2d(2)).eval()
    torch.jit.save(torch.jit.trace(network, torch.zeros(1, 3, 8, 8)), tmp_path / "w.pth")
    with pytest.raises(ValueError) as told:
        read_state_dict(tmp_path / "w.pth", "Wav2Lip checkpoint")
    advice = re.search("`(.*)`", str(told.value))[1].replace("another.pth", str(tmp_path / "another.pth"))
    exec(advice, {"torch": torch})
    found = read_state_dict(tmp_path / "another.pth", "Wav2Lip checkpoint")
    assert found.keys() == network.state_dict().keys()
