"""Pure functions of the product, computed once for the same arguments.

A plan of one source costs more than the whole of a history's protocol. All sources of the simulation have the same
facts, so few plans exist; `memoised` puts remembering versions into the modules that call them.
"""

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

from proxx.core.facts import SourceIdentity
from proxx.core.plain import from_plain
from proxx.core.plan import Plan, PlanInputs
from proxx.core.planner import plan_clip
from proxx.core.steps import EncodeWork, Measured
from proxx.core.verdict import Check, CheckLevel, Verdict
from proxx_scheduler.app import assess, reporting, submitting
from proxx_scheduler.app.assess import plan_document
from tests.fakes.measured import measured_as_planned

_PLANS: dict[object, Plan] = {}
_MEASURES: dict[str, Measured] = {}
_INTAKES: dict[object, Any] = {}
_DOCUMENTS: dict[object, str] = {}
_INPUTS: dict[str, PlanInputs] = {}
MOST_DOCUMENTS = 5000
"""Beyond so many, identities of sources differ from history to history: begin again."""


def planned(*, inputs: Any) -> Plan:
    """Return plan_clip(inputs); the facts of all sources are the same."""
    key = (inputs.source, inputs.output, inputs.profile.name, inputs.codec, inputs.container, inputs.resolution)
    found = _PLANS.get(key)
    if found is None:
        found = _PLANS[key] = plan_clip(inputs=inputs)
    return found


def document_of(*, plan: Plan, inputs: PlanInputs, identity: SourceIdentity) -> str:
    """Return plan_document(...) of a clip, remembered."""
    key = (plan.digest, identity)
    found = _DOCUMENTS.get(key)
    if found is None:
        found = _DOCUMENTS[key] = plan_document(plan=plan, inputs=inputs, identity=identity)
        _INPUTS[found] = inputs
    return found


def inputs_of_document(text: str) -> PlanInputs:
    """Return the plan's inputs in a clip's plan document."""
    found = _INPUTS.get(text)
    if found is None:
        found = _INPUTS[text] = from_plain(PlanInputs, json.loads(text)["inputs"])
    return found


def planned_measure(work: EncodeWork) -> tuple[Plan, Measured]:
    """Return the plan of an ENCODE, rebuilt as an executor must, and what a proxy as planned measures."""
    plan = planned(inputs=work.inputs)
    if plan.digest != work.plan_digest:
        raise AssertionError(f"plan {plan.digest} rebuilt, {work.plan_digest} granted")
    found = _MEASURES.get(plan.digest)
    if found is None:
        found = _MEASURES[plan.digest] = measured_as_planned(plan)
    return plan, found


def judged(*, plan: Plan, measured: Measured) -> Verdict:
    """Return a verdict on the count of frames alone: here a proxy is whole or cut short, nothing else."""
    wanted, found = plan.expected.frame_count, measured.decoded_frames
    level = CheckLevel.PASS if wanted == found else CheckLevel.FAIL
    return Verdict(checks=(Check(name="frame_count", level=level, expected=str(wanted), actual=str(found)),))


def _remembering(take_in: Callable[..., Any]) -> Callable[..., Any]:
    def remembered(**arguments: Any) -> Any:
        # the specs of the simulation name their job_id and time themselves, so that neither argument is used
        key = arguments["body"].body_digest
        found = _INTAKES.get(key)
        if found is None:
            found = _INTAKES[key] = take_in(**arguments)
        return found

    return remembered


@contextlib.contextmanager
def memoised() -> Iterator[None]:
    """Put the remembering versions in place while the block runs."""
    modules: Any = (assess, reporting, submitting)
    before = (modules[0].plan_clip, modules[1].judge, modules[2].take_in)
    text = modules[0].plan_document
    modules[0].plan_clip, modules[1].judge, modules[2].take_in = planned, judged, _remembering(before[2])
    modules[0].plan_document = document_of
    try:
        yield
    finally:
        modules[0].plan_clip, modules[1].judge, modules[2].take_in = before
        modules[0].plan_document = text


def forget_documents() -> None:
    """Between histories: keep the memory of documents small."""
    if len(_DOCUMENTS) > MOST_DOCUMENTS:
        _DOCUMENTS.clear()
        _INPUTS.clear()
