"""What a media folder keeps in memory between two passes; all of it can be found out again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from proxx.core.jobs import JobView
from proxx.core.units import ClipUnit
from proxx.core.watch_folders import EntryState
from proxx_watcher.domain.evidence import Statement
from proxx_watcher.domain.media_record import ContentForm, MediaRecord
from proxx_watcher.domain.readiness import Judgement
from proxx_watcher.domain.sighting import History


@dataclass(slots=True, kw_only=True)
class Part:
    """One file of a clip. `judged` is what a look said last; it stands until `next_look`, unless something changes.

    `sampled_at` is the counted scan after which its samples were taken last.
    """

    history: History
    judged: Judgement | None = None
    statement: Statement | None = None
    next_look: float = 0.0
    sampled_at: float = -1.0


@dataclass(slots=True, kw_only=True)
class MediaClip:
    """A clip that is no job yet: one file, or a unit of several.

    `final` says that no rule will look at it again while it stays as it is (refused or left out). `ready_order` is 0
    until it became ready; `digest` is what its content is known by from then on, `ends` what other contents of the same
    size and ends have, too, `whole` the digest of all bytes where it had to be computed. `twin` is the request_id of
    the clip that it repeats. `next_submission` is when it may be submitted again after that failed, by the monotonic
    clock, and `wait_seconds` how long that waits.
    """

    path: str
    source: str
    parts: dict[str, Part]
    since: datetime
    unit: ClipUnit | None = None
    state: EntryState = EntryState.WAITING
    reason: str = "seen for the first time"
    evidence: str = ""
    final: bool = False
    ready_order: int = 0
    digest: str = ""
    ends: str = ""
    whole: str = ""
    twin: str = ""
    next_submission: float = 0.0
    wait_seconds: float = 0.0
    again_seconds: float = 0.0
    settles: bool = True

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(part.history.newest.size for part in self.parts.values())

    @property
    def forms(self) -> dict[str, ContentForm]:
        """What its files look like, as a record keeps it."""
        return {path: part.history.newest.content_form for path, part in self.parts.items()}

    def put(self, *, state: EntryState, reason: str, now: datetime, final: bool = False) -> None:
        """Say where the clip stands; `since` moves only when its state does."""
        if state is not self.state:
            self.since = now
        self.state, self.reason, self.final = state, reason, final


@dataclass(slots=True, kw_only=True)
class MediaLive:
    """A clip with a job: its record, the job as last seen, and what the entry says."""

    record: MediaRecord
    state: EntryState
    since: datetime
    view: JobView | None = None
    reason: str = ""

    def put(self, *, state: EntryState, reason: str, now: datetime) -> None:
        """Say where the job stands; `since` moves only when its state does."""
        if state is not self.state:
            self.since = now
        self.state, self.reason = state, reason


@dataclass(slots=True, kw_only=True)
class MediaState:
    """Everything of one folder by the path of the clip.

    `clips` are those that a pass has to think of; `final` those that were refused or left out and have not changed,
    of which there may be very many.
    """

    clips: dict[str, MediaClip] = field(default_factory=dict)
    final: dict[EntryState, dict[str, MediaClip]] = field(
        default_factory=lambda: {EntryState.REFUSED: {}, EntryState.SKIPPED: {}}
    )
    live: dict[str, MediaLive] = field(default_factory=dict)
    order: int = 0
    failures: int = 0

    def renew(self, record: MediaRecord) -> None:
        """Let a live clip have the newest record of its job."""
        live = self.live.get(record.path)
        if live is not None and live.record.request_id == record.request_id:
            live.record = record

    def looks_anew(self, record: MediaRecord) -> bool:
        """Whether the files of a job are being judged again, and may still be what it was made of."""
        clip = self.clips.get(record.path)
        return clip is not None and _sizes(clip.forms) == _sizes(record.forms)

    def put_aside(self) -> None:
        """Move the clips that became final out of those that a pass thinks of."""
        for clip in [clip for clip in self.clips.values() if clip.final]:
            self.final[clip.state][clip.path] = self.clips.pop(clip.path)

    def final_clip(self, path: str) -> MediaClip | None:
        """Return the final clip at a path."""
        return next((clips[path] for clips in self.final.values() if path in clips), None)

    def think_again(self, clip: MediaClip) -> None:
        """Take a final clip back among those that a pass thinks of."""
        self.clips[clip.path] = self.final[clip.state].pop(clip.path)


def _sizes(forms: Mapping[str, ContentForm]) -> dict[str, int]:
    return {path: form[0] for path, form in forms.items()}
