"""Before anything is done in a folder: it is the right directory, and this process alone works on it."""

from typing import Protocol

from proxx_watcher.app.ports import FolderLock, FolderTroubleError, Ledger
from proxx_watcher.domain.root_identity import RootIdentity, why_not_this_root

ROOT_KEY = "root"
_CONFIRM = "; `{reset} --accept-folder` confirms that this is the folder"


class Root(Protocol):
    """Where the folder's own directory can be looked at."""

    async def identity(self) -> RootIdentity | None:
        """Return which directory stands at the folder's path; None when none does."""
        ...


class FolderGuard:
    """Asked at the begin of every pass. What it knows of the folder survives a restart in the ledger."""

    def __init__(self, *, root: Root, lock: FolderLock, ledger: Ledger, reset: str = "proxx watch reset DIR") -> None:
        """Take the folder's directory, its lock and its ledger; `reset` is the command that an operator would type."""
        self._root = root
        self._lock = lock
        self._ledger = ledger
        self._reset = reset
        self._was_gone = False

    async def check(self) -> bool:
        """Return when the folder may be worked on: whether its lock was taken and its ledger read just now.

        Raises:
            FolderTroubleError: it may not; the text is the fact. OSError: it cannot be looked at.
        """
        seen = await self._root.identity()
        recorded = _recorded(self._ledger)
        marker = seen is not None and await self._lock.seen()
        trouble = why_not_this_root(recorded=recorded, seen=seen, marker_seen=marker, was_gone=self._was_gone)
        if seen is None or trouble is not None:
            self._was_gone = self._was_gone or seen is None
            await self._lock.drop()
            raise FolderTroubleError(f"{trouble}{_CONFIRM.format(reset=self._reset) if seen is not None else ''}")
        taken = await self._lock.hold()
        if taken:
            await self._ledger.read()
        self._was_gone = False
        if seen != _recorded(self._ledger):
            await self._ledger.put(key=ROOT_KEY, record={"device": seen.device, "inode": seen.inode})
        return taken


def _recorded(ledger: Ledger) -> RootIdentity | None:
    record = ledger.records().get(ROOT_KEY, {})
    device, inode = record.get("device"), record.get("inode")
    if type(device) is not int or type(inode) is not int:
        return None
    return RootIdentity(device=device, inode=inode)
