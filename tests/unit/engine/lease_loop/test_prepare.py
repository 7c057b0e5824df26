"""The executor's side of the lease protocol: Prepare, publication and what a scheduler may answer."""

import pytest

from proxx.core.failure import Failure, FailureKind
from proxx.core.leases import LeaseOutcome, ReleaseReason
from proxx.core.steps import Directive, PrepareAnswer
from proxx.engine.errors import PublicationInDoubtError, StepFailedError
from proxx.engine.lease_work import MOST_DEFECTS
from proxx.engine.scheduler_port import (
    CallRefusedError,
    LeaseSupersededError,
    SchedulerDefectError,
    SchedulerUnavailableError,
)
from tests.fakes.clock import settle
from tests.fakes.leases import prepared_output
from tests.unit.engine.lease_loop.bench import PUBLISHED, Bench, release


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
