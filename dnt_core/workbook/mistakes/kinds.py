r"""What a table of common wrong answers is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

#: The sentence a student is told → the function that is wrong in this way.
Mistakes = Mapping[str, Callable[..., Any]]
