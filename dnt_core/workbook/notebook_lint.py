r"""What a committed notebook looks like: outputs kept, noise gone, and the traps of headless runs avoided."""

from __future__ import annotations

import ast
import re
import warnings
from pathlib import Path
from typing import Any

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbstripout import strip_output

from dnt_core.plain_files import read_text

MAX_CELL_LINES = 25
WIDGET = "application/vnd.jupyter.widget-view+json"

_NOISE = [
    "metadata.widgets",
    "metadata.papermill",
    "metadata.signature",
    "metadata.toc",
    "metadata.vscode",
    "metadata.jupytext",
    "metadata.colab",  # and what Colab, Kaggle and VS Code write into cells
    "metadata.accelerator",
    "metadata.kaggle",
    "cell.metadata.colab",
    "cell.metadata.id",
    "cell.metadata.outputId",
    "cell.metadata._uuid",
    "cell.metadata._cell_guid",
    "cell.metadata.vscode",
    "cell.metadata.papermill",
    "cell.metadata.execution",
    "cell.metadata.ExecuteTime",
    "cell.metadata.collapsed",
    "cell.metadata.scrolled",
    "cell.metadata.trusted",
    "cell.metadata.jupyter",
]
_RUN_TAGS = {"injected-parameters", "papermill-error-cell-tag"}
_ABSOLUTE_PATH = re.compile(
    r"(?<![\w.:/+=])(/(home|Users|root|tmp|work|opt|mnt|media|private|usr|var|srv)/\w"
    r"|[A-Z]:\\\\?\w)"
)
_INSTALL = re.compile(r"^\s*[!%]\s*(\w*pip|conda|mamba|apt|apt-get|wget|curl|uv)\b", re.MULTILINE)
_HANGS = re.compile(
    r"@(widgets\.)?interact\b|\b(interact|interactive|interact_manual|interactive_output)\(|\bOutput\("
)


def tidy_notebook(notebook: Any) -> Any:
    r"""Strip, in place, what changes from run to run: widget state, timings, injected cells; keep outputs.

    Returns:
        The same notebook, its code cells that ran counted from 1.
    """
    notebook.cells = [c for c in notebook.cells if not _RUN_TAGS & set(c.metadata.get("tags", []))]
    strip_output(notebook, keep_output=True, keep_count=True, keep_id=True, extra_keys=_NOISE)
    notebook.metadata["language_info"] = {"name": "python"}
    leave_stills(notebook)
    count = 0
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.get("execution_count"):
            count += 1
            cell.execution_count = count
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = count
    return notebook


def is_progress_bar(output: Any) -> bool:
    r"""Whether an output is a tqdm widget, which is stored as the text of its first state.

    Args:
        output: of a code cell.
    """
    data = output.get("data", {})
    return WIDGET in data and re.search(r"\d+%\|.*\|", data.get("text/plain", "")) is not None


def leave_stills(notebook: Any) -> None:
    r"""Leave, in place, a widget's still and not its id, which no kernel knows once the run has ended.

    JupyterLab would show "model not found" in the still's place. Progress bars go.

    Args:
        notebook: of format 4.
    """
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        cell.outputs = [o for o in cell.outputs if not is_progress_bar(o)]
        for output in cell.outputs:
            output.get("data", {}).pop(WIDGET, None)
        cell.outputs = [o for o in cell.outputs if o.get("data") != {}]


def read_notebook(path: str | Path) -> Any:
    r"""A notebook of format 4, whatever format it is stored in.

    Raises:
        ValueError: the file is no notebook; the sentence names it.
        OSError: it cannot be opened.
    """
    text = read_text(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            notebook = nbformat.reads(text, as_version=4)
            nbformat.validate(notebook)
    except Exception as error:  # nbformat raises a dozen kinds for a file that is no notebook
        said = " ".join(str(error).split())[:300]
        raise ValueError(f"{path} is not a notebook that can be read ({said})") from error
    return notebook


def notebook_problems(path: str | Path) -> list[str]:
    r"""One sentence for everything about a committed notebook that a reviewer would send back.

    Checked: noise is stripped; one cell tagged ``parameters`` holds literals only; no stored output is an
    error; code cells have at most 25 lines; no install or download cells; no absolute paths; nothing
    that hangs papermill.
    """
    path = Path(path)
    notebook = read_notebook(path)
    problems = []
    if nbformat.writes(tidy_notebook(read_notebook(path))) != nbformat.writes(notebook):
        problems.append("holds metadata noise; run `dnt notebooks strip`")
    tagged = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    if len(tagged) != 1:
        problems.append(f"has {len(tagged)} cells tagged `parameters`; expected one")
    problems += [f"its parameters cell: {p}" for c in tagged for p in _not_literal(c.source)]
    for number, cell in enumerate(notebook.cells, 1):
        problems += [f"cell {number} {p}" for p in _cell_problems(cell)]
    return [f"{path.name}: {problem}" for problem in problems]


def cells_not_run(notebook: Any) -> list[int]:
    r"""Code cells, counted from 1, whose outputs are not stored: they were changed after the last run.

    Args:
        notebook: as :func:`read_notebook` gives it; cells without code do not count.
    """
    return [
        number
        for number, cell in enumerate(notebook.cells, 1)
        if cell.cell_type == "code" and ast.parse(TransformerManager().transform_cell(cell.source)).body
        if not cell.get("execution_count")
    ]


def _cell_problems(cell: Any) -> list[str]:
    problems = []
    if cell.cell_type == "code":
        lines = len(cell.source.splitlines())
        if lines > MAX_CELL_LINES:
            problems.append(
                f"has {lines} lines; at most {MAX_CELL_LINES}, more wants to be a function in dnt_core"
            )
        if _INSTALL.search(cell.source):
            problems.append("installs or downloads; that belongs to the environment")
        if trap := _HANGS.search(cell.source):
            problems.append(f"uses `{trap[0]}`, which hangs papermill; use explicit controls with .observe")
        if any(o.output_type == "error" for o in cell.outputs):
            problems.append("has a stored output that is an error")
    if found := _ABSOLUTE_PATH.search("\n".join([cell.source, *_texts(cell.get("outputs", []))])):
        problems.append(f"shows an absolute path ({found[0]}…)")
    return problems


def _texts(outputs: list[Any]) -> list[str]:
    texts = []
    for output in outputs:
        if output.output_type == "stream":
            texts.append(output.text)
        for kind, content in output.get("data", {}).items():
            if kind.startswith("text/") and isinstance(content, str):
                texts.append(re.sub(r"base64,[A-Za-z0-9+/=\s]+", "base64,", content))
    return texts


def _not_literal(source: str) -> list[str]:
    r"""Statements of a parameters cell that are not ``name = literal``."""
    problems = []
    try:
        statements = ast.parse(source).body
    except (SyntaxError, ValueError) as error:  # ValueError: a null byte
        return [f"it is no Python ({error})"]
    for statement in statements:
        value = getattr(statement, "value", None)
        try:
            if not isinstance(statement, (ast.Assign, ast.AnnAssign)):
                raise ValueError
            ast.literal_eval(value)
        except ValueError:
            problems.append(f"`{ast.unparse(statement)}` is not name = literal")
    return problems
