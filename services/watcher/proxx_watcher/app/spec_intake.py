"""Looking at a JobSpec folder: which files are there, which of them are at rest, and what they hold."""

import errno
import hashlib

from proxx.core.jobspec.json_text import read_object
from proxx.core.violation import Violation, ViolationCode
from proxx.core.watch_folders import EntryState
from proxx_watcher.app.ports import Clock, FileRead, SpecDisk
from proxx_watcher.app.spec_state import Candidate, Leftover, Odd, SpecState
from proxx_watcher.domain.folder_settings import SpecTiming
from proxx_watcher.domain.sighted_name import SightedName
from proxx_watcher.domain.sighting import Sighting, disturbed, observe
from proxx_watcher.domain.spec_names import judge_name
from proxx_watcher.domain.spec_places import Places, below

SPEC_LIMIT_BYTES = 8 * 1024 * 1024
"""Longest JobSpec text that the scheduler takes."""
_LOOKS = 2
OF_THE_FILE = frozenset({errno.EACCES, errno.EPERM, errno.ELOOP, errno.EINVAL, errno.ENXIO, errno.EISDIR})
"""Errors that say something of one file; any other one says something of its disk."""


class SpecIntake:
    """Keeps the candidates, the leftovers and the odd names of a folder at what its directories show."""

    def __init__(self, *, disk: SpecDisk, places: Places, timing: SpecTiming, clock: Clock, state: SpecState) -> None:
        """Take the folder and the state to keep."""
        self._disk = disk
        self._places = places
        self._timing = timing
        self._clock = clock
        self._state = state

    async def look(self, *, once: bool) -> None:
        """Look at the inbox once. With `once` only what the first look saw is taken in, ever.

        Raises:
            OSError: the folder cannot be read.
        """
        results_here = self._places.results_in_inbox
        entries = await self._disk.specs(directory=self._places.inbox, results_here=results_here)
        specs = []
        odd: dict[str, Odd] = {}
        for entry in entries:
            verdict = judge_name(entry=entry, results_here=results_here)
            if verdict.candidate:
                specs.append(entry)
            elif verdict.told:
                known = self._state.odd.get(entry.name)
                same = known is not None and known.reason == verdict.reason
                odd[entry.name] = known if known and same else Odd(reason=verdict.reason, since=self._clock.now())
        self._state.odd = odd
        if once and self._state.frozen is None:
            self._state.frozen = frozenset(entry.name for entry in specs)
        self._keep(specs)
        for candidate in list(self._state.candidates.values()):
            if candidate.history.steady_scans >= _LOOKS and candidate.read_form is None:
                await self._read(candidate)
            self._wait_for_quiet(candidate)

    async def look_at_work(self) -> None:
        """Find files among those whose job goes on that no live record names.

        Raises:
            OSError: the folder cannot be read.
        """
        if not self._places.moves_to_work:
            return
        owned = {live.record.name for live in self._state.live.values()}
        found: dict[str, Leftover] = {}
        for entry in await self._disk.specs(directory=self._places.work, results_here=True):
            if entry.sighting is None or entry.name in owned:
                continue
            if not judge_name(entry=entry, results_here=True).candidate:
                continue
            found[entry.name] = await self._leftover(entry.name, entry.sighting)
        self._state.leftovers = found

    def disturb(self, candidate: Candidate, what: str) -> None:
        """Take a candidate back to waiting, because something proved that it changes."""
        candidate.history = disturbed(history=candidate.history, now=self._clock.monotonic(), what=what)
        self._restart(candidate, what)

    def _keep(self, entries: list[SightedName]) -> None:
        frozen = self._state.frozen
        seen: dict[str, Candidate] = {}
        for entry in entries:
            if entry.sighting is None or (frozen is not None and entry.name not in frozen):
                continue
            seen[entry.name] = self._observe(self._state.candidates.get(entry.name), entry.sighting)
        self._state.candidates = seen

    def _observe(self, candidate: Candidate | None, sighting: Sighting) -> Candidate:
        before = None if candidate is None else candidate.history
        history = observe(
            before=before,
            sighting=sighting,
            now=self._clock.monotonic(),
            spacing_seconds=self._timing.still_seconds,
        )
        if candidate is None:
            return Candidate(name=sighting.path, history=history, since=self._clock.now())
        candidate.history = history
        if before is not None and before.newest.form != sighting.form:
            self._restart(candidate, history.changed_by)
        return candidate

    def _restart(self, candidate: Candidate, what: str) -> None:
        candidate.changes += 1
        candidate.read_form, candidate.sha256, candidate.violations = None, "", ()
        candidate.step, candidate.decided_on = None, None
        candidate.settles = candidate.changes < _LOOKS
        self._set(candidate, EntryState.WAITING, f"still changing: {what}")

    async def _read(self, candidate: Candidate) -> None:
        try:
            file = await self._disk.read(path=below(self._places.inbox, candidate.name), limit=SPEC_LIMIT_BYTES)
        except FileNotFoundError:
            self._state.candidates.pop(candidate.name, None)
            return
        except OSError as error:
            if error.errno not in OF_THE_FILE:
                raise
            candidate.settles = False
            self._set(candidate, EntryState.WAITING, f"cannot be read: {error.strerror}")
            return
        if file.torn or file.sighting.form != candidate.history.newest.form:
            self.disturb(candidate, "it changed while it was read")
            return
        if file.writing:
            candidate.settles = False
            self._set(candidate, EntryState.WAITING, "a program of this machine has it open for writing")
            return
        candidate.settles = True
        candidate.read_form = file.sighting.form
        candidate.sha256 = content_digest(file)
        candidate.violations = tuple(text_violations(file))

    def _wait_for_quiet(self, candidate: Candidate) -> None:
        """A text that does not parse may still be being written: it is refused only after a while without change."""
        if candidate.read_form is None or not candidate.violations or candidate.step is not None:
            return
        left = self._timing.quiet_seconds - candidate.history.quiet_seconds(now=self._clock.monotonic())
        if left > 0:
            reason = (
                f"{candidate.violations[0].message}; refused after {self._timing.quiet_seconds:g} s without a change"
            )
            self._set(candidate, EntryState.WAITING, reason)

    async def _leftover(self, name: str, sighting: Sighting) -> Leftover:
        known = self._state.leftovers.get(name)
        if known is not None and known.form == sighting.form and known.sha256:
            return known
        fresh = Leftover(name=name, form=sighting.form, since=self._clock.now())
        try:
            file = await self._disk.read(path=below(self._places.work, name), limit=SPEC_LIMIT_BYTES)
        except OSError as error:
            if error.errno not in OF_THE_FILE | {errno.ENOENT}:
                raise
            fresh.held, fresh.reason = True, f"cannot be read: {error.strerror}"
            return fresh
        fresh.sha256 = "" if file.torn else content_digest(file)
        return fresh

    def _set(self, candidate: Candidate, state: EntryState, reason: str) -> None:
        if candidate.state is not state:
            candidate.since = self._clock.now()
        candidate.state, candidate.reason = state, reason


def content_digest(file: FileRead) -> str:
    """Return the digest by which a content is known; one that is too long is known by its length."""
    data = f"a text of {file.sighting.size} bytes".encode() if file.data is None else file.data
    return hashlib.sha256(data).hexdigest()


def text_violations(file: FileRead) -> list[Violation]:
    """Return why the bytes cannot be the text of a JobSpec; whether it is a valid one is the scheduler's to say."""
    if file.data is None:
        message = f"The JobSpec has {file.sighting.size} bytes; at most {SPEC_LIMIT_BYTES} are taken"
        return [Violation(code=ViolationCode.LIMIT_EXCEEDED, field="", message=message)]
    try:
        text = file.data.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"The JobSpec is not UTF-8: byte {error.start} is 0x{file.data[error.start]:02x}"
        return [Violation(code=ViolationCode.JSON_INVALID, field="", message=message)]
    found = read_object(text=text)
    return [found] if isinstance(found, Violation) else []
