r"""Table 2: numbers that are read back, ranks and verdicts, second steps, judges, the plan of trainings."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from dnt_core.ciec import encode
from dnt_core.clips.splits import split_by_clip
from dnt_core.metrics.classifier_fit import FitConfig
from dnt_core.metrics.intervals import Interval
from dnt_core.metrics.lip_reader import LinearReader, LipReader
from dnt_core.networks.exprgan import ExprGANConfig, ExprGANGenerator
from dnt_core.networks.generator_config import GeneratorConfig
from dnt_core.networks.stargan import StarGANConfig, StarGANGenerator
from dnt_core.paths import weights_folder
from dnt_core.studies.table2.command import chosen_jobs
from dnt_core.studies.table2.evaluate import evaluate_weights
from dnt_core.studies.table2.films import SIZES, split_in_three
from dnt_core.studies.table2.judges import Judges
from dnt_core.studies.table2.methods import LABELS, frozen_frame
from dnt_core.studies.table2.results import ORDER, PAPER, Table2, rows_to_json, table_lines
from dnt_core.studies.table2.row import METRICS, ClipJudge, Tools, measure_rows
from dnt_core.studies.table2.shipped import ship
from dnt_core.studies.table2.test_clips import Method, TestClips
from dnt_core.studies.table2.trainings import TrainingPlan
from dnt_core.studies.table2.two_steps import (
    edit_of,
    in_two_steps,
    load_second_step,
    save_second_step,
    types_and_levels,
)
from dnt_core.studies.table2.verdicts import (
    HOLDS,
    NOT,
    OPEN,
    Claim,
    decisive_lead,
    judge,
    leads_trivial,
    papers_contradictions,
)
from dnt_core.training.ablations import ABLATIONS
from tests.studies import toy_film

CLIPS = [f"clip {k}" for k in range(8)]
RNG = np.random.default_rng(0)


def row(psnr, ce):
    noise = RNG.normal(0, 0.1, len(CLIPS))
    return {"psnr": (psnr + noise).tolist(), "ce_level": [*(ce + noise)[:-1], float("nan")]}


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    rows = {
        "ours": [row(30, 0.5), row(30.1, 0.5)],
        "without_ts": [row(28, 0.5)],
        "stargan": [row(25, 0.9)],
        "copied_frame": [row(24, 0.2)],
    }
    path = tmp_path_factory.mktemp("table") / "table2.json"
    film = {"css": [0.5] * 8, "css_shuffled_sound": [0.1] * 8}
    record = {"format": 1, "clips": CLIPS, "rows": rows_to_json(rows), "film_says": film, "steps": 4}
    path.write_text(json.dumps(record))
    return Table2.read(path)


def test_what_was_written_is_read_back_with_its_missing_numbers(table):
    assert table.notes == {"format": 1, "steps": 4} and table.seeds("ours") == 2
    assert np.isnan(table.rows["ours"]["ce_level"][:, -1]).all()
    assert table.has("ours", "psnr") and not table.has("ours", "css") and not table.has("exprgan", "psnr")
    assert table.flat()["psnr.ours"] == pytest.approx(30.05, abs=0.1)
    assert table.flat()["css.film"] == 0.5 and table.flat()["css.shuffled_sound"] == 0.1
    assert "psnr.copied_frame" not in table.flat()  # metrics.json names the paper's rows alone


def test_another_file_is_no_table(tmp_path):
    (tmp_path / "x.json").write_text('{"format": 9}')
    with pytest.raises(ValueError, match="no results of Table 2"):
        Table2.read(tmp_path / "x.json")


def test_ranks_know_which_side_is_better(table):
    assert table.rank("psnr", ORDER) == {"ours": 1, "without_ts": 2, "stargan": 3}
    assert table.rank("ce_level", ("stargan", "copied_frame")) == {"copied_frame": 1, "stargan": 2}
    assert table.strongest_trivial("ce_level") == "copied_frame"


def test_a_claim_holds_where_every_interval_lies_on_its_side(table):
    def verdict(metric, better, *than):
        return judge(table, Claim("5.5", "", metric, better, than)).verdict

    assert verdict("psnr", "ours", "stargan", "without_ts") == HOLDS
    assert verdict("psnr", "stargan", "ours") == NOT
    assert verdict("ce_level", "ours", "stargan") == HOLDS  # lower is better
    assert verdict("ce_level", "ours", "copied_frame") == NOT
    assert verdict("ce_level", "ours", "without_ts") == OPEN
    assert judge(table, Claim("", "", "css", "ours", ("stargan",))) is None


def test_the_difference_that_decides_a_claim_has_its_verdict(table):
    for metric, better, than in (
        ("psnr", "ours", ("stargan", "without_ts")),
        ("psnr", "without_ts", ("stargan", "ours")),
        ("ce_level", "ours", ("stargan", "without_ts")),
        ("ce_level", "ours", ("without_ts", "copied_frame")),
    ):
        claim = Claim("5.5", "", metric, better, than)
        other, (_, low, high) = decisive_lead(table, claim)
        assert (HOLDS if low > 0 else NOT if high < 0 else OPEN) == judge(table, claim).verdict
        assert other == than[1]


def test_ours_meets_the_best_trivial_row_in_every_metric_measured(table):
    psnr, level = leads_trivial(table)
    assert psnr.verdict == HOLDS and level.verdict == NOT  # a copied frame has the lower cross-entropy
    assert LABELS["copied_frame"] in level.claim.text


def test_a_lead_in_lmd_is_judged_by_the_rule_of_all_metrics():
    rows = {"ours": {"lmd_px": np.full((1, 8), 1.5)}, "stargan": {"lmd_px": np.full((1, 8), 1.0)}}
    read = Table2({}, tuple(CLIPS), rows, {"reader_error_px": np.full(8, 0.6)})
    claim = Claim("5.4", "", "lmd_px", "ours", ("stargan",))
    assert judge(read, claim).verdict == NOT and decisive_lead(read, claim)[1] == (-0.5, -0.5, -0.5)


def test_a_lead_is_above_zero_where_a_method_is_better(table):
    assert table.lead("ours", "stargan", "psnr") == table.difference("ours", "stargan", "psnr")
    mean, low, high = table.lead("ours", "stargan", "ce_level")
    gap = table.difference("ours", "stargan", "ce_level")
    assert (mean, low, high) == (-gap.mean, -gap.high, -gap.low) and 0 < low < mean < high


def test_the_papers_table_contradicts_itself_twice():
    told = papers_contradictions()
    assert len(told) == 2 and "CE type" in told[0] and "CSS" in told[1]
    assert all(len(PAPER[name]) == len(METRICS) for name in ORDER)


def test_a_line_of_the_table_shows_the_papers_number_beside_ours(table):
    (line,) = (x for x in table_lines(table) if x["method"] == LABELS["ours"])
    assert line["psnr"].startswith("30.0") and line["psnr"].endswith("(30.39)")
    assert line["css"] == "— (5.81)"


def test_the_three_films_are_different_and_the_tests_sentence_is_new():
    for sizes in SIZES.values():
        plans = sizes.plans("M003")
        assert len({plan.seed for plan in plans.values()}) == 3
        train, test = plans["train"], plans["test"]
        heard = {train.sentence(n) for n in range(1, train.clips_per_cell + 1)}
        assert not heard & {test.sentence(n) for n in range(1, test.clips_per_cell + 1)}


def test_a_users_clips_fall_into_three_parts_of_every_cell():
    from dnt_core.studies.table2.films import split_in_two
    from tests.studies.toy_film import PLAN

    clips = [_clip(shot) for shot in PLAN.shots()]  # three of each expression and level
    parts = split_in_three(clips)
    cells = {(c.expression, c.level) for c in clips}
    assert sum(map(len, parts.values())) == len(clips)
    assert all({(c.expression, c.level) for c in part} == cells for part in parts.values())
    assert set(split_in_two(clips)) == {"judges", "test"} and len(split_by_clip(clips)[1]) == len(cells)


def _clip(shot):
    from dnt_core.studies.dynamic_texture.eval_frames import clip_of

    return clip_of(shot)


def test_fourteen_trainings_every_method_once_first():
    jobs = TrainingPlan.of("quick", "M003", steps=3).jobs()
    assert len(jobs) == len({job.key for job in jobs}) == 14
    once = ["ours", "without_dnt", "without_denet", "without_ts", "stargan", "exprgan"]
    assert [job.method for job in jobs[:6]] == once
    plan = TrainingPlan.of("quick", "M003", 3)
    assert [job.key for job in chosen_jobs(plan, ["ours_1", "stargan"])] == ["stargan_0", "ours_1"]
    with pytest.raises(ValueError, match="no training 'evp'"):
        chosen_jobs(plan, ["evp"])


def test_an_ablation_changes_its_own_part_and_nothing_else():
    config = GeneratorConfig(width=4)
    made = {name: ablation.apply(config, 5) for name, ablation in ABLATIONS.items()}
    assert made["ours"] == made["without_denet"] and made["ours"].seed == 5
    assert made["without_dnt"].texture == "static" and made["without_dnt"].teeth
    assert not made["without_ts"].teeth and made["without_ts"].texture == "dynamic"
    assert [name for name, a in ABLATIONS.items() if not a.decoupled] == ["without_dnt", "without_denet"]


def test_types_and_levels_are_the_nearest_filmed_ones():
    ciec = torch.cat([encode("happy", torch.tensor([0.33, 0.8, 0.9])), torch.zeros(1, 7)])
    types, levels = types_and_levels(ciec)
    assert types.tolist() == [4, 4, 4, 7] and levels.tolist() == [0, 1, 2, -1]


@pytest.mark.parametrize("name", ["stargan", "exprgan"])
def test_a_second_step_edits_the_face_alone_and_is_read_back(name, toy_data, tmp_path):
    network = (
        StarGANGenerator(StarGANConfig(width=4, blocks=1))
        if name == "stargan"
        else ExprGANGenerator(ExprGANConfig(width=4, face_channels=3, code=2))
    ).eval()
    batch = toy_data.batch([3, 40])
    draw = in_two_steps(lambda b: b.target, edit_of(name, network))
    with torch.no_grad():
        made = draw(batch)
        outside = batch.frame.hole == 0
        torch.testing.assert_close(made * outside, batch.frame.background * outside)
        assert (made - batch.target).abs().mean() > 1e-3
        path = save_second_step(tmp_path / "s.safetensors", name, network, {"seed": 0})
        kind, again, notes = load_second_step(path)
        assert kind == name and notes == {"seed": 0}
        again = in_two_steps(lambda b: b.target, edit_of(kind, again))(batch)
    torch.testing.assert_close(again, made, atol=0.02, rtol=0)  # 16-bit floats
    with pytest.raises(ValueError, match="--first-step"):
        evaluate_weights(path)


@pytest.fixture(scope="module")
def tools(toy_data, tmp_path_factory):
    r"""The toy film as test clips, with judges that were fitted for a moment."""
    fit = FitConfig("small", epochs=2, batch_size=32, learning_rate=4e-3)
    clips = object.__new__(TestClips)
    clips.clips, clips.size = toy_data.clips[:6], toy_data.image_size
    clips.decoupled = clips.reconstructed = toy_data
    clips._loaded = {}
    return Tools(clips, Judges.fit(toy_data, fit), every=2)


def test_the_film_is_perfect_and_a_frozen_frame_is_not(tools, toy_data):
    methods = {"film": Method(lambda b: b.target), "frozen": Method(frozen_frame(toy_data, 2))}
    rows = measure_rows(methods, tools)
    assert set(rows["film"]) == set(rows["frozen"]) >= {*METRICS, "flicker", "lmd_mm"}
    assert rows["film"]["psnr"] == [100.0] * 6 and rows["film"]["flicker"] == [0.0] * 6
    assert max(rows["film"]["lmd_px"]) < 1e-9 and min(rows["frozen"]["lmd_px"]) > 0.05
    assert max(rows["frozen"]["psnr"]) < 60 and min(rows["frozen"]["flicker"]) > 0
    assert rows["film"]["lmd_px_sum"] == pytest.approx([20 * x for x in rows["film"]["lmd_px"]], abs=1e-9)
    assert np.isnan(rows["film"]["css"]).all()  # no sync network was given
    says = ClipJudge(tools, 0).of_film()
    assert says["ce_type"] == pytest.approx(rows["film"]["ce_type"][0]) and says["reader_error_px"] > 0


def test_a_reader_that_was_fitted_at_half_the_size_says_the_same_pixels(tools, toy_data):
    r"""It reads half as many pixels, of twice as many millimetres; LMD is of the pictures that are judged."""
    ridge = tools.judges.reader.ridge
    half = LipReader(LinearReader(ridge.coef_ / 2, ridge.intercept_ / 2), 2 * tools.judges.reader.millimetres)
    others = replace(tools, judges=replace(tools.judges, reader=half))
    drawn = toy_data.batch(tools.clips.rows(0)[:1]).target.expand(len(tools.clips.rows(0)), -1, -1, -1)
    mine, theirs = (ClipJudge(t, 0).lip_distances(drawn[:: t.every]) for t in (tools, others))
    assert theirs == pytest.approx(mine) and mine["lmd_px"] > 0
    errors = [ClipJudge(t, 0).of_film()["reader_error_px"] for t in (tools, others)]
    assert errors[1] == pytest.approx(errors[0])


def test_neutral_clips_have_no_level(tools, toy_data):
    neutral = [k for k, clip in enumerate(toy_data.clips) if clip.expression == "neutral"][0]
    found = ClipJudge(tools, neutral).cross_entropies(ClipJudge(tools, neutral).some.target)
    assert np.isnan(found["ce_level"]) and np.isfinite(found["ce_type"])


def test_judges_are_read_back_with_the_same_opinion(tools, toy_data, tmp_path):
    judges = tools.judges
    again = Judges.load(judges.save(tmp_path / "judges.safetensors"))
    batch = toy_data.batch(toy_film.rows_of_clips(toy_data, expression="happy")[:4])
    for target in ("type", "level"):
        a, b = (j.classifiers.opinion(batch.target, target) for j in (judges, again))
        torch.testing.assert_close(a, b, atol=0.05, rtol=0.05)  # 16-bit floats
    a, b = (j.reader(batch.target, batch.frame.mouth_box) for j in (judges, again))
    np.testing.assert_allclose(a, b, atol=1e-3)
    assert again.notes["clips"] == len(toy_data.clips)


def test_what_is_shipped_fits_into_its_bytes(tmp_path):
    made, weights = tmp_path / "made", tmp_path / "weights"
    made.mkdir()
    for name, size in {"ours": 30, "without_dnt": 50, "stargan": 20, "without_ts": 5}.items():
        (made / f"{name}_0.safetensors").write_bytes(bytes(size))
    (made / "table2.json").write_bytes(b"new")
    weights.mkdir()
    (weights / "table2.json").write_bytes(b"shipped")
    with pytest.raises(FileNotFoundError, match="nothing was shipped: .*judges.safetensors, .*figure7.npz"):
        ship(made, weights, "M003")
    assert (weights / "table2.json").read_bytes() == b"shipped"
    for name in ("table2.json", "judges.safetensors", "figure7.npz", "mine.safetensors", "mine.json"):
        (made / name).write_bytes(b"x")
    ship(made, weights, "M003", sync=str(made / "mine.safetensors"), limit=60)
    shipped = sorted(str(path.relative_to(weights)) for path in weights.rglob("*.*"))
    wanted = ["judges_M003.safetensors", "table2.json", "table2/figure7.npz"]
    wanted += ["sync_M003.safetensors", "sync_M003.json"]
    wanted += [f"table2/{name}_0.safetensors" for name in ("ours", "stargan", "without_ts")]
    assert shipped == sorted(wanted)
    ship(made, weights, "M003", sync="sync_M003.safetensors", limit=60)
    name = "sync_M003.safetensors"
    assert (weights / name).read_bytes() == (weights_folder() / name).read_bytes()
    (made / "ours_5.safetensors").write_bytes(b"of seed 5")
    (tmp_path / "mine.json").write_bytes(b"of --out")
    ship(made, weights, "M003", table=tmp_path / "mine.json", seed=5)
    assert (weights / "table2.json").read_bytes() == b"of --out"
    assert (weights / "table2" / "ours_5.safetensors").read_bytes() == b"of seed 5"


def test_an_interval_that_touches_nothing_is_decided():
    assert Interval(1, 0.5, 2).excludes_zero and not Interval(0, -1, 1).excludes_zero
