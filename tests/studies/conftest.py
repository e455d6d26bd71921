r"""The toy film's frames, drawn once for all tests of the studies."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def toy_data(tmp_path_factory):
    r"""All 330 frames of the toy film, 64 px; not to be changed."""
    from toy_film import whole_film

    return whole_film(tmp_path_factory.mktemp("toy_film"))
