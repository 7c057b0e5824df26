"""What Resolve is asked and who is asked: needs, INSPECT, and steps whose engine was unavailable."""

from dataclasses import replace
from typing import Any

import pytest

from proxx.core.facts import SourceIdentity
from proxx.core.failure import Failure, FailureKind
from proxx.core.roots import RootPath
from proxx.core.steps import InspectReport, InspectWork, ProbedSource, StepKind
from proxx.core.violation import Violation, ViolationCode
from proxx_scheduler.app.inspecting import awaits_inspection, inspect_work, inspected
from proxx_scheduler.app.records import StoredClip
from proxx_scheduler.domain.board import Board
from proxx_scheduler.domain.effects import EventDraft, OpenInspect
from proxx_scheduler.domain.fencing import ExecutorRecord, Mark, why_fence, with_failure
from proxx_scheduler.domain.losing import may_move
from proxx_scheduler.domain.needs import ANY_ENGINE, EITHER_ENGINE, Needs
from tests.fakes.board_world import new_job
from tests.fakes.measured import CAMERA_RAW, RAW_FACTS

IDENTITY = SourceIdentity(path="a.r3d", size_bytes=1, mtime_ns=2, inode=3, edge_sha256="e" * 64)
PROBED = ProbedSource(
    clip_index=4, identity=IDENTITY, detection=CAMERA_RAW, facts=None, output_exists=False, violations=()
)
CLIP = StoredClip(
    clip_index=4,
    source_path="/media/a.r3d",
    source=RootPath(root="media", path="a.r3d"),
    output_path="/out/a.mov",
    output=RootPath(root="media", path="out/a.mov"),
    probed=PROBED,
)
ENCODE = Needs(engine="resolve", roots=("media",), planner_version=2, codec="mov/DNxHRLB")
HOST: dict[str, Any] = {
    "engine": "resolve",
    "roots": frozenset({"media"}),
    "planner_version": 2,
    "codecs": frozenset({"mov/DNxHRLB", "mov/H264"}),
    "name": "gpu-1",
}


@pytest.mark.parametrize(
    ("needs", "host", "met"),
    [
        (ENCODE, HOST, True),
        (ENCODE, HOST | {"codecs": frozenset({"mov/H264"})}, False),
        (ENCODE, HOST | {"engine": "ffmpeg"}, False),
        (ENCODE, HOST | {"planner_version": 1}, False),
        (replace(ENCODE, avoid=("gpu-1",)), HOST, False),
        (replace(ENCODE, avoid=("gpu-1",)), HOST | {"name": "gpu-2"}, True),
        (Needs(engine=EITHER_ENGINE, roots=("media",), planner_version=None), HOST, True),
        (Needs(engine=EITHER_ENGINE, roots=("media",), planner_version=None), HOST | {"engine": "ffmpeg"}, True),
        (Needs(engine=ANY_ENGINE, roots=("media",), planner_version=None), HOST, True),
        (Needs(engine="ffmpeg", roots=("media",), planner_version=None), HOST, False),
    ],
    ids=[
        "it has all",
        "another codec",
        "another engine",
        "another planner",
        "avoided",
        "another is avoided",
        "a probe on Resolve",
        "a probe on FFmpeg",
        "a publication",
        "an encode of FFmpeg",
    ],
)
def test_who_meets_needs(needs: Needs, host: dict[str, Any], met: bool) -> None:
    assert needs.met_by(**host) is met


def test_needs_of_before_keep_their_keys_and_new_ones_have_their_own() -> None:
    plain = replace(ENCODE, codec="")
    assert plain.key == "b550afa46b6d1f598a33cef277b5aaaf"
    others = [plain, ENCODE, replace(ENCODE, avoid=("a",)), replace(ENCODE, avoid=("a", "b"))]
    assert len({needs.key for needs in others}) == 4
    assert replace(ENCODE, avoid=("b", "a")).key == others[3].key


