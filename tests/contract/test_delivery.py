"""A dead executor's finished work: delivered from its journal by a SWEEP, and believed as far as it can be checked."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from proxx.core.jobs import JobState, LostPolicy
from proxx.core.leases import Lease, ReportStatus
from proxx.core.steps import DeliverWork, Journal, PrepareAnswer, PreparedOutput, StepKind
from proxx.core.verbs import Verb
from proxx.core.verdict import Check, CheckLevel, Verdict
from tests.contract.world import World
from tests.fakes.scripted_executor import ScriptedExecutor, sha256_of

DOUBT = JobState.RECOVERY_REQUIRED


async def finished_and_gone(world: World, *, clips: int = 1, **options: Any) -> tuple[str, Lease, Journal]:
    """A job whose first clip was finished by an executor that died before it said so."""
    gone = await world.executor("gone")
    key = await world.admitted(gone, clips=clips, **options)
    lease = await gone.begin()
    journal = gone.journal_of(lease, gone.output_of(lease))
    await gone.close()
    return key, lease, journal


async def resumed(world: World, key: str) -> tuple[ScriptedExecutor, Lease]:
    """The SWEEP that a resume brings, started by another executor."""
    await world.reached(key, DOUBT)
    await world.client.resume_job(job_key=key, request_id="resume")
    other = await world.executor("other")
    return other, await other.begin(StepKind.SWEEP)


async def test_a_finished_file_is_published_instead_of_made_again(world: World) -> None:
    key, lease, journal = await finished_and_gone(world)
    other, sweep = await resumed(world, key)
    assert sweep.sweep is not None
    assert lease.encode is not None
    assert sweep.sweep.deliver == DeliverWork(plan_digest=lease.encode.plan_digest, source=lease.encode.identity)
    assert sweep.sweep.staged == (journal.output.staged,)

    assert await other.delivered(sweep, journal) is ReportStatus.RECORDED
    event = await world.clip_event(key, 0, "clip.deliver")
    publish = await other.begin(StepKind.PUBLISH)
    assert await other.published(publish) is ReportStatus.RECORDED
    await world.reached(key, JobState.COMPLETED)

    staged = f"{sweep.sweep.output.parent().path}/.proxx/"
    told = json.loads(event.data_json)
    assert told.pop("staged").startswith(staged)
    assert told == {
        "final_path": "absent",
        "result": "delivered from journal",
        "made_by": "gone",
        "made_in": {"step_id": lease.step_id, "epoch": 1},
        "delivered_by": "other",
        "sha256": sha256_of(lease),
        "size_bytes": 1234,
    }
    assert publish.publish is not None
    assert publish.publish.staged.path.startswith(staged)
    assert publish.publish.staged != journal.output.staged
    (clip,) = (await world.client.get_job_result(job_key=key)).clips
    assert (clip.output_sha256, clip.epoch, clip.executor, clip.adopted) == (sha256_of(lease), 1, "gone", False)
    assert world.log.lines(key).count("clip.grant 0") == 1


async def test_warnings_of_the_maker_count_whichever_way_its_clip_goes(world: World) -> None:
    black = Check(name="picture.black", level=CheckLevel.WARN, expected="a picture", actual="black")

    def warned(output: PreparedOutput) -> PreparedOutput:
        return replace(output, verdict=Verdict(checks=(*output.verdict.checks, black)))

    executor = await world.executor()
    usual = await world.admitted(executor)
    lease = await executor.begin()
    assert await executor.prepare(lease, warned(executor.output_of(lease))) is PrepareAnswer.PUBLISH
    await executor.published(lease)
    await world.reached(usual, JobState.COMPLETED)
    await executor.close()
    key, _, journal = await finished_and_gone(world)
    other, sweep = await resumed(world, key)
    await other.delivered(sweep, replace(journal, output=warned(journal.output)))
    await other.published(await other.begin(StepKind.PUBLISH))
    await world.reached(key, JobState.COMPLETED)
    results = [await world.client.get_job_result(job_key=one) for one in (usual, key)]
    assert [result.has_warnings for result in results] == [True, True]


async def test_a_delivered_clip_that_is_not_head_waits_for_its_turn(world: World) -> None:
    gone, slow = await world.executor("gone"), await world.executor("slow")
    key = await world.admitted(slow, clips=2)
    head = await slow.begin()
    lease = await gone.begin()
    journal = gone.journal_of(lease, gone.output_of(lease))
    await gone.close()
    other, sweep = await resumed(world, key)
    await other.delivered(sweep, journal)
    assert await world.states(key) == ["RUNNING", "STAGED"]
    assert await other.idle()
    await slow.finish(head)
    assert await other.published(await other.begin(StepKind.PUBLISH)) is ReportStatus.RECORDED
    await world.reached(key, JobState.COMPLETED)


async def test_a_staged_clip_whose_publisher_died_is_delivered_too(world: World) -> None:
    one, gone = await world.executor("one"), await world.executor("gone")
    key = await world.admitted(one, clips=2)
    head, later = await one.begin(), await one.begin()
    assert await one.prepare(later) is PrepareAnswer.STAGED
    journal = one.journal_of(later, one.output_of(later))
    await one.finish(head)
    await gone.begin(StepKind.PUBLISH)
    await gone.close()
    other, sweep = await resumed(world, key)
    assert await other.delivered(sweep, journal) is ReportStatus.RECORDED
    assert await other.published(await other.begin(StepKind.PUBLISH)) is ReportStatus.RECORDED
    await world.reached(key, JobState.COMPLETED)


async def test_the_policy_that_queues_again_delivers_too(world: World) -> None:
    key, _, journal = await finished_and_gone(world, on_executor_lost=LostPolicy.REQUEUE, requeue_limit=1)
    other = await world.executor("other")
    sweep = await other.begin(StepKind.SWEEP)
    assert await other.delivered(sweep, journal) is ReportStatus.RECORDED
    await other.published(await other.begin(StepKind.PUBLISH))
    await world.reached(key, JobState.COMPLETED)


def with_output(**values: object) -> Callable[[Journal], Journal]:
    return lambda journal: replace(journal, output=replace(journal.output, **values))  # type: ignore[arg-type]  # fields


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda journal: replace(journal, incarnation="someone"), "was granted to incarnation someone"),
        (lambda journal: replace(journal, plan_digest="e" * 64), "it was made by plan eeee"),
        (
            lambda journal: replace(journal, source=replace(journal.source, inode=1)),
            "it was made of another source than the clip's",
        ),
        (
            lambda journal: with_output(staged=journal.output.staged.parent().child("x"))(journal),
            "its journal names another staged file: ",
        ),
        (
            lambda journal: with_output(measured=replace(journal.output.measured, decoded_frames=1))(journal),
            "its facts do not pass: frame_count",
        ),
    ],
    ids=["incarnation", "plan", "source", "name", "facts"],
)
async def test_what_is_not_what_the_clip_needs_is_refused_swept_and_made_again(
    world: World, change: Callable[[Journal], Journal], why: str
) -> None:
    key, _, journal = await finished_and_gone(world)
    other, sweep = await resumed(world, key)
    assert await other.delivered(sweep, change(journal)) is ReportStatus.RECORDED
    refused = await world.clip_event(key, 0, "clip.delivery_refused")
    assert why in json.loads(refused.data_json)["why"]
    again = await other.begin(StepKind.SWEEP)
    assert again.sweep is not None
    assert (again.sweep.deliver, len(again.sweep.staged)) == (None, 2)
    await other.swept(again)
    await other.make()
    await world.reached(key, JobState.COMPLETED)


async def test_a_file_under_a_name_that_is_not_the_sweeps_own_is_refused(world: World) -> None:
    key, _, journal = await finished_and_gone(world)
    other, sweep = await resumed(world, key)
    await other.delivered(sweep, journal, staged=journal.output.staged)
    refused = await world.clip_event(key, 0, "clip.delivery_refused")
    assert "not the SWEEP's own" in json.loads(refused.data_json)["why"]


async def test_another_digest_than_the_one_that_was_prepared_is_refused(world: World) -> None:
    gone = await world.executor("gone")
    key = await world.admitted(gone)
    lease = await gone.begin()
    output = gone.output_of(lease)
    assert await gone.prepare(lease, output) is PrepareAnswer.PUBLISH
    await gone.close()
    other, sweep = await resumed(world, key)
    await other.delivered(sweep, gone.journal_of(lease, replace(output, sha256="a" * 64)))
    refused = await world.clip_event(key, 0, "clip.delivery_refused")
    assert json.loads(refused.data_json)["why"].startswith(f"its maker prepared sha256 {sha256_of(lease)}")


@pytest.mark.parametrize("now", [False, True], ids=["cancel", "cancel now"])
async def test_a_cancelled_job_delivers_nothing(world: World, now: bool) -> None:
    key, _, journal = await finished_and_gone(world)
    other, sweep = await resumed(world, key)
    await world.client.cancel_job(job_key=key, request_id="cancel", now=now)
    assert await other.delivered(sweep, journal) is ReportStatus.RECORDED
    again = await other.begin(StepKind.SWEEP)
    assert again.sweep is not None
    assert again.sweep.deliver is None
    await other.swept(again)
    assert (await world.reached(key, JobState.CANCELLED)).counts.skipped == 1


async def test_a_sweep_that_is_lost_is_followed_by_one_that_knows_its_name(world: World) -> None:
    key, _, journal = await finished_and_gone(world)
    other, first = await resumed(world, key)
    await other.close()
    third = await world.executor("third")
    second = await third.begin(StepKind.SWEEP)
    assert second.sweep is not None
    assert second.step_id == first.step_id
    assert (second.epoch, len(second.sweep.staged), second.sweep.staged[0]) == (2, 2, journal.output.staged)
    assert await third.delivered(second, journal) is ReportStatus.RECORDED
    await third.published(await third.begin(StepKind.PUBLISH))
    await world.reached(key, JobState.COMPLETED)


async def test_the_plans_of_the_verbs_say_what_can_come_of_it(world: World) -> None:
    key, _, _ = await finished_and_gone(world)
    await world.reached(key, DOUBT)
    resume = await world.client.plan_verb(job_key=key, verb=Verb.RESUME)
    cancel = await world.client.plan_verb(job_key=key, verb=Verb.CANCEL)
    assert resume.warnings == (
        "in doubt: the executor was lost while it worked on clip 0",
        "of a clip in doubt the sweep looks for a finished proxy: one under its final name is adopted; one that was"
        " finished and not yet published is published in its turn; otherwise the clip is made again",
    )
    assert cancel.warnings[1] == (
        "a finished proxy of a clip in doubt that is not yet under its final name is thrown away"
    )
