r"""The exercises' checks say yes to the solutions, which are kept here, and no to what is wrong."""

import itertools
import math

import numpy as np
import torch

from dnt_core.face3d import FaceParameters
from dnt_core.rendering.uv_map import sample_texture
from dnt_core.studies.perceptual_study.score import rmse
from dnt_core.studies.perceptual_study.shrinkage import thurstone_order_matrix
from dnt_core.workbook.exercises import check_answer


def storage_to_paper(vector):
    return torch.cat([vector[:224], vector[227:254], vector[224:227], vector[254:]])


def perspective_weights(flat, depths):
    bent = flat / depths
    return bent / bent.sum()


def look_up(texture, u, v):
    size = texture.shape[-1]
    column, row = u * size - 0.5, (1 - v) * size - 0.5
    left, top = int(column), int(row)
    across, down = column - left, row - top
    upper = (1 - across) * texture[:, top, left] + across * texture[:, top, left + 1]
    lower = (1 - across) * texture[:, top + 1, left] + across * texture[:, top + 1, left + 1]
    return (1 - down) * upper + down * lower


def reference_look_up(sheet, u, v):
    return sample_texture(sheet[None], torch.tensor([u, v]).view(1, 2, 1, 1))[0, :, 0, 0]


def test_solutions_are_right(capsys):
    paper = lambda vector: FaceParameters.from_vector(vector, "storage").to_vector("paper")  # noqa: E731
    assert check_answer("1.1", storage_to_paper, paper, [(torch.arange(257.0),)])
    pair = (torch.tensor([0.2, 0.3, 0.5]), torch.tensor([8.0, 9.0, 11.0]))
    known = torch.tensor([0.3, 0.4, 0.5454545]) / (0.3 + 0.4 + 0.5454545)  # 12 × flat / depths
    assert check_answer("1.2", perspective_weights, lambda flat, depths: known, [pair])
    sheet = torch.rand(3, 8, 8, generator=torch.Generator().manual_seed(0))
    inputs = [(sheet, 0.5, 0.5), (sheet, 0.3, 0.8), (sheet, 0.71, 0.22)]
    assert check_answer("1.3", look_up, reference_look_up, inputs)
    assert capsys.readouterr().out.count("✓") == 3


def places_of(order):
    places = [0] * len(order)
    for place, clip in enumerate(order, 1):
        places[clip] = place
    return places


def swap_probability(distance, noise):
    return 0.5 * math.erfc(distance / (2 * noise))  # the difference of two percepts has the spread σ√2


def chance_rmse(groups):
    squares = [(v - sum(group) / len(group)) ** 2 for group in groups for v in group]
    return math.sqrt(sum(squares) / len(squares))


def test_solutions_of_05_are_right(capsys):
    orders = [(list(order),) for order in itertools.permutations(range(4))]
    assert check_answer("5.1", places_of, lambda order: np.argsort(order) + 1, orders)
    asked = [(0.1, 0.1), (0.3, 0.1), (0.05, 0.4)]
    swapped = lambda distance, noise: thurstone_order_matrix([0.0, distance], noise)[0, 1]  # noqa: E731
    assert check_answer("5.2", swap_probability, swapped, asked, 1e-4)
    x = np.array([0.1, 0.4, 0.6, 0.9])
    guess = lambda groups: rmse(groups, [np.full(len(v), np.mean(v)) for v in groups])  # noqa: E731
    studies = [([x],), ([x, x / 2],), ([x, np.array([0.8, 0.9, 1.0])],)]
    assert check_answer("5.3", chance_rmse, guess, studies)
    assert not check_answer("5.1", lambda order: [i + 1 for i in order], lambda o: np.argsort(o) + 1, orders)
    assert capsys.readouterr().out.count("✓") == 3


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
