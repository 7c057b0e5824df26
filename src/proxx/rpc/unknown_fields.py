"""Unknown fields of a received message: protobuf keeps them silently, the contract refuses them."""

from collections.abc import Iterator
from itertools import islice

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet

from proxx.rpc.mapping_errors import joined

LIMIT = 100
"""Most paths that are reported: whoever sends more has made the point."""


def unknown_field_paths(message: Message, *, limit: int = LIMIT) -> tuple[str, ...]:
    """Return the paths of fields that the message types do not define, for example `spec.#99`, at most `limit`."""
    known = type(message)()
    known.CopyFrom(message)
    known.DiscardUnknownFields()
    if known.ByteSize() == message.ByteSize():  # the usual case, and far cheaper than to walk through every message
        return ()
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
