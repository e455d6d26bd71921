import subprocess
import sys
from pathlib import Path


def test_ruff_over_code_and_notebooks():
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--output-format=concise", "."],
        cwd=root,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
