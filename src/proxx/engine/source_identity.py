"""Which bytes a source has, be it one file or a clip of several: read by every step that reads it, before and after."""

import hashlib
import unicodedata
from collections.abc import Sequence

from proxx.core.facts import PartIdentity, SourceIdentity
from proxx.core.roots import RootPath
from proxx.core.units import ClipUnit, media_count, part_runs
from proxx.engine.clip_folder import (
    ListedFile,
    clip_of_file,
    clips_of_folder,
    file_kind,
    folder_clips,
    is_part,
    look_at,
)
from proxx.engine.identity import identity_difference, read_identity
from proxx.runtime.where import Where


def read_source_identity(*, path: Where, source: RootPath) -> SourceIdentity:
    """Return the identity of the source at `path`, known as `source`: a file, or a clip of several that it names.

    Says what is there, sound or not: a part that is gone is in none of its parts. Blocks for two reads of 1 MiB for
    each of at most MOST_PARTS + 1 files, and for one look at every other file.

    Raises:
        OSError: it cannot be read, is no regular file, or a folder that stands for no one clip.
    """
    if path.is_dir():
        clips = folder_clips(clips_of_folder(directory=path))
        if len(clips) != 1:
            raise OSError(None, f"is a directory of {len(clips)} clips", str(path))
        return unit_identity(directory=path, unit=clips[0], source=source, base=source)
    found = clip_of_file(path=path) if is_part(path=path) else None
    if found is None or len(found[1].files) == 1:
        return read_identity(path=path, source=source)
    directory, unit = found
    return unit_identity(directory=directory, unit=unit, source=source, base=source.parent())


def unit_identity(*, directory: Where, unit: ClipUnit, source: RootPath, base: RootPath) -> SourceIdentity:
    """Return the identity of a clip whose names are relative to `directory`, which is `base` to the job.

    Raises:
        OSError: a file of it cannot be read, or is no regular file.
    """
    media = look_at(directory=directory, names=unit.parts)
    beside = look_at(directory=directory, names=unit.sidecars)
    return listed_identity(media=media, sidecars=beside, source=source, base=base)


def listed_identity(
    *, media: Sequence[ListedFile], sidecars: Sequence[ListedFile], source: RootPath, base: RootPath
) -> SourceIdentity:
    """Return the identity of a clip from its listed files, in clip order.

    Raises:
        OSError: a file of it cannot be read, or is no regular file.
        ValueError: there is no media file.
    """
    parts = [
        _run(media[start : start + count], base) if count > 1 else _part(media[start], base, sidecar=False)
        for start, count in part_runs(count=len(media))
    ]
    parts += [_part(file, base, sidecar=True) for file in sidecars]
    edges = hashlib.sha256("".join(f"{part.edge_sha256}\n" for part in parts).encode())
    return SourceIdentity(
        path=source.path,
        size_bytes=sum(part.size_bytes for part in parts),
        mtime_ns=max(part.mtime_ns for part in parts),
        inode=parts[0].inode,
        edge_sha256=edges.hexdigest(),
        parts=tuple(parts),
    )


def source_difference(*, expected: SourceIdentity, actual: SourceIdentity) -> str | None:
    """Return what differs between two identities of one source, one sentence that names the part, or None."""
    if not expected.parts or not actual.parts:
        return identity_difference(expected=expected, actual=actual)
    before = {_composed(part.path): part for part in expected.parts}
    after = {_composed(part.path): part for part in actual.parts}
    if _shape(expected) != _shape(actual) and (_has_runs(expected) or _has_runs(actual)):
        # Runs begin elsewhere when a file comes or goes, so their names say nothing.
        before_count, after_count = media_count(identity=expected), media_count(identity=actual)
        if before_count == after_count:
            return f"its {before_count} frames are other files, or are numbered otherwise"
        return f"it had {before_count} frames, and has {after_count}"
    if _shape(expected) != _shape(actual):
        gone = next((path for path in before if path not in after), None)
        if gone is not None:
            return f"its part {_name(gone)} is gone"
        new = next((path for path in after if path not in before), None)
        if new is not None:
            return f"its part {_name(new)} was not there"
        return "its parts come in another order"
    for path, part in before.items():
        difference = identity_difference(expected=_alone(part), actual=_alone(after[path]))
        if difference is not None and part.run_length and part.edge_sha256 != after[path].edge_sha256:
            difference = "a name, size, time or inode of them is another, or the ends of the first"
        if difference is not None:
            return f"{_said(part)}: {difference}"
    return identity_difference(expected=expected, actual=actual)


def _part(file: ListedFile, base: RootPath, *, sidecar: bool) -> PartIdentity:
    _refuse_special(file)
    found = read_identity(path=file.path, source=base.child(file.name), follow_links=False)
    return PartIdentity(
        path=found.path,
        size_bytes=found.size_bytes,
        mtime_ns=found.mtime_ns,
        inode=found.inode,
        edge_sha256=found.edge_sha256,
        sidecar=sidecar,
    )


def _run(files: Sequence[ListedFile], base: RootPath) -> PartIdentity:
    listed = hashlib.sha256()
    for file in files:
        _refuse_special(file)
        line = f"{_composed(file.name)}\0{file.size_bytes}\0{file.mtime_ns}\0{file.inode}\n"
        listed.update(line.encode("utf-8", "surrogateescape"))
    first = read_identity(path=files[0].path, source=base.child(files[0].name), follow_links=False)
    listed.update(first.edge_sha256.encode())
    return PartIdentity(
        path=first.path,
        size_bytes=sum(file.size_bytes for file in files),
        mtime_ns=max(file.mtime_ns for file in files),
        inode=first.inode,
        edge_sha256=listed.hexdigest(),
        run_length=len(files),
    )


def _refuse_special(file: ListedFile) -> None:
    kind = file_kind(file)
    if kind:
        raise OSError(None, f"{file.name} is {kind}, not a regular file", str(file.path))


def _shape(identity: SourceIdentity) -> list[tuple[str, int, bool]]:
    return [(_composed(part.path), part.run_length, part.sidecar) for part in identity.parts]


def _has_runs(identity: SourceIdentity) -> bool:
    return any(part.run_length for part in identity.parts)


def _alone(part: PartIdentity) -> SourceIdentity:
    return SourceIdentity(
        path=_composed(part.path),
        size_bytes=part.size_bytes,
        mtime_ns=part.mtime_ns,
        inode=part.inode,
        edge_sha256=part.edge_sha256,
    )


def _composed(name: str) -> str:
    """Return a name as every host spells it: macOS lists composed characters taken apart, for the same file."""
    return unicodedata.normalize("NFC", name)


def _said(part: PartIdentity) -> str:
    name = _name(part.path)
    return f"of the {part.run_length} files from {name} on" if part.run_length else f"of its part {name}"


def _name(path: str) -> str:
    return path.rpartition("/")[2]
