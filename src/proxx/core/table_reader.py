"""Reading one TOML table strictly: every unknown, missing or wrong key is named, nothing is coerced or defaulted."""

import tomllib
from collections.abc import Collection, Mapping
from enum import StrEnum

from proxx.core.quoting import describe, quote


class ProfileError(ValueError):
    """A profile file that cannot be used. `problems` are sentences, each naming the file and the key."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        """Keep the sentences; the text of the error is all of them, one a line."""
        super().__init__("\n".join(problems))
        self.problems = problems


def load_table(*, text: str, origin: str) -> Mapping[str, object]:
    """Return the table that a TOML text holds. `origin` is the file's name, for messages.

    Raises:
        ProfileError: the text is not TOML.
    """
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: what is no TOML, and a number of thousands of digits
        raise ProfileError((f"{origin}: not TOML: {error}",)) from error


class TableReader:
    """Reads one table and collects problems; what it returns is used only when there are none."""

    def __init__(self, *, origin: str, table: Mapping[str, object]) -> None:
        """Take the table and where it stands: the file's name and perhaps a key, for messages."""
        self.origin = origin
        self.table = table
        self.problems: list[str] = []

    def raise_problems(self) -> None:
        """Raise when there is a problem.

        Raises:
            ProfileError: with all problems so far.
        """
        if self.problems:
            raise ProfileError(tuple(self.problems))

    def problem(self, key: str, sentence: str) -> None:
        """Note one problem."""
        self.problems.append(f"{self.origin}: {key}: {sentence}")

    def check_keys(self, legal: Collection[str], *, optional: Collection[str] = (), elsewhere: str = "") -> None:
        """Note every key that is neither legal nor optional, and every legal one that is missing.

        `elsewhere` ends the sentence about keys that other files may hold; subclasses say which those are.
        """
        for key in sorted(set(self.table) - set(legal) - set(optional)):
            note = elsewhere if key in self.known_elsewhere() else ""
            self.problem(key if key.isidentifier() else quote(text=key), f"unknown key{note}")
        for key in legal:
            if key not in self.table:
                self.problem(key, "required key is missing")

    def known_elsewhere(self) -> Collection[str]:
        """Return keys that exist, though perhaps not in this table."""
        return ()

    def typed(self, key: str, kind: type, what: str) -> object:
        """Return the value when it is of this kind; None, and a problem, when it is not."""
        value = self.table.get(key)
        if key not in self.table or (isinstance(value, kind) and not (kind is int and isinstance(value, bool))):
            return value
        self.problem(key, f"expected {what}, got {describe(value=value)}")
        return None

    def text(self, key: str) -> str:
        """Return a text that is not empty."""
        value = self.typed(key, str, "a string")
        if value == "":
            self.problem(key, "must not be empty")
        return value if isinstance(value, str) else ""

    def flag(self, key: str) -> bool:
        """Return true or false."""
        return self.typed(key, bool, "true or false") is True

    def count(self, key: str, *, least: int, most: int | None = None) -> int:
        """Return a whole number within limits."""
        value = self.typed(key, int, "a whole number")
        if isinstance(value, int) and value < least:
            self.problem(key, f"expected at least {least}, got {value}")
        if isinstance(value, int) and most is not None and value > most:
            self.problem(key, f"expected at most {most}, got {value}")
        return value if isinstance(value, int) else least

    def word(self, key: str, legal: Collection[str]) -> str:
        """Return one of the legal words, or an empty text and a problem."""
        value = self.text(key)
        if value and value not in legal:
            self.problem(key, f"expected one of {', '.join(legal)}, got {quote(text=value)}")
            return ""
        return value

    def choice(self, key: str, absent: StrEnum) -> str:
        """Return one word of the enum that `absent` is of; `absent` itself where the key is missing or wrong."""
        if key not in self.table:
            return absent.value
        return self.word(key, tuple(member.value for member in type(absent))) or absent.value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of strings."""
        value = self.typed(key, list, "a list of strings")
        if not isinstance(value, list):
            return ()
        for item in value:
            if not isinstance(item, str):
                self.problem(key, f"expected a list of strings, found {describe(value=item)}")
        return tuple(item for item in value if isinstance(item, str))

    def words(self, key: str, legal: Collection[str], *, least: int) -> tuple[str, ...]:
        """Return a list of distinct legal words, at least so many."""
        words = self.texts(key)
        for word in words:
            if word not in legal:
                self.problem(key, f"expected words of {', '.join(legal)}, got {quote(text=word)}")
        self.check_distinct(key, words)
        if len(words) < least and key in self.table:
            self.problem(key, "must not be empty")
        return words

    def check_distinct(self, key: str, words: tuple[str, ...]) -> None:
        """Note every word that stands twice."""
        for word in sorted({word for word in words if words.count(word) > 1}):
            self.problem(key, f"names {quote(text=word)} twice")

    def tables(self, key: str) -> tuple[tuple[int, Mapping[str, object]], ...]:
        """Return the tables of a list with their numbers."""
        value = self.typed(key, list, "a list of tables")
        found = []
        for number, item in enumerate(value if isinstance(value, list) else ()):
            if isinstance(item, Mapping):
                found.append((number, item))
            else:
                self.problem(f"{key}[{number}]", f"expected a table, got {describe(value=item)}")
        return tuple(found)
