r"""Who looks at drawn faces: the observer's cross-entropies, the lip reader's millimetres."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dnt_core.face3d import PerspectiveCamera
from dnt_core.metrics.classifier_eval import (
    FIT,
    PictureClassifiers,
    labels_of,
)
from dnt_core.metrics.lip_reader import (
    LipReader,
    landmarks_of,
    mm_per_pixel,
    mouth_crops,
)
from dnt_core.studies.where_are_expressions import InputConfig
from tests.studies import toy_film


class Says(torch.nn.Module):
    r"""A net that always has the same opinion."""

    def __init__(self, logits):
        super().__init__()
        self.logits = torch.nn.Parameter(torch.tensor(logits))

    def forward(self, pictures):
        return self.logits.expand(len(pictures), -1)


def observer(types, levels):
    return PictureClassifiers({"type": Says(types), "level": Says(levels)}, InputConfig(32, 64))


def truth(batch):
    return batch.target


def test_an_observer_that_cannot_tell_is_as_unsure_as_there_are_classes(toy_data):
    rows = np.arange(0, 330, 7)
    found = observer([0.0] * 8, [0.0] * 3).cross_entropy(truth, toy_data, rows)
    assert found == pytest.approx({"ce_type": np.log(8), "ce_level": np.log(3)}, abs=1e-5)


def test_one_who_always_says_happy_and_level_2_is_right_about_those(toy_data):
    says = observer([-50.0] * 4 + [50.0] + [-50.0] * 3, [-50.0, 50.0, -50.0])
    happy = toy_film.rows_of_clips(toy_data, expression="happy", level=2)
    assert says.cross_entropy(truth, toy_data, happy) == pytest.approx(
        {"ce_type": 0, "ce_level": 0}, abs=1e-6
    )
    sad = toy_film.rows_of_clips(toy_data, expression="sad", level=3)
    both = np.concatenate([happy, sad])
    found = says.cross_entropy(truth, toy_data, both, batch_size=4)
    assert found == pytest.approx({"ce_type": 50.0, "ce_level": 50.0})  # half the rows are 100 nats off


def test_neutral_faces_have_a_type_and_no_level(toy_data):
    neutral = toy_film.rows_of_clips(toy_data, expression="neutral")
    happy = toy_film.rows_of_clips(toy_data, expression="happy", level=1)
    assert set(labels_of(toy_data, neutral, "level").tolist()) == {-1}
    assert set(labels_of(toy_data, neutral, "type").tolist()) == {7}
    says = observer([0.0] * 8, [9.0, 0.0, 0.0])
    alone, mixed = (
        says.cross_entropy(truth, toy_data, rows, 5)["ce_level"]
        for rows in (happy, np.sort(np.concatenate([happy, neutral])))
    )
    assert alone == pytest.approx(mixed, abs=1e-6)
    assert np.isnan(says.cross_entropy(truth, toy_data, neutral)["ce_level"])


def test_each_frame_has_its_own_cross_entropy_and_neutral_ones_none_of_level(toy_data):
    sure_of_level_1 = observer([0.0] * 8, [9.0, 0.0, 0.0])
    rows = np.arange(5, 330, 21)
    frames = sure_of_level_1.frame_cross_entropies(truth, toy_data, rows, 4)
    neutral = np.array([toy_data.clips[k].expression == "neutral" for k in toy_data.rows[rows, 0]])
    assert neutral.any() and (np.isnan(frames["ce_level"]) == neutral).all()
    level = np.array([toy_data.clips[k].level for k in toy_data.rows[rows, 0]])
    sure = -torch.log_softmax(torch.tensor([9.0, 0.0, 0.0]), 0).numpy()
    np.testing.assert_allclose(frames["ce_level"][~neutral], sure[level[~neutral] - 1], atol=1e-4)


def test_the_observer_learns_filmed_frames_and_recognises_clips_it_never_saw(toy_data):
    train, test = toy_data.split("clip")
    fitted = PictureClassifiers.fit(toy_data, train, replace(FIT, epochs=8), image_size=32)
    found = fitted.cross_entropy(truth, toy_data, test)
    assert found["ce_type"] < 0.25 * np.log(8) and found["ce_level"] < 0.6 * np.log(3)
    grey = fitted.cross_entropy(lambda batch: torch.full_like(batch.target, 0.5), toy_data, test)
    assert grey["ce_type"] > 4 * found["ce_type"]
    some = toy_data.batch(test[:4])
    opinion = fitted.opinion(some.target)
    assert opinion.shape == (4, 8)
    torch.testing.assert_close(opinion.exp().sum(1), torch.ones(4))


@pytest.fixture(scope="module")
def reader(toy_data):
    return LipReader.fit(toy_data, toy_data.split("clip")[0])


@pytest.mark.parametrize("size", [64, 256])
def test_a_pixel_s_millimetres_are_those_of_the_camera(size):
    a_decimetre = torch.tensor([[[0.0, 0.0, -2.0], [1.0, 0.0, -2.0]]])  # z_cam = 10 − z = 12 dm
    left, right = PerspectiveCamera(size).project(a_decimetre)[0, :, 0].tolist()
    assert mm_per_pixel(size, 12.0) == pytest.approx(100 / (right - left), rel=1e-5)


def test_crops_follow_the_mouth_and_ignore_the_light(toy_data):
    batch = toy_data.batch([20])
    image, box = batch.target, batch.frame.mouth_box
    crop = mouth_crops(image, box)
    assert crop.mean() == pytest.approx(0, abs=1e-5) and crop.std() == pytest.approx(1, abs=1e-2)
    np.testing.assert_allclose(mouth_crops(0.1 + 0.5 * image, box), crop, atol=1e-4)
    moved = mouth_crops(image.roll((3, -2), (-2, -1)), box + torch.tensor([-2.0, 3.0, -2.0, 3.0]))
    np.testing.assert_allclose(moved, crop, atol=1e-4)


def test_lips_are_read_from_clips_it_never_saw(toy_data, reader):
    train, test = toy_data.split("clip")

    def from_box(rows):
        box = torch.cat([toy_data.batch([row]).frame.mouth_box for row in rows]).numpy()
        return landmarks_of(toy_data, rows) - ((box[:, :2] + box[:, 2:]) / 2)[:, None]

    always_the_mean = np.linalg.norm(from_box(test) - from_box(train).mean(0), axis=-1).mean()
    assert reader.error(toy_data, test) < 0.6 * always_the_mean * reader.millimetres
    batch = toy_data.batch(test[:3])
    read = reader(batch.target, batch.frame.mouth_box) / reader.millimetres
    apart = np.linalg.norm(read - from_box(test[:3]), axis=-1).mean() * reader.millimetres
    assert apart == pytest.approx(reader.error(toy_data, test[:3]), rel=1e-4)


@pytest.mark.parametrize(("pixels", "side"), [(1, 0), (-1, 0), (1, 1), (-1, 1)])
def test_a_picture_that_moves_moves_the_lips_by_as_many_millimetres(toy_data, reader, pixels, side):
    rows = toy_data.split("clip")[1]
    batch = toy_data.batch(rows)
    still, moved = (
        reader(image, batch.frame.mouth_box)
        for image in (batch.target, batch.target.roll(pixels, (-1, -2)[side]))
    )
    assert np.array_equal(still, reader(batch.target, batch.frame.mouth_box))
    shift = (moved - still).mean((0, 1)) / reader.millimetres
    assert shift[side] == pytest.approx(pixels, abs=0.25) and abs(shift[1 - side]) < 0.25
