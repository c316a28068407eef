"""Answers of the OTLP receiver: export responses and ``google.rpc.Status``, in either encoding."""

from __future__ import annotations

from typing import Final, Literal

from google.protobuf import json_format
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status
from starlette.responses import Response

Encoding = Literal["application/x-protobuf", "application/json"]

PROTOBUF: Final[Encoding] = "application/x-protobuf"
JSON: Final[Encoding] = "application/json"

# google.rpc.Code of a status
CODES: Final = {
    400: 3,  # INVALID_ARGUMENT
    401: 16,  # UNAUTHENTICATED
    403: 7,  # PERMISSION_DENIED
    404: 5,  # NOT_FOUND
    405: 12,  # UNIMPLEMENTED
    408: 4,  # DEADLINE_EXCEEDED
    413: 8,  # RESOURCE_EXHAUSTED
    415: 3,
    429: 8,
    503: 14,  # UNAVAILABLE
}


def message(content: Message, encoding: Encoding, status: int = 200) -> Response:
    """A Protobuf message as the body of a response."""
    body: bytes | str
    if encoding == JSON:
        body = json_format.MessageToJson(content, indent=None)
    else:
        body = content.SerializeToString()
    return Response(body, status, media_type=encoding)


def refusal(status: int, why: str, encoding: Encoding, headers: dict[str, str]) -> Response:
    """A ``google.rpc.Status`` that says why a request was refused."""
    response = message(Status(code=CODES[status], message=why), encoding, status)
    response.headers.update(headers)
    return response
