"""A finished file that a SWEEP found and took: whether it is what its clip needs, by what the scheduler itself knows.

The journal beside the file is anybody's word. Believed is what can be compared: the attempt was granted by us, plan and
source are the clip's, the measured facts pass our own judgement, and a digest that the attempt prepared is the file's.
That the file has the digest was measured by the executor that swept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from proxx.core.judge import judge
from proxx.core.plan import Plan
from proxx.core.steps import Delivered, Journal, PreparedOutput, StepKind
from proxx.core.verdict import CheckLevel, Verdict
from proxx_scheduler.app.ports import Tx
from proxx_scheduler.app.records import ClipOutputs, EncodeFacts, LeaseRecord, StagingAttempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A delivered output as if its maker had prepared it, where it lies now."""

    output: PreparedOutput
    has_warnings: bool
    facts: Mapping[str, object]


def check_delivered(tx: Tx, *, lease: LeaseRecord, outputs: ClipOutputs, delivered: Delivered) -> Accepted | str:
    """Return the delivered output, or why it is refused. `lease` is that of the SWEEP."""
    journal = delivered.journal
    attempts = {(item.step_id, item.epoch): item for item in outputs.attempts}
    maker, taker = attempts.get((journal.step_id, journal.epoch)), attempts.get((lease.step_id, lease.epoch))
    if maker is None or maker.kind is not StepKind.ENCODE or maker.incarnation != journal.incarnation:
        return f"no attempt {journal.epoch} of step {journal.step_id} was granted to incarnation {journal.incarnation}"
    if taker is None or delivered.staged != taker.staged:
        return f"the file lies under a name that is not the SWEEP's own: {delivered.staged.path}"
    facts = tx.encode_facts(lease.job_key, clip_index=lease.clip_index)
    if why := _why_not(journal, maker, facts):
        return why
    try:
        verdict = judge(plan=facts.plan, measured=journal.output.measured)
    except ArithmeticError as error:
        return f"its facts cannot be judged: {error}"
    failures = (*verdict.failures(), *journal.output.verdict.failures())
    if failures:
        return f"its facts do not pass: {', '.join(sorted({check.name for check in failures}))}"
    warned = has_warnings(facts.plan, verdict, journal.output.verdict)
    output = replace(journal.output, staged=delivered.staged)
    return Accepted(output=output, has_warnings=warned, facts=_told(journal, maker, taker))


def has_warnings(plan: Plan, *verdicts: Verdict) -> bool:
    """Whether a clip is made with warnings: those of its plan, of our own verdict or of its maker's."""
    levels = {check.level for verdict in verdicts for check in verdict.checks}
    return bool(plan.warnings) or CheckLevel.WARN in levels


def _why_not(journal: Journal, maker: StagingAttempt, facts: EncodeFacts) -> str:
    if journal.output.staged != maker.staged:
        return f"its journal names another staged file: {journal.output.staged.path}"
    if journal.plan_digest != facts.plan.digest:
        return f"it was made by plan {journal.plan_digest}, the clip has plan {facts.plan.digest}"
    if journal.source != facts.identity:
        return "it was made of another source than the clip's"
    if maker.sha256 and maker.sha256 != journal.output.sha256:
        return f"its maker prepared sha256 {maker.sha256}, the file has {journal.output.sha256}"
    return ""


def _told(journal: Journal, maker: StagingAttempt, taker: StagingAttempt) -> Mapping[str, object]:
    """What the event says: from where the result is, who made the file and who found it."""
    return {
        "result": "delivered from journal",
        "made_by": maker.executor,
        "made_in": {"step_id": maker.step_id, "epoch": maker.epoch},
        "delivered_by": taker.executor,
        "sha256": journal.output.sha256,
        "size_bytes": journal.output.size_bytes,
        "staged": taker.staged.path,
    }
