"""Which sources of a job stay, and by which rule each other one is left out."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import translate

from proxx.core.client_path import client_name
from proxx.core.presets.category_presets import DuplicatesPreset, ExclusionsPreset, RepeatedSources
from proxx.core.presets.errors import PresetCompileError, PresetFault, PresetProblem
from proxx.core.quoting import quote


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A source as it was given: its absolute path, and its size where somebody looked."""

    path: str
    size_bytes: int | None = None

    @property
    def name(self) -> str:
        """The file name."""
        return client_name(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcludedSource:
    """A source that was left out: the preset file and key that did it, and the rule in words."""

    path: str
    file: str
    key: str
    rule: str

    @property
    def sentence(self) -> str:
        """The exclusion as one line."""
        return f"excluded {self.path}: {self.rule} ({self.file}: {self.key})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The sources that stay, in the order given, and the others."""

    kept: tuple[str, ...]
    excluded: tuple[ExcludedSource, ...]


def select_sources(
    *, exclusions: ExclusionsPreset, duplicates: DuplicatesPreset, sources: Sequence[SourceFile]
) -> Selection:
    """Apply the exclusions, then look for repeated paths among what is left.

    Raises:
        PresetCompileError: a path is listed twice and the preset refuses that, or a rule asks for a size that nobody
            could look at; every such source is named.
    """
    matchers = [(pattern, _matcher(pattern)) for pattern in exclusions.patterns]
    kept: list[str] = []
    seen: set[str] = set()
    excluded: list[ExcludedSource] = []
    problems: list[PresetProblem] = []
    for source in sources:
        if found := _name_rule(exclusions, matchers, source.name) or _size_rule(exclusions, source):
            key, rule = found
            excluded.append(ExcludedSource(path=source.path, file=exclusions.file, key=key, rule=rule))
        elif exclusions.smaller_than_bytes and source.size_bytes is None:
            problems.append(_size_unknown(exclusions, source))
        elif source.path not in seen:
            seen.add(source.path)
            kept.append(source.path)
        elif duplicates.repeated_sources is RepeatedSources.KEEP_FIRST:
            rule = "the same source is listed before"
            excluded.append(ExcludedSource(path=source.path, file=duplicates.file, key="repeated_sources", rule=rule))
        else:
            problems.append(_repeated(duplicates, source))
    if problems:
        raise PresetCompileError(problems)
    return Selection(kept=tuple(kept), excluded=tuple(excluded))


def _name_rule(
    exclusions: ExclusionsPreset, matchers: list[tuple[str, Callable[[str], bool]]], name: str
) -> tuple[str, str] | None:
    if exclusions.hidden_files and name.startswith("."):
        return "hidden_files", "its name begins with a dot"
    extension = _folded(name.rpartition(".")[2]) if "." in name else ""
    for word in exclusions.extensions:
        if extension == _folded(word):
            return "extensions", f"its extension is {quote(text=word)}"
    for pattern, matches in matchers:
        if matches(name):
            return "patterns", f"its name matches {quote(text=pattern)}"
    return None


def _size_rule(exclusions: ExclusionsPreset, source: SourceFile) -> tuple[str, str] | None:
    least = exclusions.smaller_than_bytes
    if source.size_bytes is None or source.size_bytes >= least:
        return None
    return "smaller_than_bytes", f"it has {source.size_bytes} bytes and the least is {least}"


def _matcher(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(translate(_folded(pattern)))
    return lambda name: compiled.match(_folded(name)) is not None


def _folded(text: str) -> str:
    """Letter case and Unicode form do not count: card file systems keep neither apart."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def _size_unknown(exclusions: ExclusionsPreset, source: SourceFile) -> PresetProblem:
    return PresetProblem(
        fault=PresetFault.SIZE_UNKNOWN,
        file=exclusions.file,
        key="smaller_than_bytes",
        rule=f"the size of source {quote(text=source.path)} cannot be looked at here",
        expected="a source that this machine can read",
    )


def _repeated(duplicates: DuplicatesPreset, source: SourceFile) -> PresetProblem:
    return PresetProblem(
        fault=PresetFault.SOURCE_REPEATED,
        file=duplicates.file,
        key="repeated_sources",
        rule=f"source {quote(text=source.path)} is listed more than once",
        expected="each source once",
    )
