"""What keeps the files of a clip from being taken as one source: one fact, and the code of its violation."""

from collections.abc import Sequence
from dataclasses import dataclass

from proxx.core.quoting import quote
from proxx.core.units.clip_unit import ClipUnit
from proxx.core.units.unit_kind import FOLDER_KINDS, UnitKind
from proxx.core.violation import ViolationCode

_NAMES_SHOWN = 5
_NAME_CHARACTERS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFault:
    """The code, one clause that goes on from the source's path, and the two sides of the comparison."""

    code: ViolationCode
    clause: str
    expected: str
    actual: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFile:
    """One file of a clip on disk: its name, its size, and what it is where it is no regular file."""

    name: str
    size_bytes: int
    special: str = ""


def name_fault(*, unit: ClipUnit, named: str) -> UnitFault | None:
    """Return why a source that names `named` (empty: the folder) cannot stand for the unit, by names alone."""
    if unit.refusal:
        return _unit(f"is a clip that cannot be taken: {unit.refusal}", "one whole clip", unit.refusal)
    foreign = next((name for name in unit.files if not _is_text(name)), None)
    if foreign is not None:
        clause = f"is a clip of which {_quoted(foreign)} is no name in UTF-8; rename its files"
        return _unit(clause, "file names in UTF-8", _quoted(foreign))
    if unit.missing:
        return _unit(f"is a clip that is not whole: {unit.missing}", "every file of the clip", unit.missing)
    if named and named != unit.source:
        first = _quoted(unit.source)
        folder = " or its folder" if unit.kind in FOLDER_KINDS else ""
        return _unit(f"is a later file of its clip; name its first, {first},{folder} instead", unit.source, named)
    return None


def file_fault(*, unit: ClipUnit, media: Sequence[UnitFile], sidecars: Sequence[UnitFile]) -> UnitFault | None:
    """Return what is wrong with the files of the unit on disk: links and the like, empty files, frames of two sizes.

    An empty sidecar is no fault.
    """
    for file in (*media, *sidecars):
        if file.special:
            return special_fault(name=file.name, special=file.special)
    empty = next((file for file in media if file.size_bytes == 0), None)
    if empty is not None:
        return UnitFault(
            code=ViolationCode.SOURCE_EMPTY,
            clause=f"is a clip of which {_quoted(empty.name)} is empty (0 bytes)",
            expected="a file with content",
            actual="0 bytes",
        )
    if unit.kind is not UnitKind.ARRIRAW:
        return None
    other = next((file for file in media if file.size_bytes != media[0].size_bytes), None)
    if other is None:
        return None
    first = media[0].size_bytes
    clause = (
        f"is a clip of which {_quoted(other.name)} has {other.size_bytes} bytes among frames of {first}; frames of one"
        " ARRIRAW clip are of one size"
    )
    return _unit(clause, f"{first} bytes", f"{other.size_bytes} bytes")


def special_fault(*, name: str, special: str) -> UnitFault:
    """Return the refusal of a clip of which a file is no regular one, by its name and what it is instead."""
    clause = f"is a clip of which {_quoted(name)} is {special}; every file of a clip is a regular file"
    return _unit(clause, "a regular file", special)


def several_fault(*, names: Sequence[str]) -> UnitFault:
    """Return the refusal of a folder that holds clips beside each other, or in folders of their own, by their names."""
    listed = ", ".join(_quoted(name) for name in names[:_NAMES_SHOWN])
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    count = "1 clip" if len(names) == 1 else f"{len(names)} clips"
    clause = f"is a folder that holds {count}: {listed}{more}; name each as a source of its own"
    return _unit(clause, "the folder of one clip", count)


def _unit(clause: str, expected: str, actual: str) -> UnitFault:
    return UnitFault(code=ViolationCode.SOURCE_UNIT, clause=clause, expected=expected, actual=actual)


def _is_text(name: str) -> bool:
    """Whether a name is text: its identity travels as protobuf strings, which hold no bytes that are not UTF-8."""
    return not any("\ud800" <= character <= "\udfff" for character in name)


def _quoted(name: str) -> str:
    return quote(text=name.rpartition("/")[2], limit=_NAME_CHARACTERS)
