r"""Is a media file whole? What its container says of its own length, without decoding a byte.

An mp4 is a chain of boxes, a Matroska file a tree of elements, an AVI a RIFF chunk: each begins with its
length. A file cut off by a broken archive ends inside one of them. A transport stream is a row of packets of
188 bytes, an Ogg file one of pages; an mp3's first frame may say how many bytes follow. What somebody
appended behind a whole file (action cameras do) is nobody's business.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import BinaryIO

from dnt_core.clips.files_in_one import why_flacs_lose_sound
from dnt_core.clips.media_suffixes import of_pictures
from dnt_core.clips.sound_ends import why_cut

_FIRST_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp", b"uuid"}
_MEDIA_BOXES = {b"moov", b"mdat", b"moof"}  # one of these cut off costs frames, wherever it stands
_SEGMENT, _CLUSTER = b"\x18\x53\x80\x67", b"\x1f\x43\xb6\x75"
_ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_LONGEST_PAGE = 27 + 255 + 255 * 255  # bytes of an Ogg page
_MP3_FRAMES = 2 * 1441  # bytes of two frames, at the most
_LARGEST_INDEX = 64 * 2**20  # bytes of an mp4's index that are looked at
_BARE_SAMPLES = (".pcm", ".raw", ".s16le", ".sw")
_NO_HEADER = (
    "unreadable: bare samples do not say their rate; give them a header: `ffmpeg -f s16le -ar 24000 -ac 1 -i "
    "IN OUT.wav`, with the rate and channels that they have"
)
_LAYOUTS_WITHOUT_NAME = {0, 1, 147}  # of QuickTime: described one by one, a mask, numbered channels
_OPEN_RIFF = 0x7FFF0000  # a writer that could not go back claims a length of at least this,
_OPEN_WAV = 10**9  # or of this, and ten times of what there is


def why_broken(path: str | os.PathLike) -> str | None:
    r"""Says why a media file cannot be whole, from its size and the headers of its container's parts alone.

    Costs some microseconds. Containers that do not say their length are only checked for being empty.

    Args:
        path: of a file.

    Returns:
        None if nothing is wrong so far, else "kind: details" without the path; the kinds are missing, not a
        file, unreadable, empty, truncated and damaged.
    """
    path = Path(path)
    try:
        if not path.exists():
            return "missing: the file does not exist"
        if path.is_dir():
            return f"not a file: it is a folder{of_pictures(path)}"
        if not path.is_file():
            return "not a file: it is a pipe or a device; write what comes from it into a file first"
        size = path.stat().st_size
        if size == 0:
            return "empty: the file has 0 bytes"
        with path.open("rb") as file:
            start = file.read(4096)
            if start[4:8] in _FIRST_BOXES:
                return _broken_boxes(file, size)
            if start[:4] == b"caff" and (reason := _unreadable_channels(start)):
                return reason
            if start[:4] == b"\x1a\x45\xdf\xa3":
                return _broken_ebml(file, size)
            if start[:4] == b"RIFF":
                return _broken_riff(start, size)
            if start[:4] == b"\x30\x26\xb2\x75":
                return _broken_asf(start, size)
            if start[:4] == b"OggS":
                return _broken_pages(file, size)
            if start[:4] == b"fLaC":
                return why_flacs_lose_sound(file)
            if where := why_cut(file, start, size):
                return f"{_cut(where, size)}; to use what is there: `ffmpeg -i IN OUT.wav`"
            if start[:3] == b"ID3" or (start[0] == 0xFF and start[1:2] >= b"\xe0"):
                return _broken_mp3(file, start, size)
            if path.suffix.lower() in _BARE_SAMPLES:
                return _NO_HEADER
            return _broken_packets(file, start, size)
    except OSError as error:
        return f"unreadable: {error.strerror or error}"


def end_of_whole(path: str | os.PathLike) -> int | None:
    r"""Where something that is no box begins behind a whole mp4; None where nothing does."""
    size = Path(path).stat().st_size
    with Path(path).open("rb") as file:
        position = 0
        while position < size:
            file.seek(position)
            header = file.read(16)
            length = int.from_bytes(header[:4], "big")
            length = int.from_bytes(header[8:16], "big") if length == 1 else length or size - position
            if not header[4:8].isalnum() or length < 8 or position + length > size:
                return position
            position += length
    return None


def _broken_boxes(file: BinaryIO, size: int) -> str | None:
    position, boxes = 0, []
    while position < size:
        file.seek(position)
        header = file.read(16)
        kind = header[4:8]
        whole = {b"moov", b"mdat"} <= set(boxes)
        if whole and kind not in _MEDIA_BOXES:
            if not kind.isalnum():
                return None  # appended by whatever program: no box of ours
        if len(header) < 8:
            return f"truncated: the file ends inside a box header ({size} bytes)"
        length = struct.unpack(">I", header[:4])[0]
        if length == 1 and len(header) == 16:
            length = struct.unpack(">Q", header[8:16])[0]
        elif length == 0:  # the box reaches to the end of the file
            length = size - position
        name = kind.decode("latin-1") if kind.isalnum() else "?"
        if length < 8 or position + length > size:
            if whole and kind not in _MEDIA_BOXES:
                return None
            if length < 8:
                return f"damaged: box '{name}' at byte {position} claims a length of {length}"
            return f"truncated: it ends inside its '{name}' box ({size} of {position + length} bytes)"
        if kind == b"moov":
            file.seek(position)
            if reason := _unreadable_channels(file.read(min(length, _LARGEST_INDEX))):
                return reason
        boxes.append(kind)
        position += length
    if b"moov" not in boxes:
        return "truncated: the file has no 'moov' box, so its index was never written"
    if b"mdat" not in boxes:
        return "truncated: the file has no 'mdat' box, so no frame or sound is in it"
    return None


def _unreadable_channels(data: bytes) -> str | None:
    r"""QuickTime's and CAF's named layouts of seven channels and more: PyAV 18 ends the process over them."""
    at = data.find(b"chan")
    while at >= 0:
        header = 8 if data[:4] == b"caff" else 4  # a chunk's length; a box's version and flags
        tag = data[at + 4 + header : at + 8 + header]
        layout, channels = (int.from_bytes(half, "big") for half in (tag[:2], tag[2:]))
        plain = data[at + 4 : at + 8] == bytes(4)
        if plain and layout not in _LAYOUTS_WITHOUT_NAME and 7 <= channels <= 64:
            return (
                f"unreadable: its sound has a layout of {channels} channels that cannot be opened; mix it: "
                "`ffmpeg -i IN -c:v copy -c:a aac -ac 2 OUT.mp4`"
            )
        at = data.find(b"chan", at + 4)
    return None


def _broken_ebml(file: BinaryIO, size: int) -> str | None:
    r"""Matroska and WebM; a segment or cluster of unknown length (a live recording) is gone through."""
    position, segment = 0, False
    while position < size:
        file.seek(position)
        name, length, begin = _ebml_header(file.read(12))
        if not name:
            return None if segment and size - position > 12 else _cut("an element's header", size)
        if name == _SEGMENT and length is not None:
            wanted = position + begin + length
            return None if wanted <= size else _cut(f"its segment, which is {wanted} bytes long", size)
        if length is not None and position + begin + length > size:
            return _cut("an element", size)
        segment = segment or name == _SEGMENT
        if length is None and name not in (_SEGMENT, _CLUSTER):
            return None
        position += begin + (length or 0)
    return None


def _ebml_header(data: bytes) -> tuple[bytes, int | None, int]:
    r"""An element's name, the length of its content (None: unknown) and of its header; no name: damaged."""
    width = 9 - data[0].bit_length() if data and data[0] else 0
    if not 1 <= width <= 4 or len(data) <= width:
        return b"", None, 0
    size_width = 9 - data[width].bit_length() if data[width] else 0
    digits = data[width : width + size_width]
    if not size_width or len(digits) < size_width:
        return b"", None, 0
    value = int.from_bytes(digits, "big") & ((1 << 7 * size_width) - 1)
    unknown = value == (1 << 7 * size_width) - 1
    return data[:width], None if unknown else value, width + size_width


