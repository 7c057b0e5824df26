"""Rationals, timestamps and durations: the messages that stand for one value of Python."""

import math
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any

from proxx.rpc.mapping_errors import MessageRefusedError, UnmappableValueError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NANOSECONDS = 1_000_000_000
_FIRST_SECOND = -62_135_596_800  # 0001-01-01T00:00:00Z
_LAST_SECOND = 253_402_300_799  # 9999-12-31T23:59:59Z


def read_rational(message: Any) -> Fraction:
    """Return a types.v1.Rational as a Fraction.

    Raises:
        MessageRefusedError: the denominator is not positive, or the fraction is not in lowest terms.
    """
    return _rational(message.numerator, message.denominator)


@lru_cache(maxsize=4096)
def _rational(numerator: int, denominator: int) -> Fraction:
    if denominator < 1:
        raise MessageRefusedError(rule=f"denominator {denominator} is not positive")
    value = Fraction(numerator, denominator)
    if value.denominator != denominator:
        raise MessageRefusedError(rule=f"{numerator}/{denominator} is not in lowest terms")
    return value


def write_rational(value: Fraction, message: Any) -> None:
    """Write a Fraction into a types.v1.Rational.

    Raises:
        UnmappableValueError: a part does not fit into 64 bits.
    """
    try:
        message.numerator = value.numerator
        message.denominator = value.denominator
    except ValueError as error:
        raise UnmappableValueError(rule=f"{value} does not fit into 64 bits") from error


def read_timestamp(message: Any) -> datetime:
    """Return a Timestamp as an aware UTC datetime, cut to whole microseconds, which is all that core keeps.

    Raises:
        MessageRefusedError: outside the years 1 to 9999, or nanoseconds outside 0 to 999,999,999.
    """
    seconds, nanos = message.seconds, message.nanos
    if not _FIRST_SECOND <= seconds <= _LAST_SECOND or not 0 <= nanos < _NANOSECONDS:
        raise MessageRefusedError(rule=f"{seconds} s and {nanos} ns are no time of the years 1 to 9999")
    return _EPOCH + timedelta(seconds=seconds, microseconds=nanos // 1000)


def write_timestamp(value: datetime, message: Any) -> None:
    """Write an aware datetime into a Timestamp.

    Raises:
        UnmappableValueError: the datetime has no offset, or its offset puts it outside the years 1 to 9999 of UTC.
    """
    if value.tzinfo is None:
        raise UnmappableValueError(rule=f"{value.isoformat()} has no offset from UTC")
    since = value - _EPOCH
    seconds = since.days * 86_400 + since.seconds
    if not _FIRST_SECOND <= seconds <= _LAST_SECOND:
        raise UnmappableValueError(rule=f"{value.isoformat()} is no time of the years 1 to 9999 of UTC")
    message.seconds = seconds
    message.nanos = since.microseconds * 1000


def read_duration(message: Any) -> float:
    """Return a Duration in seconds.

    Raises:
        MessageRefusedError: negative, or nanoseconds outside 0 to 999,999,999.
    """
    seconds, nanos = message.seconds, message.nanos
    if seconds < 0 or not 0 <= nanos < _NANOSECONDS:
        raise MessageRefusedError(rule=f"{seconds} s and {nanos} ns are no positive duration")
    return float(seconds + nanos / _NANOSECONDS)


def write_duration(value: float, message: Any) -> None:
    """Write seconds into a Duration.

    Raises:
        UnmappableValueError: negative or not finite.
    """
    if not math.isfinite(value) or value < 0:
        raise UnmappableValueError(rule=f"{value} s is no positive duration")
    nanos = round(value * _NANOSECONDS)
    message.seconds = nanos // _NANOSECONDS
    message.nanos = nanos % _NANOSECONDS
