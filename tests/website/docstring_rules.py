r"""What a public docstring has to hold, and where one does not: the rules of CONTRIBUTING as a function."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator

SECTIONS = ("Args", "Attributes", "Returns", "Yields", "Raises", "Examples", "Note", "Notes", "References")
ARRAYS = re.compile(r"\b(Tensor|ndarray|NDArray)\b")
SHAPE = re.compile(r"\([^)]*\)|\bshape\b|\bscalar\b|\bnumber")
ENTRY = re.compile(r"^\*{0,2}(\w+):\s")


def sections(docstring: str) -> dict[str, list[str]]:
    r"""Section → its entries, each with its further lines; "" → what stands before the first section."""
    found: dict[str, list[str]] = {"": []}
    name = ""
    for line in inspect.cleandoc(docstring).splitlines():
        heading = line.strip().rstrip(":") if not line.startswith(" ") and line.endswith(":") else None
        if heading in SECTIONS:
            name = heading
            found[name] = []
        elif name and line and not line.startswith(" "):
            name = ""
        if heading in SECTIONS or not line.strip():
            continue
        if name and line.startswith("    ") and not line.startswith("     "):
            found[name].append(line.strip())
        elif found[name]:
            found[name][-1] += " " + line.strip()
        else:
            found[name].append(line.strip())
    return found


def entries(lines: list[str]) -> dict[str, str]:
    r"""Name → what an Args section says of it."""
    return {match[1]: line[match.end() :] for line in lines if (match := ENTRY.match(line))}


def parameters(function: Callable) -> dict[str, inspect.Parameter]:
    r"""Those that a caller gives: without ``self`` and what begins with an underscore."""
    given = inspect.signature(function).parameters
    return {n: p for n, p in given.items() if n not in ("self", "cls") and not n.startswith("_")}


def raised(function: Callable) -> set[str]:
    r"""Names of the exceptions that a function's own body raises and does not catch itself."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return set()
    caught = {
        name.id
        for handler in ast.walk(tree)
        if isinstance(handler, ast.ExceptHandler) and handler.type is not None
        for name in ast.walk(handler.type)
        if isinstance(name, ast.Name)
    }
    made = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            made.add(getattr(node.exc.func, "id", getattr(node.exc.func, "attr", "")))
    if "Exception" in caught:
        return set()
    return {name for name in made - caught if name.endswith("Error")}


def faults_of_function(function: Callable, said: str, docstring: str | None = None) -> Iterator[str]:
    r"""One line per rule that a function, or a class by its signature, does not keep."""
    text = docstring if docstring is not None else inspect.getdoc(function)
    if not text:
        yield f"{said}: no docstring"
        return
    parts = sections(text)
    about = entries(parts.get("Args", []) + parts.get("Attributes", []))
    for name, parameter in parameters(function).items():
        if name not in about:
            yield f"{said}: Args has no line of its own for {name}"
        elif ARRAYS.search(str(parameter.annotation)) and not SHAPE.search(about[name]):
            yield f"{said}: {name} has no shape"
    for name in sorted(entries(parts.get("Args", [])).keys() - parameters(function).keys()):
        yield f"{said}: Args tells of {name}, which is no argument"
    returned = str(inspect.signature(function).return_annotation)
    if not inspect.isclass(function) and ARRAYS.search(returned):
        if not SHAPE.search(" ".join(parts.get("Returns", []) + parts.get("Yields", []) + parts[""])):
            yield f"{said}: what is returned has no shape"
    body = function.__init__ if inspect.isclass(function) else function
    for error in sorted(raised(body)):
        if not any(error in line for line in parts.get("Raises", [])):
            yield f"{said}: Raises does not name {error}"


def faults_of(value: object, said: str) -> Iterator[str]:
    r"""The faults of a function, or of a class and its own public methods."""
    if inspect.isclass(value):
        own = value.__dict__.get("__doc__") or ""
        if not own or own.startswith(f"{value.__name__}("):  # the one that dataclass makes
            yield f"{said}: no docstring"
        elif issubclass(value, BaseException):
            return
        else:
            yield from faults_of_function(value, said, own)
        for name, method in vars(value).items():
            if isinstance(method, staticmethod | classmethod):
                method = method.__func__
            if name == "__call__" or (inspect.isfunction(method) and not name.startswith("_")):
                yield from faults_of_function(method, f"{said}.{name}")
    elif inspect.isroutine(value):
        yield from faults_of_function(inspect.unwrap(value), said)


def faults() -> list[str]:
    r"""Of all that the packages export."""
    from website.api_pages import documented

    places = sorted({place for names in documented().values() for place in names.values()})
    found = []
    for place in places:
        package, _, name = place.rpartition(".")
        found += faults_of(getattr(importlib.import_module(package), name), place)
    return found
