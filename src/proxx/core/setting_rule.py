"""What is known of one of Resolve's settings: its type, its legal words, and who decides about it."""

from dataclasses import dataclass
from enum import StrEnum


class SettingType(StrEnum):
    """What a value is. QUALITY is a whole number (0: automatic) or one of Resolve's words."""

    BOOL = "true or false"
    INT = "a whole number"
    FLOAT = "a decimal number"
    TEXT = "text"
    QUALITY = "a whole number, Least, Low, Medium, High or Best"


class SettingWriter(StrEnum):
    """Who decides about a key: a profile, the planner by the clip, the host by its own paths, or nobody."""

    PROFILE = "profile"
    PLANNER = "planner"
    HOST = "host"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingRule:
    """One key. `words` are the only legal values, where there are so few; `why` says why nobody else writes it."""

    key: str
    type: SettingType
    writer: SettingWriter
    why: str = ""
    words: tuple[str, ...] = ()
