r"""What the face and the actor map from files is bit for bit what would be built."""

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_limits

from dnt_core.actor import head_rig, light, performance, skin_albedo, skin_folds
from dnt_core.cache.built_once import SHIPPED, one_thread, shipped_path
from dnt_core.face3d import MorphableModel, procedural
from dnt_core.face3d.procedural import movements, neutral_shape
from dnt_core.face3d.procedural.shipped import CALLS


def test_the_mapped_face_is_the_built_one():
    with one_thread():
        built = procedural._model_arrays.__wrapped__(1_500)
    model = procedural.build_procedural_model(1_500)
    buffers = dict(model.named_buffers())
    assert built.keys() == buffers.keys() == dict(model.state_dict()).keys()
    for key, array in built.items():
        assert buffers[key].numpy().dtype == array.dtype and np.array_equal(buffers[key].numpy(), array), key
    assert model.name == "procedural:1500" and not model.check_topology().euler


@pytest.mark.parametrize("fit", [movements._measured_fields, neutral_shape._position_map])
def test_a_fit_that_a_process_keeps_does_not_depend_on_who_asked_first(fit):
    points = np.random.default_rng(0).uniform(-8, 8, (50, 2))
    made = []
    for threads in (1, 2):
        fit.cache_clear()
        with threadpool_limits(limits=threads):
            kept = fit()
        with one_thread():
            made.append(kept(points))
    assert np.array_equal(*made)


def test_a_model_of_buffers_works_as_a_constructed_one(toy_model, random_parameters):
    copy = MorphableModel.of_buffers("copy", dict(toy_model.named_buffers()))
    parameters = random_parameters(2)
    for one, other in zip(toy_model(parameters), copy(parameters), strict=True):
        assert torch.equal(one, other)
    assert next(copy.to(torch.float64).buffers()).dtype == torch.float64  # moves like any module


@pytest.mark.parametrize(
    ("built", "arguments"),
    [
        (skin_albedo.albedo_map, ("W009", 64)),
        (skin_albedo.occlusion_map, (64,)),
        (skin_folds._fold_boxes, (64,)),
        (skin_folds.resting_relief, (64, 0.3)),
        (skin_folds.flush_map, ("angry", 64)),
        (skin_folds.flush_map, ("neutral", 64)),
        (head_rig._face_at_rest, ("M011", 1_500)),
        (head_rig._backstage, ("M003",)),
        (light._fit, ()),
        (light._to_polynomial, ()),
        (head_rig._movement_fields, (1_500,)),
        (performance._person_coefficients, ("M003",)),
    ],
)
def test_what_the_actor_maps_is_what_is_built(built, arguments):
    build = built
    while hasattr(build, "__wrapped__"):  # below the memory's and the files' cache
        build = build.__wrapped__
    with one_thread():
        fresh = build(*arguments)
    made, mapped = (a if isinstance(a, dict) else {"": a} for a in (fresh, built(*arguments)))
    assert made.keys() == mapped.keys()
    for key in made:
        assert np.array_equal(made[key], mapped[key]) and made[key].dtype == mapped[key].dtype, key


def test_what_is_shipped_is_small_and_of_this_code():
    wanted = {shipped_path(built, *arguments).name for built, *arguments in CALLS}
    there = {path.name for path in SHIPPED.iterdir()}
    assert there == wanted, "run `python -m dnt_core.face3d.procedural.shipped`"
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 2e6


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call[0].__name__)
def test_what_is_shipped_is_what_is_built(call):
    built, *arguments = call
    with one_thread():
        fresh = built.__wrapped__(*arguments)
    shipped = built(*arguments)  # bits may differ on another machine, by the order of sums
    for key in fresh if isinstance(fresh, dict) else [...]:
        np.testing.assert_allclose(shipped[key], fresh[key], rtol=1e-6, atol=1e-9, err_msg=str(key))
