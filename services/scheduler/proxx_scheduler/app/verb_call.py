"""One verb as an operator asked for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from proxx.core.verbs import Verb
from proxx_scheduler.app.records import NewRevision


@dataclass(frozen=True, slots=True, kw_only=True)
class VerbCall:
    """The verb with what it carries: `priority` and `queue` with RESCHEDULE, the other two with REBIND only.

    `body_digest` tells one rebind from another before its body is read; `revision` is what the body was read as.
    """

    verb: Verb
    priority: int | None = None
    queue: str | None = None
    body_digest: str = ""
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
        if self.verb is Verb.REBIND:
            found = {"body_digest": self.body_digest}
        return found
