r"""Each name that ``dnt_core`` itself exports shows how it is used, and what it shows runs, quickly."""

from __future__ import annotations

import doctest
import importlib
import inspect
import time

import pytest

import dnt_core

SECONDS = 1.0  # of the processor's time, for one name
NAMES = [name for name in dnt_core.__all__ if callable(getattr(dnt_core, name))]
DRAWN_FOR_SECONDS = {"film_face", "talk"}  # tests/live and tests/talk run them


@pytest.fixture(scope="module", autouse=True)
def imported():
    r"""What a session imports and compiles once counts for no example."""
    for module in ("dnt_core.talking", "dnt_core.live.default_clip", "dnt_core.networks.generator"):
        importlib.import_module(module)
    model = dnt_core.load_face_model("procedural:coarse")
    vertices = model.posed(dnt_core.FaceParameters.zeros(1))
    dnt_core.rasterize(dnt_core.PerspectiveCamera(image_size=8).project(vertices), model.triangles, 8)


def examples(name: str) -> doctest.DocTest:
    value = getattr(dnt_core, name)
    source = inspect.getdoc(value) if inspect.isfunction(value) else inspect.cleandoc(value.__doc__ or "")
    return doctest.DocTestParser().get_doctest(source or "", {"dnt_core": dnt_core}, name, None, None)


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_has_examples_that_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = examples(name)
    assert found.examples, f"dnt_core.{name} has no example"
    skipped = [example for example in found.examples if doctest.SKIP in example.options]
    assert bool(skipped) == (name in DRAWN_FOR_SECONDS)
    report: list[str] = []
    start = time.process_time()
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(found, out=report.append)
    assert result.failed == 0, "".join(report)
    assert time.process_time() - start < SECONDS
