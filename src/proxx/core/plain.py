"""Dataclasses of core to plain JSON values and back, by their type hints. One rule for storage, digests and results.

Fractions become "numerator/denominator", enums their value, times ISO 8601; tuples become lists.
"""

import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import TypeVar

Record = TypeVar("Record")


def to_plain(value: object) -> typing.Any:
    """Return `value` as JSON values only.

    Raises:
        TypeError: the value holds something that no rule covers.
    """
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    raise TypeError(f"no plain form for {type(value).__name__}")


def from_plain(kind: type[Record], value: object) -> Record:
    """Rebuild a dataclass of type `kind` from its plain form.

    Raises:
        TypeError: the plain form has fields that the type lacks, lacks some, or a value of another type.
    """
    return typing.cast(Record, _build(kind, value))


@cache
def _hints(kind: type) -> dict[str, object]:
    return typing.get_type_hints(kind)


def _build(hint: object, value: object) -> object:
    origin = typing.get_origin(hint)
    arguments = typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        return _build(next(item for item in arguments if item is not type(None)), value)
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise TypeError(f"expected a list, got {type(value).__name__}")
        return tuple(_build(arguments[0], item) for item in value)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        if not isinstance(value, Mapping):
            raise TypeError(f"expected an object, got {type(value).__name__}")
        return {str(key): _build(arguments[1], item) for key, item in value.items()}
    if isinstance(hint, type):
        return _build_leaf(hint, value)
    raise TypeError(f"no rule for {hint!r}")


def _build_leaf(hint: type, value: object) -> object:
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, Mapping):
            raise TypeError(f"expected an object for {hint.__name__}, got {type(value).__name__}")
        hints = _hints(hint)
        if unknown := [str(name) for name in value if str(name) not in hints]:
            raise TypeError(f"{hint.__name__} has no field {', '.join(unknown)}")
        return hint(**{str(name): _build(hints[str(name)], item) for name, item in value.items()})
    if issubclass(hint, Enum):
        return hint(value)
    if hint is Fraction and isinstance(value, str):
        return Fraction(value)
    if hint is datetime and isinstance(value, str):
        return datetime.fromisoformat(value)
    if hint is float and isinstance(value, int | float):
        return float(value)
    if isinstance(value, hint):
        return value
    raise TypeError(f"expected {hint.__name__}, got {type(value).__name__}")
