r"""The whole of ``dnt train table2`` in its smallest sizes; notebook 06 only shows the shipped table."""

import io

import pytest
from tqdm.auto import tqdm

from dnt_core.studies.table2 import command, opened
from dnt_core.studies.table2.methods import TRIVIAL
from dnt_core.studies.table2.run_inputs import Table2Run
from dnt_core.studies.table2.trainings import Job, TrainingPlan


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


def test_a_sync_network_that_is_not_there_is_told_before_anything_is_filmed(tmp_path):
    run = Table2Run(tmp_path / "table", profile="nbval", sync="none.safetensors", progress=False)
    with pytest.raises(FileNotFoundError, match="no checkpoint none.safetensors"):
        command.make_table(run)
    assert not run.folder.exists()


def test_trainings_side_by_side_tell_their_steps_while_they_run(tmp_path, monkeypatch):
    bars = []
    monkeypatch.setattr(command, "tqdm", lambda **shown: bars.append(Bar(**shown)) or bars[-1])
    run = Table2Run(tmp_path, profile="nbval", steps=101, seeds=(0,), progress=False)
    run.shared()
    wanted = [Job("ours"), Job("without_ts")]
    command.train_side_by_side(run, wanted, jobs=2)
    (bar,) = bars
    assert sorted(bar.updates) == [1, 1, 100, 100] and bar.n == bar.total
    assert all(job.weights(tmp_path).exists() for job in wanted)


class Bar(tqdm):
    """A bar that keeps what it was told."""

    def __init__(self, **shown):
        self.updates = []
        super().__init__(**shown | {"disable": False, "file": io.StringIO()})

    def update(self, n=1):
        self.updates.append(n)
        return super().update(n)
