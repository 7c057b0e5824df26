"""How a media folder stands, as one value: what metrics, logs, the command line and the console show. Pure."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from proxx.core.jobs import JobState
from proxx.core.watch_folders import (
    ENTRY_LIMIT,
    EntryCount,
    EntryState,
    FolderEntry,
    FolderState,
    WatchFolder,
)
from proxx_watcher.app.media_records import MediaRecords
from proxx_watcher.app.media_state import MediaClip, MediaState
from proxx_watcher.domain.folder_settings import FolderSettings
from proxx_watcher.domain.media_record import MediaRecord
from proxx_watcher.domain.spec_places import shown_path

_ORDER = {state: number for number, state in enumerate(EntryState)}
_WAITS = frozenset({EntryState.WAITING, EntryState.READY})
_GOES_ON = frozenset({EntryState.SUBMITTED, EntryState.RUNNING})
_JOB_POLL_SECONDS = 2.0
_READ_POLL_SECONDS = 1.0
_SHOWN_RECORDS = 50
_SHOWN_REFUSED = 50


def media_folder_view(
    *,
    settings: FolderSettings,
    state: MediaState,
    records: MediaRecords,
    trouble: str,
    remark: str,
    monotonic: float,
    scan_end: datetime | None,
    scan_seconds: float | None,
) -> WatchFolder:
    """Return the folder as it stands. `trouble` pauses it, `remark` is what else an operator should know."""
    entries = sorted(_entries(state), key=lambda entry: (_ORDER[entry.state], entry.since_time, entry.path))
    counts = Counter(entry.state for entry in entries)
    counts.update({key: len(clips) for key, clips in state.final.items()})
    for outcome, count in records.counts().items():
        counts[_ended_state(outcome)] += count
    waiting = [
        part.history.first_seen for clip in state.clips.values() if clip.state in _WAITS for part in clip.parts.values()
    ]
    ended = [_ended_entry(record, outcome) for record, outcome in records.last_ended(_SHOWN_RECORDS)]
    refused, skipped = (_first(state.final[key].values()) for key in (EntryState.REFUSED, EntryState.SKIPPED))
    shown = [*refused[:_SHOWN_REFUSED], *entries, *ended, *refused[_SHOWN_REFUSED:], *skipped][:ENTRY_LIMIT]
    return WatchFolder(
        name=settings.name,
        path=shown_path("", str(settings.path)),
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


def is_busy(state: MediaState) -> bool:
    """Whether something in the folder comes to an end without an operator."""
    if any(live.state in _GOES_ON for live in state.live.values()):
        return True
    return any(clip.settles and clip.state in _WAITS for clip in state.clips.values())


def look_again(*, state: MediaState, reach_wait: float | None, reading: bool) -> float | None:
    """Return after how many seconds the folder should be looked at again, None for the ordinary interval.

    `reach_wait` is when a scheduler that does not answer is asked again, None while it answers. `reading` says that
    whole files are being read, of which the next look takes in what was found.
    """
    wishes = [
        clip.again_seconds
        for clip in state.clips.values()
        if clip.state is EntryState.WAITING and not clip.ready_order and clip.again_seconds
    ]
    if reading:
        wishes.append(_READ_POLL_SECONDS)
    if reach_wait is not None:
        wishes.append(reach_wait)
    elif any(live.state in _GOES_ON for live in state.live.values()):
        wishes.append(_JOB_POLL_SECONDS)
    return max(0.05, min(wishes)) if wishes else None


def _first(clips: Iterable[MediaClip]) -> list[FolderEntry]:
    return [_entry(clip) for clip in islice(clips, ENTRY_LIMIT)]


def _entry(clip: MediaClip) -> FolderEntry:
    return FolderEntry(
        path=shown_path("", clip.path),
        state=clip.state,
        since_time=clip.since,
        reason=clip.reason,
        evidence=clip.evidence,
    )


def _entries(state: MediaState) -> Iterable[FolderEntry]:
    yield from map(_entry, state.clips.values())
    for live in state.live.values():
        yield FolderEntry(
            path=shown_path("", live.record.path),
            state=live.state,
            since_time=live.since,
            reason=live.reason,
            evidence=live.record.evidence,
            job_key=live.record.job_key,
        )


def _ended_entry(record: MediaRecord, outcome: JobState) -> FolderEntry:
    return FolderEntry(
        path=shown_path("", record.path),
        state=_ended_state(outcome),
        since_time=record.since,
        reason=record.reason if outcome is JobState.COMPLETED else f"{outcome}: {record.reason}",
        evidence=record.evidence,
        job_key=record.job_key,
    )


def _ended_state(outcome: JobState) -> EntryState:
    return EntryState.DONE if outcome is JobState.COMPLETED else EntryState.FAILED
