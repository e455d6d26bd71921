r"""PSNR and SSIM as they are promised: closed forms, frame by frame, in face and mouth; the mean face."""

import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio

from dnt_core.metrics import image_metrics
from dnt_core.metrics.flicker import flicker
from dnt_core.metrics.image_metrics import mean_face, measure, spread
from dnt_core.metrics.psnr import psnr, psnr_in_best_place
from dnt_core.metrics.ssim import ssim_map
from tests.studies import toy_film

ROWS = np.array([3, 40, 77])


def off_by(batch, error, where=1.0):
    r"""The truth, every number off by ``error``, inwards so that nothing is clipped."""
    inwards = torch.where(batch.target < 0.5, error, -error)
    return batch.target + where * inwards


def test_truth_is_perfect(toy_data):
    found = measure(lambda batch: batch.target, toy_data, ROWS)
    assert {found[f"psnr{part}"] for part in ("", "_face", "_mouth")} == {100.0}  # the most it says
    assert [found[f"ssim{part}"] for part in ("", "_face", "_mouth")] == pytest.approx([1, 1, 1], abs=1e-4)


@pytest.mark.parametrize(("error", "decibels"), [(0.1, 20.0), (0.01, 40.0)])
def test_a_known_error_gives_known_decibels(toy_data, error, decibels):
    found = measure(lambda batch: off_by(batch, error), toy_data, ROWS)
    assert [found[f"psnr{part}"] for part in ("", "_face", "_mouth")] == pytest.approx([decibels] * 3)


@pytest.mark.parametrize("part", ["mask", "mouth"])
def test_an_error_in_one_part_is_an_error_of_that_part(toy_data, part):
    found = measure(lambda batch: off_by(batch, 0.1, getattr(batch.frame, part)), toy_data, ROWS)
    share = getattr(toy_data.batch(ROWS).frame, part).double().mean((1, 2, 3))
    assert found["psnr"] == pytest.approx(float((20 - 10 * torch.log10(share)).mean()), abs=1e-4)
    here, there = ("_face", "_mouth") if part == "mask" else ("_mouth", "_face")
    assert found[f"psnr{here}"] == pytest.approx(20) and found[f"psnr{there}"] == 100


def test_decibels_are_averaged_not_errors(toy_data):
    errors = torch.tensor([0.1, 0.01])[:, None, None, None]
    found = measure(lambda batch: off_by(batch, errors), toy_data, ROWS[:2])
    assert found["psnr"] == pytest.approx(30.0)  # that of the mean error would be 22.97


def test_a_picture_brighter_than_white_counts_as_white(toy_data):
    white = measure(lambda batch: torch.ones_like(batch.target), toy_data, ROWS)
    assert measure(lambda batch: batch.target + 5, toy_data, ROWS) == white


def test_mouths_that_are_shut_do_not_count(toy_data):
    read = toy_data.batch

    class Shut:
        r"""The toy film, of which some frames have no mouth hole."""

        def __init__(self, shut):
            self.shut = shut

        def batch(self, rows):
            batch = read(rows)
            opened = torch.tensor([row not in self.shut for row in rows])[:, None, None, None]
            return batch._replace(frame=batch.frame._replace(mouth=batch.frame.mouth * opened))

    def draw(batch):
        return off_by(batch, 0.1, batch.frame.mouth) if len(batch.ciec) == 1 else off_by(batch, 0.01)

    some = measure(draw, Shut([3]), ROWS[:2], batch_size=1)
    assert some["psnr_mouth"] == pytest.approx(20) and np.isfinite(some["ssim_mouth"])
    none = measure(draw, Shut([3, 40]), ROWS[:2], batch_size=2)
    assert np.isnan(none["psnr_mouth"]) and np.isnan(none["ssim_mouth"]) and np.isfinite(none["psnr_face"])


def test_the_size_of_batches_changes_nothing(toy_data):
    mean = mean_face(toy_data, np.arange(50))
    one, three = (measure(mean, toy_data, ROWS, batch_size=size) for size in (1, 3))
    assert one == pytest.approx(three, abs=1e-5)


def test_a_whole_clip_at_once_is_measured_as_frame_by_frame(toy_data):
    batch = toy_data.batch(np.arange(9))
    pictures = (batch.target + 0.1).clamp(0, 1)
    whole = image_metrics.picture_metrics(pictures, batch)
    for row in (0, 8):
        one = image_metrics.picture_metrics(pictures[row : row + 1], toy_data.batch(np.array([row])))
        assert torch.equal(one["ssim"], whole["ssim"][row : row + 1])


def test_the_mean_face_stands_in_the_hole_of_the_true_background(toy_data):
    rows = toy_film.rows_of_clips(toy_data, expression="happy")
    batch = toy_data.batch([200])
    drawn, hole = mean_face(toy_data, rows)(batch), batch.frame.hole.expand_as(batch.target) > 0
    wanted = toy_data.batch(rows).target.mean(0, keepdim=True)
    torch.testing.assert_close(drawn[hole], wanted[hole], atol=1e-5, rtol=0)
    assert torch.equal(drawn[~hole], batch.target[~hole])


def test_rows_are_spread_evenly():
    assert spread(np.arange(10) + 5, 4).tolist() == [5, 8, 11, 14]
    assert spread(np.arange(3), 9).tolist() == [0, 1, 2]
    assert spread(np.arange(0), 9).tolist() == []


def test_psnr_is_scikit_images_and_a_mask_of_another_shape_is_refused():
    pair = torch.rand(2, 2, 3, 9, 7, generator=torch.Generator().manual_seed(0))
    theirs = [peak_signal_noise_ratio(*(x[i].numpy() for x in pair), data_range=1) for i in range(2)]
    assert psnr(*pair).tolist() == pytest.approx(theirs, abs=1e-4)
    assert psnr(*pair, torch.ones(1, 1, 9, 7)).tolist() == pytest.approx(theirs, abs=1e-4)
    for mask in ((2, 3, 9, 7), (3, 1, 9, 7), (1, 9, 7)):  # with three channels it gave 4.8 dB too many
        with pytest.raises(ValueError, match="mask"):
            psnr(*pair, torch.ones(mask))


@pytest.mark.parametrize("number", [psnr, ssim_map, lambda a, b: flicker(a, b, torch.ones(2, 1, 16, 16))])
def test_pictures_of_another_range_are_refused(number):
    r"""Frames of 0 to 255 or of -1 to 1, as many networks draw them, gave a number, of another scale."""
    film = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    drawn = (film + 0.05).clamp(max=1)
    assert torch.isfinite(number(drawn, film * 1.2 - 0.1)).all()  # as resizing leaves them
    for scale, shift, said in ((255, 0, "from 0.* to 25"), (2, -1, "from -0.9.* to 0.9")):
        with pytest.raises(ValueError, match=rf"range {said}.*; expected \[0, 1\]"):
            number(drawn * scale + shift, film * scale + shift)


def test_a_picture_that_is_only_moved_is_good_in_its_best_place():
    film = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    moved = torch.cat([film[..., :1], film[..., :-1]], -1)
    upper, lower = film.chunk(2, 2)
    assert psnr(moved, film).max() < 15
    assert psnr_in_best_place(moved, film, 3).min() == 100
    assert psnr_in_best_place(moved.roll(4, -2), film, 3).max() < 15  # too far
    assert psnr_in_best_place(torch.cat([1 - upper, lower], 2), film).max() < 15
    with pytest.raises(ValueError, match="above 16 px"):
        psnr_in_best_place(film, film, 8)