def _broken_riff(start: bytes, size: int) -> str | None:
    length = struct.unpack("<I", start[4:8])[0] if len(start) >= 8 else 0
    if length >= _OPEN_WAV and length > 10 * size:
        return None
    if 0 < length < _OPEN_RIFF and length + 8 > size + 1:  # some count a last byte that they do not write
        return _cut(f"its RIFF chunk, which is {length + 8} bytes long", size)
    return None


def _broken_asf(start: bytes, size: int) -> str | None:
    at = start.find(_ASF_PROPERTIES)
    length = int.from_bytes(start[at + 40 : at + 48], "little") if at >= 0 else 0
    return _cut(f"its data, which are {length} bytes long", size) if length > size else None


def _broken_packets(file: BinaryIO, start: bytes, size: int) -> str | None:
    for length, offset in ((188, 0), (192, 4)):
        if size < 2 * length or any(start[offset + k * length] != 0x47 for k in (0, 1)):
            continue
        rest = size % length
        file.seek(size - rest)
        last = file.read(rest)[offset : offset + 4]
        if last[:1] == b"\x47" and (len(last) < 4 or last[3] & 0x30):  # else it was appended by somebody
            return _cut(f"a transport packet of {length} bytes", size)
    return None


def _broken_pages(file: BinaryIO, size: int) -> str | None:
    r"""Ogg: the last page is all there. Whether pages are missing behind it cannot be told."""
    file.seek(max(0, size - _LONGEST_PAGE))
    end = file.read()
    at = end.rfind(b"OggS")
    if at < 0:
        return None  # something else was appended
    count = end[at + 26] if at + 26 < len(end) else 255
    length = 27 + count + sum(end[at + 27 : at + 27 + count])
    return _cut("an Ogg page", size) if at + length > len(end) else None


def _broken_mp3(file: BinaryIO, start: bytes, size: int) -> str | None:
    r"""An mp3 whose first frame, after the tags in front, counts the bytes of the sound."""
    begin = 0
    if start[:3] == b"ID3" and len(start) >= 10:
        begin = 10 + sum((b & 127) << 7 * (3 - k) for k, b in enumerate(start[6:10]))
    file.seek(begin)
    frame = file.read(64)
    at = max(frame.find(b"Xing"), frame.find(b"Info"))
    if at < 0 or frame[:1] != b"\xff" or len(frame) < at + 16:
        return None
    has = frame[at + 7]  # 1: a count of frames, 2: one of bytes
    if not has & 2:
        return None
    place = at + (12 if has & 1 else 8)
    wanted = begin + int.from_bytes(frame[place : place + 4], "big")
    lacks = wanted - size > max(_MP3_FRAMES, 0.002 * wanted)  # a writer may be off by a frame
    return _cut(f"its sound, which ends at byte {wanted}", size) if lacks else None


def _cut(where: str, size: int) -> str:
    return f"truncated: it ends inside {where} ({size} bytes)"
