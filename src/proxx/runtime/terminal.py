"""Text from strangers (file names, metadata, stderr of tools) made safe to show on a terminal."""

import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories that move the cursor, reorder or hide text, or have no picture."""


def printable(text: str, *, keep: str = "") -> str:
    """Return `text` with every character that a terminal would act on written as an escape, such as \\x1b or \\u202e.

    Characters in `keep` (for example newlines of a trace) stay as they are.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if character in keep or _visible(character) else _escape(character) for character in text)


def _visible(character: str) -> bool:
    return unicodedata.category(character) not in _HIDDEN


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
