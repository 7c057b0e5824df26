"""The executor's side of the lease protocol, every directive, answer and error once, against a scheduler in memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from proxx.core.failure import Failure, FailureKind
from proxx.core.leases import HeldLease, LeaseOutcome, LeaseRelease, LeaseReport, ReleaseReason, ReportStatus
from proxx.core.steps import Directive, Phase, PrepareAnswer, Progress, Published
from proxx.engine.errors import PublicationInDoubtError, StepFailedError
from proxx.engine.lease_loop import Executor, ExecutorStatus, LoopSettings
from proxx.engine.lease_work import MOST_DEFECTS
from proxx.engine.scheduler_port import (
    AcquireConsumedError,
    CallRefusedError,
    LeaseSupersededError,
    SchedulerDefectError,
    SchedulerUnavailableError,
    SessionUnknownError,
)
from tests.fakes.clock import FakeClock, settle
from tests.fakes.leases import DESCRIPTION, lease, prepared_output, probe_outcome
from tests.fakes.scheduler_port import FakeScheduler
from tests.fakes.step_runner import FakeSteps

SETTINGS = LoopSettings(acquire_wait_seconds=20.0, drain_grace_seconds=30.0, settle_seconds=10.0)
PUBLISHED = LeaseOutcome(lease_id="lease-1", epoch=3, published=Published(sha256="a" * 64, size_bytes=1234))


class Bench:
    """An executor at work on fakes."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.scheduler = FakeScheduler(lease_seconds=10.0, renew_seconds=2.0)
        self.steps = FakeSteps()
        self.executor = Executor(
            port=self.scheduler, description=DESCRIPTION, steps=self.steps, clock=self.clock, settings=SETTINGS
        )
        self.task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self.task = asyncio.create_task(self.executor.run())
        await settle()

    async def work_on(self, lease_id: str = "lease-1") -> None:
        """Grant a lease and see it past its start barrier."""
        await self.start()
        self.scheduler.grant(lease(lease_id))
        await settle()
        assert self.steps.started == [lease_id]

    async def end(self) -> None:
        self.scheduler.down = False
        if self.task is not None:
            self.task.cancel()
            with suppress(asyncio.CancelledError, CallRefusedError):
                await self.task


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    yield bench
    await bench.end()


def release(reason: ReleaseReason) -> LeaseRelease:
    return LeaseRelease(lease_id="lease-1", epoch=3, reason=reason)


async def test_a_lease_is_started_worked_on_and_completed(bench: Bench) -> None:
    await bench.work_on()
    bench.steps.finish("lease-1", probe_outcome())
    await settle()

    assert bench.scheduler.sessions == [()]
    assert bench.scheduler.renewed == [(LeaseReport(lease_id="lease-1", epoch=3, phase=Phase.STARTING),)]
    assert bench.scheduler.outcomes == [probe_outcome()]
    assert bench.scheduler.acquired == [(1, 2), (2, 1)]
    assert bench.executor.status() == ExecutorStatus(
        session_open=True, draining=False, held_leases=0, completed=1, failed=0, released=0, revoked=0
    )


async def test_the_work_does_not_start_before_the_barrier_is_acknowledged(bench: Bench) -> None:
    bench.scheduler.fail("renew", SchedulerUnavailableError(), SchedulerUnavailableError())
    await bench.start()
    bench.scheduler.grant(lease())
    await settle()
    started_before = list(bench.steps.started)
    await bench.clock.advance(0.7)

    assert (started_before, bench.steps.started) == ([], ["lease-1"])


async def test_no_work_is_asked_for_while_every_slot_is_taken(bench: Bench) -> None:
    await bench.start()
    bench.scheduler.grant(lease("lease-1"), lease("lease-2"), lease("lease-3"))
    await settle()
    started_with_full_slots = list(bench.steps.started)
    bench.steps.finish("lease-1", probe_outcome("lease-1"))
    await settle()

    assert started_with_full_slots == ["lease-1", "lease-2"]
    assert bench.steps.started == ["lease-1", "lease-2", "lease-3"]
    assert bench.scheduler.acquired == [(1, 2), (2, 1)]


async def test_a_lost_acquire_is_repeated_with_the_same_sequence(bench: Bench) -> None:
    bench.scheduler.fail("acquire", SchedulerUnavailableError())
    bench.scheduler.grant(lease())
    await bench.start()
    await bench.clock.advance(0.2)

    assert [sequence for sequence, _ in bench.scheduler.acquired] == [1, 1, 2]
    assert bench.steps.started == ["lease-1"]


async def test_a_consumed_sequence_is_left_behind(bench: Bench) -> None:
    bench.scheduler.fail("acquire", AcquireConsumedError())
    bench.scheduler.grant(lease())
    await bench.start()
    await bench.clock.advance(0.2)

    assert [sequence for sequence, _ in bench.scheduler.acquired] == [1, 2, 3]
    assert bench.steps.started == ["lease-1"]


