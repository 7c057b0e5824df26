"""Reads the keys of one TOML table strictly and collects problems: nothing is coerced, nothing is defaulted."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from proxx.core.presets.errors import PresetFault, PresetProblem
from proxx.core.quoting import describe, quote

ID_RULE = "1 to 64 of a-z 0-9 _ - (first a letter or digit)"
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)
NAME_RULE = "1 to 64 of a-z 0-9 _ . - (first a letter or digit)"
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}", re.ASCII)

Value = TypeVar("Value", str, bool, int)


@dataclass(slots=True, kw_only=True)
class TableReader:
    """What it returns is used only when `problems` stays empty. `prefix` stands before every key in problems."""

    file: str
    table: Mapping[str, object]
    prefix: str = ""
    problems: list[PresetProblem] = field(default_factory=list)

    def problem(
        self, key: str, rule: str, *, expected: str = "", actual: str = "", fault: PresetFault = PresetFault.INVALID
    ) -> None:
        """Keep one problem."""
        shown = key if key.isidentifier() or not key else quote(text=key)
        self.problems.append(
            PresetProblem(
                fault=fault, file=self.file, key=f"{self.prefix}{shown}", rule=rule, expected=expected, actual=actual
            )
        )

    def missing(self, keys: Iterable[str]) -> None:
        """Keep a problem for each key that is not there."""
        for key in keys:
            if key not in self.table:
                self.problem(key, "required key is missing")

    def text(self, key: str, *, empty: bool = False) -> str:
        """Return a string; empty ones only where `empty` says so."""
        value = self._typed(key, str, "a string")
        if value == "" and not empty:
            self.problem(key, "must not be empty")
        if value is not None and any("\ud800" <= mark <= "\udfff" for mark in value):
            self.problem(key, "must be Unicode text", actual=quote(text=value))
        return value or ""

    def flag(self, key: str) -> bool:
        """Return a boolean."""
        return self._typed(key, bool, "true or false") is True

    def count(self, key: str, *, least: int, most: int | None = None) -> int:
        """Return a whole number between `least` and `most`."""
        value = self._typed(key, int, "a whole number")
        if value is not None and (value < least or (most is not None and value > most)):
            expected = f"at least {least}" if most is None else f"{least} to {most}"
            self.problem(key, "the number is out of range", expected=expected, actual=f"{value!r:.40}")
            return least
        return least if value is None else value

    def id(self, key: str) -> str:
        """Return an id."""
        return self._shaped(key, _ID, "an id", ID_RULE)

    def name(self, key: str) -> str:
        """Return a name: an id that may hold dots."""
        return self._shaped(key, _NAME, "a name", NAME_RULE)

    def word(self, key: str, legal: Iterable[str]) -> str:
        """Return one of the legal words, spelt exactly so; empty when it is none."""
        words = tuple(legal)
        value = self.text(key)
        if value and value not in words:
            self.problem(key, "unknown word", expected=f"one of {', '.join(words)}", actual=quote(text=value))
            return ""
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of distinct strings, none empty."""
        value = self.table.get(key)
        if key not in self.table:
            return ()
        if not isinstance(value, list):
            self.problem(key, "wrong type", expected="a list of strings", actual=describe(value=value))
            return ()
        for item in value:
            if not isinstance(item, str):
                self.problem(key, "wrong type in the list", expected="a string", actual=describe(value=item))
            elif not item:
                self.problem(key, "the list must not hold an empty string")
        words = tuple(item for item in value if isinstance(item, str))
        for word in sorted({word for word in words if words.count(word) > 1}):
            self.problem(key, "stands twice in the list", actual=quote(text=word))
        return words

    def _shaped(self, key: str, shape: re.Pattern[str], what: str, rule: str) -> str:
        value = self.text(key)
        if value and not shape.fullmatch(value):
            self.problem(key, f"not {what}", expected=rule, actual=quote(text=value))
            return ""
        return value

    def _typed(self, key: str, kind: type[Value], what: str) -> Value | None:
        value = self.table.get(key)
        if key not in self.table:
            return None
        if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
            return value
        self.problem(key, "wrong type", expected=what, actual=describe(value=value))
        return None
