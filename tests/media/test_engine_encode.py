"""ENCODE, PROBE and PUBLISH on real files with the real ffmpeg: what is made, and what is left when it is not."""

import asyncio
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from proxx.core.failure import Failure, FailureKind
from proxx.core.leases import Lease, LeaseOutcome
from proxx.core.plan import PLANNER_VERSION, PlanInputs
from proxx.core.planner import plan_clip
from proxx.core.roots import RootPath
from proxx.core.staging import journal_path
from proxx.core.steps import (
    EncodeWork,
    Phase,
    PreparedOutput,
    ProbedSource,
    ProbeItem,
    ProbeReport,
    ProbeWork,
    Progress,
    Published,
    StepKind,
)
from proxx.core.violation import ViolationCode
from proxx.engine.encoder import Encoder
from proxx.engine.errors import StepFailedError
from proxx.engine.journal import read_journal
from proxx.engine.measure import Tools
from proxx.engine.mounts import MountTable
from proxx.engine.process_runner import ProcessToolRunner
from proxx.engine.sandbox.level import SandboxLevel
from proxx.engine.sandbox.reach import sandbox_reach
from proxx.runtime.clock import SystemClock
from proxx.runtime.profile_files import builtin_library
from proxx_ffmpeg_executor.ffmpeg_steps import FfmpegSteps
from tests.fakes.leases import TOOLCHAIN

pytestmark = [
    pytest.mark.media,
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed"),
]

INCARNATION = "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d"
SOURCE = RootPath(root="media", path="in/A001.mov")
OUTPUT = RootPath(root="media", path="out/A001_proxy.mov")
FRAMES = 50


class Watch:
    """A StepWatch that remembers, and lets a test wait for a phase."""

    def __init__(self) -> None:
        self.phases: list[Phase] = []
        self.reported: list[Progress] = []
        self._entered = asyncio.Event()

    def enter(self, phase: Phase) -> None:
        self.phases.append(phase)
        self._entered.set()

    def progress(self, progress: Progress) -> None:
        self.reported.append(progress)

    def commit(self) -> bool:
        return True

    async def until(self, phase: Phase) -> None:
        async with asyncio.timeout(30):
            while phase not in self.phases:
                self._entered.clear()
                await self._entered.wait()


class Bench:
    """A root with one source, and the steps of an executor that mounts it."""

    def __init__(self, root: Path, *, ffmpeg: str = "ffmpeg", most: SandboxLevel = SandboxLevel.NAMESPACES) -> None:
        self.root = root
        self.output_directory = root / "out"
        self.mounts = MountTable({"media": root})
        scratch = root / "scratch"
        scratch.mkdir(exist_ok=True)
        self.steps = FfmpegSteps(
            mounts=self.mounts,
            runner=ProcessToolRunner(scratch=scratch, most=most),
            encoder=Encoder(
                name="bench-1",
                incarnation=INCARNATION,
                tools=Tools(ffmpeg=ffmpeg, ffprobe="ffprobe"),
                toolchain=TOOLCHAIN,
            ),
            clock=SystemClock(),
            probe_concurrency=2,
        )

    def with_tool(self, script: str) -> "Bench":
        """The same root with a shell script in the place of ffmpeg, which touches files that no ffmpeg should."""
        tool = self.root / "tool"
        tool.write_text(f"#!/bin/sh\n{script}\n")
        tool.chmod(0o755)
        return Bench(self.root, ffmpeg=str(tool), most=SandboxLevel.PROCESS)

    async def probe(self, *items: ProbeItem, directory: RootPath | None = None, create: bool = False) -> ProbeReport:
        work = ProbeWork(items=items, output_directory=directory, create_output_directory=create)
        outcome = await self.steps.run(lease=lease(StepKind.PROBE, probe=work), watch=Watch())
        assert isinstance(outcome, LeaseOutcome)
        assert outcome.probe is not None
        return outcome.probe

    async def source(self) -> ProbedSource:
        report = await self.probe(ProbeItem(clip_index=0, source=SOURCE, output=OUTPUT))
        return report.sources[0]

    async def encode_lease(self, **changes: object) -> Lease:
        probed = await self.source()
        assert probed.facts is not None, probed
        assert probed.identity is not None
        inputs = PlanInputs(
            source=SOURCE,
            output=OUTPUT,
            facts=probed.facts,
            profile=PROFILES.get("proxy_prores_proxy"),
            codec="prores_proxy",
            container="mov",
            resolution="half",
            fps=None,
        )
        work = EncodeWork(
            inputs=inputs,
            plan_digest=plan_clip(inputs=inputs).digest,
            planner_version=PLANNER_VERSION,
            identity=probed.identity,
        )
        return lease(StepKind.ENCODE, encode=replace(work, **changes))

    async def encode(self, encode: Lease, watch: Watch | None = None) -> PreparedOutput:
        output = await self.steps.run(lease=encode, watch=watch or Watch())
        assert isinstance(output, PreparedOutput)
        return output

    async def failure(self, encode: Lease) -> StepFailedError:
        with pytest.raises(StepFailedError) as caught:
            await self.encode(encode)
        assert self.left() == []
        return caught.value

    def left(self) -> list[str]:
        """Everything in and below the output directory."""
        return sorted(str(path.relative_to(self.output_directory)) for path in self.output_directory.rglob("*"))


