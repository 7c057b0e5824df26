"""The attacks of the campaign, each a command line of a process that runs for so many seconds and ends by itself."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.flood import http2
from bench.proxx_fleet import spec_of
from proxx.api.jobs.v1 import job_service_pb2 as pb

_JOBS = "/proxx.api.jobs.v1.JobService"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """`load` names a method that h2load calls, `rude` one of the rude clients; the other one is empty."""

    name: str
    connections: int
    load: str = ""
    rude: str = ""


ATTACKS = (
    Attack(name="GetJob, 16 connections", connections=16, load="GetJob"),
    Attack(name="GetJob, 64 connections", connections=64, load="GetJob"),
    Attack(name="ListJobs, 64 connections", connections=64, load="ListJobs"),
    Attack(name="SubmitJob, one request_id, 64 connections", connections=64, load="SubmitJob"),
    Attack(name="SubmitJob, 10,000 sources, 32 connections", connections=32, load="SubmitLarge"),
    Attack(name="RenewLeases of nobody, 64 connections", connections=64, load="RenewLeases"),
    Attack(name="rapid reset, 32 connections", connections=32, rude="rapid_reset"),
    Attack(name="pings, 32 connections", connections=32, rude="pings"),
    Attack(name="watches that are not read, 32 connections", connections=32, rude="slow_reader"),
    Attack(name="idle connections, 1,000", connections=1000, rude="idle"),
    Attack(name="connections that say nothing, 500", connections=500, rude="silent"),
    Attack(name="messages of 16 MiB, 32 connections", connections=32, rude="huge_message"),
    Attack(name="messages that never come, 16 connections", connections=16, rude="unfinished"),
    Attack(name="header blocks of 1 MB, 16 connections", connections=16, rude="header_bomb"),
    Attack(name="HPACK bombs, 16 connections", connections=16, rude="hpack_bomb"),
    Attack(name="garbage, 32 connections", connections=32, rude="garbage"),
    Attack(name="bad protobuf, 16 connections", connections=16, rude="bad_protobuf"),
)


def argv(attack: Attack, *, address: str, seconds: float, directory: Path, h2load: str) -> list[str]:
    """Return the command line; the body of a call is written into `directory`."""
    if attack.rude:
        return [sys.executable, "-m", "bench.flood.attack", attack.rude, address, str(attack.connections), str(seconds)]
    path, body = _call(attack.load)
    file = directory / f"{attack.load}.bin"
    file.write_bytes(http2.message(body))
    return [
        h2load, "-D", str(round(seconds)), "-c", str(attack.connections), "-m", "100", "-t", "1", "-d", str(file),
        "-H", "content-type: application/grpc", "-H", "te: trailers", f"http://{address}{path}",
    ]  # fmt: skip


def _call(name: str) -> tuple[str, bytes]:
    if name == "GetJob":
        return f"{_JOBS}/GetJob", pb.GetJobRequest(job_key="nobody").SerializeToString()
    if name == "ListJobs":
        return f"{_JOBS}/ListJobs", pb.ListJobsRequest(page_size=50).SerializeToString()
    if name == "RenewLeases":
        return "/proxx.api.executors.v1.ExecutorService/RenewLeases", b"\x0a\x06nobody"
    clips = 10_000 if name == "SubmitLarge" else 1
    spec = json.dumps(json.loads(spec_of(name=name, clips=clips)))
    return f"{_JOBS}/SubmitJob", pb.SubmitJobRequest(request_id=name, spec_json=spec).SerializeToString()
