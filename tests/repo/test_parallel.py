r"""Pieces of work in threads: all done, the first alone where asked, torch has its threads back."""

import threading
import time

import pytest
import torch

from dnt_core.parallel import run_parallel, torch_threads


@pytest.fixture(autouse=True)
def two_threads():
    with torch_threads(2):
        yield
        assert torch.get_num_threads() == 2


def test_all_pieces_and_torch_computes_alone_inside():
    done, inside = [], set()

    def work(i, j):
        inside.add(torch.get_num_threads())
        done.append((i, j))

    run_parallel(work, [(i, -i) for i in range(7)], "numbers", "number", 3, progress=False)
    assert sorted(done) == [(i, -i) for i in range(7)]
    assert inside == {1}
    run_parallel(work, [], "numbers", "number")
    assert len(done) == 7


@pytest.mark.parametrize("alone", [True, False])
def test_the_first_alone(alone):
    running, beside_first = set(), []
    both = threading.Event()

    def work(i):
        running.add(i)
        if i == 0:
            both.wait(0.3)
            beside_first.extend(running - {0})
        else:
            both.set()
            time.sleep(0.01)
        running.discard(i)

    run_parallel(work, [(i,) for i in range(3)], "numbers", "number", 3, progress=False, first_alone=alone)
    assert bool(beside_first) == (not alone)


def test_an_error_stops_the_rest_and_is_raised():
    done = []

    def work(i):
        if i == 2:
            raise ValueError(f"number {i} is odd in its way")
        done.append(i)

    with pytest.raises(ValueError, match="number 2"):
        run_parallel(work, [(i,) for i in range(50)], "numbers", "number", 1, progress=False)
    assert done == [0, 1]


def test_when_an_error_is_raised_nothing_is_still_at_work():
    r"""Threads that went on at the end of the process aborted it: `dnt train sync` ended with 134, not 2."""
    begun, ended = [], []

    def work(i):
        begun.append(i)
        time.sleep(0.02 if i == 0 else 0.2)
        if i == 0:
            raise ValueError("the first is odd")
        ended.append(i)

    with pytest.raises(ValueError, match="the first"):
        run_parallel(work, [(i,) for i in range(40)], "numbers", "number", 3, progress=False)
    assert sorted(begun) == [0, 1, 2] and sorted(ended) == [1, 2]
    time.sleep(0.3)
    assert len(begun) == 3


def test_a_stop_by_the_user_says_what_is_waited_for(capsys):
    def work(i):
        if i == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_parallel(work, [(i,) for i in range(4)], "filming", "clip", 2)
    assert "stopping as soon as each clip that was begun is done" in capsys.readouterr().err
