r"""Neutral? What a classifier of expressions still reads in the 64 numbers."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dnt_core.ciec import EXPRESSIONS

CHANCE = 1.0 / len(EXPRESSIONS)


@dataclass(frozen=True)
class Classifier:
    r"""A fitted classifier of the eight expressions.

    Attributes:
        name: "logistic regression" or "MLP".
        model: scikit-learn pipeline.
    """

    name: str
    model: object

    def predict(self, expression: Tensor) -> np.ndarray:
        r"""β (N, 64) → (N,) indices into ``EXPRESSIONS``."""
        return self.model.predict(expression.numpy(force=True))

    def accuracy(self, expression: Tensor, types: Tensor) -> float:
        r"""Balanced accuracy: the mean over expressions of the share that is named rightly; chance is 1/8."""
        wanted = types.numpy(force=True)
        right = self.predict(expression) == wanted
        return float(np.mean([right[wanted == k].mean() for k in np.unique(wanted)]))


def fit_classifiers(expression: Tensor, types: Tensor, seed: int = 0, mlp: bool = True) -> list[Classifier]:
    r"""A logistic regression and a multi-layer perceptron on standardised numbers.

    Args:
        expression: β (N, 64), undecoupled for the opinion of one who has never seen f_d; f_d's own output
            for the *fresh* classifier, which learns to read whatever traces the network leaves.
        types: (N,) indices into ``EXPRESSIONS``; every class counts alike, however many frames it has.
        seed: of the perceptron.
        mlp: fit the second one too.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, y = expression.numpy(force=True), types.numpy(force=True)
    models = {"logistic regression": LogisticRegression(max_iter=300, class_weight="balanced")}
    if mlp:
        models["MLP"] = MLPClassifier((64,), max_iter=20, early_stopping=len(y) > 500, random_state=seed)
        x_mlp, y_mlp = _balanced(x, y, np.random.default_rng(seed))
    fitted = []
    for name, model in models.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # iteration limits: both are good enough long before
            data = (x_mlp, y_mlp) if name == "MLP" else (x, y)
            fitted.append(Classifier(name, make_pipeline(StandardScaler(), model).fit(*data)))
    return fitted


def best_accuracy(classifiers: list[Classifier], expression: Tensor, types: Tensor) -> float:
    r"""The accuracy of the classifier that reads most: the more suspicious of the two."""
    return max(classifier.accuracy(expression, types) for classifier in classifiers)


def fresh_accuracy(train: Tensor, train_types: Tensor, test: Tensor, test_types: Tensor, **options) -> float:
    r"""Fit afresh on one set of faces, read another: the honest test of neutrality (options of the fit).

    Args:
        train: β (N, 64) to fit on.
        train_types: (N,) indices into ``EXPRESSIONS``.
        test: β (M, 64) to read.
        test_types: (M,) indices into ``EXPRESSIONS``.
        options: of :func:`fit_classifiers`.
    """
    return best_accuracy(fit_classifiers(train, train_types, **options), test, test_types)


def without_the_lips(lip_basis: Tensor, still: float = 0.0025) -> Tensor:
    r"""A projection (64, 64) that removes the directions of expression space which move the mouth's
    landmarks.

    Args:
        lip_basis: (20, 3, 64), decimetres a standard deviation.
        still: dm; directions in which one standard deviation moves the landmarks by more (root mean square)
            go.
    """
    _, size, directions = torch.linalg.svd(lip_basis.double().flatten(0, 1), full_matrices=True)
    moving = directions[: int((size / len(lip_basis) ** 0.5 > still).sum())]
    return (torch.eye(lip_basis.shape[-1]).double() - moving.mT @ moving).to(lip_basis)


def _balanced(x: np.ndarray, y: np.ndarray, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    r"""Every class repeated up to the size of the largest: scikit-learn's MLP knows no class weights."""
    most = np.bincount(y).max()
    rows = np.concatenate(
        [np.resize(generator.permutation(np.flatnonzero(y == k)), most) for k in np.unique(y)]
    )
    return x[rows], y[rows]
