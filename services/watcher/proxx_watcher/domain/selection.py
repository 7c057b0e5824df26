"""Which names of a folder are footage, and what the others are for: by names alone, nothing is opened."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import translate

from proxx.core.presets.category_presets import DuplicatesPreset, ExclusionsPreset
from proxx.core.presets.selection import SourceFile, select_sources
from proxx.core.staging import STAGING_DIRECTORY
from proxx.core.units import UnitKind, may_be_part
from proxx_watcher.domain.checksum_list import is_checksum_list
from proxx_watcher.domain.folder_settings import DEFAULT_EXTENSIONS

_TEMPORARY_SUFFIXES = (
    *(".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".download", ".opdownload", ".aria2", ".!qb"),
    *(".!ut", ".bc!", ".swp", ".lock", ".copying", ".incomplete", ".inprogress", ".unfinished", ".fcptemp", "~"),
)
_TEMPORARY_PREFIXES = ("~$", ".~", ".smbdelete", ".fuse_hidden", ".nfs")
_RSYNC = re.compile(r"\..+\.[A-Za-z0-9]{6}")
_FOREIGN_DIRECTORIES = frozenset(
    {"$recycle.bin", "system volume information", "lost+found", "@eadir", "#recycle", "#snapshot", "__macosx"}
)
_NO_SIZE_RULE = 2**62


class Interest(StrEnum):
    """What a file is to the watcher."""

    MEDIA = "MEDIA"
    PART = "PART"
    TEMPORARY = "TEMPORARY"
    MARKER = "MARKER"
    LIST = "LIST"
    NONE = "NONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionRules:
    """The selection of a folder. Extensions are in lower case without their dot; patterns are globs.

    `exclude` is matched against the file name and the path below the folder, `temporary` against the name, both without
    letter case. `outputs` are directories below the folder that hold the folder's own proxies.
    """

    extensions: tuple[str, ...] = DEFAULT_EXTENSIONS
    recursive: bool = True
    hidden_files: bool = False
    exclude: tuple[str, ...] = ()
    temporary: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    units: frozenset[UnitKind] = frozenset()
    marker_suffix: str = ".done"
    folder_marker: str = ""
    lists: bool = True


class Selector:
    """The rules, compiled once."""

    def __init__(self, rules: SelectionRules) -> None:
        """Take the rules; patterns that are no globs do not exist (fnmatch takes every text)."""
        self._rules = rules
        self._extensions = frozenset(extension.casefold() for extension in rules.extensions)
        self._exclude = [_matcher(pattern) for pattern in rules.exclude]
        self._temporary = [_matcher(pattern) for pattern in rules.temporary]
        self._folder_marker = rules.folder_marker.casefold()

    def interest(self, *, path: str) -> Interest:
        """Return what the file at `path`, relative to the folder, is to the watcher."""
        name = path.rpartition("/")[2]
        if self._is_temporary(name):
            return Interest.TEMPORARY
        if self._folder_marker and name.casefold() == self._folder_marker:
            return Interest.MARKER
        if self._rules.marker_suffix and name.endswith(self._rules.marker_suffix):
            return Interest.MARKER
        if name.startswith(".") and (not self._rules.hidden_files or name.startswith("._")):
            return Interest.NONE
        if self._rules.lists and is_checksum_list(name=name):
            return Interest.LIST
        if any(matches(name) or matches(path) for matches in self._exclude):
            return Interest.NONE
        if may_be_part(path=path, kinds=self._rules.units):
            return Interest.PART
        stem, dot, extension = name.rpartition(".")
        return Interest.MEDIA if stem and dot and extension.casefold() in self._extensions else Interest.NONE

    def descends(self, *, path: str) -> bool:
        """Return whether the directory at `path`, relative to the folder, is looked into."""
        name = path.rpartition("/")[2]
        if not self._rules.recursive:
            return name == "ascmhl" and self._rules.lists
        if name == STAGING_DIRECTORY or path in self._rules.outputs or name.casefold() in _FOREIGN_DIRECTORIES:
            return False
        if name.startswith(".") and not self._rules.hidden_files:
            return False
        return not any(matches(name) or matches(path) for matches in self._exclude)

    def _is_temporary(self, name: str) -> bool:
        folded = name.casefold()
        if folded.endswith(_TEMPORARY_SUFFIXES) or folded.startswith(_TEMPORARY_PREFIXES):
            return True
        if _RSYNC.fullmatch(name) is not None and not name.startswith("._"):
            return name.count(".") > 2 or not self._takes(name)
        return any(matches(name) for matches in self._temporary)

    def _takes(self, name: str) -> bool:
        return name.rpartition(".")[2].casefold() in self._extensions


def excluded_by_preset(*, name: str, exclusions: ExclusionsPreset, duplicates: DuplicatesPreset) -> str:
    """Return the rule of a preset by which a file of this name is left out; empty when none does.

    Rules about sizes are left to the time when the size is final.
    """
    found = select_sources(
        exclusions=exclusions, duplicates=duplicates, sources=(SourceFile(path=f"/{name}", size_bytes=_NO_SIZE_RULE),)
    )
    return f"{found.excluded[0].rule} ({found.excluded[0].file}: {found.excluded[0].key})" if found.excluded else ""


def temporary_origin(*, temporary: str, final: str) -> bool:
    """Return whether a tool would rename `temporary` to `final`: after its marks it begins with the final stem."""
    stem = final.rpartition(".")[0].casefold()
    begins = temporary.casefold().lstrip(".~$")
    return bool(stem) and begins.startswith(stem) and not begins[len(stem) : len(stem) + 1].isalnum()


def _matcher(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(translate(_folded(pattern)))
    return lambda text: compiled.match(_folded(text)) is not None


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
