"""Where the scheduler's ids come from."""

import secrets
import uuid

from proxx.runtime.clock import SortableIds


class SchedulerIds:
    """Sortable keys for jobs and leases, random ids for steps and specs."""

    def __init__(self, keys: SortableIds) -> None:
        """Take the source of keys."""
        self._keys = keys

    def new_key(self) -> str:
        """Return a UUID that sorts by time."""
        return self._keys.new_id()

    def new_step_id(self) -> str:
        """Return 32 random hex characters."""
        return uuid.uuid4().hex

    def new_job_id(self) -> str:
        """Return eight random hex characters."""
        return secrets.token_hex(4)
