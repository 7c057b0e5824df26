"""Builds values of core dataclasses from their type hints: full, sparse, or drawn by hypothesis."""

import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import Any

from hypothesis import strategies as st

from proxx.core.jobs import ExecutorView, SubmissionOptions
from proxx.core.leases import Lease, LeaseOutcome

WORDS: Mapping[tuple[type, str], tuple[str, ...]] = {
    (ExecutorView, "state"): ("READY", "DRAINING", "LOST", "FENCED"),
}
"""Strings that stand for an enum of the message."""

ONE_OF: Mapping[type, tuple[str, ...]] = {
    Lease: ("probe", "inspect", "encode", "publish", "sweep"),
    LeaseOutcome: ("probe", "inspect", "published", "sweep", "failure"),
}
"""Fields of which exactly one is set."""

SPEC: Mapping[str, object] = {
    "jobspec_version": "2.1",
    "job_id": "0a1b2c3d",
    "created_at": "2026-11-20T08:00:00+01:00",
    "sources": ["/media/A001.mov", "/media/Ä 002.mov"],
    "output_directory": "/proxies",
    "codec": "prores_proxy",
    "container": "mov",
    "resolution": "half",
    "fps_mode": "explicit",
    "fps_explicit": 23.976,
    "naming_template": "{source_name}_proxy",
    "proxy_profile": "proxy_prores_proxy",
    "user_metadata": {"unit": "B"},
}


def built(kind: Any, *, full: bool) -> Any:
    """Return a `kind` with every field set, or with every field that may be empty left empty."""
    return _value(kind, None, full)


def _value(hint: Any, place: tuple[type, str] | None, full: bool) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if place in WORDS:
        return WORDS[place][0]
    if origin in (typing.Union, types.UnionType):
        return _value(arguments[0], None, full) if full else None
    if origin is tuple:
        return (_value(arguments[0], None, full), _value(arguments[0], None, full)) if full else ()
    if origin is not None and issubclass(origin, Mapping):
        if arguments[1] is object:
            return dict(SPEC)
        return {"key": "value", "ключ": ""} if full else {}
    if hint is SubmissionOptions and not full:
        return SubmissionOptions()  # its zero values mean its defaults
    if dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        values = {field.name: _value(hints[field.name], (hint, field.name), full) for field in dataclasses.fields(hint)}
        for name in ONE_OF.get(hint, ())[1:]:
            values[name] = None
        return hint(**values)
    if issubclass(hint, Enum):
        return list(hint)[-1 if full else 0]
    simple: dict[type, tuple[Any, Any]] = {
        str: ("söme text", ""),
        bool: (True, False),
        int: (7, 0),
        float: (0.125, 0.0),
        Fraction: (Fraction(30000, 1001), Fraction(0)),
        datetime: (
            datetime(2026, 11, 20, 8, 0, 0, 123456, tzinfo=timezone(timedelta(hours=1))),
            datetime(1970, 1, 1, tzinfo=UTC),
        ),
    }
    return simple[hint][0 if full else 1]


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_SIMPLE: dict[type, st.SearchStrategy[Any]] = {
    str: _TEXT,
    bool: st.booleans(),
    int: st.integers(min_value=0, max_value=2**31 - 1),
    float: st.floats(min_value=0, max_value=1e6).map(lambda seconds: round(seconds, 6)),
    Fraction: st.fractions(min_value=-(10**6), max_value=10**6, max_denominator=10**6),
    datetime: st.integers(min_value=-(2**55), max_value=2**57).map(
        lambda microseconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    ),
}


@cache
def strategy(kind: type) -> st.SearchStrategy[Any]:
    """Return a hypothesis strategy for a dataclass of core."""
    hints = typing.get_type_hints(kind)
    fields = {field.name: _strategy(hints[field.name], (kind, field.name)) for field in dataclasses.fields(kind)}
    names = ONE_OF.get(kind, ())
    if not names:
        return st.builds(kind, **fields)
    choices = []
    for chosen in names:
        single = {name: st.none() for name in names} | {chosen: fields[chosen].filter(lambda value: value is not None)}
        choices.append(st.builds(kind, **(fields | single)))
    return st.one_of(choices)


def _strategy(hint: Any, place: tuple[type, str] | None) -> st.SearchStrategy[Any]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if place in WORDS:
        return st.sampled_from(WORDS[place])
    if place is not None and place[1] == "max_parallel_clips":
        return st.integers(min_value=1, max_value=64)
    if place is not None and place[1] == "queue":
        return st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
    if origin in (typing.Union, types.UnionType):
        return st.none() | _strategy(arguments[0], None)
    if origin is tuple:
        return st.lists(_strategy(arguments[0], None), max_size=2).map(tuple)
    if origin is not None and issubclass(origin, Mapping):
        return st.just(dict(SPEC)) if arguments[1] is object else st.dictionaries(_TEXT, _TEXT, max_size=2)
    if dataclasses.is_dataclass(hint):
        return strategy(hint)
    if issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    return _SIMPLE[hint]
