r"""What a pose costs is paid once: the last few geometries are kept, as many as a memory bound allows."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class MemoryCache(Generic[Value]):
    r"""Least recently used values leave first once all together are larger than the bound.

    ``cachetools.LRUCache`` refuses a value that is larger than the bound by itself ("value too large"); here
    it has to be kept while it is drawn, and what would be left of this class over cachetools is as long.

    Args:
        limit: bytes. The newest value stays whatever its size.
        measure: a value's bytes.
    """

    def __init__(self, limit: int, measure: Callable[[Value], int]) -> None:
        self.limit, self.measure = limit, measure
        self.kept: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self.kept)

    def __contains__(self, key: Hashable) -> bool:
        return key in self.kept

    @property
    def bytes(self) -> int:
        r"""Of all values kept."""
        return sum(size for _, size in self.kept.values())

    def find(self, key: Hashable) -> Value | None:
        r"""The value under ``key`` if it is kept."""
        return self.get(key, lambda: None) if key in self.kept else None

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        r"""The value under ``key``, made first if it is not kept."""
        if key in self.kept:
            self.kept.move_to_end(key)
            return self.kept[key][0]
        value = make()
        self.kept[key] = value, self.measure(value)
        while self.bytes > self.limit and len(self.kept) > 1:
            self.kept.popitem(last=False)
        return value
