"""Whether a clip is one that has its job already: at its own path with new times, or at another path."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from proxx.core.jobs import JobState
from proxx.core.quoting import quote
from proxx_watcher.app.media_contents import MediaContents, content_form
from proxx_watcher.app.media_ports import MediaDisk
from proxx_watcher.app.media_records import MediaRecords
from proxx_watcher.app.media_state import MediaClip, MediaState
from proxx_watcher.domain.media_record import ContentForm, MediaRecord


class Content(Enum):
    """How the content of a clip compares with what a job was made of."""

    SAME = auto()
    OTHER = auto()
    UNKNOWN = auto()
    """It is being read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """The clip with a job whose content another one has; None when there is none. `waits` says why it is not known."""

    record: MediaRecord | None = None
    waits: str = ""


class MediaTwins:
    """Compares clips of the same size and ends. What is not proven to be the same content is another one."""

    def __init__(self, *, disk: MediaDisk, records: MediaRecords, contents: MediaContents, state: MediaState) -> None:
        """Take the folder and what is known of it."""
        self._disk = disk
        self._records = records
        self._contents = contents
        self._state = state

    def compare(self, clip: MediaClip, record: MediaRecord) -> Content:
        """Compare a clip with the job of its own path, which has its size and ends. Sets `whole` of another content.

        A modification time that stayed is believed, as rsync and make do: devices and inodes change with each mount.
        """
        forms = clip.forms
        if _times(forms) == _times(record.forms):
            return Content.SAME
        found = self._contents.whole_of(forms)
        if not found.value:
            return Content.UNKNOWN
        if found.value == record.whole:
            return Content.SAME
        clip.whole = found.value
        return Content.OTHER

    async def of(self, clip: MediaClip) -> Twin:
        """Return the first clip at another path that has the content of this one.

        It counts only while its file stands, or when its proxy is made: the job of a file that is gone will fail.
        """
        for record in self._records.with_ends(clip.ends):
            if record.path == clip.path:
                continue
            found = await self._with(clip, record)
            if found is not None:
                return found
        return Twin()

    async def _with(self, clip: MediaClip, record: MediaRecord) -> Twin | None:
        shown = quote(text=record.path)
        completed = record.outcome is JobState.COMPLETED
        if not completed and self._state.looks_anew(record):
            return Twin(waits=f"{shown} has its size and ends, and is being looked at anew")
        try:
            stands = await self.stands(record)
        except OSError as error:
            return Twin(waits=f"{shown} has its size and ends, and cannot be looked at: {error.strerror}")
        if not stands and not completed:
            return None
        if sorted(clip.forms.values()) == sorted(record.forms.values()):
            return Twin(record=record)
        if not stands and not record.whole:
            return None
        mine, its = self._contents.whole_of(clip.forms), record.whole
        said = mine.said
        if not its:
            read = self._contents.whole_of(record.forms)
            its, said = read.value, said or read.said
        if said:
            return Twin(waits=f"{shown} has its size and ends; whether the rest is the same: {said}")
        return Twin(record=record) if mine.value == its else None

    async def stands(self, record: MediaRecord) -> bool:
        """Return whether the files of a job are what it was made of, by their forms.

        Raises:
            OSError: one cannot be looked at.
        """
        for path, form in record.forms.items():
            found = await self._disk.form(path=path)
            if found is None or content_form(found) != form:
                return False
        return True


def _times(forms: Mapping[str, ContentForm]) -> dict[str, tuple[int, int]]:
    return {path: form[:2] for path, form in forms.items()}
