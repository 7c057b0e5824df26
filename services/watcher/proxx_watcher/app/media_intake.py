"""Looking at a media folder: which clips are there, which are ready, and why the others wait."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping

from proxx.core.canonical import digest
from proxx.core.jobs import JobState
from proxx.core.quoting import quote
from proxx.core.units import ClipUnit, part_runs, recognise
from proxx.core.watch_folders import EntryState
from proxx_watcher.app.media_contents import MediaContents
from proxx_watcher.app.media_evidence import MediaEvidence
from proxx_watcher.app.media_judging import MediaJudging
from proxx_watcher.app.media_ports import FolderScan, MediaDisk
from proxx_watcher.app.media_records import MediaRecords
from proxx_watcher.app.media_state import MediaClip, MediaState, Part
from proxx_watcher.app.media_twins import Content, MediaTwins
from proxx_watcher.app.ports import Clock
from proxx_watcher.domain.media_settings import MediaSettings
from proxx_watcher.domain.readiness import Judgement, Next
from proxx_watcher.domain.sighting import Sighting, disturbed, observe, path_order

_FULL_SCAN_SECONDS = 30.0
_FULL_SCAN_SHARE = 200
_CLIPS_A_TURN = 200
_FILES_A_TURN = 500
_SHOWN_FAULTS = 3
_COMPARE_SECONDS = 1.0


class MediaIntake:
    """Keeps the clips of a folder at what its scans show."""

    def __init__(
        self,
        *,
        disk: MediaDisk,
        settings: MediaSettings,
        records: MediaRecords,
        evidence: MediaEvidence,
        judging: MediaJudging,
        contents: MediaContents,
        twins: MediaTwins,
        clock: Clock,
        state: MediaState,
    ) -> None:
        """Take the folder and the state to keep."""
        self._disk = disk
        self._settings = settings
        self._records = records
        self._evidence = evidence
        self._judging = judging
        self._contents = contents
        self._twins = twins
        self._clock = clock
        self._state = state
        self._settled: set[str] = set()
        self._reopened: set[str] = set()
        self._next_full = 0.0
        self._faults: dict[str, str] = {}

    async def look(self, *, excluded: Callable[[str], str]) -> None:
        """Scan once and judge every clip. `excluded` says by which rule of the preset a name is left out.

        Raises:
            OSError: the folder cannot be read.
        """
        begun = self._clock.monotonic()
        full = begun >= self._next_full
        settled, self._settled = self._settled, set()
        reopened, self._reopened = self._reopened, set()
        scan = await self._disk.scan(settled=settled, reopened=reopened, full=full)
        if full:
            took = self._clock.monotonic() - begun
            self._next_full = begun + max(_FULL_SCAN_SECONDS, took * _FULL_SCAN_SHARE)
        self._faults = dict(scan.faults)
        await self._evidence.see(scan=scan, now=begun)
        seen = {sighting.path: sighting for sighting in (*scan.media, *scan.parts)}
        self._take_in(scan, seen, begun)
        if full:
            await self._forget_final(seen)
        for number, clip in enumerate(sorted(self._state.clips.values(), key=lambda item: path_order(item.path))):
            if not clip.ready_order:
                await self._judge(clip, excluded)
            if number % _CLIPS_A_TURN == 0:
                await asyncio.sleep(0)  # other folders have their turn
        self._state.put_aside()

    @property
    def faults(self) -> tuple[str, ...]:
        """Return what the last scan could not look at, each with the reason; the first ones and how many more."""
        said = [f"{quote(text=path, limit=120)} cannot be looked at: {reason}" for path, reason in self._faults.items()]
        more = len(said) - _SHOWN_FAULTS
        return (*said[:_SHOWN_FAULTS], *((f"so cannot {more} more",) if more > 0 else ()))

    def disturb(self, clip: MediaClip, what: str) -> None:
        """Take a clip back to waiting, because something proved that it changes."""
        now = self._clock.monotonic()
        for part in clip.parts.values():
            part.history = disturbed(history=part.history, now=now, what=what)
        self._restart(clip, what)

    def settle(self, clip: MediaClip) -> None:
        """Forget a clip that has its job: its files are not looked at any more while their directory stays as it is."""
        self._state.clips.pop(clip.path, None)
        for path in clip.parts:
            self._settled.add(path)
            self._evidence.forget(path=path)
        self._contents.forget(clip.parts)

    def _take_in(self, scan: FolderScan, seen: Mapping[str, Sighting], now: float) -> None:
        units, single = recognise(
            paths=[*(sighting.path for sighting in scan.parts), *scan.quiet_parts],
            kinds=self._settings.selection.units,
        )
        kept: dict[str, MediaClip] = {}
        for unit in units:
            self._take_unit(unit, seen, now, kept)
        for path in (*(sighting.path for sighting in scan.media), *single):
            if path in seen:
                self._take_file(seen[path], now, kept)
        for path, clip in self._state.clips.items():
            if path in kept:
                continue
            if _behind_a_fault(clip.parts, self._faults):
                kept[path] = clip
            else:
                for part in clip.parts:
                    self._evidence.forget(path=part)
                self._contents.forget(clip.parts)
        self._state.clips = kept

    async def _forget_final(self, seen: Mapping[str, Sighting]) -> None:
        """After a full scan: final clips that it did not see are gone, and those whose first one is gone are anew."""
        twins: dict[str, bool] = {}
        for clips in self._state.final.values():
            for clip in list(clips.values()):
                if not clip.parts.keys() <= seen.keys():
                    if not _behind_a_fault(clip.parts, self._faults):
                        del clips[clip.path]
                    continue
                if clip.twin and clip.twin not in twins:
                    twins[clip.twin] = await self._is_there(clip.twin, seen)
                if not twins.get(clip.twin, True):
                    self._state.think_again(clip)
                    self._restart(clip, "the clip that it repeats went away")

    async def _is_there(self, request_id: str, seen: Mapping[str, Sighting]) -> bool:
        """Whether the clip of a request still stands for others: its proxy is made, or will be."""
        record = self._records.of_request(request_id)
        if record is None:
            return False
        if record.outcome is JobState.COMPLETED or self._state.looks_anew(record):
            return True
        if all(path in seen and seen[path].content_form == form for path, form in record.forms.items()):
            return True
        try:
            return await self._twins.stands(record)  # the folder's rules may leave its files out by now
        except OSError:
            return True

    def _take_file(self, sighting: Sighting, now: float, kept: dict[str, MediaClip]) -> None:
        if self._records.is_settled(sighting):
            self._settled.add(sighting.path)
        elif not self._is_final(sighting.path, (sighting,)):
            kept[sighting.path] = self._observe(sighting.path, sighting.path, None, (sighting,), now)

    def _take_unit(self, unit: ClipUnit, seen: Mapping[str, Sighting], now: float, kept: dict[str, MediaClip]) -> None:
        there = [seen[path] for path in unit.files if path in seen]
        if len(there) < len(unit.files):
            # some files were left alone: all of them are looked at in the next scan, if one of them is anew
            if there:
                self._reopened.update(unit.files)
            if unit.path in self._state.clips:
                kept[unit.path] = self._state.clips[unit.path]
            return
        owner = self._records.owner(unit.parts[0])
        if owner is not None and set(owner.forms) == set(unit.files) and all(map(self._records.is_settled, there)):
            self._settled.update(unit.files)
            return
        if not self._is_final(unit.path, there):
            kept[unit.path] = self._observe(unit.path, unit.source or unit.parts[0], unit, there, now)

    def _is_final(self, path: str, sightings: Collection[Sighting]) -> bool:
        """Whether nothing has happened to a final clip; one that has changed is thought of again."""
        clip = self._state.final_clip(path)
        if clip is None:
            return False
        seen = {sighting.path: sighting.form for sighting in sightings}
        if seen == {name: part.history.newest.form for name, part in clip.parts.items()}:
            self._settled.update(seen)
            return True
        self._state.think_again(clip)
        return False

    def _observe(
        self, path: str, source: str, unit: ClipUnit | None, sightings: Iterable[Sighting], now: float
    ) -> MediaClip:
        clip = self._state.clips.get(path)
        parts: dict[str, Part] = {}
        changed = ""
        for sighting in sightings:
            part = clip.parts.get(sighting.path) if clip is not None else None
            before = part.history if part is not None else None
            history = observe(
                before=before, sighting=sighting, now=now, spacing_seconds=self._settings.readiness.spacing_seconds
            )
            if part is None or before is None or before.newest.form != sighting.form:
                changed = changed or history.changed_by or "a new file of it appeared"
                part = Part(history=history)
            part.history = history
            parts[sighting.path] = part
        if clip is None:
            return MediaClip(path=path, source=source, parts=parts, unit=unit, since=self._clock.now())
        gone = clip.parts.keys() - parts.keys()
        clip.parts, clip.unit, clip.source = parts, unit, source
        if changed or gone:
            self._restart(clip, changed or "a file of it is gone")
        return clip

    def _restart(self, clip: MediaClip, what: str) -> None:
        clip.ready_order, clip.digest, clip.ends, clip.whole, clip.twin, clip.evidence = 0, "", "", "", "", ""
        for part in clip.parts.values():
            part.judged, part.next_look = None, 0.0
        clip.settles = False
        clip.put(state=EntryState.WAITING, reason=f"{what} in the last scan", now=self._clock.now())

    async def _judge(self, clip: MediaClip, excluded: Callable[[str], str]) -> None:
        now = self._clock.now()
        refusal = clip.unit.refusal if clip.unit is not None else ""
        if refusal:
            clip.put(state=EntryState.REFUSED, reason=refusal, now=now, final=True)
            return
        rule = excluded(clip.source.rpartition("/")[2])
        if rule:
            clip.put(state=EntryState.SKIPPED, reason=rule, now=now, final=True)
            return
        judged = await self._judge_parts(clip)
        clip.again_seconds, clip.settles = judged.again_seconds, judged.settles
        if judged.next is not Next.READY:
            clip.put(state=EntryState.WAITING, reason=judged.text, now=now)
            return
        await self._become_ready(clip, judged.text)

    async def _judge_parts(self, clip: MediaClip) -> Judgement:
        """Return the first judgement that is not READY, else the first file's with the number of files."""
        missing = clip.unit.missing if clip.unit is not None else ""
        waiting: Judgement | None = None
        first: Judgement | None = None
        for number, (path, part) in enumerate(clip.parts.items()):
            if number % _FILES_A_TURN == 0:
                await asyncio.sleep(0)  # a sequence of many frames is not to hold up other folders
            judged = await self._judging.judge(part)
            first = first or judged
            if judged.next is not Next.READY and waiting is None:
                name = path.rpartition("/")[2]
                text = judged.text if len(clip.parts) == 1 else f"{name}: {judged.text}"
                waiting = Judgement(
                    next=Next.WAIT, text=text, again_seconds=judged.again_seconds, settles=judged.settles
                )
        if waiting is not None:
            return waiting
        if missing or first is None:
            return Judgement(
                next=Next.WAIT, text=missing, again_seconds=self._settings.readiness.spacing_seconds, settles=False
            )
        if len(clip.parts) == 1:
            return first
        return Judgement(next=Next.READY, text=f"{len(clip.parts)} files, each at rest; the first: {first.text}")

    async def _become_ready(self, clip: MediaClip, evidence: str) -> None:
        """Name the content. A file that is not what the look saw has changed since."""
        digests: list[list[object]] = []
        read = _read_for_content(clip)
        for path, part in clip.parts.items():
            if path not in read:
                digests.append([path.rpartition("/")[2], part.history.newest.size])
                continue
            try:
                content = await self._disk.content(path=path)
            except OSError as error:
                self.disturb(clip, f"it could not be read ({error.strerror})")
                return
            if content.form != part.history.newest.form:
                self.disturb(clip, "it changed after it was found ready")
                return
            digests.append([path.rpartition("/")[2], content.digest])
        clip.ends = str(digests[0][1]) if len(digests) == 1 else digest(digests)
        clip.digest, clip.evidence = clip.ends, evidence
        record = self._records.of(clip.path)
        if record is not None and record.job_key and record.same_ends == clip.ends:
            match self._twins.compare(clip, record):
                case Content.UNKNOWN:
                    said = self._contents.whole_of(clip.forms).said
                    reason = f"the size and ends that job {record.job_key} was made of; whether the rest is: {said}"
                    clip.again_seconds, clip.settles = _COMPARE_SECONDS, self._contents.busy
                    clip.put(state=EntryState.WAITING, reason=reason, now=self._clock.now())
                    return
                case Content.SAME:
                    self._state.renew(await self._records.touched(record, forms=clip.forms))
                    self.settle(clip)
                    return
                case Content.OTHER:
                    clip.digest = digest([clip.ends, clip.whole])
                    clip.evidence = f"{evidence}; another content than that of job {record.job_key} between equal ends"
        self._state.order += 1
        clip.ready_order = self._state.order
        clip.put(state=EntryState.READY, reason="", now=self._clock.now())


def _read_for_content(clip: MediaClip) -> frozenset[str]:
    """Return the files whose ends name the content of a clip: every one, or of many frames those that begin a run.

    Of the other frames the sizes count: two MiB of each of 100,000 would be 200 GB to read.
    """
    files = tuple(clip.parts)
    if clip.unit is None:
        return frozenset(files)
    media = clip.unit.parts
    begins = (media[start] for start, _ in part_runs(count=len(media)))
    return frozenset((*begins, media[-1], *clip.unit.sidecars))


def _behind_a_fault(files: Collection[str], faults: Collection[str]) -> bool:
    """Whether files that the scan did not see may still be there: one, or a directory above it, could not be read."""
    return bool(faults) and any(place in faults for file in files for place in (file, *_above(file)))


def _above(path: str) -> Iterable[str]:
    while path := path.rpartition("/")[0]:
        yield path
