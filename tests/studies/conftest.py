r"""What the tests of the studies share: the toy film's frames, and a perceptual study that is served."""

import sys
from pathlib import Path

import pytest

for folder in (".", "../live", "../serving"):
    sys.path.insert(0, str(Path(__file__).parent / folder))


@pytest.fixture(scope="session")
def toy_data(tmp_path_factory):
    r"""All 330 frames of the toy film, 64 px; not to be changed."""
    from tests.studies.toy_film import whole_film

    return whole_film(tmp_path_factory.mktemp("toy_film"))


@pytest.fixture(scope="session")
def clips(tmp_path_factory):
    r"""A study of two groups; not to be changed."""
    from tests.studies.study_clips import make_study

    return make_study(tmp_path_factory.mktemp("study") / "clips")


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    r"""A study of two groups and its server."""
    from tests.live.widget_stage import free_port
    from tests.studies.study_clips import make_study
    from tests.studies.study_page import study_server

    folder = tmp_path_factory.mktemp("study")
    plan = make_study(folder / "clips")
    with study_server(folder, free_port()) as server:
        server.plan, server.answers = plan, folder / "answers.sqlite"
        yield server
