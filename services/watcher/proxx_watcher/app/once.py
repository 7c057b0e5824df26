"""When a single look at a folder is over."""

from datetime import datetime

from proxx.core.watch_folders import FolderState
from proxx_watcher.app.ports import PassOutcome

PATIENCE_SECONDS = 60.0
"""How long a single look waits for a scheduler that does not answer."""


def once_is_over(*, outcome: PassOutcome, gone_since: datetime | None, now: datetime) -> bool:
    """Return whether nothing more is to be waited for. `gone_since` is when the scheduler was heard of last."""
    if not outcome.busy or outcome.folder.state is FolderState.PAUSED:
        return True
    if gone_since is None or not outcome.waits_for_server:
        return False
    return (now - gone_since).total_seconds() > PATIENCE_SECONDS
