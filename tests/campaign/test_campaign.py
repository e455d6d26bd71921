r"""The fault campaign in short: every kind of file damaged twice, some kills, every trouble once."""

import json
import subprocess
import sys

import pytest
import typer

from dnt_core.cli import app
from tests.campaign.commands import COMMANDS
from tests.campaign.good_files import write_good_files
from tests.campaign.mutations import MUTATIONS, mutate
from tests.campaign.readers import readers_of


def campaign(tmp_path, *options):
    r"""A process of its own: it forks, which threads of pytest's would not survive."""
    out = tmp_path / "report.json"
    command = [sys.executable, "-m", "tests.campaign", "--out", str(out), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return json.loads(out.read_text())


def leaves(command, *names):
    if not hasattr(command, "commands"):
        return [" ".join(names)]
    return [leaf for name, one in command.commands.items() for leaf in leaves(one, *names, name)]


def test_every_command_is_in_the_campaign_or_writes_nothing():
    reading = {"doctor", "data check", "notebooks check", "weights show"}
    tried = {
        name
        for name in leaves(typer.main.get_command(app))
        if any(f"{c} ".startswith(f"{name} ") for c in COMMANDS)
    }
    assert tried | reading == set(leaves(typer.main.get_command(app))) and not tried & reading


@pytest.mark.filterwarnings("ignore")
def test_whole_files_are_read(tmp_path):
    r"""Else a refusal of a damaged one would say nothing."""
    for case, path in write_good_files(tmp_path / "good").items():
        readers_of(case, path)[0](path)


def test_damage_follows_its_seed():
    data = bytes(range(256)) * 8
    assert mutate(data, "a") == mutate(data, "a") != mutate(data, "b")
    assert {mutate(data, str(n))[0].split("+")[0] for n in range(400)} == set(MUTATIONS)


def test_damaged_inputs_end_in_a_result_or_in_a_sentence(tmp_path):
    report = campaign(tmp_path, "--inputs", "86", "--kills", "0", "--troubles", "0", "--seed", "11")
    assert report["inputs"]["inputs"] == 86 and report["inputs"]["faults"] == []
    assert report["inputs"]["totals"]["refused"] > 20 and report["inputs"]["totals"]["read"] > 5


@pytest.mark.skipif(sys.platform == "win32", reason="forks")
def test_killed_and_troubled_commands_go_on(tmp_path):
    names = ["study answers", "notebooks sync", "data convert", "train decoupling"]
    report = campaign(tmp_path, "--inputs", "0", "--kills", "8", "--commands", *names)
    assert report["kills"]["kills"] == 8 and report["kills"]["faults"] == []
    assert set(report["troubles"]["ends"]) == set(names) and report["troubles"]["faults"] == []