async def test_a_lease_granted_twice_is_worked_on_once(bench: Bench) -> None:
    await bench.start()
    bench.scheduler.grant(lease(), lease())
    await settle()

    assert (bench.steps.started, bench.executor.status().held_leases) == (["lease-1"], 1)


async def test_renewals_carry_phase_and_progress_at_the_servers_pace(bench: Bench) -> None:
    await bench.work_on()
    progress = Progress(fraction=0.5, frames=50, fps=25.0, speed=1.0, eta_seconds=2.0)
    bench.steps.watches["lease-1"].enter(Phase.ENCODING)
    bench.steps.watches["lease-1"].progress(progress)
    await bench.clock.advance(1.9)
    renewals_before = len(bench.scheduler.renewed)
    await bench.clock.advance(0.2)

    assert renewals_before == 1
    assert bench.scheduler.renewed[1:] == [
        (LeaseReport(lease_id="lease-1", epoch=3, phase=Phase.ENCODING, progress=progress),)
    ]


async def test_cancel_kills_cleans_and_releases(bench: Bench) -> None:
    await bench.work_on()
    bench.scheduler.directives["lease-1"] = Directive.CANCEL
    await bench.clock.advance(2.0)

    assert (bench.steps.stopped, bench.steps.discarded) == (["lease-1"], ["lease-1"])
    assert bench.scheduler.releases == [release(ReleaseReason.CANCELLED)]
    assert (bench.scheduler.outcomes, bench.executor.status().held_leases) == ([], 0)


async def test_cancel_before_the_start_never_starts(bench: Bench) -> None:
    bench.scheduler.directives["lease-1"] = Directive.CANCEL
    await bench.start()
    bench.scheduler.grant(lease())
    await settle()

    assert bench.steps.started == []
    assert bench.scheduler.releases == [release(ReleaseReason.CANCELLED)]


async def test_what_cannot_be_cleaned_after_cancel_is_a_failure_not_a_release(bench: Bench) -> None:
    await bench.work_on()
    bench.steps.discard_error = OSError(5, "Input/output error")
    bench.scheduler.directives["lease-1"] = Directive.CANCEL
    await bench.clock.advance(2.0)

    message = "a staged file could not be removed: [Errno 5] Input/output error"
    assert bench.scheduler.releases == []
    assert bench.scheduler.outcomes == [
        LeaseOutcome(lease_id="lease-1", epoch=3, failure=Failure(kind=FailureKind.IO_ERROR, message=message))
    ]


async def test_revoked_kills_cleans_and_says_nothing(bench: Bench) -> None:
    await bench.work_on()
    bench.scheduler.directives["lease-1"] = Directive.REVOKED
    await bench.clock.advance(2.0)

    assert (bench.steps.stopped, bench.steps.discarded) == (["lease-1"], ["lease-1"])
    assert (bench.scheduler.releases, bench.scheduler.outcomes) == ([], [])
    assert bench.executor.status().revoked == 1


async def test_unheard_for_one_lease_the_work_is_killed_and_nothing_is_said(bench: Bench) -> None:
    await bench.work_on()
    bench.scheduler.down = True
    await bench.clock.advance(9.9)
    stopped_before = list(bench.steps.stopped)
    await bench.clock.advance(0.2)
    stopped_after = list(bench.steps.stopped)
    bench.scheduler.down = False
    await bench.clock.advance(5.0)

    assert (stopped_before, stopped_after, bench.steps.discarded) == ([], ["lease-1"], ["lease-1"])
    assert (bench.scheduler.releases, bench.scheduler.outcomes) == ([], [])


async def test_an_answer_in_time_keeps_the_work_alive(bench: Bench) -> None:
    await bench.work_on()
    bench.scheduler.down = True
    await bench.clock.advance(8.0)
    bench.scheduler.down = False
    await bench.clock.advance(11.0)

    assert bench.steps.stopped == []


async def test_prepared_and_told_to_publish_it_publishes_and_completes(bench: Bench) -> None:
    await bench.work_on()
    bench.steps.finish("lease-1", prepared_output())
    await settle()

    assert (bench.scheduler.prepared, bench.steps.published) == (["lease-1"], ["lease-1"])
    assert bench.scheduler.outcomes == [PUBLISHED]


async def test_prepared_and_told_to_stage_the_file_stays_and_nothing_is_reported(bench: Bench) -> None:
    bench.scheduler.prepare_answer = PrepareAnswer.STAGED
    await bench.work_on()
    bench.steps.finish("lease-1", prepared_output())
    await settle()

    assert (bench.steps.published, bench.steps.discarded, bench.scheduler.outcomes) == ([], [], [])
    assert bench.executor.status().held_leases == 0


