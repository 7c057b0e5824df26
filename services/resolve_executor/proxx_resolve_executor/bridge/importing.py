"""One clip brought into the open project, once and whole."""

from collections.abc import Mapping

from proxx.core.quoting import quote
from proxx_resolve_executor.bridge.remote import Remote
from proxx_resolve_executor.bridge.sequence import frame_pattern
from proxx_resolve_executor.host_port import Media
from proxx_resolve_executor.resolve_error import ImportRefusedError


async def import_media(*, remote: Remote, media: Media) -> Mapping[str, str]:
    """Import the clip and return its properties.

    Raises:
        ImportRefusedError: Resolve makes no clip of it, or more than one.
        ChildError: Resolve does not answer.
    """
    if not media.files:
        raise ImportRefusedError("a clip without a file")
    head = media.files[0]
    if media.sequence:
        frames = frame_pattern(files=media.files)
        count = await remote.import_sequence(pattern=frames.pattern, first=frames.first, last=frames.last)
    else:
        count = await remote.import_file(path=str(head))
    name = quote(text=head.name)
    if count == 0:
        raise ImportRefusedError(f"Resolve does not read {name}")
    if count > 1:
        raise ImportRefusedError(f"Resolve makes {count} clips of {name}; expected one")
    return await remote.clip_properties()
