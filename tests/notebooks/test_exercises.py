r"""Exercises: solutions agree with the package, stubs with the solutions; the check says yes and no."""

import ast
import inspect
import itertools
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.interpolate import interp1d
from sklearn.linear_model import Ridge

from dnt_core.audio.mel import first_column
from dnt_core.ciec import CIEC_TYPES
from dnt_core.ciec_path import CIECPath
from dnt_core.face3d import FaceParameters
from dnt_core.rendering.uv_map import sample_texture
from dnt_core.studies.perceptual_study.score import rmse
from dnt_core.studies.perceptual_study.shrinkage import thurstone_order_matrix
from dnt_core.training.decoupling_losses import adversarial_loss
from dnt_core.workbook import mistakes, solutions
from dnt_core.workbook.exercises import check_answer

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def drawn(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0)).double()


def adversarial_pull(logit, saturating):
    x = logit.clone().requires_grad_(True)
    return torch.autograd.grad(adversarial_loss(x, saturating) * len(x), x)[0]


def on_a_path(a, x, b, y, s):
    a, b = CIEC_TYPES[a], CIEC_TYPES[b]
    return CIECPath(((0.0, a, x), (x, a, 0.0), (x + y, b, y)), in_seconds=True).at(s * (x + y))


def sampled(sheet, u, v):
    return sample_texture(sheet[None], torch.tensor([u, v]).view(1, 2, 1, 1).to(sheet))[0, :, 0, 0]


def ridge(loud, opening, penalty):
    fitted = Ridge(alpha=penalty).fit(loud[:, None], opening)
    return np.array([fitted.coef_[0], fitted.intercept_])


def sync_confidence_of(distances):
    return distances.sort().values[15] - distances.sort().values[0]


LOUD = np.random.default_rng(0).normal(-30, 10, 80)
GROUP = np.array([0.1, 0.4, 0.6, 0.9])
# name: what the package (or arithmetic) computes, inputs
KNOWN = {
    "storage_to_paper": (
        lambda vector: FaceParameters.from_vector(vector, "storage").to_vector("paper"),
        [(torch.arange(257.0),)],
    ),
    "perspective_weights": (  # 12 × flat / depths, over its sum
        lambda flat, depths: torch.tensor([0.3, 0.4, 0.5454545]) / (0.3 + 0.4 + 0.5454545),
        [(torch.tensor([0.2, 0.3, 0.5]), torch.tensor([8.0, 9.0, 11.0]))],
    ),
    "look_up": (sampled, [(drawn(3, 8, 8), u, v) for u, v in ((0.5, 0.5), (0.3, 0.8), (0.71, 0.22))]),
    "entropy_of_guessing": (
        lambda counts: torch.distributions.Categorical(counts).entropy(),
        [(torch.full((8,), 5.0),), (torch.tensor([3.0, 1.0, 4.0]),), (torch.tensor([2.0, 0.0]),)],
    ),
    "fold_of_clips": (
        lambda classes, folds: torch.tensor([0, 1, 0, 0, 1, 0, 0]),
        [(torch.tensor([0, 0, 1, 0, 1, 1, 2]), 2)],
    ),
    "texture_ratio": (lambda ce: 4.5 / 2, [(torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0]),)]),
    "pull_of": (adversarial_pull, [(torch.linspace(-3, 3, 7), True), (torch.linspace(-3, 3, 7), False)]),
    "lambda2_in_pixels": (lambda pixels: 5.0, [(100.0,)]),
    "free_part": (  # the first 60 of the 64 numbers move one coordinate each
        lambda change, basis: change * (torch.arange(64) >= 60),
        [(drawn(64), torch.eye(60, 64).view(20, 3, 64))],
    ),
    "cross_fade": (
        lambda textures, x: interp1d([0, 0.33, 0.67, 1], textures.numpy(), axis=0)(x),
        [(drawn(4, 3, 2, 2), x) for x in (0.0, 0.2, 0.33, 0.5, 0.67, 0.9, 1.0)],
    ),
    "bound_of": (
        lambda first, second: torch.linalg.svdvals(first)[0] * torch.linalg.svdvals(second)[0],
        [(drawn(8, 7), drawn(3, 8))],
    ),
    "attention_of": (
        lambda picture, color, background: torch.full(picture.shape[1:], 0.3),
        [(0.3 * drawn(3, 4, 4) + 0.7 * drawn(3, 4, 4).flip(0), drawn(3, 4, 4), drawn(3, 4, 4).flip(0))],
    ),
    "places_of": (
        lambda order: np.argsort(order) + 1,
        [(list(order),) for order in itertools.permutations(range(4))],
    ),
    "swap_probability": (
        lambda distance, noise: thurstone_order_matrix([0.0, distance], noise)[0, 1],
        [(0.1, 0.1), (0.3, 0.1), (0.05, 0.4)],
    ),
    "chance_rmse": (
        lambda groups: rmse(groups, [np.full(len(v), np.mean(v)) for v in groups]),
        [([GROUP],), ([GROUP, GROUP / 2],), ([GROUP, np.array([0.8, 0.9, 1.0])],)],
    ),
    "confidence": (  # of distances that fall linearly to the last: the middle one less the last
        sync_confidence_of,
        [(torch.linspace(3, 1, 31),), (drawn(31).abs(),)],
    ),
    "constant_mouth": (
        lambda landmarks: torch.stack([one - one.mean(0) for one in landmarks]).mean(0),
        [(drawn(5, 20, 2) + 7,)],
    ),
    "verdict_of": (
        lambda low, high, higher: np.sign(low + high) * (low * high > 0) * (1 if higher else -1),
        [(0.1, 0.4, True), (-0.4, -0.1, True), (-0.1, 0.2, True), (-0.4, -0.1, False), (0.1, 0.4, False)],
    ),
    "window_start": (first_column, [(0, 25), (3, 25), (14, 25), (101, 25), (100, 30), (250, 29.97)]),
    "drift_of": (
        lambda hop, seconds: 0.05 * seconds if hop == 210 else -0.2 * seconds,
        [(210, 2.0), (160, 1.5)],
    ),
    "ridge_line": (ridge, [(LOUD, 0.1 * LOUD + LOUD**2 / 400, penalty) for penalty in (0.0, 1e3)]),
    "skipped": (lambda hand, render: 5, [(np.arange(10.0), 2.5)]),  # 0, 2, 5, 7 and 9 are drawn
    "blended": (
        lambda weights, neutral, bases: neutral + (weights @ bases.flatten(1)).reshape(neutral.shape),
        [(drawn(4), drawn(3, 5, 5), drawn(4, 3, 5, 5))],
    ),
    "on_the_way": (on_a_path, [(4, 0.8, 5, 0.4, s) for s in (0.0, 0.3, 2 / 3, 1.0)]),
}


