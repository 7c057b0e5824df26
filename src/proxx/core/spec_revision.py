"""The revisions of a job's JobSpec: the one that was submitted, and each that a rebind made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from proxx.core.jobs import SubmissionOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecRevision:
    """One revision, never changed. `in_force` says that clips are or were to be made by it.

    A revision that never came into force was overtaken: what it was to replace had been published meanwhile.
    """

    number: int
    in_force: bool
    spec: Mapping[str, object]
    spec_digest: str
    received_digest: str
    options: SubmissionOptions
    actor: str
    create_time: datetime
