"""Whole files of a media folder, read beside its passes: what size and both ends leave open."""

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from proxx.core.canonical import digest
from proxx.core.quoting import quote
from proxx_watcher.app.media_ports import Form, MediaDisk
from proxx_watcher.app.media_records import MediaRecords
from proxx_watcher.app.media_state import MediaState
from proxx_watcher.app.ports import Clock
from proxx_watcher.domain.media_record import ContentForm, MediaRecord

_ALGORITHM = "sha256"
_AGAIN_SECONDS = 60.0
"""How long a file that could not be read whole is left alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """The digest of every byte of a clip. Empty while it is not known, then `said` is why."""

    value: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    form: ContentForm | None = None
    value: str = ""
    fault: str = ""
    stands_until: float = 0.0


class MediaContents:
    """Reads whole files one after another: first those that somebody waits for, then those of clips with a job.

    A digest of what a job was made of can only be taken while the file stands as it did then. It is what tells later
    whether a file whose times changed is another clip.
    """

    def __init__(
        self, *, disk: MediaDisk, records: MediaRecords, state: MediaState, clock: Clock, digest_bytes: int
    ) -> None:
        """Take the folder, and how long a clip may be that is read without anybody waiting for it."""
        self._disk = disk
        self._records = records
        self._state = state
        self._clock = clock
        self._digest_bytes = digest_bytes
        self._urgent: OrderedDict[str, None] = OrderedDict()
        self._queue: OrderedDict[str, None] = OrderedDict()
        self._asked: set[str] = set()
        self._read: dict[str, _Read] = {}
        self._fresh: list[str] = []
        self._task: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being read, or was read and not taken in."""
        return bool(self._asked or self._fresh)

    def restore(self) -> None:
        """Read what an earlier life did not come to."""
        for record in self._records.all():
            self.read_later(record)

    def read_later(self, record: MediaRecord) -> None:
        """Read the files of a clip that has its job, when nothing else is to be read."""
        size = sum(form[0] for form in record.forms.values())
        if record.job_key and not record.whole and size <= self._digest_bytes:
            for path in record.forms:
                self._ask(path, soon=False)

    async def collect(self) -> None:
        """Take in what was read since, and go on reading.

        Raises:
            OSError: the ledger cannot be written.
        """
        if self._task is not None and self._task.done():
            task, self._task = self._task, None
            task.result()
        fresh, self._fresh = self._fresh, []
        for path in fresh:
            record = self._records.owner(path)
            if record is not None and not record.whole and self._read.keys() >= record.forms.keys():
                await self._learn(record)
        if (self._urgent or self._queue) and self._task is None:
            self._task = asyncio.create_task(self._work(), name="whole files")
        if self._task is not None:
            await asyncio.sleep(0)

    def whole_of(self, forms: Mapping[str, ContentForm]) -> Whole:
        """Return the digest of a clip whose files have these forms, as far as they were read; asks for the others."""
        digests: list[list[str]] = []
        said = ""
        for path, form in sorted(forms.items()):
            read = self._read.get(path)
            if read is not None and read.form == form:
                digests.append([path.rpartition("/")[2], read.value])
                continue
            if read is not None and self._clock.monotonic() < read.stands_until:
                said = said or f"{quote(text=path, limit=120)} cannot be read: {read.fault}"
                continue
            self._read.pop(path, None)
            self._ask(path, soon=True)
            said = said or "it is being read"
        if said:
            return Whole(said=said)
        return Whole(value=digests[0][1] if len(digests) == 1 else digest(digests))

    def forget(self, paths: Collection[str]) -> None:
        """Drop what was read of files that nobody compares any more."""
        for path in paths:
            self._read.pop(path, None)

    async def _learn(self, record: MediaRecord) -> None:
        """Keep the digest of a clip that is what its job was made of; of one that has changed there is none."""
        reads = {path: self._read[path] for path in record.forms}
        if all(reads[path].form == form for path, form in record.forms.items()):
            whole = self.whole_of(record.forms).value
            self._state.renew(await self._records.learned(record, whole=whole))
        if record.path not in self._state.clips:
            self.forget([path for path, read in reads.items() if not read.fault])

    def _ask(self, path: str, *, soon: bool) -> None:
        if path not in self._asked:
            self._asked.add(path)
            (self._urgent if soon else self._queue)[path] = None
        elif soon and path in self._queue:
            del self._queue[path]
            self._urgent[path] = None

    async def _work(self) -> None:
        while waiting := self._urgent or self._queue:
            path, _ = waiting.popitem(last=False)
            try:
                found = await self._disk.digest(path=path, algorithm=_ALGORITHM)
            except OSError as error:
                until = self._clock.monotonic() + _AGAIN_SECONDS
                self._read[path] = _Read(fault=error.strerror or type(error).__name__, stands_until=until)
            else:
                self._read[path] = _Read(form=content_form(found.form), value=found.value)
            self._asked.discard(path)
            self._fresh.append(path)


def content_form(form: Form) -> ContentForm:
    """Return a form without its change time, as records keep it."""
    size, mtime_ns, _, device, inode = form
    return size, mtime_ns, device, inode
