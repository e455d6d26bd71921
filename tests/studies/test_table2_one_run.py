r"""One folder, one run of Table 2: what lies there is never shown as another actor's."""

import json

import pytest
from typer.testing import CliRunner

from dnt_core.cli import app
from dnt_core.networks.generator import Generator
from dnt_core.studies.table2.one_run import expect_one_run, forget_rows_measured_otherwise
from dnt_core.studies.table2.trainings import TrainingPlan
from dnt_core.training.generator_weights import save_generator
from tests.networks.generator_inputs import TINY

DATA = {"train": "a", "test": "b"}


def plan(actor="M003", steps=4):
    return TrainingPlan.of("nbval", actor, steps, (0,))


def test_a_folder_of_another_actor_other_clips_or_steps_is_refused(tmp_path):
    expect_one_run(tmp_path, plan(), 48, **DATA)
    expect_one_run(tmp_path, plan(), 48, **DATA)
    for other, data, said in (
        (plan("W009"), DATA, "its actor is M003, not W009"),
        (plan(steps=9), DATA, "its steps are 4, not 9"),
        (plan(), DATA | {"test": "c"}, "its test clips are b, not c"),
    ):
        with pytest.raises(ValueError, match=f"the table of another run: {said}; give another --folder"):
            expect_one_run(tmp_path, other, 48, **data)


def test_weights_of_an_older_version_say_whose_they_are(tmp_path):
    notes = {"identity": "M003", "image_size": 48, "decoupling": None, "steps": 4}
    save_generator(tmp_path / "ours_0.safetensors", Generator(TINY), notes)
    with pytest.raises(ValueError, match="its actor is M003, not W009"):
        expect_one_run(tmp_path, plan("W009"), 48, **DATA)
    expect_one_run(tmp_path, plan(), 48, **DATA)


def test_an_unknown_profile_is_one_sentence(tmp_path):
    found = CliRunner().invoke(app, ["train", "table2", "--folder", str(tmp_path), "--profile", "paper"])
    assert found.exit_code == 2 and "no profile 'paper'; expected one of nbval, quick, laptop" in found.output


def test_a_users_table_is_not_shipped_and_told_before_it_is_made(tmp_path):
    command = ["train", "table2", "--folder", str(tmp_path / "made"), "--data", str(tmp_path)]
    found = CliRunner().invoke(app, [*command, "--ship", str(tmp_path / "weights")])
    assert found.exit_code == 2 and "leave --data or --ship out" in " ".join(found.output.split())
    assert not (tmp_path / "weights").exists() and not (tmp_path / "made").exists()


@pytest.mark.parametrize("older", [False, True])
def test_rows_are_measured_anew_once_a_sync_network_is_there(tmp_path, older):
    if not older:
        forget_rows_measured_otherwise(tmp_path, "", False)
    row = tmp_path / "rows" / "ours_0.json"
    row.parent.mkdir()
    row.write_text(json.dumps({"psnr": [30.0], "css": [None]}))
    forget_rows_measured_otherwise(tmp_path, "", False)
    assert row.exists()
    forget_rows_measured_otherwise(tmp_path, "abc", False)
    assert not row.exists()
    row.write_text(json.dumps({"psnr": [30.0], "css": [1.0]}))
    forget_rows_measured_otherwise(tmp_path, "abc", False)
    assert row.exists()
    forget_rows_measured_otherwise(tmp_path, "of another training", False)
    assert not row.exists()
