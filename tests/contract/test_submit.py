"""SubmitJob: what becomes of a body, and that no call is ever doubled or lost."""

import asyncio
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import grpc
import pytest

from proxx.api.jobs.v1 import job_service_pb2 as pb
from proxx.api.jobs.v1 import jobspec_pb2
from proxx.core.canonical import canonical_json, digest
from proxx.core.jobs import (
    ClipCounts,
    JobState,
    JobView,
    ReusePolicy,
    SubmissionOptions,
)
from proxx.core.waiting import WaitingCode, WaitingReason
from tests.contract.refusal import refused
from tests.contract.world import World, call, spec_of
from tests.fakes.specs import SEED_1_0_0, text_of

SPECS = Path(__file__).parents[2] / "protos" / "vectors" / "specs"
UNKNOWN_FIELD = b"\xb8\x3e\x01"
"""Field 999 with the value 1: protobuf keeps it, the contract refuses it."""


def vectors(folder: str) -> list[Any]:
    texts = sorted(path for path in (SPECS / folder).glob("*.json") if not path.name.endswith(".expected.json"))
    return [pytest.param(path, id=path.stem) for path in texts]


def expectation(path: Path) -> Any:
    return json.loads(path.with_name(f"{path.stem}.expected.json").read_text(encoding="utf-8"))


async def submit(world: World, *, request_id: str, text: str, **options: Any) -> tuple[JobView, bool]:
    return await world.client.submit_job(request_id=request_id, spec_json=text, options=SubmissionOptions(**options))


async def raw(world: World, method: str, message: bytes) -> bytes:
    """Send bytes that no generated class would write."""
    path = f"/proxx.api.jobs.v1.JobService/{method}"
    multi_callable = world.channel.unary_unary(path, request_serializer=bytes, response_deserializer=bytes)
    return await call(multi_callable, message)


async def test_a_submitted_job_is_pending_and_carries_its_canonical_spec_its_digests_and_its_options(
    world: World,
) -> None:
    given = {"job_id": "0a1b2c3d", "created_at": "2026-03-04T05:06:07+01:00", "user_metadata": {"project": "Ä"}}
    text = spec_of(2, **given)
    options = SubmissionOptions(priority=7, queue="dailies", max_parallel_clips=3, labels={"unit": "B"})
    job, created = await world.client.submit_job(request_id="one", spec_json=text, options=options)
    canonical = {**json.loads(text), "fps_mode": "same-as-source"}
    assert created
    assert UUID(job.job_key).version == 7
    assert job == JobView(
        job_key=job.job_key,
        job_id="0a1b2c3d",
        state=JobState.PENDING,
        reason="",
        revision=1,
        run_number=1,
        counts=ClipCounts(total=2, completed=0, failed=0, skipped=0),
        has_warnings=False,
        spec=canonical,
        spec_digest=digest(canonical),
        received_digest=hashlib.sha256(text.encode()).hexdigest(),
        options=options,
        submit_time=job.submit_time,
        start_time=None,
        end_time=None,
        violations=(),
        last_event_sequence=1,
    )
    waits = WaitingReason(code=WaitingCode.NO_EXECUTOR, detail="no executor is healthy")
    assert await world.client.get_job(job_key=job.job_key) == replace(job, waiting_reason=waits)


async def test_the_server_assigns_job_id_and_time_once(world: World) -> None:
    text = spec_of()
    first, _ = await submit(world, request_id="one", text=text)
    again, created = await submit(world, request_id="one", text=text)
    assert (again, created) == (first, False)
    assert len(bytes.fromhex(first.job_id)) == 4
    assert first.spec["job_id"] == first.job_id
    assert str(first.spec["created_at"]).endswith("+00:00")


async def test_the_same_request_from_32_clients_at_once_makes_one_job(world: World) -> None:
    text = spec_of()
    answers = await asyncio.gather(*(submit(world, request_id="same", text=text) for _ in range(32)))
    assert {job.job_key for job, _ in answers} == {answers[0][0].job_key}
    assert sorted(created for _, created in answers) == [False] * 31 + [True]
    assert len((await world.client.list_jobs()).items) == 1


async def test_a_repeated_request_returns_the_job_in_its_present_state_even_after_a_restart(world: World) -> None:
    executor = await world.executor()
    text = spec_of()
    await submit(world, request_id="one", text=text)
    await executor.answer_probes()
    await executor.make()
    await world.restart()
    job, created = await submit(world, request_id="one", text=text)
    assert (job.state, created) == (JobState.COMPLETED, False)


