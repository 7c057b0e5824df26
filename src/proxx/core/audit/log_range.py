"""Which part of the log is looked at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRange:
    """Records after `after_sequence` up to `until_sequence`, of one chain or (`job_key` None) of all."""

    after_sequence: int
    until_sequence: int
    job_key: str | None

    @property
    def from_the_start(self) -> bool:
        """Whether chains are seen from their beginning."""
        return self.after_sequence == 0

    @property
    def whole(self) -> bool:
        """Whether it is the whole log up to a moment: then nothing may be missing from it."""
        return self.from_the_start and self.job_key is None
