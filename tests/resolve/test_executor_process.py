"""The executor as a process of its own, between a real scheduler and a simulated Resolve."""

import asyncio
import json
import os
import signal
import sys
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError

import pytest

from proxx.core.detection import Engine
from proxx.core.jobs import ClipResult, JobState, SubmissionOptions
from proxx.rpc.client import SchedulerClient
from tests.e2e.begun import Begun, until
from tests.e2e.parts import Parts
from tests.e2e.specs import proxy_spec
from tests.e2e.workplace import Workplace
from tests.resolve.studio import RED_HEADER
from tests.resolve_simulator.install import install
from tests.resolve_simulator.installation import Installation
from tests.resolve_simulator.quirks import Quirks
from tests.resolve_simulator.source_facts import SourceFacts

pytestmark = [pytest.mark.process, pytest.mark.media]

Answer = TypeVar("Answer")

QUICK = (
    *("--resolve-poll-seconds", "0.05", "--resolve-call-seconds", "2", "--resolve-stop-seconds", "1"),
    *("--resolve-start-seconds", "10", "--resolve-retry-seconds", "0.2", "--resolve-look-seconds", "0.2"),
    *("--resolve-hold-seconds", "0.3"),
)
DNXHR = {"codec": "dnxhr", "container": "mov", "resolution": "same", "proxy_profile": "proxy_dnxhr_lb_resolve"}


class Farm(Parts):
    """Scheduler and Resolve executor as processes, over one simulated Resolve."""

    def __init__(self, workplace: Workplace) -> None:
        super().__init__(workplace)
        self.installation: Installation = install(root=workplace.root / "resolve")

    def resolve(self, *more: str, ready: bool = True) -> Begun:
        words = ["--scheduler", self.address, "--name", "resolve-1", "--mount", "local=/", *QUICK, *more]
        begun = self._start("proxx_resolve_executor", words, self.installation.environment())
        if ready:
            self.said = begun.ready()
        return begun

    def call(self, verb: Callable[[SchedulerClient], Awaitable[Answer]]) -> Answer:
        """Ask the scheduler something, without a process for each question."""

        async def ask() -> Answer:
            async with SchedulerClient(self.address) as client:
                return await verb(client)

        return asyncio.run(ask())

    def raw_job(self, *sources: Path, output: Path) -> str:
        """Submit camera RAW and return the job's key."""
        spec = json.dumps(proxy_spec(sources=sources, output=output, **DNXHR))
        job, _ = self.call(
            lambda client: client.submit_job(request_id="r", spec_json=spec, options=SubmissionOptions())
        )
        return job.job_key

    def state_of(self, key: str) -> JobState:
        """The state of a job."""
        return self.call(lambda client: client.get_job(job_key=key)).state

    def source(self, name: str, **facts: Any) -> Path:
        path = self.workplace.root / name
        path.write_bytes(RED_HEADER)
        SourceFacts(**{"rate": "25/1", "frames": 5, **facts}).write(path)
        return path


@contextmanager
def farm_in(directory: Path) -> Iterator[Farm]:
    made = Farm(Workplace(directory))
    try:
        made.scheduler()
        yield made
    finally:
        for begun in reversed(made.started):
            begun.kill()
        made.installation.kill()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """A farm at work, which every test leaves as it was."""
    with farm_in(tmp_path_factory.mktemp("farm")) as made:
        made.resolve("--metrics", "127.0.0.1:0", "--resolve-restarts", "1000")
        yield made


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[Farm]:
    """A farm whose executor the test starts."""
    with farm_in(tmp_path) as made:
        yield made


def measured(clip: ClipResult, name: str) -> str:
    """What the verdict on a clip measured under one name."""
    assert clip.verdict is not None
    (found,) = (check.actual for check in clip.verdict.checks if check.name == name)
    return found


