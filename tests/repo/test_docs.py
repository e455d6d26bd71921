r"""What the documents name is there: files, modules, rooms, commands."""

import json
import re
import tomllib
from math import ceil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "CONTRIBUTING.md", ROOT / "README.md"])


def settings() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_files_that_a_page_names_are_there(page):
    r"""In backticks or as a link, from the root, from the page's folder or from the package."""
    text = page.read_text()
    named = re.findall(r"`((?:dnt_core|tests|docs|notebooks|benchmarks|weights)/[\w./-]+)`", text)
    named += [link for link in re.findall(r"\]\(([^)#\s]+)\)", text) if "://" not in link]
    missing = [
        name
        for name in named
        if not any((folder / name).exists() for folder in (ROOT, page.parent, ROOT / "dnt_core"))
    ]
    assert not missing


def test_modules_that_the_architecture_names_are_there():
    text = (ROOT / "docs" / "architecture.md").read_text()
    named = set(re.findall(r"\b((?:\w+/)+\w+\.py|\w+\.py)\b", text))
    missing = [
        name for name in named if not any((ROOT / place / name).exists() for place in ("dnt_core", ""))
    ]
    assert len(named) > 20 and not missing


def test_the_table_of_rooms_is_the_list_that_is_checked():
    (layers,) = (c["layers"] for c in settings()["contracts"] if c["type"] == "layers")
    table = (ROOT / "docs" / "architecture.md").read_text().split("<!-- rooms:")[1]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    assert [re.findall(r"`(\w+)`", row) for row in rows] == [layer.split(" | ") for layer in layers]


README = (ROOT / "README.md").read_text(encoding="utf-8")
NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven")


def test_the_readme_leads_to_the_pages_that_a_stranger_looks_for():
    pages = ("teaching", "claims", "glossary", "your_own_face", "class_study", "without_installing")
    assert all(f"](docs/{name}.md)" in README for name in pages)
    start = README.split("## ")[0]
    wanted = ("`make run`", "`make test`", "`make lab`", "dnt live`", "dnt talk ", "dnt study ")
    assert all(command in start for command in wanted)


