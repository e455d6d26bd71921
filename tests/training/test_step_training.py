r"""The one loop of steps, with every training that goes through it: it resumes, is interrupted, refuses."""

import signal

import numpy as np
import pytest
import torch

from dnt_core.checkpoint import read_notes, rewrite_notes
from dnt_core.training.decoupling import DecouplingTraining
from dnt_core.training.exprgan_training import ExprGANTraining
from dnt_core.training.lips.training import LipsTraining
from dnt_core.training.stargan_training import StarGANTraining
from dnt_core.training.sync_network import SyncTraining
from tests.audio.test_lip_training import SMALL as LIPS
from tests.audio.test_lip_training import toy_shard
from tests.training.decoupling_frames import made_up_frames
from tests.training.sync_clips import made_up_clip
from tests.training.test_decoupling_training import SMALL as DECOUPLING
from tests.training.test_expression_editors import crops, make
from tests.training.test_sync_network import SMALL as SYNC

#: A loss of each training at its first and its last step, as the loops made it that this one replaced.
BEFORE = {
    "lips": ("total", 12.120715, 11.867574),
    "sync": ("loss", 1.824222, 1.283476),
    "decoupling": ("total", -0.736928, -0.583825),
    "stargan": ("reconstruction", 0.61665, 0.604287),
    "exprgan": ("pixels", 0.265883, 0.300084),
}


@pytest.fixture(scope="module")
def data(toy_model):
    return {
        "lips": [toy_shard()],
        "sync": [made_up_clip(k) for k in range(1, 4)],
        "decoupling": (made_up_frames(), toy_model),
    }


@pytest.fixture(params=sorted(BEFORE))
def kind(request):
    return request.param


@pytest.fixture
def start(kind, data):
    r"""A new training each time it is called."""
    return {
        "lips": lambda: LipsTraining(data["lips"], LIPS),
        "sync": lambda: SyncTraining(data["sync"], SYNC),
        "decoupling": lambda: DecouplingTraining(*data["decoupling"], DECOUPLING),
        "stargan": lambda: make("stargan"),
        "exprgan": lambda: make("exprgan", learning_rate=1e-3, max_gradient=1e9),  # as it was then
    }[kind]


@pytest.fixture
def start_on_others(kind, start, toy_model):
    r"""The same training, but of as much other data."""
    editors = {"stargan": StarGANTraining, "exprgan": ExprGANTraining}
    if kind in editors:
        like, other = start(), crops()
        other.pictures[3, 0, 5, 5] += 1
        return lambda: editors[kind](other, like.generator.config, like.plan)
    return {
        "lips": lambda: LipsTraining([toy_shard(seed=1)], LIPS),
        "sync": lambda: SyncTraining([made_up_clip(k) for k in range(2, 5)], SYNC),
        "decoupling": lambda: DecouplingTraining(made_up_frames(seed=1), toy_model, DECOUPLING),
    }[kind]


def weights(training):
    networks = [part for part in training.parts().values() if isinstance(part, torch.nn.Module)]
    return [value.clone() for network in networks for value in network.state_dict().values()]


def same(one, other):
    return all(torch.equal(a, b) for a, b in zip(weights(one), weights(other), strict=True))


def last_loss_when_rounded_otherwise(training, name, seed):
    r"""After a start whose weights differ in their last bits, as sums in another order make them differ."""
    noise = torch.Generator().manual_seed(seed)
    for part in training.parts().values():
        if isinstance(part, torch.nn.Module):
            with torch.no_grad():
                for weight in part.parameters():
                    weight.mul_(1 + 1e-7 * torch.randn(weight.shape, generator=noise))
    list(training.run())
    return training.history[name][-1]


