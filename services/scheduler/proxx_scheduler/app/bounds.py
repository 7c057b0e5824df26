"""How much a report may say of a source. What is admitted is sent in leases, and what is refused in answers: both are
messages of 16 MiB, and one that is larger would be made again and again, and never arrive.
"""

from proxx.core.plain_text import plain_text
from proxx.core.plan import Plan
from proxx.core.steps import ProbedSource
from proxx.core.violation import Violation, ViolationCode

DOCUMENT_LIMIT = 512 * 1024
"""Most characters of one clip's plan, of what it was made of and of the identity of its source, as JSON."""

VIOLATIONS_LIMIT = 64 * 1024
"""Most characters of what is said against one source."""

CEILING_LIMIT = 2**53
"""Most bytes of an output that a plan allows: what JSON readers keep exactly, and sums of which databases hold."""


def check_report(*, probed: ProbedSource, path: str) -> Violation | None:
    """Return what is wrong with the size of what a PROBE or INSPECT says of a source that has no plan yet."""
    said = sum(len(item.message) + len(item.expected) + len(item.actual) for item in probed.violations)
    if said > VIOLATIONS_LIMIT:
        return _beyond(path, "violations", said, VIOLATIONS_LIMIT)
    if probed.facts is None and probed.identity is not None:  # an INSPECT is sent it; a plan's document holds it
        size = len(plain_text(probed.identity))
        if size > DOCUMENT_LIMIT:
            return _beyond(path, "an identity", size, DOCUMENT_LIMIT)
    return None


def check_plan(*, plan: Plan, document: str, path: str) -> Violation | None:
    """Return what is wrong with the size of a plan or of the facts that it was made of."""
    if len(document) > DOCUMENT_LIMIT:
        return _beyond(path, "facts", len(document), DOCUMENT_LIMIT)
    if plan.ceiling_bytes > CEILING_LIMIT:
        return Violation(
            code=ViolationCode.SOURCE_CANNOT_FIT_PROFILE,
            field="source",
            message=f"{path} would become larger than any file: {plan.expected.frame_count} frames are stated",
            expected=f"at most {CEILING_LIMIT} bytes",
            actual=f"up to {plan.ceiling_bytes} bytes",
        )
    return None


def _beyond(path: str, what: str, size: int, limit: int) -> Violation:
    return Violation(
        code=ViolationCode.PROBE_FAILED,
        field="source",
        message=f"{path} was looked at, and the report states {what} of {size} characters",
        expected=f"at most {limit} characters",
        actual=f"{size} characters",
    )
