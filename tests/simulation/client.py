"""Submitters and operators: they ask again until they are answered, press verbs at random, and tidy up in the end."""

import asyncio
import random
from typing import TYPE_CHECKING, Any

from proxx.core.access import OPEN
from proxx.core.jobs import ClipState, JobState
from proxx.core.verbs import Verb
from proxx.rpc.errors import RefusedCallError
from proxx.rpc.executor_errors import SchedulerUnavailableError
from proxx_scheduler.app.verb_call import VerbCall
from tests.simulation.network import VERB_SECONDS
from tests.simulation.plan import Fault, JobPlan
from tests.simulation.virtual_loop import Process

if TYPE_CHECKING:
    from tests.simulation.history import World

PAUSE_SECONDS = 0.4


class Client:
    """One client process on its own host."""

    def __init__(self, *, world: "World", source: random.Random) -> None:
        self._world = world
        self._source = source
        self.process = Process("client")
        self.acknowledged: dict[str, str] = {}
        self._requests = 0

    async def submit(self, job: JobPlan) -> None:
        """Submit a job, until it is acknowledged; perhaps once more later, with the same request_id."""
        from tests.simulation.job_bodies import body_of_job

        if self._world.watcher is not None:
            await self._press_if_wanted(await self._world.watcher.drop(job))
            return
        body = body_of_job(job)
        request_id = f"submit-{job.number}"
        await asyncio.sleep(job.submit_at)
        again = self._source.random() < 0.3
        for pause in (0.0, self._source.uniform(0.5, 10.0)) if again else (0.0,):
            await asyncio.sleep(pause)
            view, _ = await self._asked(lambda it: it.jobs.submit(request_id=request_id, body=body))
            known = self.acknowledged.setdefault(request_id, view.job_key)
            if known != view.job_key:
                self._world.fail("two_jobs", f"{request_id} made {known} and {view.job_key}")
        await self._press_if_wanted(known)

    async def _press_if_wanted(self, job_key: str) -> None:
        if self._world.plan.faults & {Fault.VERBS, Fault.CANCEL}:
            await self._press(job_key)

    async def _press(self, job_key: str) -> None:
        verbs = []
        if Fault.VERBS in self._world.plan.faults:
            verbs += ["pause", "resume", "resume", "start", "retry"]
        if Fault.CANCEL in self._world.plan.faults:
            verbs += ["cancel", "cancel_now"]
        hasty = self._source.random() < 0.5
        while self._world.loop.time() < self._world.plan.quiet_from:
            await asyncio.sleep(self._source.uniform(0.2, 1.0 if hasty else 5.0))
            doubtful = self._world.checker.jobs[job_key].state is JobState.RECOVERY_REQUIRED
            if hasty and doubtful and Fault.VERBS in self._world.plan.faults:
                await self.verb("resume", job_key)
            elif not hasty or self._source.random() < 0.2:
                await self.verb(self._source.choice(verbs), job_key)

    async def verb(self, verb: str, job_key: str) -> None:
        """Press a verb; a refusal is an answer too."""
        self._requests += 1
        request_id = f"verb-{self._requests}"
        self._world.tell(f"operator: {verb} {job_key}")
        try:
            await self._asked(
                lambda it: it.jobs.verb(
                    call=VerbCall(verb=Verb[verb.upper()]),
                    job_key=job_key,
                    request_id=request_id,
                    expected_revision=0,
                    actor="operator",
                    identity=OPEN,
                )
            )
        except RefusedCallError as refusal:
            self._world.tell(f"operator: refused {refusal}")

    async def _asked(self, serve: Any) -> Any:
        while True:
            try:
                return await self._world.network.call("client", serve, seconds=VERB_SECONDS)
            except SchedulerUnavailableError:
                await asyncio.sleep(PAUSE_SECONDS)

    async def tidy(self) -> None:
        """After the faults: start what is held, resume what waits, take away what strangers left, trust the fenced."""
        while True:
            for job_key, record in list(self._world.checker.jobs.items()):
                if record.state is JobState.PENDING and record.plan.hold:
                    await self.verb("start", job_key)
                elif record.state is JobState.PAUSED:
                    await self.verb("resume", job_key)
                elif record.state is JobState.RECOVERY_REQUIRED:
                    self._clear(record)
                    await self.verb("resume", job_key)
            for name in sorted(self._world.checker.fenced):
                await self._trust(name)
            await asyncio.sleep(2.0)

    async def _trust(self, name: str) -> None:
        self._requests += 1
        request_id = f"undrain-{self._requests}"
        self._world.tell(f"operator: lets {name} work again")
        await self._asked(
            lambda it: it.jobs.drains.undrain(name=name, request_id=request_id, reason="", actor="operator")
        )

    def _clear(self, record: Any) -> None:
        disk = self._world.disk
        for clip in record.clips:
            inode = disk.names.get(clip.output)
            if clip.state is ClipState.INTERRUPTED and inode is not None and inode.content.startswith(b"STRANGER"):
                self._world.tell(f"operator: takes {clip.output} away")
                self._world.checker.taken_away(inode)
                self._world.loop.call_soon(disk.take_away, clip.output, context=_world())


def _world() -> Any:
    from tests.simulation.network import WORLD

    return WORLD
