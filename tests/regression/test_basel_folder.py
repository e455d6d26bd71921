r"""Notebooks run whole on a user's folder with the numbers of a Basel-shaped face model.

``DNT_BASEL_NOTEBOOKS=01,02,03,04,05,08 python -m pytest tests/regression/test_basel_folder.py`` runs more
of them than the first.
"""

import os
import warnings
from pathlib import Path

import pytest
import torch

from dnt_core.actor import film
from dnt_core.clips import load_clip, read_face_cache, scan
from dnt_core.face3d import PerspectiveCamera, load_face_model
from dnt_core.workbook import film_config, get_profile
from dnt_core.workbook.runner import run_series
from tests.regression.basel_folder import give_basel_numbers, write_basel_model

NOTEBOOKS = os.environ.get("DNT_BASEL_NOTEBOOKS", "01").split(",")
FOLDER = Path(__file__).parents[2] / "notebooks"


@pytest.fixture(scope="module")
def basel(tmp_path_factory):
    r"""The folder of clips; ``$DNT_BFM`` names the model."""
    folder, profile = tmp_path_factory.mktemp("basel"), get_profile("nbval")
    model = write_basel_model(folder / "model", profile.face_model)
    film(folder / "clips", film_config(profile, clips_per_cell=2), progress=False)  # one is held out
    before = {clip.number: read_face_cache(clip.face_cache) for clip in scan(folder / "clips")[:1]}
    give_basel_numbers(folder / "clips", profile.face_model)
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a face of fewer vertices than the whole Basel model's
        patch.setenv("DNT_BFM", str(model))
        patch.setenv("DNT_PROFILE", "nbval")
        yield folder / "clips", next(iter(before.values())), profile


def test_the_numbers_mean_the_same_faces(basel):
    folder, before, profile = basel
    loaded = load_clip(scan(folder)[0], crop="face")
    assert loaded.face.face_model == "bfm2009"
    camera = PerspectiveCamera(profile.image_size)
    seen, wanted = (
        camera.project(load_face_model(name).posed_landmarks(numbers))
        for name, numbers in (
            ("bfm2009", loaded.parameters),
            (profile.face_model, before.face_parameters()),
        )
    )
    torch.testing.assert_close(seen, wanted, atol=1e-3, rtol=0)


@pytest.mark.slow
@pytest.mark.parametrize("number", NOTEBOOKS)
def test_a_notebook_runs_whole(basel, number, tmp_path):
    report = run_series([number], profile="nbval", data_dir=basel[0], out_dir=tmp_path, folder=FOLDER)
    assert [(outcome.error, outcome.recorded) for outcome in report.outcomes] == [(None, True)]
