"""Dataclasses to messages: one writer per pair of dataclass and message type, built once from their descriptions."""

import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from proxx.rpc import mapping_rules as rules
from proxx.rpc.jobspec_mapping import plain_to_spec
from proxx.rpc.mapping_errors import UnmappableValueError
from proxx.rpc.mapping_values import write_duration, write_rational, write_timestamp

Writer = Callable[[Any, Any], None]
"""Writes a value into an empty message."""

Converter = Callable[[Any], Any]
"""Turns a value into what a scalar field holds."""


@cache
def record_writer(kind: type, descriptor: Descriptor) -> Writer:
    """Return the function that writes a `kind` into an empty message of this type.

    Raises:
        TypeError: the two do not describe the same fields.
    """
    rules.check_fields(kind, descriptor)
    writers = tuple(
        (name, rules.message_field(kind, name), hint.optional, _field_writer(kind, name, hint, descriptor))
        for name, hint in rules.hints_of(kind).items()
    )

    def write(value: Any, message: Any) -> None:
        for name, target, optional, writer in writers:
            content = getattr(value, name)
            if content is None and optional:
                continue
            if content is None:
                raise UnmappableValueError(rule="is required and None", path=target)
            try:
                writer(content, message)
            except UnmappableValueError as error:
                raise error.below(target) from error.__cause__
            except (TypeError, ValueError, AttributeError, KeyError) as error:
                raise UnmappableValueError(rule=f"{type(error).__name__}: {error}", path=target) from error

    return write


def _field_writer(kind: type, name: str, hint: rules.Hint, descriptor: Descriptor) -> Writer:
    field = descriptor.fields_by_name[rules.message_field(kind, name)]
    try:
        return _content_writer(hint, field)
    except TypeError as error:
        raise TypeError(f"{kind.__name__}.{name} and {field.full_name}: {error}") from error


def _content_writer(hint: rules.Hint, field: FieldDescriptor) -> Writer:
    name = field.name
    if hint.kind is tuple:
        return _repeated_writer(hint.item, field)
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return lambda value, message: getattr(message, name).update(value)
    if field.message_type is not None:
        write = _message_writer(hint.kind, field.message_type)

        def write_child(value: Any, message: Any) -> None:
            child = getattr(message, name)
            child.SetInParent()  # a value of zeros only is still present
            write(value, child)

        return write_child
    convert = _converter(hint.kind, field)
    if convert is None:
        return lambda value, message: setattr(message, name, value)
    return lambda value, message: setattr(message, name, convert(value))


def _repeated_writer(item: object, field: FieldDescriptor) -> Writer:
    name = field.name
    if field.message_type is not None:
        write = _message_writer(item, field.message_type)

        def write_all(value: Any, message: Any) -> None:
            entries = getattr(message, name)
            for index, entry in enumerate(value):
                try:
                    write(entry, entries.add())
                except UnmappableValueError as error:
                    raise error.below(f"[{index}]") from error.__cause__

        return write_all
    convert = _converter(item, field)
    if convert is None:
        return lambda value, message: getattr(message, name).extend(value)
    return lambda value, message: getattr(message, name).extend([convert(entry) for entry in value])


def _converter(kind: object, field: FieldDescriptor) -> Converter | None:
    if field.enum_type is not None and isinstance(kind, type):
        return enum_writer(kind, field.enum_type)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda value: value.value
    return None


def enum_writer(kind: type, descriptor: EnumDescriptor) -> Converter:
    """Return the function that turns a member of `kind` into its number, by name."""
    numbers = {member: number for number, member in rules.enum_members(kind, descriptor).items()}

    def number_of(member: Any) -> int:
        number = numbers.get(member)
        if number is None:
            raise UnmappableValueError(rule=f"{member!r} is no value of {descriptor.full_name}")
        return number

    return number_of


def _message_writer(kind: object, descriptor: Descriptor) -> Writer:
    single: Mapping[tuple[object, str], Writer] = {
        (Fraction, rules.RATIONAL): write_rational,
        (datetime, rules.TIMESTAMP): write_timestamp,
        (float, rules.DURATION): write_duration,
        (Mapping, rules.JOBSPEC): plain_to_spec,
    }
    writer = single.get((kind, descriptor.full_name))
    if writer is not None:
        return writer
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return record_writer(kind, descriptor)
    raise TypeError(f"no rule for {kind!r}")
