"""Content-Encoding of inserts, as ClickHouse clients use it, bounded in size."""

from __future__ import annotations

import sys
from typing import Any

from otel_ai_feedback.serve.body import TooLargeError, UndecodableError, gunzip


def decompress(data: bytes, encoding: str, limit: int) -> bytes:
    """Decode a body.

    Args:
        data: The body as sent.
        encoding: The Content-Encoding header: ``gzip``, ``lz4``, ``zstd`` or nothing.
        limit: Most bytes that may come out.

    Raises:
        TooLargeError: More would come out.
        UndecodableError: The data are not what the header says, or the encoding is unknown.
    """
    encoding = encoding.strip().lower()
    if encoding in ("", "identity") or not data:
        return data
    if encoding == "gzip":
        return gunzip(data, limit)
    decompressor = _decompressor(encoding)
    try:
        # One byte more than allowed tells "exactly the limit" from "beyond it".
        decoded: bytes = decompressor.decompress(data, limit + 1)
    except Exception as error:
        # Each library has an error class of its own, one of them plain RuntimeError.
        raise UndecodableError(f"the body is not valid {encoding}: {error}") from None
    if len(decoded) > limit:
        raise TooLargeError(f"the decompressed body is larger than {limit} bytes")
    if not decompressor.eof:
        raise UndecodableError(f"the body is not valid {encoding}: it ends too early")
    return decoded


def _decompressor(encoding: str) -> Any:
    try:
        if encoding == "lz4":
            import lz4.frame

            return lz4.frame.LZ4FrameDecompressor()
        if encoding == "zstd":
            if sys.version_info >= (3, 14):
                from compression import zstd
            else:
                from backports import zstd

            return zstd.ZstdDecompressor()
    except ImportError:
        raise UndecodableError(
            f"Content-Encoding {encoding} needs a library that is not here"
        ) from None
    raise UndecodableError(f"Content-Encoding {encoding!r} is not gzip, lz4 or zstd")
