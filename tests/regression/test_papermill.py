r"""Every notebook runs headless in the smallest profile, and its metrics lie inside their bands.

``DNT_REGRESSION_PROFILE=quick python -m pytest tests/regression`` holds another profile to its own bands.
"""

import os
from pathlib import Path

import pytest

from dnt_core.workbook import check_bands, load_bands
from dnt_core.workbook.runner import run_series

FOLDER = Path(__file__).parents[2] / "notebooks"
BANDS = Path(__file__).with_name("bands.json")
PROFILE = os.environ.get("DNT_REGRESSION_PROFILE", "nbval")
NOTEBOOKS = sorted(FOLDER.glob("[0-9][0-9]_*.ipynb"))


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DNT_PROFILE", PROFILE)
        yield run_series(folder=FOLDER, profile=PROFILE, out_dir=tmp_path_factory.mktemp(PROFILE))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[p.stem for p in NOTEBOOKS])
def test_notebook_runs_and_stays_in_its_bands(report, path):
    (outcome,) = (o for o in report.outcomes if o.name == path.stem)
    assert outcome.error is None
    assert outcome.recorded, "it recorded no metrics"
    own = f"{path.stem}."
    metrics = {k: v for k, v in report.metrics.items() if k.startswith(own)}
    bands = {k: v for k, v in load_bands(BANDS, PROFILE).items() if k.startswith(own)}
    assert check_bands(metrics, bands) == []


def test_bands_belong_to_notebooks_and_have_the_same_names_in_every_profile():
    nbval, quick = (load_bands(BANDS, profile) for profile in ("nbval", "quick"))
    assert set(nbval) == set(quick)
    assert {name.split(".")[0] for name in nbval} <= {path.stem for path in NOTEBOOKS}
