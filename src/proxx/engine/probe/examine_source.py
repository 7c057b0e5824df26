"""A source on disk: one file, or a clip of several that its folder or first file names. Blocks; run it in a thread."""

import unicodedata
from dataclasses import replace

from proxx.core.detection import DEFAULT_SOURCE_MATRIX
from proxx.core.quoting import quote
from proxx.core.roots import RootPath
from proxx.core.units import ClipUnit, UnitKind
from proxx.core.units.unit_fault import name_fault, several_fault, special_fault
from proxx.core.units.unit_kind import FOLDER_KINDS
from proxx.engine.clip_folder import (
    clip_folders,
    clip_of_file,
    clips_of_folder,
    folder_clips,
    is_part,
    standard_clips,
)
from proxx.engine.probe.clip_source import ClipSource, cut_braw, examine_clip
from proxx.engine.probe.source_file import ExaminedFile, examine_file, refuse_unit, unreadable
from proxx.runtime.where import Where


def examine_source(
    *, path: Where, source: RootPath, clip_index: int, source_matrix: int = DEFAULT_SOURCE_MATRIX
) -> ExaminedFile:
    """Return identity and detection of the source at `path`. Folders are listed only where their clip may be named."""
    if "\x00" in str(path):
        return examine_file(path=path, source=source, clip_index=clip_index, source_matrix=source_matrix)
    try:
        if path.is_dir():
            return _folder(path, source, clip_index, source_matrix)
        found = clip_of_file(path=path) if is_part(path=path) and path.is_file() else None
        if found is None:
            return examine_file(path=path, source=source, clip_index=clip_index, source_matrix=source_matrix)
        directory, unit = found
        return _part(path, source, clip_index, source_matrix, directory=directory, unit=unit)
    except OSError as error:
        return unreadable(clip_index=clip_index, path=path, error=error)


def _part(
    path: Where, source: RootPath, clip_index: int, source_matrix: int, *, directory: Where, unit: ClipUnit
) -> ExaminedFile:
    """Examine a file that is one of a clip, alone or with others."""
    alone = len(unit.files) == 1
    # A numbered DNG alone is a still, which its own bytes say better than a missing frame; a P2 clip without sound is
    # its one file.
    itself = alone and unit.kind in (UnitKind.CINEMADNG, UnitKind.P2)
    fault = None if itself else name_fault(unit=unit, named=_named(path, unit))
    if fault is not None:
        return refuse_unit(clip_index=clip_index, path=path, fault=fault)
    if not alone:
        clip = ClipSource(
            directory=directory,
            unit=unit,
            path=path,
            source=source,
            base=source.parent(),
            clip_index=clip_index,
            source_matrix=source_matrix,
        )
        return examine_clip(clip=clip)
    if unit.kind in FOLDER_KINDS and path.is_symlink():
        # The other files of its clip would lie beside what it leads to.
        fault = special_fault(name=path.name, special="a symbolic link")
        return refuse_unit(clip_index=clip_index, path=path, fault=fault)
    examined = examine_file(path=path, source=source, clip_index=clip_index, source_matrix=source_matrix)
    if unit.kind is not UnitKind.BRAW or examined.detection is None or examined.identity is None:
        return examined
    size = examined.identity.size_bytes
    return replace(
        examined, detection=cut_braw(detection=examined.detection, reading=examined.reading, size_bytes=size)
    )


def _folder(path: Where, source: RootPath, clip_index: int, source_matrix: int) -> ExaminedFile:
    """Examine a folder: the one clip that it holds, or why it stands for none."""
    folder = clips_of_folder(directory=path)
    units = folder_clips(folder)
    inside = clip_folders(directory=path) if not units else ()
    if len(units) + len(inside) == 0:
        note = _standard(standard_clips(directory=path, folder=folder))
        return examine_file(path=path, source=source, clip_index=clip_index, source_matrix=source_matrix, note=note)
    if len(units) != 1:
        names = [_listed_name(unit) for unit in units] or list(inside)
        return refuse_unit(clip_index=clip_index, path=path, fault=several_fault(names=names))
    fault = name_fault(unit=units[0], named="")
    if fault is not None:
        return refuse_unit(clip_index=clip_index, path=path, fault=fault)
    clip = ClipSource(
        directory=path,
        unit=units[0],
        path=path,
        source=source,
        base=source,
        clip_index=clip_index,
        source_matrix=source_matrix,
    )
    return examine_clip(clip=clip)


def _named(path: Where, unit: ClipUnit) -> str:
    """Return the file that a source names as the unit spells it.

    A P2 card has its files in folders, and macOS lists composed characters taken apart.
    """
    name = unicodedata.normalize("NFC", path.name)
    same = (part for part in unit.parts if unicodedata.normalize("NFC", part.rpartition("/")[2]) == name)
    return next(same, path.name)


def _listed_name(unit: ClipUnit) -> str:
    return unit.parts[0] if unit.parts else unit.path


def _standard(units: tuple[ClipUnit, ...]) -> str:
    """Say what a folder without a clip that it could stand for holds all the same."""
    if not units:
        return ""
    first = units[0]
    name = quote(text=first.parts[0].rpartition("/")[2], limit=120)
    said = first.refusal or "its media file is the whole clip; submit that file as the source"
    more = f" (and {len(units) - 1} more like it)" if len(units) > 1 else ""
    return f"; it holds {name}, {first.kind}{more}: {said}"