def test_the_losses_are_those_of_the_loops_before(kind, start):
    training = start()
    assert list(training.run()) == list(range(1, training.steps + 1))
    name, first, last = BEFORE[kind]
    assert training.history[name][0] == pytest.approx(first, rel=1e-4)
    found = training.history[name][-1]
    # processors add in another order, and twelve steps of the sync network make 2e-3 of that
    rounding = max(abs(last_loss_when_rounded_otherwise(start(), name, seed) - found) for seed in range(3))
    assert found == pytest.approx(last, abs=max(1e-4 * abs(last), 3 * rounding), rel=0)
    assert rounding < 0.01 * abs(training.history[name][0])


def test_a_stopped_training_goes_on_to_the_same_bits(start, tmp_path):
    whole, stopped, resumed = (start() for _ in range(3))
    file = tmp_path / "c.safetensors"
    list(whole.run())
    list(stopped.run(file, stop_at=3))
    assert read_notes(file)[0]["step"] == 3
    torch.manual_seed(12345)  # whatever else happened in between
    assert next(resumed.run(file)) == 4
    again = start()
    list(again.run(file))
    assert same(whole, again) and again.history == whole.history and again.step == whole.steps
    assert again.seconds > resumed.seconds > stopped.seconds > 0 and again.cpu_seconds > stopped.cpu_seconds


def test_an_interrupt_in_the_midst_of_a_step_ends_after_it(start, tmp_path):
    whole, stopped, resumed = (start() for _ in range(3))
    list(whole.run())
    optimizer = next(p for p in stopped.parts().values() if isinstance(p, torch.optim.Optimizer))
    step, calls = optimizer.step, []

    def step_and_interrupt(*args):
        calls.append(1)
        if len(calls) == 2:
            signal.raise_signal(signal.SIGINT)
        return step(*args)

    optimizer.step = step_and_interrupt
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        list(stopped.run(tmp_path / "c.safetensors"))
    assert signal.getsignal(signal.SIGINT) is handler
    assert stopped.step == read_notes(tmp_path / "c.safetensors")[0]["step"] < whole.steps
    list(resumed.run(tmp_path / "c.safetensors"))
    assert same(whole, resumed) and resumed.history == whole.history


def test_another_training_or_an_older_checkpoint_is_refused_and_left_alone(start, tmp_path):
    file = tmp_path / "c.safetensors"
    list(start().run(file, stop_at=1))
    notes, bytes_before = read_notes(file)[0], file.read_bytes()
    other = start()
    other.identity["config"] = other.identity["config"] | {"seed": 99}
    with pytest.raises(ValueError, match=r"c\.safetensors is of another training: .*'seed': .*, not"):
        list(other.run(file))
    assert file.read_bytes() == bytes_before
    rewrite_notes(file, notes | {"history": [0.5]})  # as the sync network's was written once
    with pytest.raises(ValueError, match="an older version of this package; move it away"):
        list(start().run(file))


def test_a_finished_training_is_none_of_other_data(start, start_on_others, tmp_path):
    r"""Clips were filmed anew, or another folder was named: nothing has learnt from them yet."""
    file = tmp_path / "c.safetensors"
    list(start().run(file))
    bytes_before = file.read_bytes()
    with pytest.raises(ValueError, match=r"c\.safetensors is of another training: it learnt from other data"):
        list(start_on_others().run(file))
    notes = read_notes(file)[0]
    rewrite_notes(file, {key: value for key, value in notes.items() if key != "data"})  # of an older version
    with pytest.raises(ValueError, match="does not say what it learnt from; move it away"):
        list(start().run(file))
    file.write_bytes(bytes_before)
    assert list(start().run(file)) == []


def test_a_loss_that_is_not_finite_is_named_and_never_written(start, tmp_path):
    file, training = tmp_path / "c.safetensors", start()
    list(training.run(file, stop_at=2))
    take_step = training.take_step
    training.take_step = lambda: dict.fromkeys(take_step(), np.nan)
    with pytest.raises(FloatingPointError, match="step 3: the loss '.*' is nan"):
        list(training.run(file))
    assert read_notes(file)[0]["step"] == 2
