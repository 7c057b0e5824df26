"""The keys of a media folder, read strictly: every unknown key and every illegal value at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from proxx.core.client_path import path_kind
from proxx.core.quoting import describe, quote
from proxx.core.units import UnitKind
from proxx.core.units.names import RAW_EXTENSIONS
from proxx_watcher.domain.evidence import EvidenceRules, Require
from proxx_watcher.domain.folder_settings import DEFAULT_EXTENSIONS
from proxx_watcher.domain.readiness import ReadinessRules
from proxx_watcher.domain.safety import DEFAULT_FREE_BYTES, DEFAULT_RUNNING, SafetyRules
from proxx_watcher.domain.selection import SelectionRules

MEDIA_KEYS = {
    "": frozenset(
        {
            *("preset", "output_directory", "auto_execute", "free_bytes", "most_running", "recursive", "hidden_files"),
            *("extensions", "exclude", "temporary", "clip_units", "digest_bytes", "stability", "evidence"),
        }
    ),
    "stability": frozenset({"scans", "spacing_seconds", "min_age_seconds", "open_end_seconds", "doubt_seconds"}),
    "evidence": frozenset({"require", "marker_suffix", "folder_marker", "lists", "verify_digests", "lease"}),
}
"""The keys of a media folder and of its two tables."""

_MOST_SECONDS = 7 * 24 * 3600
_MOST_BYTES = 2**63 - 1
_MOST_SCANS = 100
_MOST_RUNNING = 64
DEFAULT_DIGEST_BYTES = 100 * 10**9


class MediaSettingsError(ValueError):
    """Keys of a media folder break rules; `problems` has each as one sentence that begins with its key."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        """Keep the problems."""
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaSettings:
    """What is set for a media folder. Without a preset the folder makes no job.

    `output_directory` is the base directory of the preset's FOLDER_OUTPUT, absolute, as the scheduler spells paths.
    Clips of at most `digest_bytes` are read whole once their job is made.
    """

    preset: str = ""
    output_directory: str = ""
    digest_bytes: int = DEFAULT_DIGEST_BYTES
    safety: SafetyRules = field(default_factory=SafetyRules)
    selection: SelectionRules = field(default_factory=SelectionRules)
    readiness: ReadinessRules = field(default_factory=ReadinessRules)
    evidence: EvidenceRules = field(default_factory=EvidenceRules)


def read_media_settings(*, table: Mapping[str, object], outputs: tuple[str, ...] = ()) -> MediaSettings:
    """Return the settings that a table holds. `outputs` are output directories below the folder, relative to it.

    Raises:
        MediaSettingsError: keys are unknown or values illegal; all of them are in it.
    """
    reader = _Reader(table, "", MEDIA_KEYS[""])
    stability = reader.table_at("stability", MEDIA_KEYS["stability"])
    evidence = reader.table_at("evidence", MEDIA_KEYS["evidence"])
    rules = _evidence(evidence)
    settings = MediaSettings(
        preset=reader.text("preset", ""),
        output_directory=_directory(reader),
        digest_bytes=reader.whole("digest_bytes", DEFAULT_DIGEST_BYTES, least=0, most=_MOST_BYTES),
        safety=SafetyRules(
            auto_execute=reader.flag("auto_execute", default=False),
            free_bytes=reader.whole("free_bytes", DEFAULT_FREE_BYTES, least=0, most=_MOST_BYTES),
            most_running=reader.whole("most_running", DEFAULT_RUNNING, least=1, most=_MOST_RUNNING),
        ),
        selection=_selection(reader, rules, outputs),
        readiness=_readiness(stability, evidence),
        evidence=rules,
    )
    if settings.safety.auto_execute and not settings.preset:
        reader.problem("auto_execute", "needs a preset: without one the folder makes no job")
    if settings.preset and not settings.output_directory:
        reader.problem("output_directory", "is required with a preset")
    problems = (*reader.problems, *stability.problems, *evidence.problems)
    if problems:
        raise MediaSettingsError(problems)
    return settings


def _directory(reader: "_Reader") -> str:
    path = reader.text("output_directory", "")
    if path and path_kind(path) is None:
        reader.problem("output_directory", f"must be an absolute path, got {quote(text=path)}")
    return path.rstrip("/") or path


def _selection(reader: "_Reader", evidence: EvidenceRules, outputs: tuple[str, ...]) -> SelectionRules:
    extensions = reader.texts("extensions", DEFAULT_EXTENSIONS)
    for extension in extensions:
        if extension.startswith(".") or extension != extension.casefold() or any(mark in extension for mark in "/*?["):
            reader.problem("extensions", f"takes extensions in lower case without dot, got {quote(text=extension)}")
        elif extension in RAW_EXTENSIONS:
            reader.problem("extensions", f"{extension} is never taken file by file: name its kind in clip_units")
    words = reader.texts("clip_units", ())
    for word in words:
        if word not in set(UnitKind):
            reader.problem("clip_units", f"takes {', '.join(UnitKind)}, got {quote(text=word)}")
    recursive = reader.flag("recursive", default=True)
    if words and not recursive:
        reader.problem("clip_units", "needs recursive = true: the files of a clip lie in folders of their own")
    return SelectionRules(
        extensions=extensions,
        recursive=recursive,
        hidden_files=reader.flag("hidden_files", default=False),
        exclude=reader.texts("exclude", ()),
        temporary=reader.texts("temporary", ()),
        outputs=outputs,
        units=frozenset(kind for kind in UnitKind if kind in words),
        marker_suffix=evidence.marker_suffix,
        folder_marker=evidence.folder_marker,
        lists=evidence.lists,
    )


def _readiness(stability: "_Reader", evidence: "_Reader") -> ReadinessRules:
    usual = ReadinessRules()
    word = evidence.text("require", Require.NONE)
    if word not in set(Require):
        evidence.problem("require", f"takes {', '.join(Require)}, got {quote(text=word)}")
    if word == Require.CHECKSUM and not evidence.flag("lists", default=True):
        evidence.problem("require", "checksum needs lists = true")
    return ReadinessRules(
        scans=stability.whole("scans", usual.scans, least=2, most=_MOST_SCANS),
        spacing_seconds=stability.seconds("spacing_seconds", usual.spacing_seconds),
        min_age_seconds=stability.seconds("min_age_seconds", usual.min_age_seconds),
        open_end_seconds=stability.seconds("open_end_seconds", usual.open_end_seconds),
        doubt_seconds=stability.seconds("doubt_seconds", usual.doubt_seconds),
        require=Require(word) if word in set(Require) else Require.NONE,
        verify_digests=evidence.flag("verify_digests", default=False),
        use_lease=evidence.flag("lease", default=True),
    )


def _evidence(evidence: "_Reader") -> EvidenceRules:
    usual = EvidenceRules()
    suffix = evidence.text("marker_suffix", usual.marker_suffix)
    marker = evidence.text("folder_marker", usual.folder_marker)
    for key, value in (("marker_suffix", suffix), ("folder_marker", marker)):
        if "/" in value:
            evidence.problem(key, f"must be part of a file name, got {quote(text=value)}")
    return EvidenceRules(marker_suffix=suffix, folder_marker=marker, lists=evidence.flag("lists", default=usual.lists))


class _Reader:
    """Reads the keys of one table. What it returns counts only when `problems` stays empty."""

    def __init__(self, table: Mapping[str, object], prefix: str, keys: frozenset[str]) -> None:
        self._table = table
        self._prefix = prefix
        self.problems: list[str] = []
        for key in sorted(set(table) - keys):
            self.problem(quote(text=key, limit=60), f"unknown key; there are {', '.join(sorted(keys))}")

    def problem(self, key: str, rule: str) -> None:
        self.problems.append(f"{self._prefix}{key}: {rule}")

    def table_at(self, key: str, keys: frozenset[str]) -> "_Reader":
        value = self._table.get(key, {})
        if not isinstance(value, Mapping):
            self.problem(key, f"expected a table, got {describe(value=value)}")
            value = {}
        return _Reader(value, f"{self._prefix}{key}.", keys)

    def text(self, key: str, usual: str) -> str:
        value = self._table.get(key, usual)
        if isinstance(value, str):
            return value
        self.problem(key, f"expected a string, got {describe(value=value)}")
        return usual

    def flag(self, key: str, *, default: bool) -> bool:
        value = self._table.get(key, default)
        if isinstance(value, bool):
            return value
        self.problem(key, f"expected true or false, got {describe(value=value)}")
        return default

    def whole(self, key: str, usual: int, *, least: int, most: int) -> int:
        value = self._table.get(key, usual)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.problem(key, f"expected a whole number from {least} to {most}, got {describe(value=value)}")
        return usual

    def seconds(self, key: str, usual: float) -> float:
        value = self._table.get(key, usual)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= _MOST_SECONDS:
            return float(value)
        self.problem(key, f"expected seconds, more than 0, at most {_MOST_SECONDS}, got {describe(value=value)}")
        return usual

    def texts(self, key: str, usual: tuple[str, ...]) -> tuple[str, ...]:
        value = self._table.get(key, usual)
        if isinstance(value, list | tuple) and all(isinstance(item, str) and item for item in value):
            return tuple(dict.fromkeys(value))
        self.problem(key, "expected a list of strings, none of them empty")
        return usual
