r"""Notebooks as text that can be reviewed: each ``NN_x.ipynb`` has a twin ``NN_x.py`` (py:percent) beside it.

The twin holds the cells; the notebook holds the same cells and their outputs. A change is made in either and
carried to the other by ``sync_pair``; ``pair_problems`` says when they are out of step.

``jupytext --sync`` (1.19) takes the file with the later time: where both were edited it lost the notebook's
edit without a word, and by default it made code of the comment "# copy the texture". So jupytext only reads
and writes the text here.
"""

from __future__ import annotations

import copy
import hashlib
import re
import subprocess
from collections.abc import Callable
from contextlib import suppress
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

import jupytext
import nbformat
from jupytext.stringparser import StringParser

from dnt_core.atomic_write import atomic_path, write_text
from dnt_core.paths import cache_folder
from dnt_core.plain_files import read_text
from dnt_core.workbook.notebook_lint import is_progress_bar, read_notebook, tidy_notebook

# jupytext takes a comment that begins with a shell's word ("# copy the texture") for an escaped command and
# would make code of it; here only lines that begin with % or ! are commands, and they are escaped below.
FORMAT = {"extension": ".py", "format_name": "percent", "comment_magics": False}
_COMMAND = re.compile(r"\s*(# )*[%!][A-Za-z]|\s*(# )*%%")
_PICTURE = re.compile(r"attachment:([^)\s\"'>]+)")  # as Jupyter names one in Markdown
# No header and no metadata but tags: nothing in the text changes when a tool's version does.
_TEXT_METADATA = {"notebook_metadata_filter": "-all", "cell_metadata_filter": "tags,-all"}
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def twin(path: str | Path) -> Path:
    r"""The text twin of a notebook."""
    return Path(path).with_suffix(".py")


def read_text_twin(path: str | Path) -> Any:
    r"""Read a py:percent file as a notebook without outputs."""
    return _notebook_of(read_text(path))


def _notebook_of(text: str) -> Any:
    notebook = jupytext.reads(text, fmt=FORMAT)
    for cell in _code_cells(notebook):
        cell.source = _each_command(cell.source, lambda line: line.replace("# ", "", 1))
    return notebook


def text_of(notebook: Any) -> str:
    r"""The py:percent text of a notebook."""
    bare = copy.deepcopy(notebook)
    bare.metadata = nbformat.from_dict({"jupytext": dict(_TEXT_METADATA)})
    for cell in _code_cells(bare):
        cell.source = _each_command(cell.source, lambda line: re.sub(r"^(\s*)", r"\1# ", line))
    return jupytext.writes(bare, fmt=FORMAT)


def transplant_outputs(cells: Any, outputs: Any) -> Any:
    r"""A notebook with the cells of one and, where they are unchanged, the outputs and ids of the other's.

    Args:
        cells: notebook that gives order, kind, source and tags.
        outputs: notebook that gives outputs and ids; cells are matched by kind and source, in order.

    Returns:
        A new notebook, with the pictures that were pasted into its text. Cells without a partner get an id
        made from their content, so that it is the same each time. Progress bars are left out: without a
        kernel each of them stands at its first state, 0 %.
    """
    result = copy.deepcopy(cells)
    result.metadata = nbformat.from_dict({"kernelspec": _KERNEL, "language_info": {"name": "python"}})
    result.nbformat, result.nbformat_minor = 4, 5
    matcher = SequenceMatcher(
        None, [_key(c) for c in outputs.cells], [_key(c) for c in result.cells], autojunk=False
    )
    partner = {b + i: a + i for a, b, size in matcher.get_matching_blocks() for i in range(size)}
    taken: set[str] = set()
    changed = [cell for index, cell in enumerate(outputs.cells) if index not in partner.values()]
    for index, cell in enumerate(result.cells):
        old = outputs.cells[partner[index]] if index in partner else None
        cell.id = _cell_id(cell, old, taken)
        taken.add(cell.id)
        if cell.cell_type == "code":
            kept = [] if old is None else [o for o in old.outputs if not is_progress_bar(o)]
            cell.outputs = copy.deepcopy(kept)
            cell.execution_count = old.get("execution_count") if old is not None else None
        elif pictures := _pictures_of(cell, old, changed):
            cell.attachments = copy.deepcopy(pictures)
    return result


def sync_pair(
    notebook: str | Path,
    source: Literal["newer", "py", "ipynb"] = "newer",
    tell: Callable[[str], None] = print,
) -> str | None:
    r"""Bring a pair in step.

    Args:
        notebook: the ``.ipynb`` (it or its twin may be missing).
        source: whose cells count: the text's, the notebook's, or those of the file that was changed since the
            two agreed last. If both were, the later one's count, and the other is kept beside it as
            ``<name>.kept``.
        tell: is given a line when a file was kept.

    Returns:
        What was written, ``"ipynb"`` or ``"py"``, or ``None`` when the pair was in step.

    Raises:
        FileNotFoundError: neither file is there, or the one to read is not.
    """
    notebook, text = Path(notebook), twin(notebook)
    if not notebook.exists() and not text.exists():
        raise FileNotFoundError(f"neither {notebook} nor {text} is there")
    asked, agreed = source, last_agreed(notebook)
    cells = {
        "ipynb": _digest(read_notebook(notebook)) if notebook.exists() else None,
        "py": _digest(read_text_twin(text)) if text.exists() else None,
    }
    if source == "newer":
        source = "py" if _changed(text) > _changed(notebook) else "ipynb"
        if agreed is not None and None not in cells.values():  # a checkout makes a file newer, not changed
            source = {cells["py"]: "ipynb", cells["ipynb"]: "py"}.get(agreed, source)
    if not (text if source == "py" else notebook).exists():
        raise FileNotFoundError(f"{text if source == 'py' else notebook} is not there, nothing to sync from")
    target, other = (notebook, "ipynb") if source == "py" else (text, "py")
    lost = cells[other] not in (None, agreed, cells[source]) and (agreed is not None or asked == "newer")
    if lost:
        kept = target.with_name(f"{target.name}.kept")
        with atomic_path(kept) as part:
            part.write_bytes(target.read_bytes())
        tell(f"{notebook.stem}: both files were changed; the former .{other} is kept as {kept.name}")
    written = _write_twin(notebook, text, source)
    remember_agreed(notebook, cells[source])
    return written


