"""Unknown fields of a received message: protobuf keeps them silently, the contract refuses them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet

from proxx.rpc.mapping_errors import joined

LIMIT = 100
"""Most paths that are reported: whoever sends more has made the point."""


@dataclass(frozen=True, slots=True)
class Received:
    """A message without unknown fields, and the paths of those that it came with."""

    message: Message
    unknown: tuple[str, ...]


def receiving(deserialize: Callable[[bytes], Message]) -> Callable[[bytes], Received]:
    """Return the deserializer that tells what a message has that its type does not define."""

    def receive(data: bytes) -> Received:
        message = deserialize(data)
        size = message.ByteSize()
        message.DiscardUnknownFields()  # in place: to copy a message costs as much as to parse it
        if message.ByteSize() == size:
            return Received(message, ())
        return Received(message, unknown_field_paths(deserialize(data)))

    return receive


def unknown_field_paths(message: Message, *, limit: int = LIMIT) -> tuple[str, ...]:
    """Return the paths of fields that the message types do not define, for example `spec.#99`, at most `limit`."""
    return tuple(islice(_walk(message), limit))


def _walk(message: Message) -> Iterator[str]:
    unknown = UnknownFieldSet(message)
    for index in range(len(unknown)):
        yield f"#{unknown[index].field_number}"
    for field, value in message.ListFields():
        if field.cpp_type != FieldDescriptor.CPPTYPE_MESSAGE:
            continue
        for name, child in _children(field, value):
            for path in _walk(child):
                yield joined(name, path)


def _children(field: FieldDescriptor, value: object) -> Iterator[tuple[str, Message]]:
    if isinstance(value, Message):
        yield field.name, value
        return
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        if field.message_type.fields_by_name["value"].message_type is not None:
            for key, child in value.items():  # type: ignore[attr-defined]  # a map field of messages
                yield f"{field.name}[{key!r}]", child
        return
    for index, child in enumerate(value):  # type: ignore[arg-type]  # a repeated field of messages
        yield f"{field.name}[{index}]", child
