"""What the ledger keeps of one clip of a media folder: the content that was submitted, and its job."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from proxx.core.jobs import JobState

_PREFIX = "media"

ContentForm = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRecord:
    """A clip of this content that became ready at `path`.

    `forms` are size, modification time, device and inode of each of its files when they were taken. `ends` is the
    digest of size and both ends, empty where `digest` is that; `whole` the sha256 of every byte, empty while unknown.
    `job_key` is empty until the scheduler acknowledged the job. `started` says that the watcher asked for its start.
    `outcome` is None until the job ended. `order` grows with every clip of the folder. Times are ISO.
    """

    path: str
    digest: str
    generation: int
    order: int
    forms: Mapping[str, ContentForm]
    request_id: str
    ready_time: str
    changed_time: str
    evidence: str
    job_key: str = ""
    output_directory: str = ""
    preset: str = ""
    ends: str = ""
    whole: str = ""
    started: bool = False
    outcome: JobState | None = None
    reason: str = ""

    @property
    def key(self) -> str:
        """Key of the record in the ledger: a clip has one record, that of its newest content."""
        return f"{_PREFIX}:{self.path}"

    @property
    def same_ends(self) -> str:
        """What clips of the same size and ends have in common."""
        return self.ends or self.digest

    @property
    def since(self) -> datetime:
        """When it came to where it is."""
        return datetime.fromisoformat(self.changed_time)

    def plain(self) -> dict[str, object]:
        """Return the record as a JSON object."""
        forms = {path: list(form) for path, form in self.forms.items()}
        return {
            **{field.name: getattr(self, field.name) for field in fields(self)},
            "forms": forms,
            "outcome": None if self.outcome is None else self.outcome.value,
        }


def is_media_key(key: str) -> bool:
    """Whether a ledger key is that of a clip."""
    return key.startswith(f"{_PREFIX}:")


def read_media_record(plain: Mapping[str, object]) -> MediaRecord | None:
    """Return the record that a ledger holds; None when it is none, which is then forgotten."""
    texts = ("path", "digest", "request_id", "ready_time", "changed_time", "evidence", "job_key")
    more = ("output_directory", "preset", "reason")
    if not all(isinstance(plain.get(key), str) for key in (*texts, *more)):
        return None
    later = {key: plain.get(key, "") for key in ("ends", "whole")}
    generation, order, outcome = plain.get("generation"), plain.get("order"), plain.get("outcome")
    forms = _forms(plain.get("forms"))
    if type(generation) is not int or type(order) is not int or forms is None:
        return None
    if not all(isinstance(value, str) for value in later.values()):
        return None
    if outcome is not None and (not isinstance(outcome, str) or outcome not in JobState.__members__):
        return None
    try:
        datetime.fromisoformat(str(plain["changed_time"]))
    except ValueError:
        return None
    return MediaRecord(
        **{key: str(plain[key]) for key in (*texts, *more)},
        **{key: str(value) for key, value in later.items()},
        generation=generation,
        order=order,
        forms=forms,
        started=plain.get("started") is True,
        outcome=None if outcome is None else JobState(str(outcome)),
    )


def _forms(value: object) -> dict[str, ContentForm] | None:
    if not isinstance(value, Mapping):
        return None
    forms: dict[str, ContentForm] = {}
    for path, form in value.items():
        if not isinstance(form, list) or len(form) != 4 or not all(type(number) is int for number in form):
            return None
        size, mtime, device, inode = form
        forms[str(path)] = (size, mtime, device, inode)
    return forms
