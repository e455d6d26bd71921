import pytest

from dnt_core.profiles import PROFILE_VARIABLE
from dnt_core.workbook import PROFILES, get_profile, open_notebook


@pytest.fixture(autouse=True)
def no_override(monkeypatch):
    monkeypatch.delenv(PROFILE_VARIABLE, raising=False)


def test_profiles_grow():
    sizes = [
        (p.image_size, p.mesh_vertices, p.texture_size, p.actors, p.clips_per_cell, p.seconds)
        for p in map(get_profile, ("nbval", "quick", "laptop", "paper"))
    ]
    assert all(
        a <= b
        for small, large in zip(sizes, sizes[1:], strict=False)
        for a, b in zip(small, large, strict=True)
    )
    assert PROFILES["paper"].mesh_vertices == 35_709


def test_the_environment_variable_counts_where_no_profile_was_chosen(monkeypatch, tmp_path):
    assert get_profile().name == "quick"
    monkeypatch.setenv(PROFILE_VARIABLE, "nbval")
    assert get_profile().name == "nbval"
    assert get_profile("laptop").name == "laptop"  # it was nbval
    opened = [open_notebook("01_x", name, out_dir=str(tmp_path)).profile.name for name in ("quick", "paper")]
    assert opened == ["nbval", "paper"]  # the notebooks hold "quick"


def test_unknown_profile_is_said(monkeypatch):
    with pytest.raises(ValueError, match="no profile 'fast'; expected one of nbval, quick, laptop, paper"):
        get_profile("fast")
    monkeypatch.setenv(PROFILE_VARIABLE, "tiny")
    with pytest.raises(ValueError, match="'tiny' .from the environment variable DNT_PROFILE"):
        get_profile()


def test_pick_and_derived_sizes():
    assert get_profile("laptop").pick(nbval=1, quick=2, laptop=3, paper=4) == 3
    assert get_profile("quick").face_model == f"procedural:{get_profile('quick').mesh_vertices}"
    assert get_profile("quick").frames_per_clip == 30
