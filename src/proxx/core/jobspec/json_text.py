"""Strict JSON text to a JSON object: what Python's reader lets pass (NaN, double keys, huge numbers) is refused here.

The reader in C does the work. Only refused text is walked a second time, to say where the defect stands.
"""

import json
import math
import re
from collections.abc import Iterable

from proxx.core.jobspec.values import MAX_SOURCES, MAX_TEXT_BYTES
from proxx.core.quoting import describe, quote
from proxx.core.violation import Violation, ViolationCode

MAX_DEPTH = 32
_MAX_NUMBER_CHARACTERS = 40
_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"|[\[\]{}:,]|NaN|-?Infinity|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|[^\s"\[\]{}:,]', re.DOTALL
)
"""As the reader takes them: a number ends where no number can go on, whatever stands behind it."""

_CONSTANTS = frozenset({"NaN", "Infinity", "-Infinity"})


class _DefectError(Exception):
    """JSON that Python reads and Proxx refuses."""


def read_object(*, text: str) -> dict[str, object] | Violation:
    """Return the object that the text holds, or the one violation that says where and why it is none."""
    size_bytes = len(text.encode("utf-8", "surrogatepass"))
    if size_bytes > MAX_TEXT_BYTES:
        return too_long(size_bytes=size_bytes)
    try:
        text.encode("utf-8")
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_refuse, parse_int=_integer, parse_float=_float
        )
        if _depth(value) > MAX_DEPTH:
            raise _DefectError
    except UnicodeEncodeError as error:
        return _invalid(text, error.start, "a lone surrogate, which is no Unicode text")
    except json.JSONDecodeError as error:
        return _invalid(text, error.pos, error.msg)
    except (_DefectError, RecursionError):
        return _invalid(text, *_find_defect(text))
    if not isinstance(value, dict):
        return _invalid(
            text, len(text) - len(text.lstrip()), f"a JobSpec is a JSON object, got {describe(value=value)}"
        )
    return value


def too_long(*, size_bytes: int) -> Violation:
    """Return the violation of a text that is longer than MAX_TEXT_BYTES."""
    message = (
        f"The JobSpec has {size_bytes} bytes; at most {MAX_TEXT_BYTES} are taken, and a job has at most {MAX_SOURCES}"
        " sources: submit several jobs"
    )
    return Violation(code=ViolationCode.LIMIT_EXCEEDED, field="", message=message, expected=str(MAX_TEXT_BYTES))


def _invalid(text: str, offset: int, reason: str) -> Violation:
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    message = f"The JobSpec is not valid JSON at line {line}, column {column}: {reason}"
    return Violation(code=ViolationCode.JSON_INVALID, field="", message=message)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _DefectError
    return result


def _refuse(constant: str) -> object:
    raise _DefectError(constant)


def _integer(digits: str) -> int:
    if len(digits) > _MAX_NUMBER_CHARACTERS:
        raise _DefectError
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if len(digits) > _MAX_NUMBER_CHARACTERS or not math.isfinite(value):
        raise _DefectError
    return value


def _depth(value: object) -> int:
    depth = 0
    level = _containers([value])
    while level:
        depth += 1
        level = _containers(item for holder in level for item in _items(holder))
    return depth


def _containers(values: Iterable[object]) -> list[dict[str, object] | list[object]]:
    return [value for value in values if isinstance(value, dict | list)]


def _items(holder: dict[str, object] | list[object]) -> Iterable[object]:
    return holder.values() if isinstance(holder, dict) else holder


def _find_defect(text: str) -> tuple[int, str]:
    """Walk text that was valid JSON as far as the reader came; return offset and reason of its first defect."""
    keys: list[set[str] | None] = []
    key_expected = False
    for match in _TOKEN.finditer(text):
        piece = match[0]
        if piece in "{[":
            keys.append(set() if piece == "{" else None)
            if len(keys) > MAX_DEPTH:
                return match.start(), f"nested deeper than {MAX_DEPTH} levels"
        elif piece in "}]":
            keys.pop()
        elif key_expected and keys and (seen := keys[-1]) is not None and piece.startswith('"'):
            key = json.loads(piece)
            if key in seen:
                return match.start(), f"the key {quote(text=key)} stands twice in one object"
            seen.add(key)
        elif reason := _number_defect(piece):
            return match.start(), reason
        key_expected = piece in "{,"
    return 0, "the text holds a value that cannot be read"


def _number_defect(piece: str) -> str:
    if piece in _CONSTANTS:
        return f"{piece} is no JSON number"
    if not piece[-1].isdecimal():
        return ""
    if len(piece) > _MAX_NUMBER_CHARACTERS:
        return f"a number with {len(piece)} characters; at most {_MAX_NUMBER_CHARACTERS} are read"
    return "" if math.isfinite(float(piece)) else f"the number {piece} is out of range"
