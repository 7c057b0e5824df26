"""The campaign: hosts side by side that take renders from one counter, and one whole executor that takes jobs."""

import asyncio
import itertools
import random
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from proxx.core.jobs import JobResult
from tests.resolve.campaign.bridge_host import BridgeHost
from tests.resolve.campaign.outcome import Outcome
from tests.resolve.campaign.trial import draw, job_cases
from tests.resolve.campaign.watch import sample
from tests.resolve.quirk_case import Ending, QuirkCase
from tests.resolve.studio import ENDED, LOOK_SECONDS, Studio, studio
from tests.resolve_simulator.quirks import Quirks

PARKING = ["proxx_parking"]
JOB_SECONDS = 120.0
UNHURRIED = {
    "resolve_start_seconds": 15.0,
    "resolve_answer_seconds": 4.0,
    "resolve_call_seconds": 5.0,
    "resolve_import_seconds": 5.0,
    "resolve_restarts": 1000,
}
"""Deadlines that a machine keeps on which everything else runs beside; and as many starts as there are deaths."""


class _Campaign:
    def __init__(
        self,
        *,
        seed: int,
        every: int,
        hosts: list[BridgeHost],
        renders: Iterator[int],
        end: float,
        tell: Callable[[str], None],
    ) -> None:
        self.outcome = Outcome()
        self._tell = tell
        self._seed = seed
        self._every = every
        self._hosts = hosts
        self._renders = renders
        self._end = end

    async def work(self, host: BridgeHost) -> None:
        """Do renders on one host until none is left."""
        for number in self._renders:
            if time.monotonic() > self._end:
                break
            trial = draw(seed=self._seed, number=number)
            ended, wrong = await host.run(trial)
            outcome = self.outcome
            outcome.renders += 1
            outcome.ends[trial.name, ended] += 1
            self._note(f"{number}: {trial.name}", wrong)
            if outcome.renders % self._every == 0:
                self.look()
        self._note(f"the end of {host.root.name}", await host.finish())

    async def jobs(self, count: int, place: Studio) -> None:
        """Do whole jobs, one after the other, through scheduler and executor."""
        cases = job_cases()
        async with place.executor(**UNHURRIED):
            for number in range(count):
                if time.monotonic() > self._end:
                    break
                chance = random.Random(f"{self._seed}/job/{number}")
                case = chance.choice(cases)
                ended, wrong = await _job(place, number, case)
                self.outcome.jobs += 1
                self.outcome.job_ends[case.name, ended] += 1
                self._note(f"job {number}: {case.name}", wrong)

    def _note(self, where: str, wrong: list[str]) -> None:
        for sentence in wrong:
            self.outcome.wrong.append(f"{where}: {sentence}")
            self._tell(self.outcome.wrong[-1])

    def look(self) -> None:
        """Take a sample of everything."""
        self.outcome.samples.append(
            sample(
                renders=self.outcome.renders,
                projects=max(host.projects() for host in self._hosts),
                state_files=max(len(host.state_files()) for host in self._hosts),
            )
        )
        self._tell(f"{self.outcome.renders} renders, {self.outcome.jobs} jobs, {len(self.outcome.wrong)} wrong")


async def run_renders(
    *,
    renders: int,
    jobs: int,
    seed: int,
    first: int,
    hosts: int,
    every: int,
    seconds: float,
    directory: Path,
    tell: Callable[[str], None],
) -> Outcome:
    """Do so many renders and jobs, or what can be done in so many seconds, and return what came of them.

    `tell` is given a line for each look, and for each thing that is wrong.
    """
    begun, used = time.monotonic(), _cpu_seconds()
    machines = [BridgeHost(directory / f"host{number}", number) for number in range(hosts)]
    numbers = iter(itertools.islice(itertools.count(first), renders))
    campaign = _Campaign(seed=seed, every=every, hosts=machines, renders=numbers, end=begun + seconds, tell=tell)
    try:
        async with asyncio.TaskGroup() as group:
            for machine in machines:
                group.create_task(campaign.work(machine))
            if jobs:
                (directory / "studio").mkdir()
                group.create_task(_jobs(campaign, jobs, directory / "studio"))
    finally:
        for machine in machines:
            machine.installation.kill()
    outcome = campaign.outcome
    outcome.seconds, outcome.cpu_seconds = time.monotonic() - begun, _cpu_seconds() - used
    return outcome


async def _jobs(campaign: _Campaign, count: int, root: Path) -> None:
    async with studio(root) as place:
        await campaign.jobs(count, place)


async def _job(place: Studio, number: int, case: QuirkCase) -> tuple[str, list[str]]:
    place.installation.set_quirks(case.quirks)
    source = place.source(f"J{number:05d}_C001.R3D", **case.facts)
    try:
        result = await _result(place, await place.submit(source))
    except TimeoutError:
        return "no end", ["no end within its deadline"]
    ended = result.final_status.value
    expected = {Ending.COMPLETED: "COMPLETED", Ending.FAILED: "FAILED", Ending.REJECTED: "REJECTED"}[case.ending]
    wrong = [] if ended == expected else [f"ended {ended}; expected {expected}"]
    failure = result.clips[0].failure if result.clips else None
    kind = failure.kind.value if failure is not None else ""
    if kind != case.kind:
        wrong.append(f"failed with {kind or 'nothing'}; expected {case.kind or 'nothing'}")
    left = [f"{source.stem}_proxy.mov"] if ended == "COMPLETED" else []
    if place.left() != left:
        wrong.append(f"in the output directory lie {place.left()}")
    place.installation.set_quirks(Quirks())
    for path in place.output.iterdir():
        path.unlink()
    try:
        async with asyncio.timeout(JOB_SECONDS):
            while place.installation.projects() != PARKING:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    except TimeoutError:
        wrong.append(f"projects: {place.installation.projects()}")
    return f"{ended} {kind}".strip(), wrong


async def _result(place: Studio, key: str) -> JobResult:
    async with asyncio.timeout(JOB_SECONDS):
        while (await place.client.get_job(job_key=key)).state not in ENDED:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_SECONDS)
    return await place.client.get_job_result(job_key=key)


def _cpu_seconds() -> float:
    """CPU time of this process and of those that it has seen the end of."""
    return sum(
        use.ru_utime + use.ru_stime
        for use in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )
