r"""docs/symbols.md: every name in it can be imported, and what is quickly tried out has the said shape."""

import importlib
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from dnt_core.ciec_path import parse_path
from dnt_core.face3d import FaceParameters, PerspectiveCamera
from dnt_core.metrics.classifier_fit import Normalise
from dnt_core.networks.decoupling_network import DecouplingNetwork
from dnt_core.networks.generator import Generator
from dnt_core.networks.neural_renderer import blend
from dnt_core.networks.neutral_discriminator import NeutralDiscriminator
from dnt_core.networks.texture_set import TextureSet
from dnt_core.rendering.rasterizer import rasterize
from dnt_core.rendering.unwrap import unwrap
from dnt_core.rendering.uv_map import sample_texture
from dnt_core.studies.dynamic_texture.sweep import Sweep
from dnt_core.training.decoupling_losses import MouthLandmarks
from dnt_core.training.generator_data import Batch
from dnt_core.training.perceptual_loss import PerceptualLoss
from tests.networks.generator_inputs import TINY, random_ciecs, random_frames

TABLE = Path(__file__).parents[2] / "docs" / "symbols.md"
COLUMNS = ["symbol", "code", "shape", "meaning, unit and range", "where"]
B, S, V, M_CLIPS, OBSERVERS = 2, 24, 216, 4, 3
SIZES = {"B": B, "S": S, "V": V, "C": 7, "T": 12, "N": 4, "K": 3, "m": M_CLIPS, "k": OBSERVERS}


