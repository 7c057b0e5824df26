"""What a record of a host must not tell: names of people, machines, productions and places on disks. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

DESCRIPTIONS = frozenset(
    {"Angle", "Camera #", "Comments", "Description", "Keyword", "Reel Name", "Roll/Card", "Scene", "Shot", "Take"}
)
"""Clip properties that people fill in: the name of a production may stand there."""

TECHNICAL = frozenset({"Format", "Video Codec", "Audio Codec", "Type", "VideoFormat", "VideoCodec", "AudioCodec"})
"""What only Resolve fills in: a user who is called `prores` must not change it."""

FILLED = "filled in"
LEAST_WORD = 4
_PATH = re.compile(r"(?<![\w:./\\])(?:[A-Za-z]:[\\/]|\\\\|/)(?=[^\s/\\])[^\n\r\t\"|<>*?]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Anonymiser:
    """Rewrites plain JSON; types and shapes stay.

    `words` are what must not be told (stems of recorded media, names of host and user), each with what stands for it.
    """

    words: Mapping[str, str]

    def value(self, value: object, key: str = "") -> object:
        """Return a value without what identifies; `key` is the key that it stands under."""
        if isinstance(value, str):
            return self.text(value, key)
        if isinstance(value, Mapping):
            return {str(name): self.value(member, str(name)) for name, member in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(member, key) for member in value]
        return value

    def fields(self, fields: Mapping[str, object]) -> dict[str, object]:
        """Return a mapping without what identifies."""
        return {key: self.value(member, key) for key, member in fields.items()}

    def text(self, text: str, key: str = "") -> str:
        """Return a text without what identifies: of a path only the last name stays, of a description nothing."""
        if key in TECHNICAL:
            return text
        if key in DESCRIPTIONS and text.strip():
            return FILLED
        shown = _PATH.sub(_shorten, text)
        for word, stand_in in self.words.items():
            if len(word) >= LEAST_WORD:
                edges = rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])"
                shown = re.sub(edges, stand_in, shown, flags=re.IGNORECASE)
        return shown


def _shorten(match: "re.Match[str]") -> str:
    path = match.group()
    windows = path[1:2] == ":" or path.startswith("\\\\")
    last = re.split(r"[\\/]", path.rstrip("\\/"))[-1]
    place, separator = ("C:\\path", "\\") if windows else ("/path", "/")
    return f"{place}{separator}{last}"