async def test_a_request_id_with_another_body_is_refused_and_both_digests_are_named(world: World) -> None:
    one, two = spec_of(1), spec_of(2)
    await submit(world, request_id="one", text=one)
    refusal = await refused(submit(world, request_id="one", text=two))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")
    await submit(world, request_id="two", text=two)
    mirrored = await refused(submit(world, request_id="two", text=one))
    assert refusal.metadata["request_id"] == "one"
    assert refusal.metadata["stored_digest"] != refusal.metadata["received_digest"]
    assert (mirrored.metadata["stored_digest"], mirrored.metadata["received_digest"]) == (
        refusal.metadata["received_digest"],
        refusal.metadata["stored_digest"],
    )
    assert len((await world.client.list_jobs()).items) == 2


async def test_options_are_part_of_the_body(world: World) -> None:
    await submit(world, request_id="one", text=spec_of())
    refusal = await refused(submit(world, request_id="one", text=spec_of(), priority=1))
    assert refusal.reason == "REQUEST_ID_REUSED"


async def test_a_refused_spec_stores_nothing_and_leaves_its_request_id_free(world: World) -> None:
    refusal = await refused(submit(world, request_id="one", text=spec_of(codec="cinepak", colour="red")))
    assert (refusal.code, refusal.reason, refusal.metadata["violations"]) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "SPEC_INVALID",
        str(len(refusal.violations)),
    )
    assert ("FIELD_UNKNOWN", "colour") in refusal.violations
    assert (await world.client.list_jobs()).items == ()
    assert (await submit(world, request_id="one", text=spec_of()))[1]


async def test_rules_of_spec_options_and_paths_are_all_listed_in_one_refusal(world: World) -> None:
    refusal = await refused(
        submit(
            world,
            request_id="one",
            text=spec_of(sources=["relative.mov"], resolution="huge"),
            priority=101,
            max_parallel_clips=65,
        )
    )
    assert refusal.violations == (
        ("PATH_NOT_ABSOLUTE", "sources[0]"),
        ("FIELD_VALUE", "resolution"),
        ("FIELD_VALUE", "options.priority"),
        ("FIELD_VALUE", "options.max_parallel_clips"),
    )


async def test_a_refusal_too_long_for_the_trailers_says_how_much_of_it_is_listed(world: World) -> None:
    text = spec_of(sources=[f"relative{index}.mov" for index in range(10_000)])
    refusal = await refused(call(world.jobs.SubmitJob, pb.SubmitJobRequest(request_id="one", spec_json=text)))
    listed = int(refusal.metadata["violations_listed"])
    assert refusal.metadata["violations"] == "10000"
    assert len(refusal.violations) == listed
    assert 10 < listed < 100


async def test_a_typed_spec_and_its_json_text_have_one_canonical_form(world: World) -> None:
    given = {"job_id": "0a1b2c3d", "created_at": "2026-03-04T05:06:07+01:00", "user_metadata": {"a": "b"}}
    plain = json.loads(spec_of(2, fps_mode="explicit", fps_explicit=23.976, **given))
    request = pb.SubmitJobRequest(request_id="typed", spec=jobspec_pb2.JobSpec(**plain))
    typed = (await call(world.jobs.SubmitJob, request)).job
    text, _ = await submit(world, request_id="text", text=json.dumps(plain))
    job = await world.client.get_job(job_key=typed.job_key)
    assert (job.spec, job.spec_digest) == (text.spec, text.spec_digest)
    assert typed.spec == jobspec_pb2.JobSpec(**plain)


async def test_a_typed_spec_reports_every_missing_field_like_its_text(world: World) -> None:
    typed = await refused(call(world.jobs.SubmitJob, pb.SubmitJobRequest(request_id="one", spec=jobspec_pb2.JobSpec())))
    text = await refused(submit(world, request_id="one", text="{}"))
    assert typed.violations == text.violations == (("VERSION_MISSING", "jobspec_version"),)


@pytest.mark.parametrize(
    ("message", "field"),
    [
        pytest.param(b"\x0a\x03one" + UNKNOWN_FIELD, "#999", id="in the request"),
        pytest.param(b"\x0a\x03one\x12\x03" + UNKNOWN_FIELD, "spec.#999", id="in the typed spec"),
        pytest.param(b"\x0a\x03one\x1a\x02{}\x22\x03" + UNKNOWN_FIELD, "options.#999", id="in the options"),
    ],
)
async def test_a_field_that_the_contract_does_not_define_is_refused(world: World, message: bytes, field: str) -> None:
    refusal = await refused(raw(world, "SubmitJob", message))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_INVALID")
    assert refusal.violations == (("", field),)
    assert (await world.client.list_jobs()).items == ()


