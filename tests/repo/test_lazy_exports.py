r"""Garbage is not looked for while something starts, and then again."""

import gc

import pytest

from dnt_core.lazy_exports import without_collecting


def test_collecting_is_off_inside_and_on_again_after_an_error():
    assert gc.isenabled()
    with pytest.raises(KeyError), without_collecting():
        assert not gc.isenabled()
        with without_collecting():
            pass
        assert not gc.isenabled()
        made = {"kept": []}
        raise KeyError
    assert gc.isenabled() and not gc.get_freeze_count()
    assert not any(thing is made for young in (0, 1) for thing in gc.get_objects(generation=young))


def test_who_collects_by_hand_is_left_alone():
    gc.disable()
    try:
        with without_collecting():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
