r"""The table that notebook 06 opens, with the judges and weights that belong to it."""

import json

from dnt_core.paths import weights_folder
from dnt_core.studies.table2 import opened


def test_a_table_is_opened_with_its_own_actors_judges_and_its_first_seed(tmp_path, monkeypatch):
    notes = json.loads((weights_folder() / "table2.json").read_text())
    (tmp_path / "table2.json").write_text(json.dumps(notes | {"actor": "W009", "seeds": [5, 3]}))
    (tmp_path / "table2").mkdir()
    for key in ("ours_0", "ours_5", "stargan_3"):
        (tmp_path / "table2" / f"{key}.safetensors").touch()
    monkeypatch.setattr(opened, "weights_folder", lambda: tmp_path)
    monkeypatch.setattr(opened, "shipped_judges", lambda actor: f"judges of {actor}")
    monkeypatch.setattr(opened, "shipped_sync", lambda actor: f"sync of {actor}")
    monkeypatch.setattr(opened, "trained_method", lambda job, folder: job.key)
    table = opened.open_table()
    assert (table.judges, table.sync) == ("judges of W009", "sync of W009")
    assert table.methods() == {"ours": "ours_5"}
