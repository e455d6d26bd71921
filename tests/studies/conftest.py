r"""What the tests of the studies share: the toy film's frames, and a perceptual study that is served."""

import pytest


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


@pytest.fixture(scope="module")
def chromium():
    from tests.live.widget_stage import browser

    with browser() as opened:
        yield opened


@pytest.fixture
def observer(chromium):
    r"""A fresh browser profile."""
    context = chromium.new_context(viewport={"width": 1100, "height": 800})
    yield context
    context.close()
