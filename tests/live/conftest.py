r"""The page without a kernel, built once for all that open it."""

import pytest

from dnt_core.live.errors import LiveError
from tests.live.widget_stage import ROOT


@pytest.fixture(scope="session")
def static_page_folder(tmp_path_factory):
    r"""Two people at 128 px, as ``dnt site live`` writes them; skips where the runtime cannot be had."""
    from dnt_core.live.static_page import build_page
    from dnt_core.live.static_page.runtime_files import find_runtime

    try:
        runtime = find_runtime()
    except LiveError as error:
        pytest.skip(str(error))
    place = tmp_path_factory.mktemp("page")
    faces = [ROOT / "weights" / f"generator_{name}.safetensors" for name in ("M003_128", "W009_128")]
    build_page(place, faces, ort=runtime)
    return place