def _write_twin(notebook: Path, text: Path, source: str) -> str | None:
    if source == "py":
        old = read_notebook(notebook) if notebook.exists() else nbformat.v4.new_notebook()
        new = tidy_notebook(transplant_outputs(read_text_twin(text), old))
        if notebook.exists() and _cells(new) == _cells(old):
            return None
        write_notebook(notebook, new)
        return "ipynb"
    content = text_of(read_notebook(notebook))
    if text.exists() and read_text(text) == content:
        return None
    write_text(text, content)
    return "py"


def pair_problems(notebook: str | Path) -> list[str]:
    r"""One sentence for each way in which a notebook and its twin are out of step."""
    notebook, text = Path(notebook), twin(notebook)
    for path, other in ((notebook, text), (text, notebook)):
        if not path.exists():
            return [f"{other.name} has no {path.name} beside it; run `dnt notebooks sync`"]
    ours, theirs = _cells(read_notebook(notebook)), _cells(read_text_twin(text))
    if ours == theirs:
        return []
    number = next(
        (i for i, (a, b) in enumerate(zip(ours, theirs, strict=False), 1) if a != b),
        min(len(ours), len(theirs)) + 1,
    )
    return [f"{notebook.name} and {text.name} differ from cell {number} on; run `dnt notebooks sync`"]


def write_notebook(path: str | Path, notebook: Any) -> None:
    r"""Validate a notebook and write it whole or not at all."""
    nbformat.validate(notebook)
    write_text(path, nbformat.writes(notebook) + "\n")


def _digest(notebook: Any) -> str:
    return hashlib.sha256(repr(_cells(notebook)).encode()).hexdigest()[:16]


def last_agreed(notebook: Path) -> str | None:
    r"""Digest of the cells that a pair had when it was last in step: noted by the last sync, else those of
    the text that git has committed; None where neither is known.
    """
    try:
        return _note(notebook).read_text(encoding="utf-8")
    except OSError:
        pass
    git = ["git", "show", f"HEAD:./{twin(notebook).name}"]
    try:
        found = subprocess.run(git, cwd=notebook.parent, capture_output=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if found.returncode:
        return None
    return _digest(_notebook_of(found.stdout.decode("utf-8", "replace")))


def remember_agreed(notebook: Path, digest: str) -> None:
    r"""Notes the cells that a pair has now that it is in step."""
    with suppress(OSError):  # without the note the next sync asks git
        write_text(_note(notebook), digest)


def _note(notebook: Path) -> Path:
    place = hashlib.sha256(str(notebook.resolve()).encode()).hexdigest()[:16]
    return cache_folder() / "notebook_pairs" / place


def _code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _each_command(source: str, change: Callable[[str], str]) -> str:
    r"""Changes the lines with IPython's commands (``%matplotlib inline``, ``!ls``), escaped or not."""
    strings, lines = StringParser("python"), source.splitlines()
    for number, line in enumerate(lines):
        if not strings.is_quoted() and _COMMAND.match(line):
            lines[number] = change(line)
        strings.read_line(line)
    return "\n".join(lines)


def _cells(notebook: Any) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(*_key(c), tuple(c.metadata.get("tags", []))) for c in notebook.cells]


def _key(cell: Any) -> tuple[str, str]:
    return cell.cell_type, cell.source.rstrip()


def _pictures_of(cell: Any, old: Any, changed: list[Any]) -> dict[str, Any]:
    r"""The pictures pasted into a cell, which its text only names, from the cell that it was before: ``old``,
    or the first of the ``changed`` ones that has them, which is taken out."""
    if old is not None:
        return old.get("attachments", {})
    names = {unquote(name) for name in _PICTURE.findall(cell.source)}
    for former in changed if names else ():
        if names <= set(held := former.get("attachments", {})):
            changed.remove(former)
            return {name: held[name] for name in names}
    return {}


def _changed(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else float("-inf")


def _cell_id(cell: Any, old: Any, taken: set[str]) -> str:
    if old is not None and old.get("id") and old["id"] not in taken:
        return old["id"]
    for salt in range(1000):
        made = hashlib.sha256(f"{cell.cell_type}\n{cell.source}\n{salt}".encode()).hexdigest()[:8]
        if made not in taken:
            return made
    raise ValueError("a thousand equal cells in one notebook")
