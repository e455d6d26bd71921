r"""One page for each package that exports names: every name once, from its docstring."""

from __future__ import annotations

import importlib
import inspect
import itertools
import pkgutil
import re
from pathlib import Path

import dnt_core
from website import code_pages


def packages() -> dict[str, list[str]]:
    r"""Package → the names it exports (``__all__``), ``dnt_core`` itself first, then those nearest to it."""
    found = {"dnt_core": list(dnt_core.__all__)}
    for module in pkgutil.walk_packages(dnt_core.__path__, "dnt_core."):
        if module.name.rpartition(".")[2] != "__main__":
            names = getattr(importlib.import_module(module.name), "__all__", None)
            if names:
                found[module.name] = list(names)
    return dict(sorted(found.items(), key=lambda item: (item[0].count("."), item[0])))


def documented() -> dict[str, dict[str, str]]:
    r"""Package → name → where it is described: in the first of :func:`packages` that exports the object."""
    first: dict[int, str] = {}
    table: dict[str, dict[str, str]] = {}
    for package, names in packages().items():
        module = importlib.import_module(package)
        table[package] = {}
        for name in sorted(names, key=str.lower):
            value = getattr(module, name)
            place = f"{package}.{name}"
            # Small numbers and texts are one object wherever they stand.
            table[package][name] = first.setdefault(id(value), place) if has_docstring(value) else place
    return table


def has_docstring(value: object) -> bool:
    return inspect.isclass(value) or inspect.isroutine(value)


def directive(place: str) -> str:
    r"""What Sphinx is told to document."""
    package, _, name = place.rpartition(".")
    value = getattr(importlib.import_module(package), name)
    if inspect.isclass(value):
        kind = "autoexception" if issubclass(value, BaseException) else "autoclass"
        return f".. {kind}:: {place}"
    if inspect.isroutine(value):
        return f".. autofunction:: {place}"
    shown = f"\n   :value: {value!r}" if len(repr(value)) <= 120 else ""
    options = f"   :module: {package}\n   :type: {type(value).__name__}{shown}"
    return f".. py:data:: {name}\n{options}\n\n   {comment_of(place)}"


def comment_of(place: str) -> str:
    r"""What the source says of a constant: behind it, or above it after ``#:`` or ``#``."""
    found = code_pages.locate(place)
    if not found or not found[1]:
        return ""
    lines = (code_pages.ROOT / found[0]).read_text(encoding="utf-8").splitlines()
    behind = re.search(r"(?<=\s)#:?\s(.*)", lines[found[1] - 1])
    above = itertools.takewhile(lambda line: line.startswith("#"), reversed(lines[: found[1] - 1]))
    return behind[1] if behind else " ".join(line.lstrip("#: ") for line in reversed(list(above)))


def write_all(target: Path) -> None:
    r"""Writes ``<package>.md`` for each package, and an index of all names."""
    target.mkdir(parents=True, exist_ok=True)
    table = documented()
    index = [
        "# All public names",
        "",
        "`import dnt_core` gives the first table's; the others are imported from their packages.",
        "",
    ]
    toctree = ["```{toctree}", ":hidden:", "", *table, "```", ""]
    for package, names in table.items():
        module = ["```{eval-rst}", f".. automodule:: {package}", "   :no-members:", "```", ""]
        lines = [f"# {package}", "", *module, f"Code: `{code_pages.file_of(package)}`", ""]
        elsewhere = {name: place for name, place in names.items() if place != f"{package}.{name}"}
        if elsewhere:
            links = ", ".join(f"{{py:obj}}`{name} <{place}>`" for name, place in elsewhere.items())
            lines += [f"Described elsewhere: {links}.", ""]
        for name, place in names.items():
            if name not in elsewhere:
                lines += [f"## {name}", "", "```{eval-rst}", directive(place), "```", ""]
        (target / f"{package}.md").write_text("\n".join(lines), encoding="utf-8")
        links = ", ".join(f"{{py:obj}}`{name} <{place}>`" for name, place in names.items())
        index += [f"**[{package}]({package}.md)**: {links}", ""]
    (target / "index.md").write_text("\n".join(index + toctree), encoding="utf-8")
