"""The log of denied calls: nobody can fill a disk by being refused."""

import structlog

from proxx.core.access import Denial

WINDOW_SECONDS = 60.0
KINDS = 100
"""Different denials of one window that get a line of their own."""


class DenialLog:
    """One `access.denied` for each kind and minute; how many more there were is said when the minute is over."""

    def __init__(self) -> None:
        """Begin with an empty minute."""
        self._began = 0.0
        self._again: dict[Denial, int] = {}
        self._others = 0
        self._log = structlog.stdlib.get_logger("proxx.security")

    def note(self, denial: Denial, *, message: str, now: float) -> None:
        """Take one denial at a time in seconds of a clock that never goes back."""
        self.tick(now)
        if denial in self._again:
            self._again[denial] += 1
        elif len(self._again) < KINDS:
            if not self._again:
                self._began = now
            self._again[denial] = 0
            self._log.warning("access.denied", **_facts(denial), message=message)
        else:
            self._others += 1

    def tick(self, now: float) -> None:
        """Close the minute when it is over."""
        if not self._again or now - self._began < WINDOW_SECONDS:
            return
        for denial, count in self._again.items():
            if count:
                self._log.warning("access.denied_again", **_facts(denial), count=count)
        if self._others:
            self._log.warning("access.denied_others", count=self._others, rule=f"{KINDS} kinds a minute have a line")
        self._again, self._others = {}, 0


def _facts(denial: Denial) -> dict[str, str]:
    return {
        "service": denial.service,
        "method": denial.method,
        "reason": denial.reason.value,
        "identity": denial.identity,
        "peer": denial.peer_kind,
    }
