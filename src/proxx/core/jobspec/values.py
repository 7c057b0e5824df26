"""The rules for single values of a JobSpec: paths, words, ids, times. Each returns the fault that it finds, or None."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from proxx.core.client_path import ClientPathError, RelativePathError, read_client_path
from proxx.core.media_table import CODECS, CONTAINERS, RESOLUTION_RULE, resolution_is_legal
from proxx.core.naming import parse_moment
from proxx.core.quoting import quote
from proxx.core.violation import ViolationCode

MAX_TEXT_BYTES = 8 * 1024 * 1024
"""Longest JobSpec text: an answer of the scheduler that carries the spec and more must still fit into one message."""
MAX_SOURCES = 10_000
MAX_ENTRIES = 10_000
"""Most fields of a JobSpec that are looked at, and most entries of one of its objects."""
MAX_PATH_BYTES = 4096

_JOB_ID = re.compile(r"[0-9a-f]{8}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A broken rule of one value. `predicate` goes on from the field's name: `sources[3]` + `is empty`."""

    code: ViolationCode
    predicate: str
    expected: str = ""
    actual: str = ""


def text_fault(value: str) -> Fault | None:
    """Text must be Unicode: a lone surrogate (a byte of a name that is not UTF-8) has no protobuf form."""
    if _has(value, "Cs"):
        return _fault(f"is {quote(text=value)}, which holds a lone surrogate; text is Unicode, paths are UTF-8")
    return None


def filled_fault(value: str) -> Fault | None:
    """Text that must not be empty."""
    return _fault("is empty") if not value else text_fault(value)


def path_fault(value: str) -> Fault | None:
    """A path is absolute, as POSIX or Windows spells it, without `.`, `..`, empty components or control characters."""
    if (fault := filled_fault(value)) is not None:
        return fault
    shown = quote(text=value)
    length = len(value.encode("utf-8"))
    if length > MAX_PATH_BYTES:
        predicate = f"has {length} bytes in UTF-8; a path has at most {MAX_PATH_BYTES}"
        return Fault(code=ViolationCode.LIMIT_EXCEEDED, predicate=predicate)
    if _has(value, "Cc"):
        return _fault(f"is {shown}, which holds a control character; no path may")
    try:
        read_client_path(value)
    except RelativePathError as error:
        return Fault(code=ViolationCode.PATH_NOT_ABSOLUTE, predicate=f"is {shown}, {error}")
    except ClientPathError as error:
        return _fault(f"is {shown}, {error}")
    return None


def source_fault(value: str) -> Fault | None:
    """A source is the absolute path of a file, or of the folder of one clip: written like a file, without a slash."""
    fault = path_fault(value)
    if fault is None and read_client_path(value).ends_with_separator:
        return _fault(f"is {quote(text=value)}, which ends with a slash; a source is a file")
    return fault


def directory_fault(value: str) -> Fault | None:
    """An output directory is an absolute path without `%`, which FFmpeg would read as a frame number."""
    fault = path_fault(value)
    if fault is None and "%" in value:
        return _fault(f'is {quote(text=value)}, which holds "%"; no output path may')
    return fault


def job_id_fault(value: str) -> Fault | None:
    """A job id is eight lower-case hex characters."""
    if _JOB_ID.fullmatch(value) is None:
        return _fault(f"is {quote(text=value)}; a job id is eight lower-case hex characters")
    return None


def moment_fault(value: str) -> Fault | None:
    """A time is ISO 8601 with an offset."""
    try:
        parse_moment(text=value)
    except ValueError as error:
        return _fault(f"is no ISO 8601 time: {error}")
    return None


def codec_fault(value: str) -> Fault | None:
    """A codec is one of the twelve words."""
    return word_fault(value, allowed=CODECS)


def container_fault(value: str) -> Fault | None:
    """A container is one of the five words."""
    return word_fault(value, allowed=CONTAINERS)


def resolution_fault(value: str) -> Fault | None:
    """A resolution is a directive or an explicit raster."""
    if resolution_is_legal(resolution=value):
        return None
    return _fault(f"is {quote(text=value)}; allowed: {RESOLUTION_RULE}", expected=RESOLUTION_RULE, actual=value)


def word_fault(value: str, *, allowed: Iterable[str]) -> Fault | None:
    """A word must be one of those allowed, spelt exactly so."""
    words = tuple(allowed)
    if value in words:
        return None
    listed = ", ".join(words)
    return _fault(f"is {quote(text=value)}; allowed: {listed}", expected=listed, actual=value)


def _has(value: str, category: str) -> bool:
    return not value.isprintable() and any(unicodedata.category(character) == category for character in value)


def _fault(predicate: str, *, expected: str = "", actual: str = "") -> Fault:
    return Fault(code=ViolationCode.FIELD_VALUE, predicate=predicate, expected=expected, actual=actual)
