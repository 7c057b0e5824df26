"""What one scan saw of a file, and what successive scans of it add up to."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One regular file as one scan saw it.

    `path` is relative to the folder, with `/`, bytes that are no UTF-8 as surrogates. `size` and `allocated` are bytes;
    `allocated` is what the file system says that it keeps for the file. Times are nanoseconds of the file system.
    """

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    device: int
    inode: int
    allocated: int

    @property
    def name(self) -> str:
        """The file name."""
        return self.path.rpartition("/")[2]

    @property
    def form(self) -> tuple[int, int, int, int, int]:
        """What changes when the file does. The change time is in it: no copy tool can set that back."""
        return self.size, self.mtime_ns, self.ctime_ns, self.device, self.inode

    @property
    def content_form(self) -> tuple[int, int, int, int]:
        """The form without the change time, which a rename moves although no byte changes."""
        return self.size, self.mtime_ns, self.device, self.inode


def path_order(path: str) -> bytes:
    """Return the key by which paths are ordered: their bytes."""
    return path.encode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What the scans have seen of one path, up to its newest sighting.

    Times are seconds of the watcher's own monotonic clock. `steady_scans` counts the scans, each at least the spacing
    after the one before, that saw the present form, the first one included. `content_changed_at` leaves out changes of
    the change time alone, which permissions and links make too. `growth` is what the newest scan that saw
    a change found, in bytes, None when it was no change of size. `sample` is the digest of the content samples of the
    present form, empty before they were taken.
    """

    newest: Sighting
    first_seen: float
    changed_at: float
    content_changed_at: float
    counted_at: float
    seen_at: float
    steady_scans: int
    growth: int | None = None
    changed_by: str = ""
    sample: str = ""

    def quiet_seconds(self, *, now: float) -> float:
        """Return for how long no scan has seen a change."""
        return now - self.changed_at


def observe(*, before: History | None, sighting: Sighting, now: float, spacing_seconds: float) -> History:
    """Return the history with one more sighting. Scans that follow faster than the spacing are seen, not counted."""
    if before is None:
        return _begun(sighting, now, first_seen=now)
    if before.newest.form != sighting.form:
        return replace(
            _begun(sighting, now, first_seen=before.first_seen),
            content_changed_at=before.content_changed_at if _same_content(before.newest, sighting) else now,
            growth=_growth(before.newest, sighting),
            changed_by=_change(before.newest, sighting),
        )
    counted = now - before.counted_at >= spacing_seconds
    return replace(
        before,
        newest=sighting,
        seen_at=now,
        counted_at=now if counted else before.counted_at,
        steady_scans=before.steady_scans + (1 if counted else 0),
    )


def sampled(*, history: History, digest: str, now: float) -> History:
    """Return the history after its content samples were taken; other samples than before start it anew."""
    if not history.sample or history.sample == digest:
        return replace(history, sample=digest)
    begun = _begun(history.newest, now, first_seen=history.first_seen)
    return replace(begun, changed_by="its content changed while size and times stayed", sample=digest)


def disturbed(*, history: History, now: float, what: str) -> History:
    """Return the history after something between two scans proved that the file is still being changed."""
    begun = _begun(history.newest, now, first_seen=history.first_seen)
    return replace(begun, changed_by=what)


def _begun(sighting: Sighting, now: float, *, first_seen: float) -> History:
    return History(
        newest=sighting,
        first_seen=first_seen,
        changed_at=now,
        content_changed_at=now,
        counted_at=now,
        seen_at=now,
        steady_scans=1,
    )


def _same_content(before: Sighting, after: Sighting) -> bool:
    return before.content_form == after.content_form


def _growth(before: Sighting, after: Sighting) -> int | None:
    if before.inode != after.inode or before.device != after.device or before.size == after.size:
        return None
    return after.size - before.size


def _change(before: Sighting, after: Sighting) -> str:
    if before.inode != after.inode or before.device != after.device:
        return "another file took its place"
    if before.size != after.size:
        return "its size changed"
    if before.mtime_ns != after.mtime_ns:
        return "its modification time changed"
    return "its change time changed"
