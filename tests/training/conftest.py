r"""Makes the made-up frames importable."""

import sys
from pathlib import Path
