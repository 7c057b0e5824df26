import dataclasses
import math
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proxx.api.errors.v1 import error_reason_pb2
from proxx.api.executors.v1 import executor_service_pb2, lease_pb2
from proxx.api.jobs.v1 import job_pb2, jobspec_pb2
from proxx.api.operator.v1 import operator_service_pb2
from proxx.api.types.v1 import failure_pb2, media_pb2, plan_pb2
from proxx.core.detection import Detection, DetectionReason, Engine
from proxx.core.jobs import ExecutorView, FailurePolicy, JobState, JobView, SubmissionOptions
from proxx.core.leases import ExecutorDescription, LeaseReport, SessionTerms
from proxx.core.plan import PlanInputs
from proxx.core.roots import RootPath
from proxx.core.steps import Execution, Phase, Progress
from proxx.core.violation import Violation
from proxx.rpc.mapping import enum_from_number, enum_to_number, from_message, to_message
from proxx.rpc.mapping_errors import MessageRefusedError, UnmappableValueError
from tests.unit.rpc.pairs import CORE_MODULES, PAIRS, WITHOUT_MESSAGE
from tests.unit.rpc.values import built, strategy

NAMES = [kind.__name__ for kind in PAIRS]


def over_the_wire(value, message_class):
    sent = to_message(value, message_class).SerializeToString()
    return from_message(message_class.FromString(sent), type(value))


def test_every_dataclass_of_core_has_a_message_or_is_known_to_have_none():
    found = {
        kind
        for module in CORE_MODULES
        for kind in vars(module).values()
        if isinstance(kind, type) and dataclasses.is_dataclass(kind) and kind.__module__ == module.__name__
    }
    assert found == set(PAIRS) | WITHOUT_MESSAGE


@pytest.mark.parametrize("kind", PAIRS, ids=NAMES)
@pytest.mark.parametrize("full", [True, False], ids=["full", "sparse"])
def test_value_survives_the_wire(kind, full):
    value = built(kind, full=full)
    assert over_the_wire(value, PAIRS[kind]) == value


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(inputs=strategy(PlanInputs))
def test_any_plan_inputs_survive_the_wire(inputs):
    assert over_the_wire(inputs, plan_pb2.PlanInputs) == inputs


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(job=strategy(JobView))
def test_any_job_survives_the_wire(job):
    assert over_the_wire(job, job_pb2.Job) == job


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), kind=st.sampled_from(list(PAIRS)))
def test_any_value_of_any_pair_survives_the_wire(data, kind):
    value = data.draw(strategy(kind))
    assert over_the_wire(value, PAIRS[kind]) == value


def test_dataclass_with_another_field_than_its_message_is_a_defect():
    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Drifted:
        root: str
        folder: str

    with pytest.raises(TypeError, match=r"Drifted and proxx.api.types.v1.RootPath differ in folder, path"):
        from_message(media_pb2.RootPath(), Drifted)


def test_dataclass_with_another_type_than_its_message_is_a_defect():
    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Mistyped:
        root: str
        path: int

    with pytest.raises(TypeError, match=r"Mistyped.path and proxx.api.types.v1.RootPath.path: no rule for"):
        from_message(media_pb2.RootPath(), Mistyped)


def test_fields_that_may_be_none_need_presence():
    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Absent:
        root: str
        path: str | None

    with pytest.raises(TypeError, match="None has no place in a field without presence"):
        from_message(media_pb2.RootPath(), Absent)


def test_rejected_source_has_no_engine():
    rejected = Detection(
        engine=None, reason=DetectionReason.EMPTY, container=None, codec=None, sample_entry=None, detail="no bytes"
    )
    message = to_message(rejected, media_pb2.Detection)
    assert message.engine == media_pb2.ENGINE_UNSPECIFIED
    assert from_message(message, Detection) == rejected


def test_engine_maps_by_member_name():
    assert enum_to_number(Engine.RESOLVE, media_pb2.DESCRIPTOR.enum_types_by_name["Engine"]) == 2
    assert enum_from_number(1, Engine, media_pb2.DESCRIPTOR.enum_types_by_name["Engine"]) is Engine.FFMPEG


def test_terms_travel_as_durations():
    terms = SessionTerms(session_id="s", lease_seconds=30.5, renew_seconds=10.0, revoked_lease_ids=("a",))
    message = to_message(terms, executor_service_pb2.OpenSessionResponse)
    assert (message.lease_duration.ToMilliseconds(), message.renew_interval.ToMilliseconds()) == (30_500, 10_000)
    assert from_message(message, SessionTerms) == terms


def test_held_leases_are_left_to_the_caller():
    description = built(ExecutorDescription, full=True)
    assert not to_message(description, executor_service_pb2.OpenSessionRequest).held


def test_zero_values_of_options_are_the_defaults():
    assert from_message(jobspec_pb2.SubmissionOptions(), SubmissionOptions) == SubmissionOptions()
    partly = jobspec_pb2.SubmissionOptions(failure_policy=jobspec_pb2.FAILURE_POLICY_CONTINUE, max_parallel_clips=3)
    assert from_message(partly, SubmissionOptions) == SubmissionOptions(
        failure_policy=FailurePolicy.CONTINUE, max_parallel_clips=3
    )


def test_offset_of_a_time_becomes_utc():
    view = built(ExecutorView, full=True)
    message = to_message(view, operator_service_pb2.Executor)
    back = from_message(message, ExecutorView).last_seen_time
    assert (back, back.tzinfo) == (datetime(2026, 11, 20, 7, 0, 0, 123456, tzinfo=UTC), UTC)


def job_message(**changes):
    message = to_message(built(JobView, full=True), job_pb2.Job)
    for name, value in changes.items():
        setattr(message, name, value)
    return message