PROFILES = builtin_library()


def lease(kind: StepKind, **work: object) -> Lease:
    return Lease(
        lease_id="lease-1",
        step_id="0123456789abcdef",
        epoch=3,
        kind=kind,
        job_key="job-key",
        job_id="job-id",
        clip_index=0,
        **work,
    )


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of H.264 with stereo sound and a start timecode."""
    path = tmp_path_factory.mktemp("footage") / "A001.mov"
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-y"),
            *("-f", "lavfi", "-i", f"testsrc2=s=320x180:r=25:d={FRAMES / 25}"),
            *("-f", "lavfi", "-i", f"sine=f=440:r=48000:d={FRAMES / 25},aformat=channel_layouts=stereo"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "pcm_s16le"),
            *("-timecode", "01:00:00:00", str(path)),
        ],
        check=True,
        timeout=60,
    )
    return path


@pytest.fixture
def bench(tmp_path: Path, footage: Path) -> Bench:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    shutil.copy2(footage, tmp_path / "in/A001.mov")
    return Bench(tmp_path)


async def test_an_encode_ends_in_a_verified_durable_staged_file_and_its_journal(bench: Bench) -> None:
    watch = Watch()

    output = await bench.encode(await bench.encode_lease(), watch)

    staged = bench.mounts.local(output.staged)
    name = "job-id.00000.01234567.3.9b1deb4d.mov"
    assert bench.left() == [".proxx", f".proxx/{name}", f".proxx/{name}.json"]
    assert (output.sha256, output.size_bytes) == (
        hashlib.sha256(staged.read_bytes()).hexdigest(),
        staged.stat().st_size,
    )
    assert read_journal(bench.mounts.local(journal_path(staged=output.staged))).output == output
    assert output.verdict.passed
    assert (output.measured.decoded_frames, output.measured.decode_errors) == (FRAMES, ())
    assert output.measured.audio_durations == (Fraction(FRAMES, 25),)
    assert watch.phases == [Phase.ENCODING, Phase.VERIFYING]
    assert watch.reported[-1].frames == FRAMES
    assert f"file:{bench.root}/in/A001.mov" in output.execution.argv
    assert (output.execution.exit_code, output.execution.sandbox_level) == (0, sandbox_reach().level)
    assert output.execution.cpu_seconds > 0


async def test_publishing_leaves_the_proxy_and_nothing_else(bench: Bench) -> None:
    encode = await bench.encode_lease()
    output = await bench.encode(encode)

    published = await bench.steps.publish(lease=encode, output=output)

    assert published == Published(sha256=output.sha256, size_bytes=output.size_bytes)
    assert bench.left() == ["A001_proxy.mov"]
    assert hashlib.sha256((bench.output_directory / "A001_proxy.mov").read_bytes()).hexdigest() == output.sha256


async def test_discarding_leaves_nothing(bench: Bench) -> None:
    encode = await bench.encode_lease()
    await bench.encode(encode)

    await bench.steps.discard(lease=encode)
    await bench.steps.discard(lease=encode)

    assert bench.left() == []


async def test_two_attempts_make_the_same_bytes(bench: Bench) -> None:
    encode = await bench.encode_lease()

    first = await bench.encode(encode)
    second = await bench.encode(replace(encode, epoch=4))

    assert first.sha256 == second.sha256


async def test_clips_staged_side_by_side_in_one_directory_do_not_disturb_each_other(bench: Bench) -> None:
    encode = await bench.encode_lease()

    async def whole(epoch: int) -> Published:
        mine = replace(encode, epoch=epoch)
        output = await bench.encode(mine)
        await bench.steps.discard(lease=mine)
        return Published(sha256=output.sha256, size_bytes=output.size_bytes)

    results = await asyncio.gather(*(whole(epoch) for epoch in range(1, 5)))

    assert len(set(results)) == 1
    assert bench.left() == []


async def test_a_source_that_changed_since_it_was_probed_is_not_read(bench: Bench) -> None:
    encode = await bench.encode_lease()
    os.utime(bench.root / "in/A001.mov", ns=(0, 0))

    error = await bench.failure(encode)

    assert (error.failure.kind, error.execution) == (FailureKind.SOURCE_CHANGED, None)
    assert error.failure.message.endswith(", is 0")


async def test_a_source_that_changes_while_it_is_read_gives_no_proxy(bench: Bench) -> None:
    encode = await bench.encode_lease()
    changing = bench.with_tool(f'ffmpeg "$@" && touch -d @1 {bench.root}/in/A001.mov')

    error = await changing.failure(encode)

    assert error.failure.kind is FailureKind.SOURCE_CHANGED
    assert error.execution is not None
    assert error.execution.exit_code == 0


async def test_a_source_that_is_gone_is_unreadable(bench: Bench) -> None:
    encode = await bench.encode_lease()
    (bench.root / "in/A001.mov").unlink()

    assert (await bench.failure(encode)).failure == Failure(
        kind=FailureKind.SOURCE_UNREADABLE,
        message=f"cannot read {bench.root}/in/A001.mov before the encode: No such file or directory",
    )


async def test_an_output_directory_that_is_gone_is_an_error_of_the_disk(bench: Bench) -> None:
    encode = await bench.encode_lease()
    bench.output_directory.rmdir()

    with pytest.raises(StepFailedError) as caught:
        await bench.encode(encode)

    assert caught.value.failure.kind is FailureKind.IO_ERROR


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"plan_digest": "0" * 64}, f"the scheduler's has {'0' * 64}"),
        (
            {"planner_version": PLANNER_VERSION + 1},
            f"the plan was made by planner version {PLANNER_VERSION + 1}; this executor has version {PLANNER_VERSION}",
        ),
    ],
    ids=["digest", "planner version"],
)
async def test_a_plan_that_is_not_the_schedulers_is_not_run(
    bench: Bench, changes: dict[str, object], message: str
) -> None:
    error = await bench.failure(await bench.encode_lease(**changes))

    assert error.failure.kind is FailureKind.PLAN_MISMATCH
    assert error.failure.message.endswith(message)


@pytest.mark.parametrize(
    ("script", "failure"),
    [
        (
            "echo bad >&2; exit 8",
            Failure(
                kind=FailureKind.TOOL_EXIT_NONZERO,
                message="FFmpeg exited with code 8",
                exit_code=8,
                stderr_tail="bad\n",
            ),
        ),
        (
            "kill -SEGV $$",
            Failure(kind=FailureKind.TOOL_KILLED, message="FFmpeg was killed by signal 11 (SIGSEGV)"),
        ),
        (
            "exit 0",
            Failure(
                kind=FailureKind.OUTPUT_MISSING, message="Output file does not exist or has zero size", exit_code=0
            ),
        ),
    ],
    ids=["exit code", "signal", "no output"],
)
async def test_a_tool_that_fails_is_told_as_it_failed(bench: Bench, script: str, failure: Failure) -> None:
    error = await bench.with_tool(script).failure(await bench.encode_lease())

    assert error.failure == failure
    assert error.execution is not None


async def test_a_missing_tool_is_told_in_the_words_of_the_contract(bench: Bench) -> None:
    error = await Bench(bench.root, ffmpeg="no-such-ffmpeg").failure(await bench.encode_lease())

    assert error.failure == Failure(
        kind=FailureKind.TOOL_NOT_FOUND, message="FFmpeg not found. Install FFmpeg to use headless execution."
    )


async def test_a_short_proxy_is_refused_whatever_the_exit_code_says(bench: Bench) -> None:
    """The tool drops the last ten frames and reports success."""
    cutting = bench.with_tool(
        'case "$*" in *framecrc*) exec ffmpeg "$@";; esac\n'
        'args=""; for a; do\n'
        '[ "$a" = -max_muxing_queue_size ] && args="$args -frames:v 40"; args="$args \'$a\'"; done\n'
        'eval "exec ffmpeg $args"'
    )

    error = await cutting.failure(await bench.encode_lease())

    assert error.failure.kind is FailureKind.OUTPUT_MISMATCH
    assert "frame_count expected 50, measured 40" in error.failure.message
    assert error.measured is not None
    assert error.measured.decoded_frames == 40
    assert error.verdict is not None
    assert not error.verdict.passed


async def test_cancelling_an_encode_leaves_no_tool_and_no_file(bench: Bench) -> None:
    slow = bench.with_tool(
        f'echo $$ > {bench.root}/pid; echo frame=1; for last; do :; done; : > "${{last#file:}}"; sleep 60'
    )
    encode = await bench.encode_lease()
    task = asyncio.create_task(slow.encode(encode))
    pid_file = bench.root / "pid"
    async with asyncio.timeout(30):
        while not (pid_file.exists() and pid_file.read_text().strip()):  # noqa: ASYNC110  another process writes it
            await asyncio.sleep(0.01)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)
    assert bench.left() == []


@pytest.fixture
def full_disk(bench: Bench) -> Iterator[Bench]:
    """The output directory on a file system of 256 KiB."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(bench.output_directory)], capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("no file system can be mounted here")
    yield bench
    subprocess.run(["umount", str(bench.output_directory)], check=True)


