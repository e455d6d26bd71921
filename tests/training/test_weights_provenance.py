r"""What weights say about themselves: whose, which size, on which geometry; and version 0.1 brought along."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from dnt_core.checkpoint import network_key, read_notes, write_checkpoint
from dnt_core.face3d import FaceParameters
from dnt_core.networks.decoupling_network import DecouplingNetwork
from dnt_core.networks.generator import Generator
from dnt_core.paths import weights_folder
from dnt_core.studies.dynamic_texture.generator_evaluation import GeneratorEvaluation
from dnt_core.studies.perceptual_study.collecting.generated_clips import GeneratedClips
from dnt_core.training.generator_weights import find_generators, open_generator, save_generator
from dnt_core.training.weights_migration import migrate_weights
from tests.networks.generator_inputs import TINY

CONFIG = replace(TINY, texture_size=16)


def save_f_d(path, seed):
    torch.manual_seed(seed)
    network = DecouplingNetwork((8,))
    for value in network.parameters():  # a new one changes nothing: it would look like none
        torch.nn.init.normal_(value, std=0.1)
    write_checkpoint(path, {"hidden": [8]}, network=network)
    return network.eval()


@pytest.fixture
def folder(tmp_path):
    r"""A generator trained without f_d and, beside it, an f_d of the same actor."""
    save_f_d(tmp_path / "decoupling_M003.safetensors", 1)
    made_with = {"command": "dnt train generator --actor M003 --profile quick --size 32 --steps 4 --seed 0"}
    save_generator(tmp_path / "generator_M003_32.safetensors", Generator(CONFIG), made_with)
    return tmp_path


def test_trained_without_f_d_is_studied_without_f_d(folder):
    weights = folder / "generator_M003_32.safetensors"
    assert GeneratorEvaluation(weights, folder / "moments", progress=False).decoupling is None
    seen = FaceParameters.zeros(2).replace(expression=torch.ones(2, 64))
    drawn = GeneratedClips([weights])._decouple("M003", seen)
    assert torch.equal(drawn.expression, seen.expression)


def test_f_d_is_found_by_its_weights_under_any_name(tmp_path):
    wanted = save_f_d(tmp_path / "my own f_d.safetensors", 2)
    save_f_d(tmp_path / "decoupling_M003.safetensors", 3)  # of the same actor, but another
    made_with = {"identity": "M003", "image_size": 32, "decoupling": network_key(wanted)}
    path = save_generator(tmp_path / "smile.safetensors", Generator(CONFIG), made_with)
    found = open_generator(path)
    assert (found.identity, found.image_size) == ("M003", 32)
    assert network_key(found.decoupling()) == network_key(wanted)
    assert find_generators(tmp_path) == {"M003": path}
    (tmp_path / "my own f_d.safetensors").unlink()
    with pytest.raises(FileNotFoundError, match=network_key(wanted)):
        found.decoupling()


def test_f_d_is_found_where_its_training_wrote_it(tmp_path, monkeypatch):
    monkeypatch.setenv("DNT_HOME", str(tmp_path / "home"))
    made = tmp_path / "home" / "runs" / "weights" / "decoupling_Ann.safetensors"
    made.parent.mkdir(parents=True)
    wanted = save_f_d(made, 5)
    made_with = {"identity": "Ann", "image_size": 32, "decoupling": network_key(wanted)}
    path = save_generator(tmp_path / "elsewhere.safetensors", Generator(CONFIG), made_with)
    assert network_key(open_generator(path).decoupling()) == network_key(wanted)


def test_version_0_1_names_an_f_d_with_spaces(tmp_path):
    wanted = save_f_d(tmp_path / "f_d of mine.safetensors", 4)
    command = "dnt train generator --actor M003 --decoupling f_d of mine.safetensors --seed 0"
    path = save_generator(tmp_path / "a.safetensors", Generator(CONFIG), {"command": command})
    assert network_key(open_generator(path).decoupling()) == network_key(wanted)
    (tmp_path / "f_d of mine.safetensors").unlink()
    with pytest.raises(FileNotFoundError, match="f_d of mine.safetensors"):
        open_generator(path).decoupling()


def test_migration_changes_the_header_alone(folder):
    weights = folder / "generator_M003_32.safetensors"
    (folder / "notes.json").write_text("{}")
    weights.with_suffix(".json").write_text(json.dumps(read_notes(weights)[0]["made_with"]))
    before = load_file(weights)
    assert migrate_weights([folder]) == {folder / "decoupling_M003.safetensors": True, weights: True}
    after, made_with = load_file(weights), read_notes(weights)[0]["made_with"]
    assert all(torch.equal(before[name], after[name]) for name in before) and len(before) == len(after)
    assert made_with["decoupling"] is None and made_with["image_size"] == 32
    assert json.loads(weights.with_suffix(".json").read_text()) == made_with
    assert not any(migrate_weights([folder]).values())  # once is enough


def test_migration_says_which_f_d_is_missing(tmp_path):
    command = "dnt train generator --actor M003 --decoupling gone.safetensors"
    path = save_generator(tmp_path / "a.safetensors", Generator(CONFIG), {"command": command})
    before = path.read_bytes()
    with pytest.raises(FileNotFoundError, match="gone.safetensors"):
        migrate_weights([tmp_path])
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "path", sorted(weights_folder().glob("generator_*.safetensors")), ids=lambda p: p.stem
)
def test_shipped_generators_say_all_about_themselves(path, tmp_path):
    made_with = read_notes(path)[0]["made_with"]
    name, size = path.stem.split("_")[1:]
    assert made_with["identity"] == name and made_with["image_size"] == int(size)
    assert made_with["face_model"] in ("procedural", "procedural:35709") and made_with["seed"] == 0
    alone = Path(shutil.copy(path, tmp_path / "renamed.safetensors"))  # f_d: among the shipped ones
    shipped = path.with_name(f"decoupling_{name}_speech.safetensors")
    assert open_generator(alone).decoupling_key == read_notes(shipped)[0]["made_with"]["key"]
    assert open_generator(alone).decoupling() is not None


def test_a_metric_that_is_not_defined_costs_no_weights(tmp_path):
    metrics = {"psnr": 30.0, "psnr_mouth": float("nan"), "by_level": [1.0, float("inf")]}
    path = save_generator(tmp_path / "a.safetensors", Generator(CONFIG), {"metrics": metrics})
    noted = read_notes(path)[0]["made_with"]["metrics"]
    assert noted == {"psnr": 30.0, "psnr_mouth": None, "by_level": [1.0, None]}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("generator_M003_128", "image size  128 px"),
        ("decoupling_M003", "command     dnt train decoupling --actor M003"),
        ("lips_from_sound", "holds       network"),
        ("table2/stargan_0", "holds       stargan"),
    ],
)
def test_every_kind_of_weights_says_what_it_is(name, says, capsys):
    from dnt_core.cli.weights import weights_show

    weights_show(weights_folder() / f"{name}.safetensors")
    assert says in capsys.readouterr().out
