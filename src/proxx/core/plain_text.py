"""Dataclasses of core to canonical JSON text in one go: the very bytes that `plain_json(to_plain(value))` gives.

What a type looks like is found out once. Between a record and its text no dictionary is built and no key is sorted,
which is most of the cost of writing down what was measured of a clip.
"""

import dataclasses
import operator
import types
import typing
from collections.abc import Callable
from enum import Enum, StrEnum
from fractions import Fraction
from functools import cache
from json.encoder import encode_basestring

from proxx.core.canonical import plain_json
from proxx.core.plain import to_plain

Write = Callable[[typing.Any], str]


def plain_text(value: object) -> str:
    """Return `value` as canonical JSON text (proxx.core.canonical), converted as proxx.core.plain converts.

    Raises:
        TypeError: the value holds something that no rule covers.
        ValueError: a number is not finite.
    """
    kind = typing.cast("type", type(value))
    return _record_writer(kind)(value) if dataclasses.is_dataclass(kind) else _any(value)


def plain_text_without(value: object, *, fields: frozenset[str]) -> str:
    """Return a record as `plain_text` does, without some of its own fields. Raises as that."""
    return _record_writer(typing.cast("type", type(value)), fields)(value)


def _any(value: object) -> str:
    return plain_json(to_plain(value))


@cache
def _record_writer(kind: type, without: frozenset[str] = frozenset()) -> Write:
    hints = typing.get_type_hints(kind)
    names = sorted({field.name for field in dataclasses.fields(kind)} - without)
    if not names:
        return lambda _: "{}"
    template = "{" + ",".join(f"{encode_basestring(name)}:%s" for name in names) + "}"  # no name of Python has a %
    writers = tuple(_writer(hints[name]) for name in names)
    read: Callable[[object], typing.Any] = operator.attrgetter(*names)

    def other(value: object) -> str:
        """Write something else than text that stands in a field of text as what it is."""
        plain = to_plain(value)
        return plain_json({name: plain[name] for name in names})

    def fill(value: object) -> str:
        try:
            return template % tuple([write(item) for write, item in zip(writers, read(value), strict=True)])
        except TypeError:
            return other(value)

    def fill_words(value: object) -> str:
        try:
            return template % tuple(map(encode_basestring, read(value)))
        except TypeError:
            return other(value)

    def fill_one(value: object) -> str:
        try:
            return template % writers[0](read(value))
        except TypeError:
            return other(value)

    if len(names) == 1:
        return fill_one
    return fill_words if all(write is encode_basestring for write in writers) else fill


def _writer(hint: typing.Any) -> Write:
    """Return what writes a value with this hint. A value of another type than its hint says is written all the same."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        bare = [item for item in arguments if item is not types.NoneType]
        if len(bare) != 1:
            return _any
        inner = _writer(bare[0])
        return lambda value: "null" if value is None else inner(value)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return _list_writer(_writer(arguments[0]))
    if not isinstance(hint, type):
        return _any
    if dataclasses.is_dataclass(hint):
        record = _record_writer(hint)
        return lambda value: record(value) if type(value) is hint else plain_text(value)
    if issubclass(hint, StrEnum):
        return encode_basestring
    if issubclass(hint, Enum):
        words = {member: plain_json(member.value) for member in hint}
        return lambda value: words[value] if type(value) is hint else _any(value)
    return _LEAVES.get(hint, _any)


def _list_writer(item: Write) -> Write:
    def write(value: object) -> str:
        if type(value) is not tuple:
            return _any(value)
        return f"[{','.join(map(item, value))}]"

    return write


def _integer(value: object) -> str:
    return repr(value) if type(value) is int else _any(value)


def _boolean(value: object) -> str:
    return "true" if value is True else "false" if value is False else _any(value)


def _fraction(value: object) -> str:
    return f'"{value.numerator}/{value.denominator}"' if type(value) is Fraction else _any(value)


_LEAVES: typing.Mapping[type, Write] = types.MappingProxyType(
    {str: encode_basestring, int: _integer, bool: _boolean, Fraction: _fraction}
)
