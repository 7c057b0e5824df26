"""What pauses a folder, as a sentence for operators."""

from collections.abc import Awaitable

from proxx.core.quoting import quote
from proxx_watcher.app.ports import FolderTroubleError


async def trouble_in(work: Awaitable[None]) -> str:
    """Await a folder's pass. Returns why the folder pauses, "" where nothing is wrong with it."""
    try:
        await work
    except FolderTroubleError as error:
        return str(error)
    except OSError as error:
        return disk_sentence(error)
    return ""


def disk_sentence(error: OSError) -> str:
    """Return the system's own words and, where it names one, the path."""
    said = error.strerror or str(error)
    where = f": {quote(text=str(error.filename))}" if error.filename is not None else ""
    return f"the disk says {said}{where}"