def test_what_an_inspect_is_asked() -> None:
    assert inspect_work(CLIP) == InspectWork(
        clip_index=4, source=CLIP.source, identity=IDENTITY, container="r3d", codec="redcode"
    )
    with pytest.raises(ValueError, match="clip 4 was not probed"):
        inspect_work(replace(CLIP, probed=None))


WRONG = Violation(code=ViolationCode.SOURCE_UNREADABLE, field="source", message="no")


@pytest.mark.parametrize(
    ("outcome", "found"),
    [
        (InspectReport(facts=RAW_FACTS, violations=()), replace(PROBED, facts=RAW_FACTS)),
        (InspectReport(facts=None, violations=(WRONG,)), replace(PROBED, violations=(WRONG,))),
        (
            InspectReport(facts=None, violations=()),
            "/media/a.r3d was inspected, and the report states neither its facts nor what is wrong with it",
        ),
        (
            Failure(kind=FailureKind.RENDER_FAILED, message="it hung"),
            "/media/a.r3d could not be inspected in Resolve: it hung",
        ),
    ],
    ids=["facts", "violations", "silence", "failure"],
)
def test_what_is_known_after_an_inspect(outcome: InspectReport | Failure, found: ProbedSource | str) -> None:
    if isinstance(found, str):
        violation = Violation(code=ViolationCode.PROBE_FAILED, field="source", message=found)
        found = replace(PROBED, violations=(violation,))
    after = inspected(probed=PROBED, path="/media/a.r3d", outcome=outcome)
    assert after == found
    assert (awaits_inspection(PROBED), awaits_inspection(after), awaits_inspection(None)) == (True, False, False)


def test_a_board_opens_an_inspect_for_each_clip_and_says_so() -> None:
    board = Board(job=new_job(clips=5), clips=())
    board.inspect(clips=[1, 3])
    assert board.commands == [OpenInspect(clip_index=1), OpenInspect(clip_index=3)]
    assert board.events == [
        EventDraft(kind="job.inspect", clip_index=None, before="PENDING", after="PENDING", data={"clips": 2})
    ]


@pytest.mark.parametrize(
    ("step", "failure", "before", "moves"),
    [
        (StepKind.ENCODE, FailureKind.ENGINE_UNAVAILABLE, 0, True),
        (StepKind.INSPECT, FailureKind.ENGINE_UNAVAILABLE, 1, True),
        (StepKind.ENCODE, FailureKind.ENGINE_UNAVAILABLE, 2, False),
        (StepKind.ENCODE, FailureKind.RENDER_FAILED, 0, False),
        (StepKind.PUBLISH, FailureKind.ENGINE_UNAVAILABLE, 0, False),
        (StepKind.SWEEP, FailureKind.ENGINE_UNAVAILABLE, 0, False),
    ],
)
def test_what_is_given_to_another_host(step: StepKind, failure: FailureKind, before: int, moves: bool) -> None:
    assert may_move(step=step, failure=failure, before=before) is moves


def _mark(source: str, job: str = "job") -> Mark:
    return Mark(kind=FailureKind.ENGINE_UNAVAILABLE, sources=(source,), job_key=job, clip_index=0)


def test_a_host_without_an_engine_is_fenced_by_number_and_a_clip_that_breaks_every_engine_fences_nobody() -> None:
    records: dict[str, ExecutorRecord] = {}
    for source in "abc":
        (records["gpu-1"],) = with_failure(records=records, name="gpu-1", mark=_mark(source))
    assert why_fence(records["gpu-1"], fence_after=3) == (
        "3 times in a row it failed or was lost, and finished nothing between: 3 ENGINE_UNAVAILABLE"
    )
    for record in with_failure(records=records, name="gpu-2", mark=_mark("c")):
        records[record.name] = record
    assert [len(records[name].streak) for name in ("gpu-1", "gpu-2")] == [2, 0]