async def test_a_full_disk_is_told_as_such_and_left_as_it_was(full_disk: Bench) -> None:
    encode = await full_disk.encode_lease()

    error = await full_disk.failure(encode)

    assert error.failure.kind is FailureKind.NO_SPACE
    assert "No space left on device" in error.failure.message


async def test_a_full_disk_that_the_tool_does_not_tell_is_seen_all_the_same(full_disk: Bench) -> None:
    """FFmpeg ends with exit code 0 on a full disk in several containers."""
    silent = full_disk.with_tool('case "$*" in *framecrc*) exec ffmpeg "$@";; esac; ffmpeg "$@" 2>/dev/null; exit 0')

    error = await silent.failure(await full_disk.encode_lease())

    assert error.failure.kind is FailureKind.NO_SPACE


async def test_a_probe_tells_whether_something_stands_at_the_output(bench: Bench) -> None:
    absent = await bench.source()
    (bench.output_directory / "A001_proxy.mov").symlink_to("nowhere")
    present = await bench.source()

    assert (absent.output_exists, present.output_exists) == (False, True)
    assert replace(present, output_exists=False) == absent


async def test_probes_come_back_in_the_order_of_their_items(bench: Bench) -> None:
    missing = RootPath(root="media", path="in/none.mov")
    outside = RootPath(root="tape", path="x.mov")
    items = tuple(
        ProbeItem(clip_index=index, source=source, output=None)
        for index, source in enumerate([SOURCE, missing, outside, SOURCE])
    )

    report = await bench.probe(*items)

    assert [probed.clip_index for probed in report.sources] == [0, 1, 2, 3]
    assert [tuple(violation.code for violation in probed.violations) for probed in report.sources] == [
        (),
        (ViolationCode.SOURCE_MISSING,),
        (ViolationCode.PATH_OUTSIDE_ROOTS,),
        (),
    ]


@pytest.mark.parametrize(
    ("path", "create", "codes"),
    [
        ("out", False, ()),
        ("out/a/b", False, (ViolationCode.OUTPUT_DIRECTORY_MISSING,)),
        ("out/a/b", True, ()),
        ("in/A001.mov", False, (ViolationCode.OUTPUT_DIRECTORY_MISSING,)),
        ("in/A001.mov", True, (ViolationCode.OUTPUT_DIRECTORY_UNWRITABLE,)),
        ("in/A001.mov/x", True, (ViolationCode.OUTPUT_DIRECTORY_UNWRITABLE,)),
        ("escape", True, (ViolationCode.OUTPUT_DIRECTORY_UNSAFE,)),
    ],
    ids=["fit", "missing", "made", "a file", "a file, to be made", "below a file", "a link out of the root"],
)
async def test_an_output_directory_is_proven_by_using_it(
    bench: Bench, path: str, create: bool, codes: tuple[ViolationCode, ...]
) -> None:
    (bench.root / "escape").symlink_to("/usr")

    report = await bench.probe(directory=RootPath(root="media", path=path), create=create)

    assert tuple(violation.code for violation in report.output_directory_violations) == codes
    assert [name for name in bench.left() if not name.startswith("a")] == []
