r"""The whole of ``dnt train table2`` in its smallest sizes; notebook 06 only shows the shipped table."""

from dnt_core.studies.table2 import opened
from dnt_core.studies.table2.methods import TRIVIAL
from dnt_core.studies.table2.trainings import TrainingPlan


def test_a_table_is_made_and_a_second_call_trains_and_measures_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(opened, "TINY_STEPS", 2)
    made = opened.make_tiny(tmp_path, progress=False)
    plan = TrainingPlan.of("nbval", "M003", 2, (0,))
    assert set(made.table.rows) == {*TRIVIAL, *(job.method for job in plan.jobs())}
    assert made.table.notes["steps"] == 2 and made.table.notes["second_steps"] == 4
    cost = made.table.notes["cost"]
    assert (
        cost["copied_frame"]["parameters"] == 0 < cost["ours"]["parameters"] < cost["stargan"]["parameters"]
    )
    assert "css_syncnet" not in made.table.rows["ours"] and set(made.faces()) >= {"film", "ours", "exprgan"}
    kept = [*tmp_path.glob("*_0.safetensors"), *(tmp_path / "rows").iterdir()]
    stamps = [path.stat().st_mtime_ns for path in kept]
    again = opened.make_tiny(tmp_path, progress=False)
    assert [path.stat().st_mtime_ns for path in kept] == stamps and len(kept) == 6 + 11
    assert again.table.flat() == made.table.flat()
