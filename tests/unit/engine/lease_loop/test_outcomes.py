"""The executor's side of the lease protocol: outcomes and sessions, and answers that are late, lost or refused."""

from dataclasses import replace

import pytest

from proxx.core.failure import Failure, FailureKind
from proxx.core.leases import HeldLease, LeaseOutcome, ReleaseReason, ReportStatus
from proxx.core.steps import Directive, Phase
from proxx.engine.errors import HandBackError, StepFailedError
from proxx.engine.scheduler_port import CallRefusedError, SessionUnknownError
from tests.fakes.clock import settle
from tests.fakes.leases import DESCRIPTION, lease, prepared_output, probe_outcome
from tests.unit.engine.lease_loop.bench import PUBLISHED, Bench, release


async def test_an_outcome_is_repeated_until_it_is_answered(bench: Bench) -> None:
    await bench.work_on()
    bench.scheduler.down = True
    bench.steps.finish("lease-1", probe_outcome())
    await bench.clock.advance(300.0)
    bench.scheduler.down = False
    await bench.clock.advance(2.0)

    assert (bench.scheduler.outcomes, bench.steps.discarded) == ([probe_outcome()], [])


async def test_a_stale_answer_to_an_outcome_ends_the_matter(bench: Bench) -> None:
    bench.scheduler.report_status = ReportStatus.STALE
    await bench.work_on()
    bench.steps.finish("lease-1", probe_outcome())
    await settle()

    assert (bench.scheduler.outcomes, bench.executor.status().held_leases) == ([probe_outcome()], 0)


async def test_a_refused_outcome_frees_the_slot(bench: Bench) -> None:
    bench.scheduler.fail("complete", CallRefusedError("no such field", reason="MESSAGE_INVALID"))
    await bench.work_on()
    bench.steps.finish("lease-1", probe_outcome())
    await settle()

    assert (bench.scheduler.outcomes, bench.executor.status().held_leases) == ([], 0)


async def test_failed_media_work_is_an_outcome(bench: Bench) -> None:
    failure = Failure(kind=FailureKind.TOOL_EXIT_NONZERO, message="FFmpeg exited with code 1", exit_code=1)
    await bench.work_on()
    bench.steps.finish("lease-1", StepFailedError(failure))
    await settle()

    assert bench.scheduler.outcomes == [LeaseOutcome(lease_id="lease-1", epoch=3, failure=failure)]
    assert bench.executor.status().failed == 1


