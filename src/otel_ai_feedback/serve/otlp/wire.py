"""OTLP requests whose attributes are left as they were sent.

A span has a dozen attributes, and making a Python object of each, of its value and of their texts
is most of what decoding costs. A text in Protobuf is its length and its bytes, and so is one in
ClickHouse's Native format: what was sent can be copied. A second description of the same messages,
in which an attribute is a run of bytes, gives access to it.

A message of two bytes takes two hundred once it is read, so 64 MiB of empty spans would take 6 GB.
A third description, in which every repeated message is a run of bytes, counts them before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from google.protobuf import descriptor_pb2, message_factory
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message

from otel_ai_feedback.serve.body import TooLargeError

_KEY_VALUE: Final = ".opentelemetry.proto.common.v1.KeyValue"
# What each takes at least once it is read (measured with protobuf 6.33).
_RECORD_BYTES: Final = 200
_PART_BYTES: Final = 100
_MOST_BYTES: Final = 256 * 1024 * 1024
# What is smaller than this takes less than that, whatever it holds.
_NOT_COUNTED_BYTES: Final = 1024 * 1024


class Wire:
    """Reads one kind of request.

    Args:
        request: Class of the request as OTLP describes it.
        path: The fields that lead to its records, from the request on.
    """

    def __init__(self, request: type[Message], *path: str) -> None:
        self._described = request
        self._path = path
        found: Any = request.DESCRIPTOR
        attributes, repeated = (
            _pool(found.file, encodes) for encodes in (_is_attributes, _is_message_list)
        )
        self._read = message_factory.GetMessageClass(
            attributes.FindMessageTypeByName(found.full_name)
        )
        self._outlines = []
        for field in (*path, ""):
            outline: Any = message_factory.GetMessageClass(
                repeated.FindMessageTypeByName(found.full_name)
            )
            lists = [each.name for each in found.fields if each.is_repeated and each.message_type]
            self._outlines.append((outline, lists))
            if field:
                found = found.fields_by_name[field].message_type

    def read(self, body: bytes) -> Any:
        """The request in ``body``: as OTLP describes it, but ``attributes`` are encoded KeyValues.

        Raises:
            TooLargeError: It would take too much memory.
            google.protobuf.message.DecodeError: The body is not such a request. What is left
                encoded has been checked as well, down to the UTF-8 of texts.
        """
        if len(body) > _NOT_COUNTED_BYTES:
            self._check_memory(body)
        self._described().ParseFromString(body)
        return self._read.FromString(body)

    def _check_memory(self, body: bytes) -> None:
        level, taken = [body], 0
        for (outline, lists), field in zip(self._outlines, (*self._path, ""), strict=True):
            below: list[bytes] = []
            for encoded in level:
                message = outline.FromString(encoded)
                for name in lists:
                    size = _RECORD_BYTES if name == field else _PART_BYTES
                    taken += size * len(getattr(message, name))
                if taken > _MOST_BYTES:
                    raise TooLargeError(
                        "the body holds more spans, log records or parts of them than one request "
                        "may; send smaller batches"
                    )
                if field:
                    below.extend(getattr(message, field))
            level = below


def _pool(file: FileDescriptor, encodes: Callable[[FieldDescriptorProto], bool]) -> DescriptorPool:
    """A pool with a file and those that it needs, where some fields are left encoded."""
    pool = DescriptorPool()
    _describe(file, pool, set(), encodes)
    return pool


def _is_attributes(field: FieldDescriptorProto) -> bool:
    return field.name == "attributes" and field.type_name == _KEY_VALUE


def _is_message_list(field: FieldDescriptorProto) -> bool:
    return bool(
        field.label == FieldDescriptorProto.LABEL_REPEATED
        and field.type == FieldDescriptorProto.TYPE_MESSAGE
    )


def _describe(
    file: FileDescriptor,
    pool: DescriptorPool,
    known: set[str],
    encodes: Callable[[FieldDescriptorProto], bool],
) -> None:
    """Add a file, after those it needs, to a pool."""
    if file.name in known:
        return
    known.add(file.name)
    for needed in file.dependencies:
        _describe(needed, pool, known, encodes)
    described = descriptor_pb2.FileDescriptorProto()
    file.CopyToProto(described)
    for message in described.message_type:
        _encode(message, encodes)
    pool.AddSerializedFile(described.SerializeToString())


def _encode(message: DescriptorProto, encodes: Callable[[FieldDescriptorProto], bool]) -> None:
    for field in message.field:
        if encodes(field):
            field.type = FieldDescriptorProto.TYPE_BYTES
            field.ClearField("type_name")
    for nested in message.nested_type:
        _encode(nested, encodes)
