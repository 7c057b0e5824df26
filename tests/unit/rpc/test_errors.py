import re
from pathlib import Path

import grpc
import pytest
from structlog.testing import capture_logs

from proxx.api.errors.v1 import error_reason_pb2
from proxx.api.jobs.v1 import job_service_pb2
from proxx.core.jobs import SubmissionOptions
from proxx.core.violation import Violation, ViolationCode
from proxx.rpc.client import SchedulerClient
from proxx.rpc.errors import (
    CallFailedError,
    CallTimeoutError,
    OutcomeUnknownError,
    RefusedCallError,
    SchedulerUnreachableError,
    request_invalid,
    status_limit,
    status_of,
)
from proxx.rpc.reasons import CODES, PASSING, Reason
from tests.contract.refusal import outcome_is_unknown
from tests.unit.rpc.servers import ScriptedService, running

PROTO = Path(__file__).parents[3] / "protos/proxx/api/errors/v1/error_reason.proto"


async def refusal_seen(error, **settings):
    async with running(ScriptedService(GetJob=[error]), **settings) as up, SchedulerClient(up.target) as client:
        with pytest.raises(Exception) as caught:  # noqa: PT011  the caller looks at what came
            await client.get_job(job_key="k")
        return caught.value, up


def test_reasons_are_those_of_the_contract():
    published = {name.removeprefix("ERROR_REASON_") for name in dict(error_reason_pb2.ErrorReason.items())}
    assert {reason.value for reason in Reason} == published - {"UNSPECIFIED"}


def test_codes_are_those_that_the_contract_documents():
    commented = re.findall(
        r"// ([A-Z_]+)\. [^\n]*(?:\n  //[^\n]*)*\n  ERROR_REASON_([A-Z_]+) =", PROTO.read_text(encoding="utf-8")
    )
    documented = {reason: code for code, reason in commented}
    assert documented == {reason.value: code.name for reason, code in CODES.items()}


UNREACHABLE = (Reason.DRAINING, Reason.STORE_UNAVAILABLE, Reason.NOT_LEADER)


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason not in (*UNREACHABLE, *PASSING)])
async def test_every_reason_reaches_the_client(reason):
    sent = RefusedCallError(reason=reason, message="a fact", metadata={"name": "wert ü"})
    seen, up = await refusal_seen(sent)
    assert isinstance(seen, RefusedCallError)
    assert (seen.reason, seen.message, seen.metadata) == (reason.value, "a fact", {"name": "wert ü"})
    assert str(seen) == f"a fact ({reason.value}, {up.target}, {CODES[reason].name})"


@pytest.mark.parametrize("reason", UNREACHABLE)
async def test_unavailable_is_an_unreachable_scheduler_with_a_time_to_retry(reason):
    seen, _ = await refusal_seen(RefusedCallError(reason=reason, message="not now"))
    assert isinstance(seen, SchedulerUnreachableError)
    _, status = status_of(RefusedCallError(reason=reason, message="not now"))
    assert [detail.type_url.rpartition(".")[2] for detail in status.details] == ["ErrorInfo", "RetryInfo"]


async def test_an_outcome_that_is_unknown_has_no_reason_that_would_settle_it():
    seen, _ = await refusal_seen(OutcomeUnknownError("the commit was cut"))
    assert isinstance(seen, SchedulerUnreachableError)
    assert outcome_is_unknown(seen.__cause__)
    assert str(seen).endswith("UNAVAILABLE: whether the call had its effect is not known: the commit was cut")


def test_illegal_transition_carries_one_error_info_and_a_precondition():
    _, status = status_of(
        RefusedCallError(
            reason=Reason.TRANSITION_NOT_ALLOWED,
            message="cancel is not allowed in COMPLETED",
            metadata={"job_key": "k", "state": "COMPLETED", "verb": "cancel", "allowed": ""},
        )
    )
    assert [detail.type_url.rpartition(".")[2] for detail in status.details] == ["ErrorInfo", "PreconditionFailure"]


