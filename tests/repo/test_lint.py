r"""What ``make lint`` asks of the code: ruff's rules, its format, and imports that go one way."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def said(*command: str, cwd: Path = ROOT) -> tuple[int, str]:
    done = subprocess.run(command, cwd=cwd, text=True, capture_output=True, check=False)
    return done.returncode, done.stdout + done.stderr


def lint_imports(cwd: Path) -> tuple[int, str]:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return said(sys.executable, "-c", code, "--no-cache", cwd=cwd)


@pytest.mark.parametrize("what", [("check",), ("format", "--check")], ids=["rules", "format"])
def test_ruff_over_code_and_notebooks(what):
    folders = (".",) if what == ("check",) else ("dnt_core", "tests", "benchmarks")
    code, words = said(sys.executable, "-m", "ruff", *what, "--output-format=concise", *folders)
    assert code == 0, words


def test_every_room_stands_in_the_list_of_layers_and_imports_go_down_it():
    code, words = lint_imports(ROOT)
    assert code == 0, words


def test_what_few_functions_use_is_imported_by_them():
    r"""Half a second to one and a half of CPU in every process: torchvision brings torch's compiler."""
    slow, found = ("torchvision", "sklearn", "skimage", "scipy.stats"), []
    for file in sorted((ROOT / "dnt_core").rglob("*.py")):
        for line in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(line, ast.ImportFrom) and line.module == "scipy":
                names = [f"scipy.{one.name}" for one in line.names]
            elif isinstance(line, ast.ImportFrom):
                names = [line.module or ""]
            else:
                names = [one.name for one in line.names] if isinstance(line, ast.Import) else []
            found += [f"{file.name}: {n}" for n in names if any(f"{n}.".startswith(f"{s}.") for s in slow)]
    assert not found


def test_an_import_inside_a_function_counts(tmp_path):
    r"""The tool sees what a reader would miss: a room that asks one above it, within a function."""
    for room, text in (("ciec", ""), ("cli", ""), ("clips", "def f():\n    import dnt_core.cli\n")):
        (tmp_path / "dnt_core" / room).mkdir(parents=True)
        (tmp_path / "dnt_core" / room / "__init__.py").write_text(text)
    (tmp_path / "dnt_core" / "__init__.py").write_text("")
    (tmp_path / ".importlinter").write_text(
        "[importlinter]\nroot_package = dnt_core\n[importlinter:contract:one]\nname = down\ntype = layers\n"
        "layers =\n    dnt_core.cli\n    dnt_core.clips\n"
    )
    code, words = lint_imports(tmp_path)
    assert code != 0 and "dnt_core.clips is not allowed to import dnt_core.cli" in words


def test_nothing_imports_a_private_name_of_another_module():
    for folder in ("dnt_core", "benchmarks", "website", "notebooks"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dnt_core"):
                    private = [name.name for name in node.names if re.match(r"_(?!_)", name.name)]
                    assert private == [], f"{file.relative_to(ROOT)}: {node.module}"
