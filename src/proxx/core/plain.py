"""Dataclasses of core to plain JSON values and back, by their type hints. One rule for storage, digests and results.

How a type is converted is found out once; after that only values are looked at.
Fractions become "numerator/denominator", enums their value, times ISO 8601; tuples become lists.
"""

import dataclasses
import operator
import re
import types
import typing
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from fractions import Fraction
from functools import cache, lru_cache
from typing import TypeVar

Record = TypeVar("Record")
Convert = Callable[[typing.Any], typing.Any]
_FRACTION = re.compile(r"-?[0-9]+/[1-9][0-9]*")
"""The one spelling of a fraction: any other may cost without bound to read (1e999999999)."""


def to_plain(value: object) -> typing.Any:
    """Return `value` as JSON values only.

    Raises:
        TypeError: the value holds something that no rule covers.
    """
    return _writer(type(value))(value)


_WRITERS: dict[type, Convert] = {}


def _writer(kind: type) -> Convert:
    found = _WRITERS.get(kind)
    if found is None:
        found = _WRITERS[kind] = _new_writer(kind)
    return found


def _new_writer(kind: type) -> Convert:
    if issubclass(kind, Enum):
        return operator.attrgetter("value")
    if issubclass(kind, bool | int | float | str | types.NoneType):
        return _same
    if issubclass(kind, Fraction):
        return lambda value: f"{value.numerator}/{value.denominator}"
    if issubclass(kind, datetime):
        return datetime.isoformat
    if issubclass(kind, Mapping):
        return lambda value: {str(key): _writer(type(item))(item) for key, item in value.items()}
    if issubclass(kind, tuple | list):
        return lambda value: [_writer(type(item))(item) for item in value]
    if dataclasses.is_dataclass(kind):
        return _record_writer(tuple(field.name for field in dataclasses.fields(kind)))
    raise TypeError(f"no plain form for {kind.__name__}")


def _record_writer(names: tuple[str, ...]) -> Convert:
    if len(names) < 2:
        return lambda value: {name: to_plain(getattr(value, name)) for name in names}
    read = operator.attrgetter(*names)

    def write(value: object) -> dict[str, object]:
        return {
            name: item if type(item) in _PLAIN else _writer(type(item))(item)
            for name, item in zip(names, read(value), strict=True)
        }

    return write


_PLAIN = frozenset({bool, int, float, str, types.NoneType})


def _same(value: object) -> object:
    return value


def from_plain(kind: type[Record], value: object) -> Record:
    """Rebuild a dataclass of type `kind` from its plain form.

    Raises:
        TypeError: the plain form has fields that the type lacks, lacks some, or a value of another type.
        ValueError: a word, time or number is none of those that the type has.
    """
    hint: typing.Any = kind
    return typing.cast(Record, _reader(hint)(value))


@cache
def _reader(hint: typing.Any) -> Convert:
    origin = typing.get_origin(hint)
    arguments = typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        inner = _reader(next(item for item in arguments if item is not types.NoneType))
        if types.NoneType not in arguments:
            return inner
        return lambda value: None if value is None else inner(value)
    if origin is tuple:
        return _tuple_reader(_reader(arguments[0]))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping_reader(_reader(arguments[1]))
    if not isinstance(hint, type):
        raise TypeError(f"no rule for {hint!r}")
    if dataclasses.is_dataclass(hint):
        return _record_reader(hint)
    if issubclass(hint, Enum):
        return hint
    return _leaf_reader(hint)


def _tuple_reader(item: Convert) -> Convert:
    def read(value: object) -> object:
        if not isinstance(value, list | tuple):
            raise TypeError(f"expected a list, got {type(value).__name__}")
        return tuple(map(item, value))

    return read


def _mapping_reader(item: Convert) -> Convert:
    def read(value: object) -> object:
        if not isinstance(value, Mapping):
            raise TypeError(f"expected an object, got {type(value).__name__}")
        return {str(key): item(entry) for key, entry in value.items()}

    return read


def _record_reader(kind: type) -> Convert:
    hints = typing.get_type_hints(kind)
    fields = {field.name: _reader(hints[field.name]) for field in dataclasses.fields(kind)}
    # what __init__ of a frozen record does where every field is there; a record that checks itself is made by it
    plain = "__slots__" in vars(kind) and not hasattr(kind, "__post_init__")
    setters = tuple((name, getattr(kind, name).__set__, item) for name, item in fields.items() if plain)

    def read(value: object) -> object:
        if type(value) is not dict and not isinstance(value, Mapping):
            raise TypeError(f"expected an object for {kind.__name__}, got {type(value).__name__}")
        if not value.keys() <= fields.keys():
            unknown = ", ".join(str(name) for name in value if name not in fields)
            raise TypeError(f"{kind.__name__} has no field {unknown}")
        if setters and len(value) == len(setters):
            record: typing.Any = object.__new__(kind)
            for name, put, item in setters:
                put(record, item(value[name]))
            return record
        return kind(**{name: fields[name](item) for name, item in value.items()})

    return read


def _leaf_reader(hint: type) -> Convert:
    def read(value: object) -> object:
        if type(value) is hint:
            return value
        if hint is Fraction and isinstance(value, str):
            return _fraction(value)
        if hint is datetime and isinstance(value, str):
            return datetime.fromisoformat(value)
        if hint is float and isinstance(value, int | float):
            return float(value)
        if isinstance(value, hint):
            return value
        raise TypeError(f"expected {hint.__name__}, got {type(value).__name__}")

    return read


@lru_cache(maxsize=4096)
def _fraction(text: str) -> Fraction:
    if _FRACTION.fullmatch(text) is None:
        raise TypeError("expected a fraction as numerator/denominator")
    return Fraction(text)
