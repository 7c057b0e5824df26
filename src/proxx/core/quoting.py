"""Strangers' text made safe to print inside our own sentences: one line, bounded, nothing invisible."""

_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def quote(*, text: str, limit: int = 200) -> str:
    """Return `text` in double quotes: unprintable characters escaped, cut after `limit` characters with `…`."""
    cut = text[:limit]
    if not cut.isprintable() or '"' in cut or "\\" in cut:
        cut = "".join(_escape(character) for character in cut)
    return f'"{cut}{"…" if len(text) > limit else ""}"'


def describe(*, value: object) -> str:
    """Return what a JSON value is, for the sentence `expected a string, got …`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the string {quote(text=value)}"
    if isinstance(value, int | float):
        return f"the number {value!r:.40}"
    if isinstance(value, list | tuple):
        return "an array"
    if isinstance(value, dict):
        return "an object"
    return f"a {type(value).__name__}"


def _escape(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
