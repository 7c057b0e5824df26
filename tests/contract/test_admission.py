"""Admission: every source is probed before anything is made, and every reason against a job is told at once."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from proxx.core.detection import Detection
from proxx.core.facts import MediaFacts
from proxx.core.failure import Failure, FailureKind
from proxx.core.jobs import JobState
from proxx.core.leases import LeaseOutcome, ReleaseReason, ReportStatus
from proxx.core.steps import ProbedSource, ProbeItem, StepKind
from proxx.core.violation import Violation, ViolationCode
from tests.contract.world import World, spec_of
from tests.fakes.measured import CAMERA_RAW, UNSUPPORTED, missing, probed


def taken(item: ProbeItem) -> ProbedSource:
    return probed(item, output_exists=True)


def as_(detection: Detection) -> Callable[[ProbeItem], ProbedSource]:
    return lambda item: probed(item, detection=detection)


def with_facts(change: Callable[[MediaFacts], MediaFacts]) -> Callable[[ProbeItem], ProbedSource]:
    def answer(item: ProbeItem) -> ProbedSource:
        good = probed(item)
        assert good.facts is not None
        return replace(good, facts=change(good.facts))

    return answer


async def rejected(world: World, job_key: str) -> list[tuple[str, str]]:
    """Wait for the rejection; returns (code, field) of every violation."""
    job = await world.reached(job_key, JobState.REJECTED)
    assert (job.reason, job.counts.skipped) == ("validation", job.counts.total)
    assert set(await world.states(job_key)) == {"SKIPPED(rejected)"}
    return [(violation.code, violation.field) for violation in job.violations]


async def test_every_violation_of_every_source_stands_in_one_rejection(world: World) -> None:
    executor = await world.executor()
    job = await world.submit(clips=5)
    unwritable = Violation(
        code=ViolationCode.OUTPUT_DIRECTORY_UNWRITABLE, field="output_directory", message="/proxies/1: read-only"
    )
    await executor.answer_probes({0: missing, 1: taken, 2: as_(UNSUPPORTED)}, directory=[unwritable])
    assert await rejected(world, job.job_key) == [
        ("OUTPUT_DIRECTORY_UNWRITABLE", "output_directory"),
        ("SOURCE_MISSING", "sources[0]"),
        ("OUTPUT_EXISTS", "sources[1]"),
        ("SOURCE_UNSUPPORTED", "sources[2]"),
    ]
    assert await executor.idle()
    result = await world.client.get_job_result(job_key=job.job_key)
    assert result.violations == (await world.client.get_job(job_key=job.job_key)).violations
    assert result.violations[1].message == "Source /footage/A001.mov does not exist"
    assert "cinepak in mov" in result.violations[3].message


async def test_nothing_is_granted_for_encoding_before_every_source_is_probed(world: World) -> None:
    executor = await world.executor()
    job = await world.submit(clips=40)
    probes = await executor.take(8)
    assert [(lease.kind, len(lease.probe.items) if lease.probe else 0) for lease in probes] == [
        (StepKind.PROBE, 16),
        (StepKind.PROBE, 16),
        (StepKind.PROBE, 8),
    ]
    for lease in probes[1:]:
        await executor.report_probe(lease)
        assert await executor.idle()
    await executor.report_probe(probes[0])
    assert (await world.decided(job.job_key)).state is JobState.RUNNING
    assert (await executor.take_one(StepKind.ENCODE)).clip_index == 0


async def test_one_bad_source_of_the_last_probe_rejects_the_whole_job(world: World) -> None:
    executor = await world.executor()
    job = await world.submit(clips=17)
    await executor.answer_probes()
    await executor.answer_probes({16: missing})
    assert await rejected(world, job.job_key) == [("SOURCE_MISSING", "sources[16]")]


async def test_the_output_directory_is_looked_at_once_and_made_only_where_the_options_say_so(world: World) -> None:
    executor = await world.executor()
    for allowed in (False, True):
        await world.submit(clips=17, create_output_directory=allowed)
    looks = [lease.probe for lease in await executor.take(8) if lease.probe is not None]
    seen = [
        (look.output_directory.path if look.output_directory else None, look.create_output_directory) for look in looks
    ]
    assert seen == [("proxies/1", False), (None, False), ("proxies/2", True), (None, True)]


async def test_a_probe_that_fails_as_a_whole_rejects_its_sources(world: World) -> None:
    executor = await world.executor()
    job = await world.submit(clips=2)
    lease = await executor.take_one(StepKind.PROBE)
    failure = Failure(kind=FailureKind.EXECUTOR_ERROR, message="ffprobe could not be started")
    await executor.complete(LeaseOutcome(lease_id=lease.lease_id, epoch=lease.epoch, failure=failure))
    assert await rejected(world, job.job_key) == [("PROBE_FAILED", "sources[0]"), ("PROBE_FAILED", "sources[1]")]
    violation = (await world.client.get_job(job_key=job.job_key)).violations[0]
    assert violation.message == "/footage/A001.mov could not be probed: ffprobe could not be started"


async def test_a_probe_that_says_nothing_about_a_source_rejects_the_job(world: World) -> None:
    executor = await world.executor()
    job = await world.submit()

    def silent(item: ProbeItem) -> ProbedSource:
        return replace(missing(item), violations=())

    await executor.answer_probes(silent)
    assert await rejected(world, job.job_key) == [("PROBE_FAILED", "sources[0]")]


async def test_a_source_that_the_profile_cannot_serve_is_rejected_with_its_facts(world: World) -> None:
    executor = await world.executor()
    job = await world.submit()

    def without_rate(facts: MediaFacts) -> MediaFacts:
        assert facts.video is not None
        return replace(facts, video=replace(facts.video, frame_count=0, frame_rate=Fraction(0)))

    await executor.answer_probes(with_facts(without_rate))
    assert await rejected(world, job.job_key) == [("SOURCE_CANNOT_FIT_PROFILE", "sources[0]")]


async def test_a_job_that_holds_an_output_path_is_named_to_the_next_that_wants_it(world: World) -> None:
    executor = await world.executor()
    holder = await world.admitted(executor)
    second = await world.submit(spec_of(2, output_directory="/proxies/1"))
    await executor.take_one(StepKind.ENCODE)
    await executor.answer_probes()
    assert await rejected(world, second.job_key) == [("OUTPUT_RESERVED", "sources[0]")]
    (violation,) = (await world.client.get_job(job_key=second.job_key)).violations
    assert (violation.actual, violation.message) == (
        holder,
        f"Output /proxies/1/A001_proxy.mp4 is reserved by job {holder}, which has not ended",
    )


async def test_paths_that_a_file_system_may_take_for_one_are_one_reservation(world: World) -> None:
    executor = await world.executor()
    first = await world.submit(spec_of(output_directory="/proxies/Caf\u00e9"))
    await executor.answer_probes()
    await world.decided(first.job_key)
    second = await world.submit(spec_of(output_directory="/PROXIES/cafe\u0301"))
    await executor.take_one(StepKind.ENCODE)
    await executor.answer_probes()
    assert await rejected(world, second.job_key) == [("OUTPUT_RESERVED", "sources[0]")]
    assert (await world.client.get_job(job_key=first.job_key)).state is JobState.RUNNING


async def test_a_finished_job_holds_no_path(world: World) -> None:
    executor = await world.executor()
    first = await world.admitted(executor)
    lease = await executor.begin()
    await executor.fail(lease)
    await world.reached(first, JobState.FAILED)
    second = await world.submit(spec_of(output_directory="/proxies/1"))
    await executor.answer_probes()
    await executor.make()
    await world.reached(second.job_key, JobState.COMPLETED)


async def test_of_two_jobs_that_are_probed_at_once_only_one_gets_the_path(world: World) -> None:
    executor = await world.executor()
    jobs = [await world.submit(spec_of(output_directory="/proxies/same")) for _ in range(2)]
    for lease in await executor.take(2):
        await executor.report_probe(lease)
    states = [(await world.decided(job.job_key)).state for job in jobs]
    assert sorted(states) == [JobState.REJECTED, JobState.RUNNING]


async def test_camera_raw_with_a_profile_of_ffmpeg_is_rejected(world: World) -> None:
    executor = await world.executor()
    job = await world.submit()
    await executor.answer_probes(CAMERA_RAW)
    assert await rejected(world, job.job_key) == [("PROFILE_ENGINE", "proxy_profile")]
    (violation,) = (await world.client.get_job(job_key=job.job_key)).violations
    assert violation.message == "Profile 'proxy_h264_low' requires ffmpeg engine, but job routes to resolve"


async def test_camera_raw_and_other_sources_in_one_job_are_rejected(world: World) -> None:
    executor = await world.executor()
    job = await world.submit(clips=3)
    await executor.answer_probes({1: as_(CAMERA_RAW)})
    assert await rejected(world, job.job_key) == [("SOURCE_MIXED_ENGINES", "sources")]
    (violation,) = (await world.client.get_job(job_key=job.job_key)).violations
    assert (violation.actual, violation.expected) == ("resolve: 1; ffmpeg: 0, 2", "one engine for all sources")


async def test_a_probe_whose_executor_is_lost_is_granted_again_without_an_operator(brief: World) -> None:
    silent, other = await brief.executor("silent"), await brief.executor("other")
    job = await brief.submit()
    lost = await silent.start(await silent.take_one(StepKind.PROBE))
    again = await other.take_one(StepKind.PROBE)
    assert (again.step_id, again.epoch) == (lost.step_id, lost.epoch + 1)
    assert await silent.report_probe(lost, missing) is ReportStatus.STALE
    assert await other.report_probe(again) is ReportStatus.RECORDED
    assert (await brief.decided(job.job_key)).state is JobState.RUNNING
    told = ["job.submit", "clip.probe_lost 0", "clip.stale_report 0", "job.admit"]
    assert brief.log.lines(job.job_key) == told


@pytest.mark.parametrize("reason", list(ReleaseReason))
async def test_a_probe_that_is_handed_back_is_granted_again(world: World, reason: ReleaseReason) -> None:
    executor = await world.executor()
    await world.submit()
    lease = await executor.take_one(StepKind.PROBE)
    assert await executor.release(lease, reason) is ReportStatus.RECORDED
    assert (await executor.take_one(StepKind.PROBE)).epoch == 2


async def test_warnings_of_a_plan_are_a_flag_on_the_job_and_words_in_the_result(world: World) -> None:
    executor = await world.executor()
    job = await world.submit()
    await executor.answer_probes(with_facts(lambda facts: replace(facts, other_streams=("subtitle:mov_text",))))
    assert (await world.decided(job.job_key)).has_warnings
    result = await world.client.get_job_result(job_key=job.job_key)
    assert result.clips[0].warnings == ("streams that are not carried: subtitle:mov_text",)
