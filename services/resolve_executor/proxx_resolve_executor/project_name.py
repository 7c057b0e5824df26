"""The names of the projects that attempts of Proxx make in Resolve: what a leftover belongs to can be read from it."""

import re
from dataclasses import dataclass

from proxx.core.leases import Lease

PROJECT_PREFIX = "proxx_"
LONGEST_JOB = 64

_OTHER = re.compile(r"[^A-Za-z0-9-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectNames:
    """The names of one executor's projects. Every one begins with `prefix`."""

    prefix: str
    incarnation: str

    def of(self, lease: Lease) -> str:
        """Return a name that only this attempt has: job, clip, step, epoch, incarnation.

        Letters, digits, hyphen and underscore only: a project database may be folders on a disk of any kind.
        """
        job = _OTHER.sub("-", lease.job_id)[:LONGEST_JOB] or "dry-run"
        return f"{self.prefix}{job}_{lease.clip_index:05d}_{lease.step_id[:8]}_{lease.epoch}_{self.incarnation[:8]}"
