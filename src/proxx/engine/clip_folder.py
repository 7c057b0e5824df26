"""The files of a clip of several on this host's disk: listed by name, each with what the file system says. Blocks."""

import itertools
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass

from proxx.core.units import ClipUnit, UnitKind, may_be_part, recognise
from proxx.core.units.names import bare_stem, group_of, is_sidecar, kind_of, numbered_name
from proxx.core.units.unit_kind import FOLDER_KINDS, RAW_KINDS
from proxx.runtime.where import Where, held, listed

MOST_ENTRIES = 250_000
"""Most entries of a folder that is looked into: the most frames of one clip, and what lies beside them."""

_ALL_KINDS = frozenset(UnitKind)


class FolderTooLargeError(OSError):
    """A folder has more entries than are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFile:
    """One file of a clip: its name, its place, and what the file system says of it. A link is not followed."""

    name: str
    path: Where
    size_bytes: int
    mtime_ns: int
    inode: int
    mode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFolder:
    """The clips of several files that a folder holds, with paths relative to it (to the card, for P2)."""

    directory: Where
    units: tuple[ClipUnit, ...]


def is_part(*, path: Where) -> bool:
    """Return whether a file of this name may be one of a clip of several, so that its folder is to be listed."""
    return may_be_part(path=str(path), kinds=RAW_KINDS) and not is_sidecar(path=path.name)


def clips_of_folder(*, directory: Where) -> ClipFolder:
    """Return every clip of several files that lies in the directory itself.

    Raises:
        OSError: it cannot be listed, or has more than MOST_ENTRIES entries.
    """
    units, _ = recognise(paths=_names(directory), kinds=_ALL_KINDS, folder=directory.name)
    return ClipFolder(directory=directory, units=units)


def clip_of_file(*, path: Where) -> tuple[Where, ClipUnit] | None:
    """Return the clip that a file is part of, and the directory that its paths are relative to; None for no clip.

    Raises:
        OSError: its folder cannot be listed.
    """
    kind = kind_of(path=str(path), kinds=RAW_KINDS) if is_part(path=path) else None
    if kind is None:
        return None
    if kind is UnitKind.P2:
        directory = path.parent.parent.parent
        names = [f"{path.parent.parent.name}/{name}" for name in _card_names(path.parent.parent)]
        wanted = f"{path.parent.parent.name}/{path.parent.name}/{path.name}"
    else:
        directory, wanted = path.parent, path.name
        # Told by the first letters before any pattern is tried: a folder may hold the clips of a whole card.
        begins = _beginning(path.name)
        names = [name for name in _names(directory) if name.casefold().startswith(begins)]
    units, _ = recognise(paths=names, kinds=RAW_KINDS, folder=directory.name)
    group = group_of(path=wanted, kind=kind)
    found = next((unit for unit in units if group_of(path=unit.parts[0], kind=unit.kind) == group), None)
    return None if found is None else (directory, found)


def folder_clips(folder: ClipFolder) -> tuple[ClipUnit, ...]:
    """Return the clips of the folder that its name may stand for, if it is the only one."""
    return tuple(unit for unit in folder.units if unit.kind in FOLDER_KINDS)


def clip_folders(*, directory: Where) -> tuple[str, ...]:
    """Return the names of the folders of single R3D clips (`.RDC`) in a directory, sorted: those of a reel.

    Raises:
        OSError: it cannot be listed.
    """
    with listed(directory) as entries:
        named = [entry for entry in entries if entry.name.casefold().endswith(".rdc")]
        found = [entry.name for entry in named if _is_directory(directory, entry)]
    return tuple(sorted(found))


def standard_clips(*, directory: Where, folder: ClipFolder) -> tuple[ClipUnit, ...]:
    """Return the clips of standard codecs that a folder or the P2 card in it holds, by name.

    Raises:
        OSError: it cannot be listed.
    """
    named = (f"{directory.name}/{name}" for name in _names(directory))
    units = [*folder.units, *recognise(paths=named, kinds=frozenset({UnitKind.XDCAM}))[0]]
    cards = [directory] if directory.name.casefold() == "contents" else _subfolders(directory, "contents")
    for card in cards:
        units += recognise(paths=(f"{card.name}/{name}" for name in _card_names(card)), kinds=frozenset())[0]
    return tuple(units)


def look_at(*, directory: Where, names: tuple[str, ...]) -> tuple[ListedFile, ...]:
    """Return what the file system says of files, in the order given.

    Raises:
        OSError: one of them is gone, or cannot be looked at.
    """
    if not names:
        return ()
    # Held once, whatever number of frames there is; a P2 card has its files in folders.
    with held(directory / "any") as (descriptor, _):
        return tuple(_listed(name, _state(name, descriptor, directory), directory) for name in names)


def _state(name: str, descriptor: int | None, directory: Where) -> os.stat_result:
    if descriptor is None or "/" in name:
        return (directory / name).lstat()
    try:
        return os.stat(name, dir_fd=descriptor, follow_symlinks=False)
    except OSError as error:
        error.filename = str(directory / name)
        raise


def _listed(name: str, state: os.stat_result, directory: Where) -> ListedFile:
    return ListedFile(
        name=name,
        path=directory / name,
        size_bytes=state.st_size,
        mtime_ns=state.st_mtime_ns,
        inode=state.st_ino,
        mode=state.st_mode,
    )


def file_kind(file: ListedFile) -> str:
    """Return what a file is that is no regular one; empty for a regular one."""
    if stat.S_ISREG(file.mode):
        return ""
    if stat.S_ISLNK(file.mode):
        return "a symbolic link"
    return "a directory" if stat.S_ISDIR(file.mode) else "a special file"


def _names(directory: Where) -> Iterator[str]:
    with listed(directory) as entries:
        for number, entry in enumerate(entries):
            if number >= MOST_ENTRIES:
                raise FolderTooLargeError(
                    None,
                    f"its folder has more than {MOST_ENTRIES} entries; a clip has a folder of its own",
                    str(directory),
                )
            yield entry.name


def _card_names(card: Where) -> Iterator[str]:
    """Yield the files of picture and sound of a P2 card, relative to its CONTENTS."""
    for folder in (*_subfolders(card, "video"), *_subfolders(card, "audio")):
        for name in _names(folder):
            yield f"{folder.name}/{name}"


def _subfolders(directory: Where, name: str) -> list[Where]:
    """Return the folders of that name, in lower case, whatever case the disk spells it in."""
    with listed(directory) as entries:
        named = [entry for entry in entries if entry.name.casefold() == name]
        return [directory / entry.name for entry in named if _is_directory(directory, entry)]


def _is_directory(directory: Where, entry: "os.DirEntry[str]") -> bool:
    return entry.is_dir(follow_symlinks=False) or (entry.is_symlink() and (directory / entry.name).is_dir())


def _beginning(name: str) -> str:
    """Return ASCII letters that every file of the clip begins with, without letter case."""
    numbered = numbered_name(name=name)
    stem = name.rpartition(".")[0] if numbered is None else bare_stem(stem=numbered.stem)
    return "".join(itertools.takewhile(str.isascii, stem)).casefold()
