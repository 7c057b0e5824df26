"""How a JobSpec folder stands, as one value: what metrics, logs, the command line and the console show. Pure."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from proxx.core.jobs import JobState
from proxx.core.quoting import quote
from proxx.core.watch_folders import (
    ENTRY_LIMIT,
    EntryCount,
    EntryState,
    FolderEntry,
    FolderState,
    WatchFolder,
)
from proxx_watcher.app.reach import Reach
from proxx_watcher.app.spec_records import SpecRecords
from proxx_watcher.app.spec_state import Candidate, SpecState
from proxx_watcher.domain.folder_settings import FolderSettings
from proxx_watcher.domain.spec_places import SHOWN_CHARACTERS, places_of, shown_path
from proxx_watcher.domain.spec_rules import Step

_ORDER = {state: number for number, state in enumerate(EntryState)}
_WAITS = frozenset({EntryState.WAITING, EntryState.READY})
_JOB_POLL_SECONDS = 0.5
_ASK_SECONDS = 0.1
"""How soon the rest of a long backlog is asked for."""


def spec_folder_view(
    *,
    settings: FolderSettings,
    state: SpecState,
    records: SpecRecords,
    trouble: str,
    remark: str,
    monotonic: float,
    scan_end: datetime | None,
    scan_seconds: float | None,
) -> WatchFolder:
    """Return the folder as it stands. `trouble` pauses it, `remark` is what else an operator should know."""
    entries = sorted(_entries(settings, state), key=lambda entry: (_ORDER[entry.state], entry.since_time, entry.path))
    counts = Counter(entry.state for entry in entries)
    for outcome, count in records.counts().items():
        counts[EntryState.DONE if outcome is JobState.COMPLETED else EntryState.FAILED] += count
    waiting = [item.history.first_seen for item in state.candidates.values() if item.state in _WAITS]
    shown = [*entries, *_ended(settings, records)][:ENTRY_LIMIT]
    return WatchFolder(
        name=settings.name,
        path=quote(text=str(settings.path), limit=SHOWN_CHARACTERS)[1:-1],
        layout=settings.layout.value,
        state=FolderState.PAUSED if trouble else FolderState.WATCHING,
        reason=trouble or remark,
        counts=tuple(EntryCount(state=key, count=counts[key]) for key in EntryState if counts[key]),
        oldest_wait_seconds=monotonic - min(waiting) if waiting else None,
        last_scan_time=scan_end,
        last_scan_seconds=scan_seconds,
        entries=tuple(shown),
        entries_truncated=sum(counts.values()) > len(shown),
    )


def is_busy(state: SpecState) -> bool:
    """Whether something in the folder comes to an end without an operator."""
    if any(live.goes_on for live in state.live.values()):
        return True
    if any(item.sha256 and not item.held for item in state.leftovers.values()):
        return True
    return any(item.settles and item.step is not Step.SKIP for item in _loose(state))


def look_again(*, settings: FolderSettings, state: SpecState, reach: Reach, now: float) -> float | None:
    """Return after how many seconds the folder should be looked at again, None for the ordinary interval."""
    wishes = []
    for item in _loose(state):
        if item.read_form is None and item.settles:
            wishes.append(max(0.0, item.history.counted_at + settings.timing.still_seconds - now))
        elif item.violations and item.step is None:
            left = settings.timing.quiet_seconds - item.history.quiet_seconds(now=now)
            wishes += [left] if left > 0 else []
        elif item.step is Step.ASK and item.next_ask <= now and reach.gone_since is None:
            wishes.append(_ASK_SECONDS)
    if reach.gone_since is not None:
        wishes.append(reach.wait_seconds)
    elif state.live:
        wishes.append(_JOB_POLL_SECONDS)
    return max(0.01, min(wishes)) if wishes else None


def _loose(state: SpecState) -> list[Candidate]:
    return [item for item in state.candidates.values() if item.step is not Step.FOLLOW]


def _entries(settings: FolderSettings, state: SpecState) -> Iterable[FolderEntry]:
    places = places_of(layout=settings.layout)
    for item in _loose(state):
        yield FolderEntry(
            path=shown_path(places.inbox, item.name),
            state=item.state,
            since_time=item.since,
            reason=item.reason,
            evidence=settings.evidence if item.sha256 else "",
        )
    for live in state.live.values():
        yield FolderEntry(
            path=shown_path(places.work, live.record.name),
            state=live.state,
            since_time=live.since,
            reason=live.reason,
            evidence=settings.evidence,
            job_key=live.record.job_key,
        )
    for leftover in state.leftovers.values():
        yield FolderEntry(
            path=shown_path(places.work, leftover.name),
            state=EntryState.RECOVERY_REQUIRED,
            since_time=leftover.since,
            reason=leftover.reason,
        )
    for name, odd in state.odd.items():
        yield FolderEntry(
            path=shown_path(places.inbox, name), state=EntryState.REFUSED, since_time=odd.since, reason=odd.reason
        )


def _ended(settings: FolderSettings, records: SpecRecords) -> Iterable[FolderEntry]:
    """The newest records that are done with, newest first."""
    places = places_of(layout=settings.layout)
    for record in records.newest_delivered(ENTRY_LIMIT):
        yield FolderEntry(
            path=shown_path(places.filed(outcome=record.outcome or JobState.FAILED), record.name),
            state=EntryState.DONE if record.outcome is JobState.COMPLETED else EntryState.FAILED,
            since_time=record.since,
            reason=record.reason or str(record.outcome),
            job_key=record.job_key,
        )
