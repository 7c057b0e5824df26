"""A real scheduler, a simulated Resolve and this project's executor between them: one place for whole jobs."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from proxx.core.jobs import JobResult, JobState, JobView, SubmissionOptions
from proxx.core.profile_library import ProfileLibrary
from proxx.engine.process_runner import ProcessToolRunner
from proxx.rpc.client import SchedulerClient
from proxx.rpc.executor_client import ExecutorClient
from proxx.runtime.clock import SystemClock
from proxx.runtime.profile_files import load_library
from proxx_resolve_executor.bootstrap import Wiring, bridge_options, run_wired
from proxx_resolve_executor.bridge.host import supervised_resolve
from proxx_resolve_executor.host_keeper import HostKeeper
from proxx_resolve_executor.settings import ExecutorSettings
from proxx_scheduler.bootstrap import scheduler
from proxx_scheduler.database_address import database_address
from proxx_scheduler.settings import SchedulerSettings
from tests.e2e.specs import proxy_spec
from tests.fakes.leases import TOOLCHAIN
from tests.resolve_simulator.install import install
from tests.resolve_simulator.installation import Installation
from tests.resolve_simulator.source_facts import SourceFacts

PROFILE = "proxy_dnxhr_lb_resolve"
QUICK = "quick_dnxhr_lb_resolve"
"""The same profile with a watchdog that a test can wait for."""

RED_HEADER = (512).to_bytes(4) + b"RED2" + bytes(2) + b"R2" + bytes(500)
DNXHR: dict[str, object] = {"codec": "dnxhr", "container": "mov", "resolution": "same", "proxy_profile": QUICK}
ENDED = frozenset({JobState.COMPLETED, JobState.PARTIAL, JobState.FAILED, JobState.CANCELLED, JobState.REJECTED})
LOOK_SECONDS = 0.05
PATIENCE_SECONDS = 30.0

DEADLINES: dict[str, Any] = {
    "resolve_start_seconds": 6.0,
    "resolve_answer_seconds": 1.5,
    "resolve_call_seconds": 1.5,
    "resolve_import_seconds": 1.5,
    "resolve_stop_seconds": 1.0,
    "resolve_poll_seconds": 0.02,
    "resolve_restarts": 20,
    "resolve_look_seconds": 0.5,
    "resolve_retry_seconds": 0.2,
    "resolve_hold_seconds": 0.3,
}
"""Short ones: what hangs costs about a second."""


def quick_library(directory: Path) -> ProfileLibrary:
    """The shipped profiles, and QUICK."""
    text = Path("src/proxx/profiles", f"{PROFILE}.toml").read_text(encoding="utf-8")
    text = text.replace(f'name = "{PROFILE}"', f'name = "{QUICK}"').replace("stall_seconds = 300", "stall_seconds = 1")
    directory.mkdir()
    (directory / f"{QUICK}.toml").write_text(text, encoding="utf-8")
    return load_library(directory=directory)


class Studio:
    """One scheduler and one host. The executor runs inside the test's process; the rest is as it would be."""

    def __init__(self, root: Path, client: SchedulerClient, address: str) -> None:
        self.root = root
        self.client = client
        self.address = address
        self.installation: Installation = install(root=root / "resolve")
        self.output = root / "out"
        for name in ("in", "out", "state"):
            (root / name).mkdir()
        self.wiring: Wiring | None = None
        self._jobs = 0

    def source(self, name: str = "A001_C001_1120AB.R3D", **facts: Any) -> Path:
        """Write a synthetic camera file, with what the simulator is to say of it beside it."""
        path = self.root / "in" / name
        path.write_bytes(RED_HEADER)
        SourceFacts(**{"rate": "25/1", "frames": 5, **facts}).write(path)
        return path

    @property
    def keeper(self) -> HostKeeper:
        """What the running executor says of its Resolve."""
        assert self.wiring is not None
        return self.wiring.keeper

    async def submit(self, *sources: Path, **changes: object) -> str:
        """Submit a job and return its key."""
        self._jobs += 1
        spec = proxy_spec(sources=sources, output=self.output, **{**DNXHR, **changes})
        job, _ = await self.client.submit_job(
            request_id=f"request-{self._jobs}", spec_json=json.dumps(spec), options=SubmissionOptions()
        )
        return job.job_key

    async def until(self, key: str, wanted: Callable[[JobView], bool]) -> JobView:
        """Wait until the job is as wanted."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not wanted(job := await self.client.get_job(job_key=key)):  # noqa: ASYNC110
                await asyncio.sleep(LOOK_SECONDS)
        return job

    async def result(self, key: str) -> JobResult:
        """Wait for the end of a job and return its result."""
        await self.until(key, lambda job: job.state in ENDED)
        return await self.client.get_job_result(job_key=key)

    def left(self) -> list[str]:
        """Every name below the output directory."""
        return sorted(str(path.relative_to(self.output)) for path in self.output.rglob("*"))

    @asynccontextmanager
    async def executor(self, **changes: Any) -> AsyncIterator["asyncio.Task[None]"]:
        """An executor at work while the block runs; yields the task of its work."""
        settings = ExecutorSettings(
            scheduler=self.address,
            name="resolve-1",
            mount=("local=/",),
            resolve_path=self.installation.root,
            resolve_script_api_path=self.installation.script_api,
            resolve_state_directory=self.root / "state",
            drain_seconds=5.0,
            **{**DEADLINES, **changes},
        )
        host = supervised_resolve(options=bridge_options(settings=settings, state=self.root), clock=SystemClock())
        drain = asyncio.Event()
        async with ExecutorClient(self.address) as client:
            self.wiring = Wiring(
                settings=settings,
                client=client,
                runner=ProcessToolRunner(scratch=self.root),
                verifier=TOOLCHAIN,
                host=host,
            )
            working = asyncio.create_task(run_wired(wiring=self.wiring, drain=drain, ready={}))
            try:
                yield working
            finally:
                drain.set()
                await asyncio.gather(working, return_exceptions=True)
                await host.close()
                self.installation.kill()


@asynccontextmanager
async def studio(root: Path) -> AsyncIterator[Studio]:
    """A studio below `root`, its executor not yet started."""
    settings = SchedulerSettings(
        listen="127.0.0.1:0", database=database_address(str(root / "proxx.db")), lease_seconds=10, grace_seconds=5
    )
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(
            scheduler(settings=settings, library=quick_library(root / "profiles"))
        )
        client = await stack.enter_async_context(SchedulerClient(address))
        yield Studio(root, client, address)
