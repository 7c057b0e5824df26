"""The files of a clip as Resolve is to be given them."""

from proxx.core.facts import SourceIdentity
from proxx.core.roots import RootPath
from proxx.core.units.names import kind_of
from proxx.core.units.unit_kind import SEQUENCE_KINDS
from proxx.engine.mounts import MountTable
from proxx.engine.source_check import source_files
from proxx_resolve_executor.host_port import Media


def local_media(*, mounts: MountTable, source: RootPath, identity: SourceIdentity) -> Media:
    """Return the clip's media files on this host, in clip order, and whether each is one frame of it.

    Raises:
        StepFailedError: SOURCE_UNREADABLE, a file that this host does not reach.
    """
    files = source_files(mounts=mounts, source=source, identity=identity)
    sequence = bool(identity.parts) and kind_of(path=files[0].name, kinds=SEQUENCE_KINDS) in SEQUENCE_KINDS
    return Media(files=files, sequence=sequence)