async def test_an_unexpected_error_becomes_a_failure_that_names_its_trace(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    await bench.work_on()
    bench.steps.finish("lease-1", KeyError("surprise"))
    await settle()

    [outcome] = bench.scheduler.outcomes
    [record] = [record for record in caplog.records if record.exc_info]
    assert outcome.failure is not None
    assert (outcome.failure.kind, bench.steps.discarded) == (FailureKind.EXECUTOR_ERROR, ["lease-1"])
    assert outcome.failure.message == (
        f"the executor failed with KeyError: 'surprise' (its log: {record.__dict__['correlation_id']})"
    )
    assert (record.__dict__["job_key"], record.__dict__["clip_index"]) == ("job-key", 4)


@pytest.mark.parametrize("verb", ["acquire", "renew", "prepare", "complete"])
async def test_an_unknown_session_is_opened_again_with_what_is_held(bench: Bench, verb: str) -> None:
    await bench.work_on()
    bench.steps.watches["lease-1"].enter(Phase.ENCODING)
    bench.scheduler.fail(verb, SessionUnknownError())
    if verb == "acquire":
        bench.scheduler.grant()
    elif verb == "renew":
        await bench.clock.advance(2.0)
    if verb != "acquire":
        bench.steps.finish("lease-1", prepared_output())
    await settle()

    held = HeldLease(lease_id="lease-1", epoch=3, phase=Phase.PUBLISHING if verb == "complete" else Phase.ENCODING)
    assert bench.scheduler.sessions == [(), (held,)]
    assert bench.scheduler.outcomes == ([] if verb == "acquire" else [PUBLISHED])


async def test_leases_that_a_new_session_revokes_are_killed_and_cleaned(bench: Bench) -> None:
    await bench.work_on()
    bench.scheduler.revoked_on_open = ("lease-1",)
    bench.scheduler.fail("renew", SessionUnknownError())
    await bench.clock.advance(2.0)

    assert (bench.steps.stopped, bench.steps.discarded) == (["lease-1"], ["lease-1"])
    assert (bench.scheduler.releases, bench.scheduler.outcomes) == ([], [])


async def test_a_session_that_is_lost_again_and_again_is_not_hammered(bench: Bench) -> None:
    await bench.start()
    bench.scheduler.fail("acquire", *(SessionUnknownError() for _ in range(100)))
    bench.scheduler.grant()
    await settle()
    at_once = len(bench.scheduler.sessions)
    await bench.clock.advance(0.3)

    assert (at_once, len(bench.scheduler.sessions)) == (2, 3)


async def test_a_refused_description_ends_the_executor_with_the_reason(bench: Bench) -> None:
    bench.scheduler.fail("open_session", CallRefusedError("root 'x' is unknown", reason="EXECUTOR_INVALID"))
    await bench.start()

    assert bench.task is not None
    with pytest.raises(CallRefusedError, match="root 'x' is unknown"):
        await bench.task


async def test_a_scheduler_that_is_not_there_yet_is_waited_for(bench: Bench) -> None:
    bench.scheduler.down = True
    await bench.start()
    await bench.clock.advance(30.0)
    bench.scheduler.down = False
    await bench.clock.advance(2.0)

    assert bench.executor.status().session_open


async def test_a_step_that_this_host_cannot_do_now_is_handed_back_clean(bench: Bench) -> None:
    await bench.work_on()
    bench.steps.finish("lease-1", HandBackError("Resolve hangs"))
    await settle()

    assert (bench.scheduler.releases, bench.scheduler.outcomes) == ([release(ReleaseReason.DRAINED)], [])
    assert (bench.steps.discarded, bench.executor.status().released) == (["lease-1"], 1)


async def test_a_hand_back_whose_file_stays_is_a_failure(bench: Bench) -> None:
    bench.steps.discard_error = OSError("in use")
    await bench.work_on()
    bench.steps.finish("lease-1", HandBackError("Resolve hangs"))
    await settle()

    failure = Failure(kind=FailureKind.IO_ERROR, message="a staged file could not be removed: in use")
    assert bench.scheduler.releases == []
    assert bench.scheduler.outcomes == [LeaseOutcome(lease_id="lease-1", epoch=3, failure=failure)]


async def test_a_hand_back_after_a_revocation_says_nothing(bench: Bench) -> None:
    await bench.work_on()
    bench.scheduler.directives["lease-1"] = Directive.REVOKED
    await bench.clock.advance(2.0)
    bench.steps.finish("lease-1", HandBackError("Resolve hangs"))
    await settle()

    assert (bench.scheduler.releases, bench.scheduler.outcomes) == ([], [])


async def test_a_changed_description_opens_the_session_again_before_the_next_call_for_work(bench: Bench) -> None:
    await bench.work_on()
    changed = replace(DESCRIPTION, codecs=("mov/DNxHRLB",))

    bench.executor.describe(changed)
    await settle()
    assert bench.scheduler.descriptions == [DESCRIPTION]
    bench.steps.finish("lease-1", probe_outcome())
    bench.scheduler.grant(lease("lease-2"))
    await settle()

    assert bench.scheduler.descriptions == [DESCRIPTION, changed]
    assert [item.lease_id for item in bench.scheduler.sessions[-1]] == ["lease-2"]


async def test_the_same_description_opens_no_session(bench: Bench) -> None:
    await bench.work_on()

    bench.executor.describe(replace(DESCRIPTION))
    bench.steps.finish("lease-1", probe_outcome())
    bench.scheduler.grant(lease("lease-2"))
    await settle()

    assert bench.scheduler.descriptions == [DESCRIPTION]
