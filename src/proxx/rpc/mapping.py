"""The one mapper between dataclasses of core and messages of the API.

Fields map by name. Fractions stand for Rational, datetimes for Timestamp (UTC), seconds for Duration, tuples for
repeated fields, mappings for maps, None for absence, enum members for the values of the same name (an unspecified
number stands for None where None is allowed and is refused elsewhere). `mapping_rules` lists the few departures.
"""

from enum import Enum
from typing import TypeVar, cast

from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.message import Message

from proxx.rpc.mapping_read import enum_reader, record_reader
from proxx.rpc.mapping_write import enum_writer, record_writer

Record = TypeVar("Record")
AnyMessage = TypeVar("AnyMessage", bound=Message)
Member = TypeVar("Member", bound=Enum)


def to_message(value: object, message_class: type[AnyMessage]) -> AnyMessage:
    """Return the message that stands for a dataclass value.

    Raises:
        UnmappableValueError: the value does not fit into the message; the error names the field.
        TypeError: the two types do not describe the same fields.
    """
    message = message_class()
    record_writer(cast(type, type(value)), message_class.DESCRIPTOR)(value, message)
    return message


def from_message(message: Message, kind: type[Record]) -> Record:
    """Return the dataclass value of type `kind` that a message stands for. Unknown fields are not looked at.

    Raises:
        MessageRefusedError: a required part is absent, or an enum, rational, time or number breaks its rule.
        TypeError: the two types do not describe the same fields.
    """
    return cast(Record, record_reader(cast(type, kind), message.DESCRIPTOR)(message))


def enum_to_number(member: Enum, descriptor: EnumDescriptor) -> int:
    """Return the number of the enum value that has the member's name.

    Raises:
        UnmappableValueError: the enum has no such value.
    """
    return cast(int, enum_writer(type(member), descriptor)(member))


def enum_from_number(number: int, kind: type[Member], descriptor: EnumDescriptor) -> Member:
    """Return the member of `kind` that has the name of this enum value.

    Raises:
        MessageRefusedError: unspecified, or a number that the enum does not define.
    """
    return cast(Member, enum_reader(kind, descriptor)(number))
