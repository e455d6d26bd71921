r"""What a generator takes over from the weights of another one."""

from dataclasses import replace

import pytest
import torch

from dnt_core.networks.generator import Generator
from dnt_core.paths import weights_folder
from dnt_core.training.decoupling_weights import people_of
from dnt_core.training.generator_weights import save_generator, start_from, weights_key
from tests.networks.generator_inputs import TINY


@pytest.fixture
def weights(tmp_path):
    return save_generator(tmp_path / "other.safetensors", Generator(replace(TINY, seed=7)), {"seed": 7})


def test_of_the_same_sizes_everything_is_taken(weights):
    mine, theirs = Generator(TINY), Generator(replace(TINY, seed=7)).state_dict()
    share, made_with = start_from(mine, weights)
    assert share == 1 and made_with == {"seed": 7}
    assert all(torch.equal(value, theirs[name]) for name, value in mine.state_dict().items())


def test_of_other_sizes_what_fits_is_taken_and_the_rest_begins_anew(weights):
    wider = replace(TINY, width=6)
    mine, theirs = Generator(wider), Generator(replace(TINY, seed=7)).state_dict()
    share, _ = start_from(mine, weights)
    fresh, now = Generator(wider).state_dict(), mine.state_dict()
    same = {name for name, value in now.items() if name in theirs and torch.equal(value, theirs[name])}
    assert {"texture.neutral", "texture.basis", "teeth.look.weight"} <= same
    assert "renderer.stem.weight.texture" not in same
    assert all(torch.equal(now[name], fresh[name]) for name in now if name not in same)
    assert share == sum(now[name].numel() for name in same) / sum(value.numel() for value in now.values())


def test_weights_of_which_nothing_fits_are_refused(tmp_path):
    from dnt_core.checkpoint import write_checkpoint

    path = tmp_path / "strange.safetensors"
    write_checkpoint(path, {"config": TINY.to_json()}, generator=torch.nn.Linear(2, 2))
    with pytest.raises(ValueError, match="none of its weights fits"):
        start_from(Generator(TINY), path)


def test_a_shipped_file_s_name_is_found_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = "generator_M003_128.safetensors"
    assert weights_key(name) == weights_key(weights_folder() / name)
    for source in ("M003_speech", "decoupling_M003_speech.safetensors"):
        assert people_of(source) == people_of(weights_folder() / "decoupling_M003_speech.safetensors") != []