def refused(message, kind):
    with pytest.raises(MessageRefusedError) as caught:
        from_message(message, kind)
    return caught.value.path, caught.value.rule


def test_unspecified_enum_is_refused_with_its_path():
    path, rule = refused(job_message(state=0), JobView)
    assert path == "state"
    assert rule.startswith("is unspecified; expected one of PENDING, RUNNING, ")


def test_unknown_enum_number_is_refused_with_its_path():
    assert refused(job_message(state=77), JobView)[1].startswith("77 is no value of JobState; expected one of ")


def test_unknown_enum_number_of_options_is_refused_although_zero_is_not():
    message = jobspec_pb2.SubmissionOptions()
    message.failure_policy = 9
    assert refused(message, SubmissionOptions)[0] == "failure_policy"


def test_absent_required_part_is_refused_with_its_path():
    message = job_message()
    message.ClearField("counts")
    assert refused(message, JobView) == ("counts", "is required and absent")


def test_path_of_a_refusal_reaches_into_lists_and_parts():
    message = job_message()
    message.violations[1].code = "NOT_A_CODE"
    assert refused(message, JobView) == ("violations[1].code", "'NOT_A_CODE' is no ViolationCode")


@pytest.mark.parametrize(
    ("numerator", "denominator", "rule"),
    [
        pytest.param(25, 0, "denominator 0 is not positive", id="zero denominator"),
        pytest.param(25, -1, "denominator -1 is not positive", id="negative denominator"),
        pytest.param(50, 2, "50/2 is not in lowest terms", id="not in lowest terms"),
    ],
)
def test_rational_that_breaks_its_rule_is_refused(numerator, denominator, rule):
    message = to_message(built(PlanInputs, full=True), plan_pb2.PlanInputs)
    message.facts.video.frame_rate.numerator = numerator
    message.facts.video.frame_rate.denominator = denominator
    assert refused(message, PlanInputs) == ("facts.video.frame_rate", rule)


@pytest.mark.parametrize(
    ("seconds", "nanos"),
    [
        pytest.param(10**12, 0, id="after year 9999"),
        pytest.param(-(10**12), 0, id="before year 1"),
        pytest.param(0, -1, id="negative nanoseconds"),
        pytest.param(0, 10**9, id="a whole second of nanoseconds"),
    ],
)
def test_time_out_of_range_is_refused(seconds, nanos):
    message = job_message()
    message.submit_time.seconds, message.submit_time.nanos = seconds, nanos
    assert refused(message, JobView)[0] == "submit_time"


def test_number_that_is_not_finite_is_refused():
    message = executor_service_pb2.LeaseReport(
        lease_id="l", epoch=1, phase=lease_pb2.PHASE_ENCODING, progress=lease_pb2.Progress(fraction=math.nan)
    )
    assert refused(message, LeaseReport) == ("progress.fraction", "nan is not a finite number")


def test_absent_progress_is_none():
    message = executor_service_pb2.LeaseReport(lease_id="l", epoch=1, phase=lease_pb2.PHASE_ACCEPTED)
    assert from_message(message, LeaseReport) == LeaseReport(lease_id="l", epoch=1, phase=Phase.ACCEPTED)


def test_part_of_zeros_only_is_still_present():
    report = LeaseReport(
        lease_id="l",
        epoch=1,
        phase=Phase.ENCODING,
        progress=Progress(fraction=0.0, frames=0, fps=0.0, speed=0.0, eta_seconds=None),
    )
    assert over_the_wire(report, executor_service_pb2.LeaseReport) == report


def unmappable(value, message_class):
    with pytest.raises(UnmappableValueError) as caught:
        to_message(value, message_class)
    return caught.value.path


def test_value_without_a_place_names_its_field():
    view = built(JobView, full=True)
    assert unmappable(dataclasses.replace(view, submit_time=datetime(2026, 1, 1)), job_pb2.Job) == "submit_time"  # noqa: DTZ001  a naive time is the point
    assert unmappable(dataclasses.replace(view, revision=2**63), job_pb2.Job) == "revision"
    assert unmappable(dataclasses.replace(view, counts=None), job_pb2.Job) == "counts"
    assert unmappable(dataclasses.replace(view, spec={"colour": "red"}), job_pb2.Job) == "spec.colour"
    assert unmappable(RootPath(root="r", path="caf\udce9.mov"), media_pb2.RootPath) == "path"
    inputs = built(PlanInputs, full=True)
    assert unmappable(dataclasses.replace(inputs, fps=Fraction(2**64, 3)), plan_pb2.PlanInputs) == "fps"
    executor = dataclasses.replace(built(ExecutorView, full=True), state="ASLEEP")
    assert unmappable(executor, operator_service_pb2.Executor) == "state"


def test_none_inside_a_list_names_its_place():
    execution = dataclasses.replace(built(Execution, full=True), argv=("ffmpeg", None))
    assert unmappable(execution, lease_pb2.Execution) == "argv"


def test_violation_keeps_its_code_as_a_word():
    violation = built(Violation, full=True)
    assert to_message(violation, failure_pb2.Violation).code == violation.code.value


def test_state_maps_by_name_in_both_directions():
    descriptor = job_pb2.DESCRIPTOR.enum_types_by_name["JobState"]
    assert [enum_from_number(enum_to_number(state, descriptor), JobState, descriptor) for state in JobState] == list(
        JobState
    )


def test_member_of_another_enum_is_a_defect():
    with pytest.raises(TypeError, match=r"Phase and proxx.api.errors.v1.ErrorReason differ in"):
        enum_to_number(Phase.ACCEPTED, error_reason_pb2.DESCRIPTOR.enum_types_by_name["ErrorReason"])