def test_the_readme_lists_every_notebook_and_counts_them():
    names = sorted(path.name for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    assert re.findall(r"^\| \[.*?\]\(notebooks/(.*?)\)", README, flags=re.MULTILINE) == names
    assert f"all {NUMBERS[len(names)]} notebooks" in README


def test_the_commands_that_pages_name_are_there():
    from typer.main import get_command

    from dnt_core.cli import app

    commands = get_command(app).commands
    named = {name for page in PAGES for name in re.findall(r"(?:`|bin/)dnt (\w+)", page.read_text())}
    assert len(named) > 10 and named <= set(commands)


def test_the_lengths_of_the_study_are_those_of_its_design():
    from dnt_core.actor import PEOPLE
    from dnt_core.ciec import CIEC_TYPES

    guide = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
    groups = len(PEOPLE) * len(CIEC_TYPES)
    assert f"{groups} groups" in README and f"{groups} groups" in guide
    minutes = NUMBERS[ceil(groups / 2)]  # half a minute per group
    assert f"{minutes} minutes" in README and f"{minutes} minutes" in guide
    assert f"draws {NUMBERS[2 * len(PEOPLE)]} groups" in guide  # two expressions


def test_notebook_00_says_how_many_bases_the_shipped_generators_have():
    from safetensors import safe_open

    text = (ROOT / "notebooks" / "00_start_here.py").read_text(encoding="utf-8").replace("\n#    ", " ")
    said = re.search(r"workbook have (\d+) bases, with (\d+) numbers per texel", text)
    assert said is not None
    shipped = sorted((ROOT / "weights").glob("generator_*.safetensors"))
    assert shipped
    for path in shipped:
        with safe_open(path, "numpy") as weights:
            bases, channels = weights.get_slice("generator.texture.basis").get_shape()[:2]
        assert [bases, channels] == [int(number) for number in said.groups()], path.name


def test_notebook_00_says_how_the_meshes_of_two_profiles_compare_with_the_papers():
    from dnt_core.profiles import PROFILES

    text = (ROOT / "notebooks" / "00_start_here.py").read_text(encoding="utf-8").replace("\n#   ", " ")
    said = "has about as many points as the paper's, and in `quick` about a quarter of them"
    assert re.search(r"In the profile `laptop` \([^)]*\) the face " + said, text)
    assert 0.95 < PROFILES["laptop"].mesh_vertices / 35_709 < 1.05
    assert 0.2 < PROFILES["quick"].mesh_vertices / 35_709 < 0.3


def test_the_readme_says_of_an_actor_with_expression_in_its_geometry_what_the_claims_say():
    assert "the texture's lead is then less than half" in README.replace("\n", " ")
    claims = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8").splitlines()
    (row,) = (line for line in claims if "With the expression put into the geometry" in line)
    assert row.rstrip().endswith("| **holds** |")


def test_the_readme_names_the_notebooks_that_each_notebook_wants_read_before():
    row = r"^\| \[(\d\d) .*?\]\(notebooks/(\w+)\.ipynb\) \|.*\| ([\d, ]*)\|$"
    rows = re.findall(row, README, flags=re.MULTILINE)
    assert len(rows) == len(list((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb")))
    for number, name, needs in rows:
        text = (ROOT / "notebooks" / f"{name}.py").read_text(encoding="utf-8")
        (before,) = re.findall(r"\*\*Before this\*\* \| (.*?) \|", text)
        first = re.sub(r"\]\([^)]*\)", "]", before).split(". ")[0]
        assert re.findall(r"\d\d", needs) == re.findall(r"\b\d\d\b", first), number


def test_the_minutes_that_a_training_took_are_those_of_its_record():
    page = (ROOT / "docs" / "your_own_face.md").read_text(encoding="utf-8").replace("\n", " ")
    record = json.loads((ROOT / "weights" / "generator_M003_256.json").read_text())
    assert f"took {round(record['seconds'] / 60)} minutes on one thread" in page
    assert f"with {record['clips']} short clips" in page and record["machine"].endswith("1 thread(s)")
    first = json.loads((ROOT / "weights" / "decoupling_M003.json").read_text())
    assert f"its decoupling network {NUMBERS[round(first['seconds'] / 60)]} minutes" in page


def test_the_rehearsal_of_meads_size_is_told_as_its_record_has_it():
    record = json.loads((ROOT / "docs" / "rehearse_mead.json").read_text())
    page = (ROOT / "docs" / "robustness.md").read_text(encoding="utf-8").replace("\n", " ")
    tenth, study, cluster = record["training"], record["study"], record["cluster"]
    whole, torchrun = record["whole_of_mead"], record["torchrun"]
    share = whole["frames"] / (tenth["frames"] * 4)  # clips of 4 s in place of 1 s, all in place of a tenth
    assert (record["clips"], tenth["clips"], tenth["frames"]) == (670, 67, 2010) and share == 10
    assert tenth["first_half_kept"] and cluster["same"] and whole["frames"] == 80_400
    for said in (
        f"670 clips in {record['scan']['wall_s']} s",
        f"{1000 * tenth['cpu_s_per_frame']:.1f} ms of processor time and {tenth['mb_per_frame']:.2f} MB",
        f"{whole['frames'] * tenth['cpu_s_per_frame'] / 60:.0f} minutes, {whole['prepare_disk_gb']} GB",
        f"opened | {tenth['open_670_files']['wall_s']} s",
        f"batch 8) | {tenth['six_steps']['wall_s']:.1f} s",
        f"per clip) | {study['wall_s']:.1f} s, {study['pictures_mb']} MB",
        f"{study['wall_s'] * share:.0f} s, 8",
        f"{cluster['fits']} fits of the study on a Dask cluster of two workers here ({study['frames']}",
        f"{cluster['cluster']['wall_s']:.1f} s with the start of the workers",
        f"({cluster['here']['wall_s']:.1f} s in one process)",
        f"{max(cluster['workers_mb']) / 1000:.1f} GB per worker",
        f"{torchrun['wall_s']} s with preparation",
        f"held {max(tenth['six_steps']['peak_mb'], study['peak_mb']) / 1000:.1f} GB at most",
    ):
        assert said in page, said
    assert torchrun["peak_mb_of_a_process"] <= tenth["six_steps"]["peak_mb"]


def test_what_tracked_numbers_cost_a_generator_is_told_as_its_record_has_it():
    record = json.loads((ROOT / "docs" / "track_and_train.json").read_text())
    page = (ROOT / "docs" / "tracking_accuracy.md").read_text(encoding="utf-8")
    rows, less = record["rows"], record["tracked_less_truth"]
    table = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines()]
    said = {
        ("the film itself", ""): rows["film"],
        ("trained on true numbers", "true"): rows["trained, truth"],
        ("trained on tracked numbers", "tracked"): rows["trained, tracked"],
        **{
            ("shipped", kind): rows[f"shipped, {kind.replace('true', 'truth')}"]
            for kind in ("true", "recorded", "tracked")
        },
        ("the mean face", ""): rows["mean face"],
        ("guessing evenly, or the mean intensity", ""): {k: [v] for k, v in record["trivial"].items()},
    }
    for names, row in said.items():
        psnr = [
            f"{row[key][0]:.1f}" if row.get(key, [100])[0] < 100 else "" for key in ("psnr", "psnr_mouth")
        ]
        read = [f"{row[key][0]:.2f}" for key in ("ce_type", "ce_level", "intensity_error")]
        assert [*names, *psnr, *read] in table, names
    words, trained = " ".join(page.split()), less["trained"]
    mean, low, high = trained["ce_level"]
    assert low < 0 < high and f"costs {mean:.2f} nats more (95 % of clips drawn anew: {low:.2f} to" in words
    mean, low, high = (-x for x in trained["psnr"])
    assert f"loses* {mean:.2f} dB ({high:.2f} to {low:.2f}), where our aim was 1.5" in words
    assert low < 1.5 and trained["psnr_mouth"][1] < 0 < trained["psnr_mouth"][2]
    mean, low, high = trained["intensity_error"]
    assert 0 < low and f"read less exactly, by {mean:.2f} ({low:.2f} to {high:.2f})" in words
    assert f"the shipped one loses {-less['shipped']['psnr'][0]:.1f} dB" in words
    assert less["shipped"]["ce_level"][1] < 0 < less["shipped"]["ce_level"][2]
    for name, seeds in record["per_seed"].items():
        assert abs(sum(seeds["psnr"]) / len(seeds["psnr"]) - rows[name]["psnr"][0]) < 1e-3


def test_how_accurate_tracking_is_is_told_as_its_record_has_it():
    record = json.loads((ROOT / "docs" / "measure_tracking.json").read_text())
    page = (ROOT / "docs" / "tracking_accuracy.md").read_text(encoding="utf-8")
    table = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines()]
    stages = {
        "mean_face": "mean face, pose fitted",
        "landmarks": "fitted to landmarks",
        "pixels": "then to pixels",
    }
    for stage, name in stages.items():
        numbers = [f"{v:.2f}" if v else "0" for v in record["numbers"][stage].values()]
        assert [name, *numbers] in table, numbers
    off = {name: record[name]["pixels"]["uv_texels"] for name in ("film", "person", "limit")}
    said = f"by {off['film']:.2f} texels with an identity for each clip, by {off['person']:.2f} with one, "
    assert f"{said}and by {off['limit']:.2f} with the true" in " ".join(page.split())
    assert record["person"]["parts_px"]["clip"] < 0.5 * record["film"]["parts_px"]["clip"]


def test_an_option_that_a_page_shows_is_one_of_its_command():
    from typer.main import get_command

    from dnt_core.cli import app

    def options(words: list[str]) -> set[str] | None:
        command = get_command(app)
        for word in words:
            if not hasattr(command, "commands"):
                break
            if word not in command.commands:
                return None
            command = command.commands[word]
        return {name for p in command.params for name in (*p.opts, *p.secondary_opts)} | {"--help"}

    shown = 0
    for page in PAGES:
        text = re.sub(r"\\\n\s*", "", page.read_text(encoding="utf-8"))
        lines = re.findall(r"^(?:\.venv/bin/)?dnt (.*)$|`(?:\.venv/bin/)?dnt ([^`]*)`", text, re.MULTILINE)
        for line in (a or b for a, b in lines):
            words = re.sub(r"[\[\]]", " ", line.split("   #")[0].replace("\\|", "|")).split()
            known = options(words)
            used = set(re.findall(r"(?<![\w-])--[a-z][\w-]*", " ".join(words)))
            assert not used or (known is not None and used <= known), f"{page.name}: dnt {line}"
            shown += len(used)
    assert shown > 60


def test_what_a_change_begins_with_is_named_in_its_file():
    r"""The names in brackets of docs/where_to_change.md, in the file before them."""
    page = (ROOT / "docs" / "where_to_change.md").read_text(encoding="utf-8")
    rows = re.findall(r"\| `([\w./]+)`(?: \(`(\w+)`\))? \|$", page, flags=re.MULTILINE)
    assert len(rows) == 16 and "sixteen changes" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert all(name in (ROOT / path).read_text(encoding="utf-8") for path, name in rows)


def test_the_modules_that_the_glossary_names_can_be_imported():
    import importlib

    page = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    named = re.findall(r"`(dnt_core\.[\w.]+)`", page)
    assert len(named) > 20
    for name in named:
        importlib.import_module(name)


def test_the_readme_leads_to_every_page():
    pages = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")} | {"findings/README.md"}
    pages |= {f"weights/{path.name}" for path in (ROOT / "weights").glob("*.md")}
    assert pages <= set(re.findall(r"\]\(([\w/.]+\.md)(?:#[\w-]+)?\)", README))
