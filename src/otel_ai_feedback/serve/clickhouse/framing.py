"""ClickHouse's own compression of HTTP bodies: frames with a checksum, bounded in size.

``compress=1`` asks for it in the answer, ``decompress=1`` says that the request's body has it. A
frame is

====================  =================================================================
16 bytes              CityHash128, in the version 1.0.2 that ClickHouse froze, of the rest
1 byte                method: ``0x02`` none, ``0x82`` LZ4, ``0x90`` ZSTD
4 bytes               size of the frame without the checksum, little-endian
4 bytes               size of its data when decompressed, little-endian
the rest              the data
====================  =================================================================

Source: ``CompressedReadBufferBase`` and ``ICompressionCodec`` of ClickHouse.
"""

from __future__ import annotations

import struct
import sys
from typing import Final

import lz4.block
from clickhouse_cityhash.cityhash import CityHash128

from otel_ai_feedback.serve.body import TooLargeError, UndecodableError

NONE: Final = 0x02
LZ4: Final = 0x82
ZSTD: Final = 0x90

_HEADER: Final = struct.Struct("<BII")
_CHECKSUM: Final = struct.Struct("<QQ")
_FRAME_BYTES: Final = 1024 * 1024


def frames(data: bytes, method: int = LZ4) -> bytes:
    """Put data into frames.

    Args:
        data: What to send; nothing becomes nothing.
        method: ``NONE`` or ``LZ4``.
    """
    parts: list[bytes] = []
    for start in range(0, len(data), _FRAME_BYTES):
        piece = data[start : start + _FRAME_BYTES]
        packed = lz4.block.compress(piece, store_size=False) if method == LZ4 else piece
        rest = _HEADER.pack(method, _HEADER.size + len(packed), len(piece)) + packed
        parts += (_checksum(rest), rest)
    return b"".join(parts)


def unframe(data: bytes, limit: int) -> bytes:
    """Take data out of frames.

    Args:
        data: Any number of whole frames.
        limit: Most bytes that may come out.

    Raises:
        TooLargeError: More would come out.
        UndecodableError: A frame is cut short, damaged, or of a method not known here.
    """
    parts = []
    size = 0
    position = 0
    while position < len(data):
        start = position + _CHECKSUM.size
        if start + _HEADER.size > len(data):
            raise UndecodableError("the compressed body ends within the head of a frame")
        method, packed_size, unpacked_size = _HEADER.unpack_from(data, start)
        end = start + packed_size
        if packed_size < _HEADER.size or end > len(data):
            raise UndecodableError(
                f"a frame of the compressed body claims {packed_size} bytes, "
                f"and {len(data) - start} follow"
            )
        size += unpacked_size
        if size > limit:
            raise TooLargeError(f"the decompressed body is larger than {limit} bytes")
        rest = data[start:end]
        if data[position:start] != _checksum(rest):
            raise UndecodableError(
                "the checksum of a compressed frame is wrong: the body was damaged on its way, "
                "or is not compressed; send it without decompress=1 then"
            )
        parts.append(_unpacked(method, rest[_HEADER.size :], unpacked_size))
        position = end
    return b"".join(parts)


def _checksum(rest: bytes) -> bytes:
    number = CityHash128(rest)
    # Its first half is the upper one here and comes first in a frame.
    return _CHECKSUM.pack(number >> 64, number & 0xFFFFFFFFFFFFFFFF)


def _unzstd(packed: bytes, size: int) -> bytes:
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
    except ImportError:
        raise UndecodableError(
            "a frame is compressed by ZSTD, for which a library is missing here; use LZ4"
        ) from None
    decompressor = zstd.ZstdDecompressor()
    try:
        # One byte more than claimed tells a longer frame from an honest one.
        data: bytes = decompressor.decompress(packed, size + 1)
    except zstd.ZstdError as error:
        raise ValueError(str(error)) from None
    return data


def _unpacked(method: int, packed: bytes, size: int) -> bytes:
    try:
        if method == NONE:
            data = packed
        elif method == LZ4:
            data = lz4.block.decompress(packed, uncompressed_size=size)
        elif method == ZSTD:
            data = _unzstd(packed, size)
        else:
            raise UndecodableError(
                f"a frame is compressed by method {method:#04x}; NONE, LZ4 and ZSTD are known here"
            )
    except (lz4.block.LZ4BlockError, RuntimeError, ValueError) as error:
        raise UndecodableError(f"a compressed frame cannot be decompressed: {error}") from None
    if len(data) != size:
        raise UndecodableError(f"a compressed frame holds {len(data)} bytes and claims {size}")
    return data
