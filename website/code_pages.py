r"""Pages of the source code, and links to them wherever a page names a file, a module or a name of it."""

from __future__ import annotations

import ast
import importlib
import inspect
import os
import re
from functools import cache
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.nodes import make_refnode

ROOT = Path(__file__).parents[1]
FILE = re.compile(r"[\w./-]+\.py")
DOTTED = re.compile(r"dnt_core(\.\w+)+")


@cache
def lines_of(file: Path) -> dict[str, int]:
    r"""Qualified name → line of every class, function and constant that a file defines."""
    found: dict[str, int] = {}

    def visit(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                found.setdefault(prefix + node.name, node.lineno)
                if isinstance(node, ast.ClassDef):
                    visit(node.body, f"{prefix}{node.name}.")
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    if isinstance(target, ast.Name):
                        found.setdefault(prefix + target.id, node.lineno)

    visit(ast.parse(file.read_text(encoding="utf-8")).body, "")
    return found


def module_file(dotted: str) -> Path | None:
    r"""The file of a module of the package, None where there is none."""
    place = ROOT.joinpath(*dotted.split("."))
    return next((file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file()), None)


def file_of(module: str) -> str:
    r"""A module's file, from the root."""
    file = module_file(module)
    assert file is not None, module
    return file.relative_to(ROOT).as_posix()


@cache
def homes_of(file: Path) -> dict[str, str]:
    r"""Name → the dotted name that a file has it from: by an import, or by ``lazy_exports``."""
    found: dict[str, str] = {}
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "lazy_exports":
            for module, names in ast.literal_eval(node.args[1]).items():
                found |= {name: f"{module}.{name}" for name in names}
    return found


@cache
def locate(dotted: str) -> tuple[str, int | None] | None:
    r"""(file from the root, line) of ``dnt_core.module.Class.method``, re-exported or not; or None."""
    parts = dotted.split(".")
    for cut in range(len(parts), 0, -1):
        file = module_file(".".join(parts[:cut]))
        if file is None:
            continue
        rest = parts[cut:]
        line = lines_of(file).get(".".join(rest))
        if line or not rest:
            return file_of(".".join(parts[:cut])), line
        home = homes_of(file).get(rest[0])
        return locate(".".join([home, *rest[1:]])) if home and home.startswith("dnt_core") else None
    return None


def file_named(text: str) -> str | None:
    r"""A file that a page names from the repository's root or, as the architecture does, from the package."""
    if FILE.fullmatch(text):
        for folder in ("", "dnt_core"):
            if (ROOT / folder / text).is_file():
                return (Path(folder) / text).as_posix()
    return None


def named(text: str, modules: list[str]) -> tuple[str, int | None] | None:
    r"""(file, line) of what a literal names, None where it is something else.

    Args:
        text: of the literal.
        modules: whose names the section speaks of, as its line "Code:" says.
    """
    if file := file_named(text):
        return file, None
    if DOTTED.fullmatch(text):
        return locate(text)
    if name := re.match(r"[A-Za-z_]\w*(\.\w+)*", text):
        return next((found for m in modules if (found := locate(f"{m}.{name[0]}"))), None)
    return None


def link_literals(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    r"""Puts links round literals that name code."""
    for literal in list(doctree.findall(nodes.literal)):
        if any(isinstance(above, nodes.reference | nodes.title) for above in ancestors(literal)):
            continue
        found = named(literal.astext(), modules_of_section(literal) if docname == "docs/symbols" else [])
        if found:
            link = nodes.reference("", "", internal=True, refuri=uri(app, docname, *found))
            literal.replace_self(link)
            link += literal


def ancestors(node: nodes.Node):
    while node.parent is not None:
        node = node.parent
        yield node


def modules_of_section(node: nodes.Node) -> list[str]:
    section = next((above for above in ancestors(node) if isinstance(above, nodes.section)), None)
    paragraphs = section.children if section is not None else []
    said = next((p.astext() for p in paragraphs if p.astext().startswith("Code: ")), "")
    return re.findall(r"dnt_core[\w.]*", said)


def uri(app: Sphinx, docname: str, file: str, line: int | None) -> str:
    r"""Where a page's link to a line of code leads; the page of that file will be written."""
    app.dnt_code_files.add(file)
    page = app.builder.get_relative_uri(docname, f"code/{file.removesuffix('.py')}")
    return page + (f"#line-{line}" if line else "")


def resolve(app: Sphinx, env, node: nodes.Element, content: nodes.Element):
    r"""A docstring's reference to a name of the package that has no entry of its own leads to its code."""
    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"].lstrip(".~")
    if not target.startswith("dnt_core"):
        module = node.get("py:module") or ""
        candidates = [f"{module}.{node['py:class']}.{target}"] if node.get("py:class") else []
        candidates.append(f"{module}.{target}")
    else:
        candidates = [target]
    for name in candidates:
        if entry := entry_of(name):
            found = env.domains["py"].objects.get(entry)
            if found:
                return make_refnode(app.builder, node["refdoc"], found.docname, found.node_id, content, entry)
        if found := locate(name):
            return nodes.reference("", "", content, internal=True, refuri=uri(app, node["refdoc"], *found))
    return content if not target.startswith("dnt_core") else None


@cache
def entry_of(name: str) -> str | None:
    r"""The name under which the API pages describe an object that several packages export."""
    package, _, last = name.rpartition(".")
    if not package.startswith("dnt_core") or module_file(package) is None:
        return None
    value = getattr(importlib.import_module(package), last, None)
    if not (inspect.isclass(value) or inspect.isroutine(value)):
        return None
    return entries().get(id(value))


@cache
def entries() -> dict[int, str]:
    from website import api_pages  # which asks this module where things are

    found = {}
    for names in api_pages.documented().values():
        for place in names.values():
            package, _, name = place.rpartition(".")
            found[id(getattr(importlib.import_module(package), name))] = place
    return found


def source_link(domain: str, info: dict) -> str | None:
    r"""For ``sphinx.ext.linkcode``: from a page under ``api/`` to the line that defines an object."""
    if domain != "py":
        return None
    found = locate(f"{info['module']}.{info['fullname']}")
    if found is None:
        return None
    APP.dnt_code_files.add(found[0])
    return f"../code/{found[0].removesuffix('.py')}.html" + (f"#line-{found[1]}" if found[1] else "")


def in_repository(path: str) -> str | None:
    r"""Where a file of this version is shown outside the site; None where the site was not told."""
    repository = os.environ.get("DNT_SITE_REPOSITORY")
    return f"{repository}/{path}" if repository else None


def pages(app: Sphinx):
    r"""A page for each file that some page links to."""
    for file in sorted(app.dnt_code_files):
        text = (ROOT / file).read_text(encoding="utf-8")
        code = app.builder.highlighter.highlight_block(
            text, "python", linespans="line", lineanchors="at", location=file
        )
        back = "../" * (file.count("/") + 1)
        home = f'<p><a href="{back}index.html">{app.config.project}</a>'
        if address := in_repository(file):
            home += f' · <a href="{address}">in the repository</a>'
        home += "</p>"
        body = f"<section><h1><code>{file}</code></h1>{home}{code}</section>"
        yield f"code/{file.removesuffix('.py')}", {"title": file, "body": body}, "page.html"


APP: Sphinx


def setup(app: Sphinx) -> dict:
    global APP
    APP = app
    app.dnt_code_files = {path.relative_to(ROOT).as_posix() for path in (ROOT / "notebooks").glob("*.py")}
    app.connect("doctree-resolved", link_literals)
    app.connect("missing-reference", resolve)
    app.connect("html-collect-pages", pages)
    return {"parallel_read_safe": False, "parallel_write_safe": False}
