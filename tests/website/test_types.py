r"""The modules whose types ``make lint`` checks are those that ``dnt_core`` itself exports from."""

import tomllib
from pathlib import Path

import dnt_core

ROOT = Path(__file__).parents[2]


def test_every_module_of_the_flat_api_is_checked_and_the_package_is_marked_as_typed():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["basedpyright"]
    values = [getattr(dnt_core, name) for name in dnt_core.__all__]
    homes = {value.__module__.replace(".", "/") + ".py" for value in values if callable(value)}
    assert homes - set(settings["include"]) == set()
    assert all((ROOT / file).is_file() for file in settings["include"])
    assert settings["typeCheckingMode"] == "basic" and (ROOT / "dnt_core" / "py.typed").exists()
    assert "\t$(BIN)/basedpyright --pythonpath $(BIN)/python\n" in (ROOT / "Makefile").read_text(
        encoding="utf-8"
    )
