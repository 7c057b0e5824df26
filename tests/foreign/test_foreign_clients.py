"""Clients of other languages: what the proto files say is enough to submit a job, follow it and read its result."""

import asyncio
import json
from pathlib import Path

from proxx.core.jobs import JobState
from tests.contract.world import World, spec_of
from tests.fakes.scripted_executor import sha256_of
from tests.foreign.tools import PROTOS, curl, needs_buf, needs_node, run

WALK = Path(__file__).with_name("walk.mjs")


@needs_buf
async def test_buf_curl_submits_a_typed_spec_and_reads_its_result(world: World) -> None:
    executor = await world.executor()
    submission = {
        "requestId": "from buf",
        "spec": json.loads(spec_of()),
        "options": {"failurePolicy": "FAILURE_POLICY_CONTINUE", "labels": {"unit": "B"}},
    }
    answer = await curl(world.address, "SubmitJob", submission)
    job = answer["job"]
    assert (answer["created"], job["state"], job["options"]["labels"]) == (True, "JOB_STATE_PENDING", {"unit": "B"})
    await executor.answer_probes()
    lease = await executor.make()
    await world.reached(job["jobKey"], JobState.COMPLETED)
    result = (await curl(world.address, "GetJobResult", {"jobKey": job["jobKey"]}))["result"]
    (clip,) = result["clips"]
    assert (result["finalStatus"], result["spec"]["proxyProfile"], clip["status"], clip["outputSha256"]) == (
        "JOB_STATE_COMPLETED",
        "proxy_h264_low",
        "CLIP_STATE_COMPLETED",
        sha256_of(lease),
    )


@needs_buf
async def test_buf_curl_reads_every_violation_of_a_refused_spec(world: World) -> None:
    spec = {**json.loads(spec_of()), "codec": "cinepak", "resolution": "huge"}
    error = await curl(world.address, "SubmitJob", {"requestId": "one", "spec": spec}, allow_failure=True)
    details = {detail["type"]: detail.get("debug", detail) for detail in error["details"]}
    assert (error["code"], set(details)) == (
        "invalid_argument",
        {"google.rpc.ErrorInfo", "google.rpc.BadRequest"},
    )
    assert error["message"].startswith("2 violations: ")
    assert (await world.client.list_jobs()).items == ()


@needs_node
async def test_a_node_client_submits_watches_to_the_end_and_reads_the_result(world: World, tmp_path: Path) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text(spec_of(2), encoding="utf-8")
    executor = await world.executor()

    async def work() -> tuple[str, list[str]]:
        started = await world.log.until(lambda event: event.kind == "job.started")
        await executor.answer_probes()
        return started.job_key, [sha256_of(await executor.make()) for _ in range(2)]

    (_, out, _), (key, digests) = await asyncio.gather(run("node", WALK, world.address, spec, PROTOS), work())
    assert json.loads(out) == {
        "created": [True, False],
        "keys": [key, key],
        "events": world.log.lines(key)[1:],
        "status": "JOB_STATE_COMPLETED",
        "clips": [
            ["CLIP_STATE_COMPLETED", f"/proxies/A00{index + 1}_proxy.mp4", digest]
            for index, digest in enumerate(digests)
        ],
        "refusal": ["NOT_FOUND", 1],
    }
    assert world.log.lines(key)[:3] == ["job.submit", "job.started", "job.admit"]