def asked(address: str, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def test_a_raw_job_is_probed_inspected_rendered_verified_and_published(running: Farm) -> None:
    output = running.workplace.directory("out")
    clips = [
        running.source("A001_C001_1120AB.R3D", rate="24000/1001", timecode="10:00:00:00", audio=(1, 1)),
        running.source("A001_C002_1120AB.R3D", rate="30000/1001", timecode="01:00:00;02", drop=True, audio=()),
    ]

    key = running.raw_job(*clips, output=output)
    until(lambda: running.state_of(key) is JobState.COMPLETED, seconds=40, what="the end of the job")

    first, second = running.call(lambda client: client.get_job_result(job_key=key)).clips
    assert sorted(path.name for path in output.iterdir()) == [
        "A001_C001_1120AB_proxy.mov",
        "A001_C002_1120AB_proxy.mov",
    ]
    assert (first.engine, first.exit_code, first.sandbox_level) == (Engine.RESOLVE, None, "none")
    assert first.engine_command[:2] == ("resolve", "invocation=script")
    assert first.toolchain is not None
    assert first.toolchain.tool == "DaVinci Resolve Studio"
    assert first.toolchain.libraries["verifying ffmpeg"].startswith("ffmpeg ")
    assert "Project.StartRendering(" in first.stderr
    assert [measured(clip, "timecode") for clip in (first, second)] == ["10:00:00:00", "01:00:00;02"]
    assert running.installation.projects() == ["proxx_parking"]
    assert 'proxx_resolve_state{state="ready"} 1.0' in asked(running.said["metrics"], "/metrics")[1]
    assert asked(running.said["metrics"], "/readyz") == (200, '{"status": "ready", "reason": ""}\n')
    (executor,) = running.call(lambda client: client.list_executors())
    assert "mov/DNxHRLB" in executor.codecs


def test_trouble_of_the_host_is_shown_and_passes(running: Farm) -> None:
    running.installation.set_quirks(Quirks(start_exits=3))
    running.installation.kill()

    until(lambda: asked(running.said["metrics"], "/readyz")[0] == 503, seconds=20, what="an executor that is not ready")
    assert "Resolve is starting: Resolve was gone or did not answer" in asked(running.said["metrics"], "/readyz")[1]
    assert 'proxx_resolve_state{state="starting"} 1.0' in asked(running.said["metrics"], "/metrics")[1]

    running.installation.set_quirks(Quirks())
    until(lambda: asked(running.said["metrics"], "/readyz")[0] == 200, seconds=20, what="one that is ready again")


def test_what_a_killed_executor_leaves_is_swept_and_a_drain_lets_the_render_finish(farm: Farm) -> None:
    output = farm.workplace.directory("out")
    farm.installation.set_quirks(Quirks(render_seconds=30.0))
    executor = farm.resolve()
    source = farm.source("A001_C001_1120AB.R3D")
    key = farm.raw_job(source, output=output)
    until(lambda: any(output.glob(".proxx/*.render/*")), seconds=20, what="a render")

    executor.kill()
    farm.installation.set_quirks(Quirks(render_seconds=1.0))
    until(lambda: farm.state_of(key) is JobState.RECOVERY_REQUIRED, seconds=20, what="a lost lease")
    second = farm.resolve("--resolve-take-over", "true")
    farm.call(lambda client: client.resume_job(job_key=key, request_id="resume"))
    until(lambda: any(output.glob(".proxx/*.2.*.render/*")), seconds=20, what="the second render")

    assert second.end(with_signal=signal.SIGTERM) == 0

    assert farm.state_of(key) is JobState.COMPLETED
    assert [path.name for path in output.iterdir()] == ["A001_C001_1120AB_proxy.mov"]
    assert (farm.installation.projects(), farm.installation.pid()) == (["proxx_parking"], None)


def test_without_resolve_the_process_ends_and_names_the_places(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    words = ["--scheduler", "127.0.0.1:1", "--mount", "local=/", "--resolve-path", str(tmp_path / "nowhere")]
    begun = Begun.start(
        [sys.executable, "-P", "-m", "proxx_resolve_executor", *words],
        directory=tmp_path,
        environment={**place.environment(), "PATH": os.environ["PATH"]},
    )

    assert begun.process.wait(timeout=30) == 4
    assert "nowhere" in begun.said()
