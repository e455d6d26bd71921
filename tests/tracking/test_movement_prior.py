r"""What a fit expects of movements beforehand."""

import numpy as np
import torch

from dnt_core.actor.parameter_clips import parameter_clips
from dnt_core.face3d import MorphableModel, load_face_model
from dnt_core.tracking.movement_prior import ELSEWHERE, LEARNT_FROM, acted_expressions, movement_prior


def test_what_two_people_do_while_they_talk_holds_for_the_third():
    assert "M003" not in LEARNT_FROM  # whom all is measured on
    held = [clip.cache.truth_parameters[:, 80:144] for clip in parameter_clips(["M003"], 1, 1)[::5]]
    moved = np.concatenate([beta - beta.mean(axis=0) for beta in held])
    values, directions = np.linalg.eigh(acted_expressions()["within"])
    inside = ((moved @ directions[:, -8:]) ** 2).sum() / (moved**2).sum()
    assert inside > 0.9 and values[-4:].sum() > 0.7 * values.sum()
    assert np.linalg.eigvalsh(movement_prior(load_face_model("procedural:900"))).min() > 0.9 * ELSEWHERE


def test_another_models_coefficients_are_expected_to_do_the_same_to_the_landmarks():
    model = load_face_model("procedural:900")
    turned = np.linalg.qr(np.random.default_rng(0).normal(size=(64, 64)))[0]
    buffers = dict(model.named_buffers())
    buffers["expression_basis"] = buffers["expression_basis"] @ torch.from_numpy(turned).float()
    other = MorphableModel.of_buffers("bfm2009", buffers)

    def at_landmarks(face, prior):
        basis = face.expression_basis[face.landmark_indices].double().numpy().reshape(-1, 64)
        return basis @ (prior - ELSEWHERE * np.eye(64)) @ basis.T

    ours = at_landmarks(model, movement_prior(model))
    theirs = at_landmarks(other, movement_prior(other))
    assert np.linalg.norm(theirs - ours) < 0.1 * np.linalg.norm(ours)
