r"""Memory that was freed is used again without the system's clearing it anew."""

import platform
import subprocess
import sys

import pytest

PAGES = """
import resource
import numpy as np
from dnt_core.freed_memory import keep_freed_memory
{first}
def pages():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def use():
    [np.ones(3 * 2**20, np.uint8) for _ in range(16)]
use()
before = pages()
use()
print(pages() - before)
"""


def pages_cleared(first: str) -> int:
    command = [sys.executable, "-c", PAGES.format(first=first)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a rule of glibc's")
def test_48_mb_that_were_freed_are_cleared_once():
    assert pages_cleared("keep_freed_memory()") < 100
    assert pages_cleared("") > 5000  # of 12288: else this test says nothing
