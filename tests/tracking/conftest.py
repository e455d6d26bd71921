r"""Makes the made-up tracks importable, and keeps a user's own files out."""

import pytest


@pytest.fixture(autouse=True)
def no_assets(monkeypatch, tmp_path):
    for name in ("DNT_BFM", "DNT_BFM2017", "DNT_BFM2019", "DNT_FLAME", "DNT_ICT_FACEKIT", "DNT_ASSETS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
