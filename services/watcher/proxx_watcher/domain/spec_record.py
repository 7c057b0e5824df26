"""What the ledger keeps of one JobSpec content under one name."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from proxx.core.jobs import JobState

_PREFIX = "spec"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecRecord:
    """A JobSpec that became ready under `name` with this content.

    `job_key` is empty until the scheduler acknowledged the job, and stays so for a spec that it refused. `outcome` is
    None until the result was delivered and the spec filed. `order` grows with each content. Times are ISO 8601.
    """

    name: str
    sha256: str
    generation: int
    order: int
    ready_time: str
    changed_time: str
    job_key: str = ""
    outcome: JobState | None = None
    reason: str = ""

    @property
    def key(self) -> str:
        """Key of the record in the ledger."""
        return record_key(name=self.name, sha256=self.sha256)

    @property
    def delivered(self) -> bool:
        """Whether nothing is left to do for it."""
        return self.outcome is not None

    @property
    def since(self) -> datetime:
        """When it came to where it is."""
        return datetime.fromisoformat(self.changed_time)

    def plain(self) -> dict[str, object]:
        """Return the record as a JSON object."""
        return {
            **{field.name: getattr(self, field.name) for field in fields(self)},
            "outcome": None if self.outcome is None else self.outcome.value,
        }


def record_key(*, name: str, sha256: str) -> str:
    """Return the ledger key of a content under a name."""
    return f"{_PREFIX}:{sha256}:{name}"


def next_generation(*, generation: int, job_key: str) -> int:
    """Return the generation of another try. One that made no job is used again.

    Without the ledger the scheduler is asked for one generation after the other until it knows no job: a gap would hide
    those behind it.
    """
    return generation + 1 if job_key else generation


def is_record_key(key: str) -> bool:
    """Whether a ledger key is that of a JobSpec."""
    return key.startswith(f"{_PREFIX}:")


def read_record(plain: Mapping[str, object]) -> SpecRecord | None:
    """Return the record that a ledger holds; None when it is none, which is then forgotten."""
    texts = [plain.get(key) for key in ("name", "sha256", "ready_time", "changed_time", "job_key", "reason")]
    numbers = [plain.get(key) for key in ("generation", "order")]
    outcome = plain.get("outcome")
    if not all(isinstance(text, str) for text in texts) or not all(type(number) is int for number in numbers):
        return None
    if outcome is not None and (not isinstance(outcome, str) or outcome not in JobState.__members__):
        return None
    name, sha256, ready_time, changed_time, job_key, reason = map(str, texts)
    generation, order = (int(str(number)) for number in numbers)
    try:
        datetime.fromisoformat(changed_time)
    except ValueError:
        return None
    return SpecRecord(
        name=name,
        sha256=sha256,
        generation=generation,
        order=order,
        ready_time=ready_time,
        changed_time=changed_time,
        job_key=job_key,
        outcome=None if outcome is None else JobState(str(outcome)),
        reason=reason,
    )