def stubs():
    r"""(notebook, function) of every exercise: a function that raises NotImplementedError("Exercise …")."""
    for path in sorted(NOTEBOOKS.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and re.search(
                "NotImplementedError\\(.Exercise", ast.unparse(node)
            ):
                yield path.stem, node


@pytest.mark.parametrize("name", KNOWN)
def test_a_solution_agrees_with_the_package(name, capsys):
    known, inputs = KNOWN[name]
    assert check_answer("0.0", getattr(solutions, name), known, inputs, 1e-4)
    assert "✓" in capsys.readouterr().out


def test_every_exercise_has_a_tested_solution_of_the_same_face():
    found = list(stubs())
    assert sorted(stub.name for _, stub in found) == sorted(KNOWN)
    for notebook, stub in found:
        solution = getattr(solutions, stub.name)
        assert list(inspect.signature(solution).parameters) == [a.arg for a in stub.args.args], notebook
        assert inspect.getdoc(solution) == ast.get_docstring(stub), notebook


def test_what_is_wrong_is_said_and_nothing_stops(capsys):
    def unanswered(x):
        raise NotImplementedError("Exercise 9.9: think")

    wrong = {
        "not answered yet": unanswered,
        "input 1: off by up to 1": lambda x: x + 1,
        "expected shape (2,), got (3,)": lambda x: torch.ones(3),
        "raised ZeroDivisionError": lambda x: x / 0 if isinstance(x, int) else 1 / 0,
    }
    for sentence, answer in wrong.items():
        assert not check_answer("9.9", answer, lambda x: x, [(torch.zeros(2),)])
        assert sentence in capsys.readouterr().out
    assert not check_answer("9.9", lambda x: x * float("nan"), lambda x: x, [(torch.zeros(2),)])


MISTAKES = [(name, sentence) for name in KNOWN for sentence in getattr(mistakes, name, {})]


@pytest.mark.parametrize("name, sentence", MISTAKES)
def test_a_common_mistake_is_told_and_only_that(name, sentence, capsys):
    known, inputs = KNOWN[name]
    ways = getattr(mistakes, name)
    assert len(ways) >= 2
    assert not check_answer("0.0", ways[sentence], known, inputs, 1e-4, ways)
    told = capsys.readouterr().out
    assert [other for other in ways if other in told] == [sentence]


def test_an_answer_that_is_wrong_in_its_own_way_is_told_no_mistake(capsys):
    known, inputs = KNOWN["window_start"]
    for answer in (lambda frame, fps: 7, lambda frame, fps: 1 / frame if frame != 3 else 2):
        assert not check_answer("0.0", answer, known, inputs, 1e-4, mistakes.window_start)
        assert not any(sentence in capsys.readouterr().out for sentence in mistakes.window_start)
