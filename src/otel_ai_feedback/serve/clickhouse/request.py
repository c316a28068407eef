"""Where a ClickHouse client puts its credentials, parameters and settings."""

from __future__ import annotations

import base64
import binascii
from email.parser import BytesParser
from email.policy import HTTP
from typing import Final

from starlette.requests import Request

# Parameters of the HTTP protocol itself, and settings that make no sense in this process.
# async_insert in particular would answer before the rows are stored.
IGNORED: Final = frozenset(
    {
        "async_insert",
        "buffer_size",
        "cancel_http_readonly_queries_on_client_close",
        "client_protocol_version",
        "compress",
        "database",
        "decompress",
        "default_format",
        "enable_http_compression",
        "http_headers_progress_interval_ms",
        "http_wait_end_of_query",
        "log_comment",
        "network_compression_method",
        "network_zstd_compression_level",
        "password",
        "query",
        "query_id",
        "quota_key",
        "readonly",
        "role",
        "send_progress_in_http_headers",
        "session_check",
        "session_id",
        "session_timeout",
        "user",
        "wait_end_of_query",
        "wait_for_async_insert",
    }
)


def credentials(request: Request) -> tuple[str, str]:
    """User and password from wherever a ClickHouse client may put them."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(encoded).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return user, password
    if "x-clickhouse-user" in request.headers:
        return request.headers["x-clickhouse-user"], request.headers.get("x-clickhouse-key", "")
    return request.query_params.get("user", ""), request.query_params.get("password", "")


def form(content_type: str, sent: bytes) -> dict[str, str]:
    """The fields of a multipart form, which clients use for long parameters."""
    message = BytesParser(policy=HTTP).parsebytes(
        b"Content-Type: " + content_type.encode("latin-1") + b"\r\n\r\n" + sent
    )
    fields: dict[str, str] = {}
    for part in message.walk():
        title = part.get_param("name", header="content-disposition")
        value = part.get_payload(decode=True)
        if isinstance(title, str) and isinstance(value, bytes):
            fields[title] = value.decode()
    return fields
