r"""The shipped weights: how large, how made, and how well they draw frames they never saw."""

import json
from dataclasses import replace

import pytest

from dnt_core.actor import ActorConfig
from dnt_core.actor.profile_film import film_config
from dnt_core.checkpoint import read_checkpoint
from dnt_core.metrics.image_metrics import drawn_by, mean_face, measure
from dnt_core.paths import weights_folder
from dnt_core.profiles import PROFILES
from dnt_core.studies.dynamic_texture.eval_frames import spread_frames
from dnt_core.studies.dynamic_texture.generator_evaluation import GeneratorEvaluation, rows_of

WEIGHTS = weights_folder()


def test_the_shipped_weights_draw_the_actor_s_held_out_clips(tmp_path):
    film = film_config(PROFILES["laptop"], actors=("M003",))
    plan = replace(film, image_size=128, knobs=ActorConfig(mesh_resolution=9000))
    found = GeneratorEvaluation(
        WEIGHTS / "generator_M003_128.safetensors", tmp_path, plan=plan, progress=False
    )
    train, held = (
        found.draw(spread_frames(shots[::step], 1, 0.2, 0.6, plan.n_frames))
        for shots, step in ((found.train_shots, 5), (found.held_shots, 4))
    )
    drawn = measure(drawn_by(found.generator), held, rows_of(held))
    mean = measure(mean_face(train, rows_of(train)), held, rows_of(held))
    assert drawn["psnr"] > 30 and drawn["psnr"] > mean["psnr"] + 5, (drawn, mean)
    assert drawn["ssim"] > 0.95 and drawn["ssim_face"] > mean["ssim_face"] + 0.2, (drawn, mean)


def test_two_identities_at_256_px_and_three_at_128_in_17_megabytes_of_25():
    assert {path.stem for path in WEIGHTS.glob("generator_*.safetensors")} == {
        "generator_M003_256", "generator_W009_256",
        "generator_M003_128", "generator_M011_128", "generator_W009_128",
    }  # fmt: skip
    drawing = [*WEIGHTS.glob("generator_*.safetensors"), *WEIGHTS.glob("decoupling_*.safetensors")]
    assert sum(path.stat().st_size for path in drawing) <= 17e6
    assert sum(path.stat().st_size for path in WEIGHTS.rglob("*") if path.is_file()) <= 25e6


@pytest.mark.parametrize("path", sorted(WEIGHTS.glob("generator_*.safetensors")), ids=lambda path: path.stem)
def test_weights_say_how_they_were_made(path):
    record = json.loads(path.with_suffix(".json").read_text())
    assert record == read_checkpoint(path).notes["made_with"]
    assert record["command"].startswith("dnt train generator --actor ") and record["machine"]
    assert {"seed", "stages", "measured_on"} <= set(record) and "synthetic" in record["measured_on"]
    found = record["metrics"]
    assert {"held_out_clips.psnr", "within_clips.psnr", "mean_face.held_out_clips.psnr"} <= set(found)
    assert (
        found["held_out_clips.sharpness_skin"] > 0.8 and found["held_out_clips.detail_correlation_skin"] > 0.7
    )
    assert "start" not in record["command"], "a shipped generator is trained from nothing by one command"
