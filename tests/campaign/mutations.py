r"""Ways in which files get damaged, drawn from a seed: the same seed, the same bytes."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_NUMBERS = (b"nan", b"inf", b"-1", b"0", b"1e308", b"99999999999999999999", b"", b"x", b"2147483648", b"0.5")
_STRAY = (b"\x00", b"\xff", b'"', b"'", b"{", b"]", b",", b";", b"\n", b"\r\n", "é".encode("latin-1"), b"=")
_PLACEHOLDERS = (
    b"",
    b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1736792\n",
    b"<!DOCTYPE html>\n<html><head><title>404</title></head></html>\n",
    b"PK\x03\x04",
    b"\x00" * 4096,
    b"just some text\n",
    b"null\n",
    b"[]\n",
    b"{}\n",
)


def _cut(data: bytes, draw: random.Random) -> bytes:
    return data[: draw.randrange(len(data) + 1)]


def _cut_front(data: bytes, draw: random.Random) -> bytes:
    return data[draw.randrange(min(len(data), 64) + 1) :]


def _flip_bits(data: bytes, draw: random.Random, first: int | None = None) -> bytes:
    changed = bytearray(data)
    for _ in range(draw.choice((1, 1, 2, 8, 64)) if changed else 0):
        changed[draw.randrange(min(len(changed), first or len(changed)))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def _flip_in_head(data: bytes, draw: random.Random) -> bytes:
    return _flip_bits(data, draw, first=draw.choice((16, 128, 1024)))


def _set_bytes(data: bytes, draw: random.Random) -> bytes:
    r"""Words of four or eight bytes become a size that is not to be believed."""
    changed = bytearray(data)
    for _ in range(draw.choice((1, 1, 4))):
        at = draw.randrange(max(len(changed) - 8, 1))
        word = draw.choice((b"\xff" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x00" * 8, b"\xff" * 8))
        changed[at : at + len(word)] = word
    return bytes(changed)


def _zero_a_block(data: bytes, draw: random.Random) -> bytes:
    at, size = draw.randrange(len(data) + 1), draw.choice((16, 512, 4096))
    return data[:at] + bytes(min(size, len(data) - at)) + data[at + size :]


def _drop_a_block(data: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(data) + 1)
    return data[:at] + data[at + draw.choice((1, 7, 512, 4096)) :]


def _repeat_a_block(data: bytes, draw: random.Random) -> bytes:
    at, size = draw.randrange(len(data) + 1), draw.choice((1, 13, 512, 4096))
    return data[:at] + data[at : at + size] * 2 + data[at + size :]


def _insert(data: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(data) + 1)
    return data[:at] + draw.choice(_STRAY) * draw.choice((1, 1, 3)) + data[at:]


def _append(data: bytes, draw: random.Random) -> bytes:
    return data + draw.randbytes(draw.choice((1, 112, 4096)))


def _other_number(data: bytes, draw: random.Random) -> bytes:
    found = list(_NUMBER.finditer(data[:200_000]))
    if not found:
        return _insert(data, draw)
    spot = draw.choice(found)
    return data[: spot.start()] + draw.choice(_NUMBERS) + data[spot.end() :]


def _other_line(data: bytes, draw: random.Random) -> bytes:
    lines = data.split(b"\n")
    at = draw.randrange(len(lines))
    what = draw.choice(("drop", "twice", "swap", "capitals", "semicolons"))
    if what == "drop":
        del lines[at]
    elif what == "twice":
        lines.insert(at, lines[at])
    elif what == "swap":
        other = draw.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    else:
        lines[at] = lines[at].upper() if what == "capitals" else lines[at].replace(b",", b";")
    return b"\n".join(lines)


def _something_else(data: bytes, draw: random.Random) -> bytes:
    return draw.choice(_PLACEHOLDERS)


MUTATIONS: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "cut": _cut, "cut_front": _cut_front, "flip_bits": _flip_bits, "flip_in_head": _flip_in_head,
    "set_bytes": _set_bytes, "zero_a_block": _zero_a_block, "drop_a_block": _drop_a_block,
    "repeat_a_block": _repeat_a_block, "insert": _insert, "append": _append, "other_number": _other_number,
    "other_line": _other_line, "something_else": _something_else,
}  # fmt: skip


def mutate(data: bytes, seed: str) -> tuple[str, bytes]:
    r"""A damaged copy of ``data`` and the name of the damage; one to three of them, one after the other."""
    draw = random.Random(seed)
    names = draw.choices(list(MUTATIONS), k=draw.choice((1, 1, 1, 2, 3)))
    for name in names:
        data = MUTATIONS[name](data, draw)
    return "+".join(names), data
