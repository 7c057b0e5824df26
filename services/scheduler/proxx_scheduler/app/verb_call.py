"""One verb as an operator asked for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from proxx.core.verbs import Verb
from proxx_scheduler.app.records import NewRevision


@dataclass(frozen=True, slots=True, kw_only=True)
class VerbCall:
    """The verb with what it carries: `priority` and `queue` with RESCHEDULE, `revision` with REBIND only."""

    verb: Verb
    priority: int | None = None
    queue: str | None = None
    revision: NewRevision | None = None

    @property
    def word(self) -> str:
        """The verb's name in refusals."""
        return self.verb.lower()

    @property
    def body(self) -> Mapping[str, object]:
        """What tells two calls of one verb apart."""
        found: dict[str, object] = {}
        if self.verb is Verb.RESCHEDULE:
            found = {"priority": self.priority, "queue": self.queue}
        if self.revision is not None:
            found = {"body_digest": self.revision.body_digest}
        return found