async def test_prepared_and_told_to_discard_the_file_goes_and_the_lease_is_released(bench: Bench) -> None:
    bench.scheduler.prepare_answer = PrepareAnswer.DISCARD
    await bench.work_on()
    bench.steps.finish("lease-1", prepared_output())
    await settle()

    assert (bench.steps.published, bench.steps.discarded, bench.scheduler.outcomes) == ([], ["lease-1"], [])
    assert bench.scheduler.releases == [release(ReleaseReason.CANCELLED)]
    assert bench.executor.status().held_leases == 0


async def test_what_cannot_be_discarded_after_prepare_is_a_failure_not_a_release(bench: Bench) -> None:
    bench.scheduler.prepare_answer = PrepareAnswer.DISCARD
    bench.steps.discard_error = OSError(5, "Input/output error")
    await bench.work_on()
    bench.steps.finish("lease-1", prepared_output())
    await settle()

    message = "a staged file could not be removed: [Errno 5] Input/output error"
    assert bench.scheduler.releases == []
    assert bench.scheduler.outcomes == [
        LeaseOutcome(lease_id="lease-1", epoch=3, failure=Failure(kind=FailureKind.IO_ERROR, message=message))
    ]


async def test_prepared_too_late_the_file_goes_and_nothing_is_said(bench: Bench) -> None:
    bench.scheduler.fail("prepare", LeaseSupersededError())
    await bench.work_on()
    bench.steps.finish("lease-1", prepared_output())
    await settle()

    assert (bench.steps.published, bench.steps.discarded, bench.scheduler.outcomes) == ([], ["lease-1"], [])
    assert bench.scheduler.releases == []


async def test_prepared_too_late_nothing_is_said_of_a_file_that_cannot_be_removed_either(bench: Bench) -> None:
    bench.scheduler.fail("prepare", LeaseSupersededError())
    bench.steps.discard_error = OSError(5, "Input/output error")
    await bench.work_on()
    bench.steps.finish("lease-1", prepared_output())
    await settle()

    assert (bench.scheduler.outcomes, bench.scheduler.releases) == ([], [])
    assert bench.executor.status().held_leases == 0


async def test_a_scheduler_that_can_only_fail_leaves_the_lease_to_expire_and_the_staged_file_to_a_sweep(
    bench: Bench,
) -> None:
    bench.scheduler.fail("prepare", *[SchedulerDefectError("INTERNAL") for _ in range(MOST_DEFECTS)])
    await bench.work_on()
    bench.steps.finish("lease-1", prepared_output())
    for _ in range(MOST_DEFECTS):
        await bench.clock.advance(2.0)

    assert (bench.steps.published, bench.steps.discarded) == ([], [])
    assert (bench.scheduler.outcomes, bench.scheduler.releases) == ([], [])
    assert bench.executor.status().held_leases == 0


async def test_a_refused_verdict_fails_the_clip(bench: Bench) -> None:
    bench.scheduler.fail("prepare", CallRefusedError("frame_count", reason="VERDICT_FAILED"))
    await bench.work_on()
    output = prepared_output()
    bench.steps.finish("lease-1", output)
    await settle()

    assert bench.steps.discarded == ["lease-1"]
    assert bench.scheduler.outcomes == [
        LeaseOutcome(
            lease_id="lease-1",
            epoch=3,
            failure=Failure(kind=FailureKind.OUTPUT_MISMATCH, message="frame_count"),
            execution=output.execution,
            measured=output.measured,
            verdict=output.verdict,
        )
    ]


async def test_a_failed_publication_is_reported_with_what_was_measured(bench: Bench) -> None:
    failure = Failure(kind=FailureKind.OUTPUT_EXISTS, message="another file stands there")
    bench.steps.publish_error = StepFailedError(failure)
    await bench.work_on()
    output = prepared_output()
    bench.steps.finish("lease-1", output)
    await settle()

    assert bench.scheduler.outcomes == [
        LeaseOutcome(
            lease_id="lease-1",
            epoch=3,
            failure=failure,
            execution=output.execution,
            measured=output.measured,
            verdict=output.verdict,
        )
    ]


@pytest.mark.parametrize("during", ["the end of an ENCODE", "a PUBLISH step"])
async def test_a_publication_in_doubt_is_neither_reported_nor_renewed_nor_cleaned(
    bench: Bench, caplog: pytest.LogCaptureFixture, during: str
) -> None:
    doubt = PublicationInDoubtError("whether A001.mov is published for good is not known")
    bench.steps.publish_error = doubt
    await bench.work_on()
    bench.steps.finish("lease-1", doubt if during == "a PUBLISH step" else prepared_output())
    await settle()
    renewed_before = len(bench.scheduler.renewed)
    await bench.clock.advance(20.0)

    [record] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert (bench.scheduler.outcomes, bench.scheduler.releases, bench.steps.discarded) == ([], [], [])
    assert (len(bench.scheduler.renewed), bench.executor.status().held_leases) == (renewed_before, 0)
    assert "whether A001.mov is published for good is not known" in record.getMessage()
    assert (record.__dict__["lease_id"], record.__dict__["clip_index"]) == ("lease-1", 4)


