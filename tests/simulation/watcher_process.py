"""The watcher under virtual time: the product's JobSpec folder over a model of its disk and the simulated network.

It is killed at random moments, with or without its ledger, and started again. The rule: one drop, one job.
"""

import asyncio
import json
import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from proxx.core.jobs import RESULT_SCHEMA_VERSION, JobResult, JobView, SubmissionOptions
from proxx.rpc.errors import RefusedCallError
from proxx.rpc.executor_errors import SchedulerUnavailableError
from proxx_watcher.app.folder_guard import FolderGuard
from proxx_watcher.app.ports import SchedulerAwayError
from proxx_watcher.app.reach import Reach
from proxx_watcher.app.spec_folder import SpecFolder
from proxx_watcher.domain.folder_settings import FolderSettings, Layout
from tests.simulation.network import VERB_SECONDS, WORLD, Network
from tests.simulation.plan import Fault, JobPlan
from tests.simulation.virtual_loop import Process
from tests.simulation.watch_model import ModelFolder, ModelLedger, ModelLock

if TYPE_CHECKING:
    from pathlib import Path

    from tests.simulation.history import World

HOST = "watcher"
POLL_SECONDS = 1.0


class SimScheduler:
    """Implements proxx_watcher.app.ports.Scheduler over the simulated network. A spec's text names its planned job."""

    def __init__(self, *, network: Network, jobs: Sequence[JobPlan]) -> None:
        """Take the network, and which jobs may be dropped."""
        from tests.simulation.job_bodies import body_of_job, text_of_job

        self._network = network
        self._bodies = {text_of_job(job): body_of_job(job) for job in jobs}

    async def find(self, *, request_id: str) -> JobView | None:
        try:
            found: JobView = await self._call(lambda it: it.jobs.submission(request_id=request_id))
        except RefusedCallError as refusal:
            if refusal.reason == "SUBMISSION_NOT_FOUND":
                return None
            raise
        return found

    async def submit(self, *, request_id: str, spec_json: str, options: SubmissionOptions) -> JobView:
        body = self._bodies[spec_json]
        view: JobView
        view, _ = await self._call(lambda it: it.jobs.submit(request_id=request_id, body=body))
        return view

    async def alive(self) -> None:
        await self.find(request_id="nobody's")

    async def jobs(self, *, job_keys: Sequence[str]) -> Mapping[str, JobView]:
        return {key: await self._call(lambda it, key=key: it.jobs.job(job_key=key)) for key in job_keys}

    async def result(self, *, job_key: str) -> JobResult:
        """Answer with what a job says of itself: the memory backend leaves results out."""
        view: JobView = await self._call(lambda it: it.jobs.job(job_key=job_key))
        return JobResult(
            schema_version=RESULT_SCHEMA_VERSION,
            job_key=view.job_key,
            job_id=view.job_id,
            final_status=view.state,
            reason=view.reason,
            run_number=view.run_number,
            counts=view.counts,
            has_warnings=view.has_warnings,
            submit_time=view.submit_time,
            start_time=view.start_time,
            end_time=view.end_time,
            violations=view.violations,
            clips=(),
            spec=view.spec,
            spec_digest=view.spec_digest,
            received_digest=view.received_digest,
            options=view.options,
            event_chain_head="",
        )

    async def _call(self, serve: Any) -> Any:
        try:
            return await self._network.call(HOST, serve, seconds=VERB_SECONDS)
        except SchedulerUnavailableError as error:
            raise SchedulerAwayError(str(error)) from error


class WatcherHost:
    """The machine of the watcher: the folder and the ledger stay, the process comes and goes."""

    def __init__(self, *, world: "World", source: random.Random, path: "Path") -> None:
        """Take the world it is part of."""
        self._world = world
        self._source = source
        self._path = path
        self.folder = ModelFolder(source)
        self._ledger: dict[str, Mapping[str, object]] = {}
        self._process: Process | None = None
        self._lives = 0
        self._dropped: list[JobPlan] = []

    def start(self) -> None:
        """Start a watcher, and lay out when it is killed."""
        self._begin()
        plan = self._world.plan
        if Fault.WATCHER_CRASH in plan.faults:
            for _ in range(self._source.randint(1, 6)):
                self._world.loop.call_at(self._source.uniform(0.3, plan.quiet_from), self._crash, context=WORLD)

    async def drop(self, job: JobPlan) -> str:
        """Drop the JobSpec of a planned job, and wait for its job."""
        from tests.simulation.job_bodies import text_of_job

        await asyncio.sleep(job.submit_at)
        self._dropped.append(job)
        self.folder.put(f"pending/{job.number}.json", text_of_job(job).encode())
        while True:
            await asyncio.sleep(POLL_SECONDS)
            for job_key, record in self._world.checker.jobs.items():
                if record.plan is job:
                    return job_key

    @property
    def has_filed(self) -> bool:
        """Whether every drop stands in its final place with its result beside it."""
        return all(self._place(job) for job in self._dropped)

    def judge(self) -> None:
        """Compare the results with the jobs, when all is at rest."""
        records = {record.plan.number: (key, record) for key, record in self._world.checker.jobs.items()}
        for job in self._dropped:
            place = self._place(job)
            said = json.loads(self.folder.files[f"{place}/{job.number}.result.json"][0])
            if said["job_key"] != records[job.number][0]:
                self._world.fail("other_result", f"drop {job.number}: {said['job_key']}, {records[job.number][0]}")
        left = [path for path in self.folder.files if path.startswith(("pending/", "running/"))]
        if left or len(self.folder.files) != 2 * len(self._dropped):
            self._world.fail("not_filed", f"after the end the folder holds {sorted(self.folder.files)}")

    def _place(self, job: JobPlan) -> str:
        names = (f"{job.number}.json", f"{job.number}.result.json")
        places = ("completed", "failed")
        return next((place for place in places if all(f"{place}/{name}" in self.folder.files for name in names)), "")

    def _begin(self) -> None:
        self._lives += 1
        self._process = Process(f"watcher#{self._lives}")
        self._world.tell(f"{self._process.name} starts with {len(self._ledger)} records")
        self._world.loop.spawn(self._process, self._run())

    def _crash(self) -> None:
        if self._process is None or not self._process.alive:
            return
        self._process.kill()
        lost = self._source.random() < 0.5
        if lost:
            self._ledger.clear()
        self._world.tell(f"watcher killed, its ledger {'lost' if lost else 'kept'}")
        self._world.loop.call_later(0.5, self._begin, context=WORLD)

    async def _run(self) -> None:
        clock = self._world.clock
        ledger = ModelLedger(kept=self._ledger, source=self._source)
        folder = SpecFolder(
            settings=FolderSettings(name="drops", path=self._path, layout=Layout.STAGED, max_workers=2),
            disk=self.folder,
            guard=FolderGuard(root=self.folder, lock=ModelLock(), ledger=ledger),
            ledger=ledger,
            scheduler=SimScheduler(network=self._world.network, jobs=self._world.plan.jobs),
            reach=Reach(clock=clock),
            clock=clock,
            tell=lambda news: self._world.tell(f"watcher: {news.kind} {news.path} {dict(news.facts)}"),
        )
        while True:
            outcome = await folder.open_pass(submit=True)
            if outcome.folder.reason and "does not answer" not in outcome.folder.reason:
                self._world.fail("folder_paused", outcome.folder.reason)
            wish = outcome.look_again_seconds
            await asyncio.sleep(POLL_SECONDS if wish is None else min(wish, POLL_SECONDS))
