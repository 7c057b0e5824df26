"""Messages to dataclasses: one reader per pair of dataclass and message type, built once from their descriptions."""

import dataclasses
import math
import typing
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from fractions import Fraction
from functools import cache
from operator import attrgetter
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from proxx.rpc import mapping_rules as rules
from proxx.rpc.jobspec_mapping import spec_to_plain
from proxx.rpc.mapping_errors import MessageRefusedError
from proxx.rpc.mapping_values import read_duration, read_rational, read_timestamp

Reader = Callable[[Any], Any]
_Step = tuple[Reader, bool]
"""What reads a field, and whether it takes the whole message instead of the field's value."""

_SCALARS: Mapping[type, frozenset[int]] = {
    bool: frozenset({FieldDescriptor.CPPTYPE_BOOL}),
    str: frozenset({FieldDescriptor.CPPTYPE_STRING}),
    float: frozenset({FieldDescriptor.CPPTYPE_DOUBLE}),
    int: frozenset(
        {
            FieldDescriptor.CPPTYPE_INT32,
            FieldDescriptor.CPPTYPE_INT64,
            FieldDescriptor.CPPTYPE_UINT32,
            FieldDescriptor.CPPTYPE_UINT64,
        }
    ),
}


@cache
def record_reader(kind: type, descriptor: Descriptor) -> Reader:
    """Return the function that reads a message of this type into `kind`.

    Raises:
        TypeError: the two do not describe the same fields.
    """
    rules.check_fields(kind, descriptor)
    names = tuple(rules.hints_of(kind))
    targets = tuple(rules.message_field(kind, name) for name in names)
    get = attrgetter(*targets)
    steps = tuple(
        (index, *step)
        for index, (name, hint) in enumerate(rules.hints_of(kind).items())
        if (step := _field_reader(kind, name, hint, descriptor)) is not None
    )
    make = _maker(kind, names)

    def read(message: Any) -> Any:
        values = list(get(message)) if len(targets) > 1 else [get(message)]
        index = 0
        try:
            for index, read_value, whole in steps:
                values[index] = read_value(message if whole else values[index])
        except MessageRefusedError as error:
            raise error.below(targets[index]) from None
        return make(values)

    return read


def _maker(kind: type, names: tuple[str, ...]) -> Callable[[list[Any]], Any]:
    """Return what makes a record of the values of all its fields, in order."""
    if hasattr(kind, "__post_init__") or "__slots__" not in vars(kind):
        return lambda values: kind(**dict(zip(names, values, strict=True)))
    # what __init__ of a frozen dataclass does, without its keywords: half of the time of reading a message goes there
    setters = tuple(getattr(kind, name).__set__ for name in names)
    new = object.__new__

    def make(values: list[Any]) -> Any:
        record: Any = new(kind)
        for put, value in zip(setters, values, strict=True):
            put(record, value)
        return record

    return make


def _field_reader(kind: type, name: str, hint: rules.Hint, descriptor: Descriptor) -> _Step | None:
    """Return what reads a field; None: its value is taken as it is."""
    target = rules.message_field(kind, name)
    field = descriptor.fields_by_name[target]
    try:
        step = _present_reader(hint, field)
    except TypeError as error:
        raise TypeError(f"{kind.__name__}.{name} and {field.full_name}: {error}") from error
    if kind in rules.DEFAULTED:
        return _defaulted(step, target, next(item for item in dataclasses.fields(kind) if item.name == name)), True
    return step


def _present_reader(hint: rules.Hint, field: FieldDescriptor) -> _Step | None:
    if hint.kind is tuple:
        return _repeated_reader(hint.item, field), False
    if hint.kind is Mapping and not _is_spec(field):
        if hint.item is not str or not (field.message_type and field.message_type.GetOptions().map_entry):
            raise TypeError("only maps of strings have a rule")
        # protobuf gives the entries of a map in no order; documents are to be the same bytes every time
        return (lambda entries: dict(sorted(entries.items()))), False
    if field.is_repeated:
        raise TypeError("repeated stands only for a tuple")
    if field.enum_type is not None:
        return _enum_field_reader(hint, field), False
    value = _value_reader(hint.kind, field)
    get, name = attrgetter(field.name), field.name
    if hint.optional:
        if not field.has_presence:
            raise TypeError("None has no place in a field without presence")
        return (lambda message: value(get(message)) if message.HasField(name) else None), True
    if field.message_type is not None:
        return _required(value, get, name), True
    if field.has_presence:
        raise TypeError("presence stands only for a field that may be None")
    return None if value is _same else (value, False)


