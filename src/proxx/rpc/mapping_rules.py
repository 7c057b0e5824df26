"""Where a dataclass and its message differ on purpose, and how a type hint is read. Everything else maps by name."""

import dataclasses
import types
import typing
from collections.abc import Mapping
from enum import Enum
from functools import cache

from google.protobuf.descriptor import Descriptor, EnumDescriptor

from proxx.core.jobs import SubmissionOptions
from proxx.core.leases import ExecutorDescription, SessionTerms
from proxx.core.watch_folders import WatchFolder

RENAMED: Mapping[type, Mapping[str, str]] = {
    SessionTerms: {"lease_seconds": "lease_duration", "renew_seconds": "renew_interval"},
    WatchFolder: {"oldest_wait_seconds": "oldest_wait", "last_scan_seconds": "last_scan_duration"},
}
"""Dataclass field to message field. These seconds travel as google.protobuf.Duration."""

CARRIED_APART: Mapping[type, frozenset[str]] = {
    ExecutorDescription: frozenset({"held"}),
}
"""Message fields that no field of the dataclass stands for; their callers read and write them themselves."""

DEFAULTED: frozenset[type] = frozenset({SubmissionOptions})
"""Messages whose zero values mean the dataclass's defaults (jobspec.proto says so field by field)."""

RATIONAL = "proxx.api.types.v1.Rational"
TIMESTAMP = "google.protobuf.Timestamp"
DURATION = "google.protobuf.Duration"
JOBSPEC = "proxx.api.jobs.v1.JobSpec"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A type hint taken apart: the bare type, whether None is allowed, and the item type of a tuple."""

    kind: object
    optional: bool
    item: object | None = None


def message_field(kind: type, name: str) -> str:
    """Return the message field that stands for the dataclass field `name`."""
    return RENAMED.get(kind, {}).get(name, name)


@cache
def hints_of(kind: type) -> Mapping[str, Hint]:
    """Return the taken-apart hints of every field of a dataclass, in order.

    Raises:
        TypeError: a hint that no rule covers.
    """
    hints = typing.get_type_hints(kind)
    return {field.name: _hint(hints[field.name]) for field in dataclasses.fields(kind)}


def _hint(raw: object) -> Hint:
    origin = typing.get_origin(raw)
    arguments = typing.get_args(raw)
    if origin in (typing.Union, types.UnionType):
        bare = [item for item in arguments if item is not type(None)]
        if len(bare) != 1 or len(bare) == len(arguments):
            raise TypeError(f"no mapping rule for {raw!r}")
        return dataclasses.replace(_hint(bare[0]), optional=True)
    if origin is tuple:
        if len(arguments) != 2 or arguments[1] is not Ellipsis:
            raise TypeError(f"no mapping rule for {raw!r}")
        return Hint(kind=tuple, optional=False, item=arguments[0])
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return Hint(kind=Mapping, optional=False, item=arguments[1])
    return Hint(kind=raw, optional=False)


@cache
def enum_names(descriptor: EnumDescriptor) -> Mapping[int, str]:
    """Return number to name without prefix, for every value but the unspecified one.

    Raises:
        TypeError: the enum has no value 0 named PREFIX_UNSPECIFIED.
    """
    zero = descriptor.values_by_number.get(0)
    if zero is None or not zero.name.endswith("_UNSPECIFIED"):
        raise TypeError(f"{descriptor.full_name}: value 0 is not named PREFIX_UNSPECIFIED")
    prefix = zero.name.removesuffix("UNSPECIFIED")
    return {value.number: value.name.removeprefix(prefix) for value in descriptor.values if value.number}


@cache
def enum_members(kind: type, descriptor: EnumDescriptor) -> Mapping[int, object]:
    """Return number to member of `kind`, or to the bare name when `kind` is str.

    Raises:
        TypeError: names of the two do not agree.
    """
    names = enum_names(descriptor)
    if not issubclass(kind, Enum):
        return dict(names)
    members: Mapping[str, object] = dict(kind.__members__)
    if set(members) != set(names.values()):
        differing = sorted(set(members) ^ set(names.values()))
        raise TypeError(f"{kind.__name__} and {descriptor.full_name} differ in {', '.join(differing)}")
    return {number: members[name] for number, name in names.items()}


def check_fields(kind: type, descriptor: Descriptor) -> None:
    """Refuse a dataclass and a message that do not have the same fields.

    Raises:
        TypeError: a field of either has no counterpart.
    """
    ours = {message_field(kind, name) for name in hints_of(kind)} | CARRIED_APART.get(kind, frozenset())
    theirs = set(descriptor.fields_by_name)
    if ours != theirs:
        raise TypeError(f"{kind.__name__} and {descriptor.full_name} differ in {', '.join(sorted(ours ^ theirs))}")
