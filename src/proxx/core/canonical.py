"""The one canonical JSON form, and the digest over it (protos/vectors/README.md states the rules)."""

import hashlib
import json
from collections.abc import Mapping, Sequence

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def canonical_json(value: object) -> str:
    """Return `value` as canonical JSON: keys sorted by code point, no white space, UTF-8, no NaN.

    Raises:
        TypeError: the value holds something that JSON cannot hold.
        ValueError: a number is not finite.
    """
    return _ENCODER.encode(_plain(value))


def plain_json(value: object) -> str:
    """Return a value that consists of JSON values only (proxx.core.plain makes such) as canonical JSON.

    Raises:
        TypeError: the value holds something that JSON cannot hold.
        ValueError: a number is not finite.
    """
    return _ENCODER.encode(value)


def digest(value: object) -> str:
    """Return the sha256 of the canonical JSON of `value`, as 64 lower-case hex characters."""
    return text_digest(canonical_json(value))


def plain_digest(value: object) -> str:
    """Return the digest of a value that consists of JSON values only, as `plain_json` writes it. Raises as that."""
    return text_digest(plain_json(value))


def text_digest(text: str) -> str:
    """Return the digest of a value of which `text` is the canonical JSON."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


_LEAVES = frozenset({type(None), bool, int, float, str})


def _plain(value: object) -> object:
    if type(value) in _LEAVES or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"canonical JSON takes string keys only, got {key!r}")
        return {key: item if type(item) in _LEAVES else _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [item if type(item) in _LEAVES else _plain(item) for item in value]
    raise TypeError(
        f"canonical JSON takes null, booleans, numbers, strings, lists and objects, got {type(value).__name__}"
    )