async def test_an_enum_value_that_the_contract_does_not_define_is_refused(world: World) -> None:
    options = jobspec_pb2.SubmissionOptions()
    options.failure_policy = 77  # type: ignore[assignment]  # proto3 enums are open
    request = pb.SubmitJobRequest(request_id="one", spec_json=spec_of(), options=options)
    refusal = await refused(call(world.jobs.SubmitJob, request))
    assert (refusal.reason, refusal.violations) == ("REQUEST_INVALID", (("", "failure_policy"),))


async def test_options_that_are_left_out_have_their_published_defaults(world: World) -> None:
    request = pb.SubmitJobRequest(request_id="one", spec_json=spec_of())
    job = (await call(world.jobs.SubmitJob, request)).job
    assert job.options == jobspec_pb2.SubmissionOptions(
        queue="default",
        failure_policy=jobspec_pb2.FAILURE_POLICY_FAIL_FAST,
        max_parallel_clips=8,
        collision_policy=jobspec_pb2.COLLISION_POLICY_FAIL,
        reuse=jobspec_pb2.REUSE_POLICY_NEVER,
        on_executor_lost=jobspec_pb2.LOST_POLICY_HOLD,
    )


async def test_options_that_this_version_does_not_have_yet_are_refused_and_never_ignored(world: World) -> None:
    refusal = await refused(
        submit(
            world,
            request_id="one",
            text=spec_of(),
            reuse=ReusePolicy.VERIFIED,
        )
    )
    assert refusal.violations == (("OPTION_UNSUPPORTED", "options.reuse"),)


async def test_a_call_without_a_body_is_refused(world: World) -> None:
    refusal = await refused(call(world.jobs.SubmitJob, pb.SubmitJobRequest(request_id="one")))
    assert (refusal.reason, refusal.metadata["field"]) == ("REQUEST_INVALID", "body")


@pytest.mark.parametrize("length", [0, 129], ids=["empty", "129 characters"])
async def test_a_request_id_has_1_to_128_characters(world: World, length: int) -> None:
    refusal = await refused(submit(world, request_id="x" * length, text=spec_of()))
    assert (refusal.reason, refusal.metadata["field"]) == ("REQUEST_INVALID", "request_id")


async def test_version_1_0_0_is_taken_as_text_and_kept_as_2_1(world: World) -> None:
    text = text_of(SEED_1_0_0, job_id="0a1b2c3d")
    job, _ = await submit(world, request_id="one", text=text)
    assert job.spec == {
        "jobspec_version": "2.1",
        "job_id": "0a1b2c3d",
        "created_at": "2025-12-29T10:00:00Z",
        "sources": ["/path/to/source1.mov", "/path/to/source2.mov"],
        "output_directory": "/path/to/outputs",
        "codec": "h264",
        "container": "mp4",
        "resolution": "1920x1080",
        "fps_mode": "same-as-source",
        "naming_template": "{source_name}_proxy",
        "proxy_profile": "offline_h264_1920x1080",
        "user_metadata": {"project": "Example Project", "operator": "jane.doe"},
    }
    assert job.received_digest == hashlib.sha256(text.encode()).hexdigest()


async def test_10000_sources_are_one_job_and_one_more_is_refused(world: World) -> None:
    job = await world.submit(clips=10_000, hold=True)
    assert job.counts.total == 10_000
    refusal = await refused(submit(world, request_id="more", text=spec_of(10_001)))
    assert refusal.violations == (("LIMIT_EXCEEDED", "sources"),)


async def test_every_vector_of_a_valid_spec_has_its_canonical_form_behind_the_wire_too(world: World) -> None:
    for number, parameter in enumerate(vectors("valid")):
        (path,) = parameter.values
        text, expected = path.read_text(encoding="utf-8"), expectation(path)
        job, _ = await submit(world, request_id=f"vector-{number}", text=text)
        assigned = {"job_id", "created_at"} - set(json.loads(text))
        kept = {name: value for name, value in job.spec.items() if name not in assigned}
        assert (path.stem, canonical_json(kept), job.received_digest) == (
            path.stem,
            expected["canonical"],
            expected["received_digest"],
        )
        clips = (await world.client.list_clips(job_key=job.job_key)).items
        if not assigned:
            assert [clip.output_path.rpartition("/")[2] for clip in clips] == expected["outputs"]


async def test_every_vector_of_a_refused_spec_is_refused_for_the_same_violations(world: World) -> None:
    for parameter in vectors("refused"):
        (path,) = parameter.values
        refusal = await refused(submit(world, request_id="vector", text=path.read_bytes().decode()))
        expected = [(violation["code"], violation["field"]) for violation in expectation(path)["violations"]]
        assert (path.stem, refusal.reason, list(refusal.violations)) == (path.stem, "SPEC_INVALID", expected)
    assert (await world.client.list_jobs()).items == ()
