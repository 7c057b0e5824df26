"""Clips of several files keep their parts from the probe to the result, and a job has each of them once."""

from dataclasses import replace

from proxx.core.facts import PartIdentity, SourceIdentity
from proxx.core.jobs import JobState
from proxx.core.steps import ProbedSource, ProbeItem
from tests.contract.test_resolve_routing import RAW, resolve
from tests.contract.world import World, spec_of
from tests.fakes.measured import CAMERA_RAW, probed

PARTS = (
    PartIdentity(path="footage/A.RDC/A_001.R3D", size_bytes=4, mtime_ns=5, inode=6, edge_sha256="a" * 64),
    PartIdentity(path="footage/A.RDC/A_002.R3D", size_bytes=7, mtime_ns=8, inode=9, edge_sha256="b" * 64, run_length=3),
    PartIdentity(path="footage/A.RDC/A.RMD", size_bytes=1, mtime_ns=2, inode=3, edge_sha256="c" * 64, sidecar=True),
)


def _clip(item: ProbeItem) -> ProbedSource:
    identity = SourceIdentity(
        path=item.source.path, size_bytes=12, mtime_ns=8, inode=6, edge_sha256="d" * 64, parts=PARTS
    )
    return replace(probed(item, detection=CAMERA_RAW), identity=identity)


async def test_the_parts_of_a_clip_reach_inspect_encode_and_result(world: World) -> None:
    host = await resolve(world)
    key = (await world.submit(spec_of(1, sources=["/footage/A.RDC"], **RAW))).job_key
    await host.answer_probes(_clip)
    inspected = await host.answer_inspect()
    assert inspected.inspect is not None
    assert inspected.inspect.identity.parts == PARTS
    await world.decided(key)
    made = await host.make()
    assert made.encode is not None
    assert made.encode.identity.parts == PARTS
    await world.reached(key, JobState.COMPLETED)
    (clip,) = (await world.client.get_job_result(job_key=key)).clips
    assert clip.source_identity is not None
    assert clip.source_identity.parts == PARTS
    assert clip.resolved_output_path.endswith("/A_proxy.mov")


async def test_a_folder_and_its_first_file_are_one_clip_and_a_job_has_it_once(world: World) -> None:
    host = await resolve(world)
    sources = ["/footage/A.RDC", "/footage/A.RDC/A_001.R3D"]
    spec = spec_of(2, sources=sources, naming_template="{index}", **RAW)
    key = (await world.submit(spec)).job_key
    await host.answer_probes(_clip)
    job = await world.reached(key, JobState.REJECTED)
    assert [(item.code, item.field, item.message) for item in job.violations] == [
        (
            "SOURCE_UNIT",
            "sources[1]",
            "/footage/A.RDC/A_001.R3D names the same clip as sources[0] /footage/A.RDC; a job has each clip once",
        )
    ]