def _is_spec(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.full_name == rules.JOBSPEC


def _required(value: Reader, get: Reader, name: str) -> Reader:
    def read(message: Any) -> Any:
        if not message.HasField(name):
            raise MessageRefusedError(rule="is required and absent")
        return value(get(message))

    return read


def _repeated_reader(item: object, field: FieldDescriptor) -> Reader:
    if not field.is_repeated:
        raise TypeError("a tuple stands only for a repeated field")
    if item is str and field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return tuple
    value = _value_reader(item, field)

    def read(entries: Any) -> Any:
        try:
            return tuple(map(value, entries))
        except MessageRefusedError:
            for index, entry in enumerate(entries):  # once more, to name the entry
                try:
                    value(entry)
                except MessageRefusedError as error:
                    raise error.below(f"[{index}]") from None
            raise

    return read


def _enum_field_reader(hint: rules.Hint, field: FieldDescriptor) -> Reader:
    value = _value_reader(hint.kind, field)
    if hint.optional:
        return lambda number: value(number) if number else None
    return value


def _value_reader(kind: object, field: FieldDescriptor) -> Reader:
    if field.enum_type is not None and isinstance(kind, type):
        return enum_reader(kind, field.enum_type)
    if field.message_type is not None:
        return _message_reader(kind, field.message_type)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _word_reader(kind, field)
    if not isinstance(kind, type) or field.cpp_type not in _SCALARS.get(kind, frozenset()):
        raise TypeError(f"no rule for {kind!r}")
    return _finite if kind is float else _same


def enum_reader(kind: type, descriptor: EnumDescriptor) -> Reader:
    """Return the function that reads a number of this enum into a member of `kind`, by name."""
    members = rules.enum_members(kind, descriptor)

    def read(number: int) -> Any:
        member = members.get(number)
        if member is None:
            known = ", ".join(rules.enum_names(descriptor).values())
            what = "is unspecified" if number == 0 else f"{number} is no value of {descriptor.name}"
            raise MessageRefusedError(rule=f"{what}; expected one of {known}")
        return member

    return read


def _message_reader(kind: object, descriptor: Descriptor) -> Reader:
    single: Mapping[tuple[object, str], Reader] = {
        (Fraction, rules.RATIONAL): read_rational,
        (datetime, rules.TIMESTAMP): read_timestamp,
        (float, rules.DURATION): read_duration,
        (Mapping, rules.JOBSPEC): spec_to_plain,
    }
    reader = single.get((kind, descriptor.full_name))
    if reader is not None:
        return reader
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return record_reader(kind, descriptor)
    raise TypeError(f"no rule for {kind!r}")


def _word_reader(kind: type[Enum], field: FieldDescriptor) -> Reader:
    if field.cpp_type != FieldDescriptor.CPPTYPE_STRING:
        raise TypeError(f"{kind.__name__} stands only for an enum or a word")
    words = {str(member.value): member for member in kind}

    def read(word: str) -> Any:
        member = words.get(word)
        if member is None:
            raise MessageRefusedError(rule=f"{word!r} is no {kind.__name__}")
        return member

    return read


def _same(value: Any) -> Any:
    return value


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise MessageRefusedError(rule=f"{value} is not a finite number")
    return value


def _defaulted(step: _Step | None, target: str, field: dataclasses.Field[typing.Any]) -> Reader:
    def read(message: Any) -> Any:
        present = getattr(message, target)
        if present:
            if step is None:
                return present
            read_value, whole = step
            return read_value(message if whole else present)
        if field.default_factory is not dataclasses.MISSING:
            return field.default_factory()
        return field.default

    return read
