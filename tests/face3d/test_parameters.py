from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from dnt_core.face3d import N_PARAMETERS, SIZES, FaceParameters

COUNT = torch.arange(257.0)


def test_sizes_are_the_papers():
    assert SIZES == {"identity": 80, "expression": 64, "texture": 80, "illumination": 27, "pose": 6}
    assert N_PARAMETERS == 257


def test_paper_order():
    p = FaceParameters.from_vector(COUNT, "paper")
    assert p.identity[0] == 0
    assert p.expression[0] == 80
    assert p.texture[0] == 144
    assert p.illumination[0] == 224
    assert p.angles.tolist() == [251, 252, 253]
    assert p.translation.tolist() == [254, 255, 256]


def test_storage_order():
    p = FaceParameters.from_vector(COUNT, order="storage")
    assert p.angles.tolist() == [224, 225, 226]
    assert p.illumination.tolist() == list(range(227, 254))
    assert p.pose.tolist() == [224, 225, 226, 254, 255, 256]


@pytest.mark.parametrize("order", ["paper", "storage"])
@pytest.mark.parametrize("batch", [(), (5,), (2, 3)])
def test_vectors_come_back(order, batch):
    vector = torch.randn(*batch, 257, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    p = FaceParameters.from_vector(vector, order=order)
    assert p.batch_shape == batch
    torch.testing.assert_close(p.to_vector(order=order), vector, rtol=0, atol=0)
    np.testing.assert_array_equal(p.numpy(order), vector.numpy())
    again = FaceParameters.from_vector(p.numpy("storage"), order="storage")  # files are in storage order
    torch.testing.assert_close(again.to_vector("paper"), p.to_vector("paper"), rtol=0, atol=0)


def test_one_identity_for_a_whole_clip():
    p = FaceParameters.zeros(dtype=torch.float64).replace(expression=torch.ones(7, 64, dtype=torch.float64))
    assert p.batch_shape == (7,)
    assert p.identity.shape == (7, 80)
    assert p.to_vector("paper").shape == (7, 257)
    assert p.to_vector("paper")[:, 80:144].eq(1).all()


def test_replacing_half_a_pose():
    p = FaceParameters.zeros(3).replace(angles=torch.tensor([0.1, 0.2, 0.3]))
    assert p.pose[2].tolist() == pytest.approx([0.1, 0.2, 0.3, 0, 0, 0])
    p = p.replace(translation=torch.ones(3, 3))
    assert p.pose[2].tolist() == pytest.approx([0.1, 0.2, 0.3, 1, 1, 1])


def test_indexing_stacking_and_concatenation():
    p = FaceParameters.from_vector(torch.randn(4, 257, generator=torch.Generator().manual_seed(1)), "paper")
    assert len(p) == 4
    assert p[1].batch_shape == ()
    assert p[torch.tensor([True, False, True, False])].batch_shape == (2,)
    for joined in (FaceParameters.stack([p[i] for i in range(4)]), FaceParameters.cat([p[:1], p[1:]])):
        torch.testing.assert_close(joined.to_vector("paper"), p.to_vector("paper"))
    assert p[None].batch_shape == (1, 4)


def test_arrays_of_numpy_index_and_fill_a_face():
    r"""A cache's ``has_face`` is an array, and files may be reversed or of another byte order."""
    rows = np.random.default_rng(0).standard_normal((4, 257)).astype(np.float32)
    faces = FaceParameters.from_vector(rows, "storage")
    seen = np.array([True, False, True, False])
    assert torch.equal(faces[seen].identity, faces[[0, 2]].identity)
    assert torch.equal(faces[np.array([3, 1])].pose, faces[[3, 1]].pose)
    for other in (rows[::-1][::-1], rows.astype(">f4"), np.asfortranarray(rows)):
        np.testing.assert_array_equal(FaceParameters.from_vector(other, "storage").numpy("storage"), rows)
    backwards = FaceParameters.from_vector(rows[::-1], "storage")
    np.testing.assert_array_equal(backwards.numpy("storage"), rows[::-1])
    np.testing.assert_allclose(faces.to(torch.bfloat16).numpy("storage"), rows, rtol=0.01)


def test_dtype_and_device_follow():
    p = FaceParameters.zeros(2).to(torch.float64)
    assert (p.dtype, p.device.type) == (torch.float64, "cpu")
    assert p.to("meta").device.type == "meta"


def test_it_cannot_be_changed_in_passing():
    with pytest.raises(dataclasses.FrozenInstanceError):
        FaceParameters.zeros().identity = torch.ones(80)


def test_gradients_reach_every_number():
    vector = torch.zeros(2, 257, requires_grad=True)
    FaceParameters.from_vector(vector, "storage").to_vector("paper").sum().backward()
    assert vector.grad.eq(1).all()


def test_wrong_input_is_said():
    zeros = FaceParameters.zeros(2)
    with pytest.raises(ValueError, match=r"expression has shape \(2, 63\), expected \(..., 64\)"):
        zeros.replace(expression=torch.zeros(2, 63))
    with pytest.raises(ValueError, match="batch shapes do not broadcast"):
        zeros.replace(expression=torch.zeros(3, 64))
    with pytest.raises(TypeError, match="identity must be a floating point tensor, got torch.int64"):
        zeros.replace(identity=torch.zeros(2, 80, dtype=torch.int64))
    with pytest.raises(TypeError, match="got ndarray"):
        zeros.replace(identity=np.zeros((2, 80)))
    with pytest.raises(ValueError, match=r"expected a vector \(..., 257\), got shape \(256,\)"):
        FaceParameters.from_vector(torch.zeros(256), "paper")
    with pytest.raises(ValueError, match="unknown order 'bfm', expected 'paper' or 'storage'"):
        FaceParameters.from_vector(COUNT, order="bfm")
    with pytest.raises(ValueError, match="unknown field 'beta'"):
        zeros.replace(beta=torch.zeros(2, 64))
    with pytest.raises(ValueError, match="either pose or angles"):
        zeros.replace(pose=torch.zeros(2, 6), angles=torch.zeros(2, 3))
    with pytest.raises(ValueError, match="nothing to join"):
        FaceParameters.cat([])
    with pytest.raises(IndexError, match="unbatched"):
        FaceParameters.zeros()[0]


def test_no_order_is_taken_for_granted():
    """A round trip whose two ends assumed different orders scrambled the 257 numbers without a word."""
    p = FaceParameters.from_vector(COUNT, "paper")
    for ask in (lambda: FaceParameters.from_vector(COUNT), p.to_vector, p.numpy):
        with pytest.raises(TypeError, match="order"):
            ask()


def test_halves_of_a_pose_are_checked_as_fields_are():
    zeros = FaceParameters.zeros(2)
    with pytest.raises(TypeError, match="angles must be a floating point tensor, got ndarray"):
        zeros.replace(angles=np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"translation has shape \(2,\), expected \(..., 3\)"):
        zeros.replace(translation=torch.zeros(2))
    with pytest.raises(ValueError, match="do not broadcast.*angles"):
        zeros.replace(angles=torch.zeros(3, 3))


def test_a_face_is_of_one_type_the_widest_and_on_one_device():
    r"""Half of it in double would end in "expected scalar type" somewhere in the geometry."""
    face = FaceParameters.zeros(2).replace(expression=torch.full((64,), 1 / 3, dtype=torch.float64))
    assert {getattr(face, name).dtype for name in SIZES} == {torch.float64}
    assert float(face.expression[0, 0]) == 1 / 3
    half = torch.zeros(80, dtype=torch.float16)
    assert FaceParameters.zeros(2).replace(identity=half).dtype == torch.float32
    with pytest.raises(TypeError, match="fields on cpu and meta make no face"):
        FaceParameters.zeros(2).replace(identity=torch.zeros(80, device="meta"))