async def test_violations_and_fields_reach_the_client_apart():
    violations = (
        Violation(code=ViolationCode.FIELD_MISSING, field="codec", message="codec is missing"),
        Violation(code=ViolationCode.PATH_NOT_ABSOLUTE, field="sources[1]", message="b.mov is not absolute"),
    )
    seen, _ = await refusal_seen(
        RefusedCallError(
            reason=Reason.SPEC_INVALID,
            message="2 rules",
            violations=violations,
            fields=(("request_id", "is empty"),),
        )
    )
    assert (seen.violations, seen.fields) == (violations, (("request_id", "is empty"),))
    assert seen.metadata == {"violations": "3", "violations_listed": "3"}


def many(number):
    return tuple(
        Violation(code=ViolationCode.PATH_NOT_ABSOLUTE, field=f"sources[{index}]", message=f"clip-{index}.mov " * 10)
        for index in range(number)
    )


async def test_our_own_client_gets_every_one_of_many_violations():
    seen, _ = await refusal_seen(
        RefusedCallError(reason=Reason.SPEC_INVALID, message="500 rules", violations=many(500))
    )
    assert seen.violations == many(500)


async def test_foreign_client_gets_as_many_violations_as_its_trailers_take():
    refusal = RefusedCallError(reason=Reason.SPEC_INVALID, message="500 rules", violations=many(500))
    async with (
        running(ScriptedService(GetJob=[refusal])) as up,
        grpc.aio.insecure_channel(up.target) as channel,
    ):
        call = channel.unary_unary("/proxx.api.jobs.v1.JobService/GetJob")
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call(b"", timeout=10)
    assert (caught.value.code(), caught.value.details()) == (grpc.StatusCode.INVALID_ARGUMENT, "500 rules")
    trailers = dict(caught.value.trailing_metadata())
    assert 2000 < len(trailers["grpc-status-details-bin"]) <= 4300


def test_longest_texts_still_make_a_status():
    refusal = RefusedCallError(
        reason=Reason.SPEC_INVALID,
        message="ü" * 10_000,
        violations=(Violation(code=ViolationCode.FIELD_VALUE, field="x" * 10_000, message="caf\udce9" * 10_000),),
    )
    _, status = status_of(refusal)
    assert (len(status.message), status.ByteSize() < 7000) == (400, True)


@pytest.mark.parametrize(
    ("said", "limit"),
    [
        pytest.param("262144", 262_144, id="our client"),
        pytest.param("99999999", 262_144, id="more than ours"),
        pytest.param("1", 4096, id="less than any client takes"),
        pytest.param("-5", 4096, id="no number"),
        pytest.param("9" * 400, 4096, id="absurdly long number"),
    ],
)
def test_caller_says_how_long_a_status_may_be(said, limit):
    assert status_limit((("proxx-status-bytes", said),)) == limit


async def test_defect_leaks_nothing_and_its_trace_is_in_the_log():
    defect = ZeroDivisionError("secret path /etc/shadow")
    with capture_logs() as logs:
        seen, _ = await refusal_seen(defect)
    assert (seen.reason, seen.metadata) == ("INTERNAL", {"correlation_id": "id-1"})
    assert "secret" not in str(seen)
    logged = [(entry["correlation_id"], entry["exc_info"]) for entry in logs if entry["event"] == "rpc.defect"]
    assert logged == [("id-1", defect)]


async def test_nobody_listening_is_unreachable_with_the_target_in_the_text(tmp_path):
    target = f"unix:{tmp_path}/nobody.sock"
    async with SchedulerClient(target) as client:
        with pytest.raises(SchedulerUnreachableError, match=rf"^{re.escape(target)}: UNAVAILABLE: "):
            await client.get_job(job_key="k")


async def test_deadline_that_passes_is_a_timeout():
    async with running(ScriptedService(), reflection=False) as up, SchedulerClient(up.target) as client:
        with pytest.raises(CallTimeoutError, match="DEADLINE_EXCEEDED"):
            await client.plan_job(spec_json="{}", options=SubmissionOptions(), timeout_seconds=0)


async def test_answer_that_breaks_the_contract_is_a_failed_call():
    broken = job_service_pb2.GetJobResponse()
    async with running(ScriptedService(GetJob=[broken])) as up, SchedulerClient(up.target) as client:
        with pytest.raises(CallFailedError, match="GetJobResponse breaks the contract"):
            await client.get_job(job_key="k")


def test_refusal_of_a_field_names_it_once():
    error = request_invalid(field="request_id", rule="is empty")
    assert (str(error), error.metadata) == ("request_id: is empty (REQUEST_INVALID)", {"field": "request_id"})
