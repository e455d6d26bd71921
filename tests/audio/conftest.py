r"""Makes the random checkpoints of tests/networks importable."""

import sys
from pathlib import Path