async def test_an_unanswered_prepare_is_repeated_and_never_given_up(bench: Bench) -> None:
    await bench.work_on()
    bench.scheduler.down = True
    bench.steps.finish("lease-1", prepared_output())
    await bench.clock.advance(60.0)
    discarded_while_down = list(bench.steps.discarded)
    bench.scheduler.down = False
    await bench.clock.advance(2.0)

    assert (discarded_while_down, bench.steps.published) == ([], ["lease-1"])
    assert bench.scheduler.outcomes == [PUBLISHED]


@pytest.mark.parametrize("directive", [Directive.REVOKED, Directive.CANCEL], ids=["revoked", "cancel"])
async def test_no_directive_counts_once_prepare_is_under_way(bench: Bench, directive: Directive) -> None:
    bench.scheduler.fail(
        "prepare", SchedulerUnavailableError(), SchedulerUnavailableError(), SchedulerUnavailableError()
    )
    bench.scheduler.prepare_answer = PrepareAnswer.STAGED
    await bench.work_on()
    bench.steps.finish("lease-1", prepared_output())
    await settle()
    bench.scheduler.directives["lease-1"] = directive
    await bench.clock.advance(10.0)

    assert (bench.scheduler.prepared, bench.steps.discarded, bench.scheduler.releases) == (["lease-1"], [], [])


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


async def test_stop_hands_back_what_has_not_started(bench: Bench) -> None:
    await bench.start()
    bench.scheduler.fail("renew", SchedulerUnavailableError())
    bench.scheduler.grant(lease())
    await settle()
    bench.executor.stop()
    await settle()

    assert bench.task is not None
    assert bench.task.done()
    assert bench.scheduler.releases == [release(ReleaseReason.NOT_STARTED)]
    assert (bench.steps.started, bench.scheduler.closed) == ([], ["session-1"])


async def test_stop_lets_started_work_finish_within_the_grace(bench: Bench) -> None:
    await bench.work_on()
    bench.executor.stop()
    await bench.clock.advance(29.0)
    bench.steps.finish("lease-1", prepared_output())
    await settle()

    assert bench.task is not None
    assert bench.task.done()
    assert (bench.scheduler.outcomes, bench.scheduler.releases) == ([PUBLISHED], [])
    assert bench.scheduler.draining[-1] is True
    assert bench.scheduler.closed == ["session-1"]


async def test_stop_kills_and_hands_back_what_outlasts_the_grace(bench: Bench) -> None:
    await bench.work_on()
    bench.executor.stop()
    await bench.clock.advance(30.0)

    assert bench.task is not None
    assert bench.task.done()
    assert (bench.steps.stopped, bench.steps.discarded) == (["lease-1"], ["lease-1"])
    assert bench.scheduler.releases == [release(ReleaseReason.DRAINED)]


async def test_stop_gives_up_an_undeliverable_outcome_only_after_both_graces(bench: Bench) -> None:
    await bench.work_on()
    bench.steps.finish("lease-1", prepared_output())
    bench.scheduler.down = True
    bench.executor.stop()
    await bench.clock.advance(39.0)
    assert bench.task is not None
    running_before = not bench.task.done()
    await bench.clock.advance(2.0)

    assert (running_before, bench.task.done(), bench.steps.discarded) == (True, True, [])


async def test_stop_without_a_scheduler_ends_at_once(bench: Bench) -> None:
    bench.scheduler.down = True
    await bench.start()
    bench.executor.stop()
    await settle()

    assert bench.task is not None
    assert bench.task.done()


async def test_cancelling_the_executor_stops_every_tool_and_says_nothing(bench: Bench) -> None:
    await bench.work_on()
    assert bench.task is not None
    bench.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await bench.task

    assert bench.steps.stopped == ["lease-1"]
    assert (bench.scheduler.releases, bench.scheduler.outcomes) == ([], [])


async def test_a_publication_under_way_is_finished_although_the_grace_is_over(bench: Bench) -> None:
    bench.steps.publish_gate.clear()
    await bench.work_on()
    bench.steps.finish("lease-1", prepared_output())
    await settle()
    bench.executor.stop()
    await bench.clock.advance(31.0)
    bench.steps.publish_gate.set()
    await settle()

    assert (bench.scheduler.outcomes, bench.scheduler.releases) == ([PUBLISHED], [])
