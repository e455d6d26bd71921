r"""Sharpness tells a blurred picture from film, and its correlation tells noise from detail."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from dnt_core.face3d import load_face_model
from dnt_core.metrics.sharpness import (
    DetailEnergies,
    detail,
    detail_energies,
    on_skin,
    sharpness,
    skin_texels,
)

ROWS = np.array([3, 40, 77])


def textured(seed: int, size: int = 64) -> torch.Tensor:
    return torch.rand(2, 3, size, size, generator=torch.Generator().manual_seed(seed))


def measured(image: torch.Tensor, target: torch.Tensor, mask: torch.Tensor | None = None) -> dict[str, float]:
    energies = DetailEnergies()
    energies.add(image, target, {"skin": torch.ones_like(target[:, :1]) if mask is None else mask})
    return energies.result()


def test_the_same_picture_is_as_sharp_as_itself():
    found = measured(textured(0), textured(0))
    assert found == {"sharpness_skin": pytest.approx(1), "detail_correlation_skin": pytest.approx(1)}


def test_more_blur_is_less_sharp():
    picture = textured(1)
    copies = [F.avg_pool2d(F.pad(picture, (n,) * 4, mode="replicate"), 2 * n + 1, 1) for n in (0, 1, 2)]
    ratios = [measured(copy, picture)["sharpness_skin"] for copy in copies]
    assert ratios[0] > 2 * ratios[1] > 4 * ratios[2] > 0


def test_half_the_contrast_is_a_quarter_of_the_energy_at_full_correlation():
    found = measured(textured(2) / 2, textured(2))
    assert found["sharpness_skin"] == pytest.approx(0.25)
    assert found["detail_correlation_skin"] == pytest.approx(1)


def test_noise_on_a_blurred_picture_passes_for_sharp_by_its_ratio_and_not_by_its_correlation():
    film = F.avg_pool2d(textured(3, 128), 3, 1, 1)
    blurred = (film + F.avg_pool2d(film, 3, 1, 1)) / 2
    noisy = blurred + 0.08 * torch.randn(film.shape, generator=torch.Generator().manual_seed(4))
    drawn, noise = measured(blurred, film), measured(noisy, film)
    assert drawn["sharpness_skin"] < 0.5 and noise["sharpness_skin"] > 0.8
    assert noise["detail_correlation_skin"] < 0.6 < 0.8 < drawn["detail_correlation_skin"]


def test_detail_is_blind_to_slow_changes_of_light():
    slope = torch.linspace(0, 1, 64).expand(1, 3, 64, 64)
    inside = detail(slope)[..., 8:-8, 8:-8]
    assert inside.abs().max() < 1e-5
    assert detail(textured(5)).std() > 0.05


def test_a_part_is_measured_alone():
    film, mask = textured(6), torch.zeros(2, 1, 64, 64)
    mask[..., 20:40, 20:40] = 1
    far = film.clone()
    far[..., 50:, :] = 0.5
    assert measured(far, film, mask)["sharpness_skin"] == pytest.approx(1)
    assert measured(far, film)["sharpness_skin"] < 0.9
    assert math.isnan(measured(film, film, 0 * mask)["sharpness_skin"])


def test_film_as_the_generators_data_give_it_is_as_sharp_as_itself(toy_data):
    found = sharpness(lambda batch: batch.target, toy_data, ROWS)
    assert set(found) == {
        "sharpness_skin", "sharpness_teeth", "detail_correlation_skin", "detail_correlation_teeth"
    }  # fmt: skip
    assert list(found.values()) == pytest.approx([1] * 4)
    frames = detail_energies(lambda batch: batch.target, toy_data, ROWS).of_frames("skin")
    assert frames.shape == (len(ROWS), 3) and (frames > 0).all()
    single = detail_energies(lambda batch: batch.target, toy_data, ROWS[-1:]).of_frames("skin")
    np.testing.assert_allclose(frames[-1:], single, rtol=1e-4)
    blurred = sharpness(lambda batch: F.avg_pool2d(batch.target, 5, 1, 2), toy_data, ROWS)
    assert max(blurred["sharpness_skin"], blurred["sharpness_teeth"]) < 0.9


def test_skin_leaves_out_what_has_landmarks_and_keeps_cheeks_and_forehead():
    model = load_face_model("procedural:2000")
    skin, size = skin_texels(model, 128), 128
    assert set(skin.unique().tolist()) == {0.0, 1.0}
    at = model.uv[model.landmark_indices].float()  # (68, 2)

    def of(points):
        column, row = (points * size).long().clamp(0, size - 1).unbind(-1)
        return skin[0, size - 1 - row, column]

    assert (
        of(at[17:60][[n for n in range(43) if n not in range(10, 14)]]).max() == 0
    )  # 27–30: the nose's bridge
    cheeks = (at[[36, 45]] + at[[48, 54]]) / 2
    forehead = at[[19, 24]].mean(0) + (at[[19, 24]].mean(0) - at[[37, 44]].mean(0)) * 2
    assert of(torch.stack([*cheeks, forehead])).min() == 1


def test_skin_is_looked_up_where_the_face_shows_it(toy_data):
    frame = toy_data.batch(ROWS).frame
    everywhere = on_skin(frame, torch.ones(1, 16, 16))
    torch.testing.assert_close(everywhere, frame.mask)
    left = torch.zeros(1, 16, 16)
    left[..., :8] = 1
    expected = frame.mask * (frame.uv_map[:, :1] < 0.5)
    torch.testing.assert_close(on_skin(frame, left), expected)