def sections():
    r"""(modules, rows) of each section that has a table; a row is a dict of its cells."""
    for text in TABLE.read_text(encoding="utf-8").split("\n## ")[1:]:
        code = next(line for line in text.splitlines() if line.startswith("Code: "))
        lines = [line for line in text.splitlines() if line.startswith("|")]
        cells = [[c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
        assert cells[0] == COLUMNS, text[:40]
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in cells[2:]]
        yield [importlib.import_module(name) for name in re.findall(r"`([\w.]+)`", code)], rows


ROWS = [(modules, row) for modules, rows in sections() for row in rows]


def name_of(row):
    r"""``Generator.forward`` of a cell that says how it is called."""
    (name,) = re.findall(r"^`([A-Za-z_][\w.]*)", row["code"])
    return name


@pytest.fixture(scope="module")
def things(toy_model):
    r"""One of everything, of sizes that differ: class name → instance."""
    generator = Generator(TINY).eval()
    frame, face = random_frames(B, S), FaceParameters.zeros(B)
    screen = PerspectiveCamera(S).project(toy_model.posed(face))
    with torch.no_grad():
        rendered = generator(frame, random_ciecs(B))
    ones = np.ones
    return {
        "FaceParameters": face, "MorphableModel": toy_model, "PerspectiveCamera": PerspectiveCamera(S),
        "FrameInputs": frame, "Rendered": rendered, "DynamicTexture": generator.texture,
        "TranscodingNetwork": generator.texture.transcoder, "TeethSubmodule": generator.teeth,
        "TextureSet": TextureSet(12, 4), "Fragments": rasterize(screen, toy_model.triangles, S),
        "Batch": Batch(frame, random_ciecs(B), torch.zeros(B, 3, S, S)), "CIECPath": parse_path("happy:0→1"),
        "GroupOrders": SimpleNamespace(intensity=np.linspace(0.1, 0.9, M_CLIPS)),
        "Sweep": Sweep(np.linspace(0, 1, 5), np.arange(B), ones((B, 7, 5)), ones((B, 7, 5, 20, 2)),
                       ones((B, 7, 5))),
        "screen": screen, "sampled": torch.zeros(B, 4, S, S), "model": toy_model,
    }  # fmt: skip


E, β, PLACES = random_ciecs(B), torch.zeros(B, 64), np.array([[1, 2, 3, 4], [2, 1, 3, 4], [4, 3, 2, 1]])
X = np.linspace(0.1, 0.9, M_CLIPS)
PICTURE, DARK = torch.rand(B, 3, S, S), np.zeros((B, 3, 4, 4), np.uint8)
NET = torch.nn.Sequential(Normalise(DARK), torch.nn.Flatten(), torch.nn.Linear(48, 8))
#: name → its value, from (the name's object, one of everything).
CALLS = {
    "encode": lambda f, t: f(["happy", "sad"], torch.tensor([0.2, 1.0])),
    "decode_batch": lambda f, t: f(E)[1],
    "level_to_intensity": lambda f, t: f(1.5),
    "CIECPath.vectors": lambda f, t: t["CIECPath"].vectors(B, 30),
    "FaceParameters.to_vector": lambda f, t: t["FaceParameters"].to_vector("paper"),
    "MorphableModel.shape": lambda f, t: t["model"].shape(torch.zeros(B, 80), β),
    "MorphableModel.albedo": lambda f, t: t["model"].albedo(torch.zeros(B, 80)),
    "MorphableModel.normals": lambda f, t: t["model"].normals(t["model"].mean_shape.expand(B, -1, -1)),
    "MorphableModel.colors": lambda f, t: t["model"].colors(t["FaceParameters"]),
    "spherical_harmonics": lambda f, t: f(torch.ones(B, V, 3)),
    "spherical_harmonics_shading": lambda f, t: f(torch.ones(B, V, 3), torch.zeros(B, 27)),
    "rotation_matrix": lambda f, t: f(torch.zeros(B, 3)),
    "pose": lambda f, t: f(torch.zeros(B, V, 3), torch.zeros(B, 3), torch.zeros(B, 3)),
    "PerspectiveCamera.project": lambda f, t: t["screen"],
    "PerspectiveCamera.to_ndc": lambda f, t: t["PerspectiveCamera"].to_ndc(t["screen"]),
    "uv_map": lambda f, t: f(t["Fragments"], t["model"].triangles, t["model"].uv)[0],
    "sample_texture": lambda f, t: sample_texture(torch.zeros(B, 4, 12, 12), t["FrameInputs"].uv_map),
    "unwrap": lambda f, t: unwrap(PICTURE, t["screen"], t["model"].triangles, t["model"].uv, 12)[0],
    "background_frame": lambda f, t: f(PICTURE, t["FrameInputs"].mask)[0],
    "predict": lambda f, t: f(NET, DARK),
    "psnr": lambda f, t: f(PICTURE, PICTURE),
    "face_texels": lambda f, t: f(PICTURE, t["FrameInputs"], 12),
    "mouth_crops": lambda f, t: f(PICTURE, t["FrameInputs"].mouth_box),
    "DecouplingNetwork.forward": lambda f, t: DecouplingNetwork((8,))(β),
    "NeutralDiscriminator.forward": lambda f, t: NeutralDiscriminator((8,))(β),
    "MouthLandmarks.forward": lambda f, t: MouthLandmarks(t["model"])(β),
    "adversarial_loss": lambda f, t: f(torch.zeros(B)),
    "neutral_loss": lambda f, t: f(β, β),
    "mouth_loss": lambda f, t: f(torch.zeros(B, 20, 3), torch.zeros(B, 20, 3)),
    "mouth_norm": lambda f, t: f(torch.zeros(B, 20, 3), torch.zeros(B, 20, 3)),
    "total_loss": lambda f, t: f(*torch.zeros(3)),
    "TranscodingNetwork.forward": lambda f, t: t["TranscodingNetwork"](E),
    "DynamicTexture.full_bases": lambda f, t: t["DynamicTexture"].full_bases(),
    "DynamicTexture.forward": lambda f, t: t["DynamicTexture"](E),
    "DynamicTexture.sample": lambda f, t: t["DynamicTexture"].sample(E, t["FrameInputs"].uv_map),
    "DynamicTexture.lipschitz_bound": lambda f, t: t["DynamicTexture"].lipschitz_bound(),
    "TextureSet.weights": lambda f, t: t["TextureSet"].weights(E),
    "mouth_window": lambda f, t: f(t["FrameInputs"].mouth_box, (8, 8)),
    "TeethSubmodule.forward": lambda f, t: t["TeethSubmodule"](t["sampled"], *t["FrameInputs"][3:], E),
    "blend": lambda f, t: blend(PICTURE, t["FrameInputs"].mask, PICTURE),
    "PerceptualLoss.forward": lambda f, t: PerceptualLoss(pixel_weight=1.0)(PICTURE, PICTURE),
    "texture_color_loss": lambda f, t: f(PICTURE, PICTURE, t["FrameInputs"].mask),
    "order_matrix": lambda f, t: f(PLACES),
    "mean_order_matrix": lambda f, t: f(np.ones((OBSERVERS, M_CLIPS, M_CLIPS))),
    "score": lambda f, t: f(np.eye(M_CLIPS), X),
    "kendall_tau": lambda f, t: f(PLACES),
    "slope": lambda f, t: f([X], [X]),
    "lapse_order_matrix": lambda f, t: f(M_CLIPS, 0.1),
    "thurstone_order_matrix": lambda f, t: f(X, 0.1),
    "plackett_luce": lambda f, t: f(PLACES),
}


@pytest.mark.parametrize(("modules", "row"), ROWS, ids=[name_of(row) for _, row in ROWS])
def test_the_name_is_there_and_has_the_shape(modules, row, things):
    name = name_of(row)
    first, *rest = name.split(".")
    found = next((getattr(module, first) for module in modules if hasattr(module, first)), None)
    assert found is not None, f"none of {[m.__name__ for m in modules]} has {first}"
    for part in rest:
        found = getattr(found, part, None)
        if found is None:  # a field or a buffer, which only an instance has
            found = getattr(things[first], part)
    if row["shape"] == "—":
        return
    value = CALLS[name](found, things) if name in CALLS else found
    if isinstance(value, property) or type(value).__name__ == "_tuplegetter":  # of an instance
        value = getattr(things[first], rest[-1])
    if row["shape"] == "number":
        assert isinstance(value, (int, float)) and np.isfinite(value)
    else:
        check_shape(tuple(value.shape), row["shape"], name)


def check_shape(found, said, name):
    r"""(2, 216, 3) against "(B, V, 3)"; a letter without a size of its own may be anything, but one thing."""
    sizes = dict(SIZES)
    if name.startswith("TeethSubmodule"):
        sizes["N"] = TINY.teeth_width
    wanted = [part.strip() for part in said.strip("()").split(",") if part.strip()]
    if wanted[:1] == ["..."]:
        wanted, found = wanted[1:], found[len(found) - len(wanted) + 1 :]
    assert len(found) == len(wanted), f"{name} has shape {found}, the table says {said}"
    for size, letter in zip(found, wanted, strict=True):
        known = int(letter) if letter.isdigit() else sizes.setdefault(letter, size)
        assert size == known, f"{name} has shape {found}, the table says {said}"


def test_every_other_name_in_the_tables_is_there(things):
    for modules, row in ROWS:
        for name in re.findall(r"`([A-Za-z_]\w*(?:\.\w+)?)[(`]", row["meaning, unit and range"]):
            first, *rest = name.split(".")
            assert any(hasattr(module, first) for module in modules), f"{row['code']}: {name}"
            assert not rest or hasattr(things[first], rest[0]), f"{row['code']}: {name}"


def test_the_notebooks_named_are_there():
    numbers = {path.name[:2] for path in (TABLE.parents[1] / "notebooks").glob("*.ipynb")}
    for _, row in ROWS:
        named = re.findall(r"\d\d", row["where"].partition("·")[2])
        assert named and set(named) <= numbers, row
