"""Whether a source still is what was probed: compared before and after it is read."""

import asyncio
from pathlib import Path

from proxx.core.facts import SourceIdentity
from proxx.core.failure import FailureKind
from proxx.core.roots import RootPath
from proxx.core.units import media_files
from proxx.engine.errors import failed
from proxx.engine.mounts import MountError, MountTable, mount_failure
from proxx.engine.source_identity import read_source_identity, source_difference


async def check_source(*, mounts: MountTable, source: RootPath, identity: SourceIdentity, during: str) -> None:
    """Compare the source, with every file of a clip of several, with what was probed. `during` says when, for the
    sentence of a failure.

    Raises:
        StepFailedError: SOURCE_UNREADABLE or SOURCE_CHANGED; the message names the source, and the part that differs.
    """
    try:
        path = mounts.rooted(source)
        mounts.local(source)
    except MountError as error:
        raise mount_failure(error, FailureKind.SOURCE_UNREADABLE) from error
    try:
        found = await asyncio.to_thread(read_source_identity, path=path, source=source)
    except OSError as error:
        raise failed(FailureKind.SOURCE_UNREADABLE, f"cannot read {path} {during}: {error.strerror}") from error
    if (difference := source_difference(expected=identity, actual=found)) is not None:
        raise failed(FailureKind.SOURCE_CHANGED, f"{path} is not what was probed, seen {during}: {difference}")


def source_files(*, mounts: MountTable, source: RootPath, identity: SourceIdentity) -> tuple[Path, ...]:
    """Return the media files of the source on this host, in clip order, without its sidecars.

    Raises:
        StepFailedError: SOURCE_UNREADABLE, a file that this host does not reach.
    """
    first, *others = media_files(identity=identity) if identity.parts else (source.path,)
    try:
        local = mounts.local(RootPath(root=source.root, path=first))
    except MountError as error:
        raise mount_failure(error, FailureKind.SOURCE_UNREADABLE) from error
    # The other files lie beside the first: a clip of several has one folder.
    return (local, *(local.with_name(path.rpartition("/")[2]) for path in others))
