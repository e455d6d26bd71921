r"""The shipped weights, on a few held-out frames of the actor, drawn with a coarser mesh to be quick."""

from dataclasses import replace

from dnt_core.actor import Knobs
from dnt_core.studies.dynamic_texture.held_out import drawn_by, mean_face, measure
from dnt_core.studies.dynamic_texture.moments import spread_frames
from dnt_core.studies.dynamic_texture.shipped import ShippedStudy, rows_of
from dnt_core.training.decoupling_weights import SHIPPED
from dnt_core.workbook.data import film_plan
from dnt_core.workbook.profiles import PROFILES


def test_the_shipped_weights_draw_the_actor_s_held_out_clips(tmp_path):
    film = film_plan(PROFILES["laptop"], actors=("M003",))
    plan = replace(film, image_size=128, knobs=Knobs(mesh_resolution=9000))
    found = ShippedStudy(SHIPPED / "generator_M003_128.safetensors", tmp_path, plan=plan, progress=False)
    train, held = (
        found.draw(spread_frames(shots[::step], 1, 0.2, 0.6, plan.n_frames))
        for shots, step in ((found.train_shots, 5), (found.held_shots, 4))
    )
    drawn = measure(drawn_by(found.generator), held, rows_of(held))
    mean = measure(mean_face(train, rows_of(train)), held, rows_of(held))
    assert drawn["psnr"] > 30 and drawn["psnr"] > mean["psnr"] + 5, (drawn, mean)
    assert drawn["ssim"] > 0.95 and drawn["ssim_face"] > mean["ssim_face"] + 0.2, (drawn, mean)
