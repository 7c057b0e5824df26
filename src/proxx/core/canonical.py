"""The one canonical JSON form, and the digest over it (protos/vectors/README.md states the rules)."""

import hashlib
import json
from collections.abc import Mapping, Sequence


def canonical_json(value: object) -> str:
    """Return `value` as canonical JSON: keys sorted by code point, no white space, UTF-8, no NaN.

    Raises:
        TypeError: the value holds something that JSON cannot hold.
        ValueError: a number is not finite.
    """
    return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def digest(value: object) -> str:
    """Return the sha256 of the canonical JSON of `value`, as 64 lower-case hex characters."""
    return hashlib.sha256(canonical_json(value).encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"canonical JSON takes string keys only, got {key!r}")
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_plain(item) for item in value]
    raise TypeError(
        f"canonical JSON takes null, booleans, numbers, strings, lists and objects, got {type(value).__name__}"
    )
