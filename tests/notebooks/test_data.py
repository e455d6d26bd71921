r"""The clips of a notebook: the user's folder, or the actor's, filmed with the profile's sizes."""

import pytest

from dnt_core.workbook import actor_folder, actor_names, clips_folder, film_config, get_profile


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch, tmp_path):
    monkeypatch.delenv("DNT_PROFILE", raising=False)
    monkeypatch.setenv("DNT_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def filmed(monkeypatch):
    asked = []

    def film(folder, plan, progress):
        asked.append((folder, plan, progress))
        return folder

    monkeypatch.setattr("dnt_core.actor.film", film, raising=False)
    return asked


@pytest.mark.parametrize("name", ["nbval", "quick", "laptop", "paper"])
def test_plan_has_the_profiles_sizes(name):
    profile = get_profile(name)
    plan = film_config(profile)
    assert (len(plan.actors), plan.clips_per_cell) == (profile.actors, profile.clips_per_cell)
    assert (plan.image_size, plan.n_frames) == (profile.image_size, profile.frames_per_clip)
    assert plan.knobs.mesh_resolution == profile.mesh_vertices
    assert len(plan.shots()) == 22 * profile.actors * profile.clips_per_cell


def test_the_actor_is_filmed_into_one_folder_a_profile(filmed, tmp_path):
    profile = get_profile("nbval")
    assert clips_folder(profile, clips_per_cell=2, progress=False) == actor_folder(profile)
    ((folder, plan, progress),) = filmed
    assert folder.is_relative_to(tmp_path) and folder.parts[-3:] == ("runs", "data", "nbval")
    assert (plan.clips_per_cell, progress) == (2, False)


def test_own_clips_are_left_alone(filmed, tmp_path):
    assert clips_folder(get_profile("nbval"), str(tmp_path)) == tmp_path and filmed == []
    with pytest.raises(FileNotFoundError, match="'nowhere' is not there; expected a folder in MEAD's layout"):
        clips_folder(get_profile("nbval"), "nowhere")


def test_actors_by_name_and_number():
    assert actor_names(None) is None and actor_names([]) is None
    assert actor_names(["2", "M003", "W009"]) == ("W009", "M003")
    with pytest.raises(ValueError, match="there is no actor number 0; expected 1 to 3 or a name"):
        actor_names(["0"])
    with pytest.raises(ValueError, match="M999"):
        actor_names(["M999"])
