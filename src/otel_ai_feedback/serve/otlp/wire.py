"""OTLP requests whose attributes are left as they were sent.

A span has a dozen attributes, and making a Python object of each, of its value and of their texts
is most of what decoding costs. A text in Protobuf is its length and its bytes, and so is one in
ClickHouse's Native format: what was sent can be copied. A second description of the same messages,
in which an attribute is a run of bytes, gives access to it.
"""

from __future__ import annotations

from typing import Any, Final, cast

from google.protobuf import descriptor_pb2, message_factory
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message

_KEY_VALUE: Final = ".opentelemetry.proto.common.v1.KeyValue"


class Wire:
    """Reads one kind of request.

    Args:
        request: Class of the request as OTLP describes it.
    """

    def __init__(self, request: type[Message]) -> None:
        self._described = request
        pool = DescriptorPool()
        _describe(cast(FileDescriptor, request.DESCRIPTOR.file), pool, set())
        self._read = message_factory.GetMessageClass(
            pool.FindMessageTypeByName(request.DESCRIPTOR.full_name)
        )

    def read(self, body: bytes) -> Any:
        """The request in ``body``: as OTLP describes it, but ``attributes`` are encoded KeyValues.

        Raises:
            google.protobuf.message.DecodeError: The body is not such a request. What is left
                encoded has been checked as well, down to the UTF-8 of texts.
        """
        self._described().ParseFromString(body)
        return self._read.FromString(body)


def _describe(file: FileDescriptor, pool: DescriptorPool, known: set[str]) -> None:
    """Add a file, after those it needs, to a pool."""
    if file.name in known:
        return
    known.add(file.name)
    for needed in file.dependencies:
        _describe(needed, pool, known)
    described = descriptor_pb2.FileDescriptorProto()
    file.CopyToProto(described)
    for message in described.message_type:
        _encode_attributes(message)
    pool.AddSerializedFile(described.SerializeToString())


def _encode_attributes(message: DescriptorProto) -> None:
    for field in message.field:
        if field.name == "attributes" and field.type_name == _KEY_VALUE:
            field.type = FieldDescriptorProto.TYPE_BYTES
            field.ClearField("type_name")
    for nested in message.nested_type:
        _encode_attributes(nested)
