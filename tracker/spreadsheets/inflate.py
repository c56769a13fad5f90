"""Inflates one entry of a zip file without keeping it, and tells what came out.

The standard library stops at the size that the directory declares; a parser in another language does
not. Hence the raw reading here.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

BLOCK_BYTES = 1 << 18
LOCAL_HEADER = struct.Struct("<4s5H3L2H")
DTD = re.compile(
    rb"<!(?:DOCTYPE|ENTITY)|<\0!\0(?:D\0O\0C|E\0N\0T)|\0<\0!(?:\0D\0O\0C|\0E\0N\0T)", re.IGNORECASE
)
DTD_STARTS = (b"<!", b"<\0!\0", b"\0<\0!")
CARRY_BYTES = 24


@dataclass(frozen=True)
class Inflated:
    """What an entry really holds; `sound` is false when name, stream or checksum disagree."""

    size: int
    sound: bool
    over_limit: bool
    has_dtd: bool


def inflate_entry(data: BinaryIO, entry: zipfile.ZipInfo, *, limit: int) -> Inflated:
    """Inflate an entry to its end, or until it exceeds `limit` bytes."""
    size, checksum, carry, has_dtd = 0, 0, b"", False
    is_xml = entry.filename.lower().endswith((".xml", ".rels", ".vml"))
    try:
        for block in _blocks(data, entry):
            size += len(block)
            if size > limit:
                return Inflated(size, sound=True, over_limit=True, has_dtd=has_dtd)
            checksum = zlib.crc32(block, checksum)
            if is_xml:
                has_dtd = has_dtd or _has_dtd(carry + block)
                carry = block[-CARRY_BYTES:]
    except (zlib.error, struct.error, EOFError):
        return Inflated(size, sound=False, over_limit=False, has_dtd=has_dtd)
    return Inflated(size, checksum == entry.CRC, over_limit=False, has_dtd=has_dtd)


def _has_dtd(content: bytes) -> bool:
    """Look for the two signs first: that is far quicker, and hardly a part has them."""
    return any(start in content for start in DTD_STARTS) and DTD.search(content) is not None


def _blocks(data: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Give the inflated bytes in blocks of at most BLOCK_BYTES."""
    _seek_to_content(data, entry)
    if entry.compress_type == zipfile.ZIP_STORED:
        yield from _raw(data, entry.compress_size)
    elif entry.compress_type == zipfile.ZIP_DEFLATED:
        yield from _deflated(data, entry.compress_size)
    else:
        raise EOFError(entry.compress_type)


def _seek_to_content(data: BinaryIO, entry: zipfile.ZipInfo) -> None:
    """Move behind the local header, which must name the entry as the directory does."""
    data.seek(entry.header_offset)
    header = LOCAL_HEADER.unpack(data.read(LOCAL_HEADER.size))
    name = data.read(header[9])
    encoding = "utf-8" if entry.flag_bits & 0x800 else "cp437"
    if header[0] != b"PK\x03\x04" or name.decode(encoding, "replace") != entry.orig_filename:
        raise EOFError(entry.filename)
    data.seek(header[10], 1)


def _raw(data: BinaryIO, length: int) -> Iterator[bytes]:
    while length > 0:
        block = data.read(min(BLOCK_BYTES, length))
        if not block:
            raise EOFError
        length -= len(block)
        yield block


def _deflated(data: BinaryIO, length: int) -> Iterator[bytes]:
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    for raw in _raw(data, length):
        pending = raw
        while pending and not engine.eof:
            yield engine.decompress(pending, BLOCK_BYTES)
            pending = engine.unconsumed_tail
    yield from _rest(engine)


def _rest(engine: "zlib._Decompress") -> Iterator[bytes]:
    """Give what the engine still holds after the last input byte."""
    while not engine.eof:
        block = engine.decompress(engine.unconsumed_tail, BLOCK_BYTES)
        if not block:
            raise EOFError
        yield block
