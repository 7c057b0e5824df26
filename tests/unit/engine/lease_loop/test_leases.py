"""The executor's side of the lease protocol: grants, the start barrier, renewals, cancel and revoked."""

from proxx.core.failure import Failure, FailureKind
from proxx.core.leases import LeaseOutcome, LeaseReport, ReleaseReason
from proxx.core.steps import Directive, Phase, Progress
from proxx.engine.lease_loop import ExecutorStatus
from proxx.engine.scheduler_port import AcquireConsumedError, SchedulerUnavailableError
from tests.fakes.clock import settle
from tests.fakes.leases import lease, probe_outcome
from tests.unit.engine.lease_loop.bench import Bench, release


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
