"""Scripted drops into a media folder under a virtual clock: how many were submitted too early, and how many never."""

import asyncio
import heapq
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.watching.cuts import cuts_of
from tests.watching.media_world import MediaWorld
from tests.watching.templates import Template
from tests.watching.writers import SCRIPTS, Drop

MEMORY = Path("/dev/shm")
"""A directory in memory, where the machine has one."""
BATCH = 50
_POLL_SECONDS = 5.0
_ARRIVALS_SECONDS = 240.0
_LAST_SECONDS = 4000.0
_RESTARTS = 0.01
_NAMES = ("A001C{:03d}", "take {:03d}", "Größe {:03d}", "it's {:03d} [x]", "\u202eclip{:03d}")


@dataclass
class Outcome:
    """What came of some drops. `early` and `lost` name the script and the file; `waits` are seconds from the last write
    to the submission, by script."""

    drops: int = 0
    passes: int = 0
    restarts: int = 0
    virtual_seconds: float = 0.0
    early: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    waits: dict[str, list[float]] = field(default_factory=dict)

    def add(self, other: "Outcome") -> None:
        """Take the numbers of another batch in."""
        self.drops += other.drops
        self.passes += other.passes
        self.restarts += other.restarts
        self.virtual_seconds += other.virtual_seconds
        self.early += other.early
        self.lost += other.lost
        self.doubled += other.doubled
        for script, waits in other.waits.items():
            self.waits.setdefault(script, []).extend(waits)


def run_drops(
    *, count: int, first_seed: int, templates: tuple[Template, ...], stability: Mapping[str, object] | None = None
) -> Outcome:
    """Run batches until `count` drops were made. Batches take turns between a local and a network file system.

    `stability` are keys of the folder that differ from the defaults.
    """
    total = Outcome()
    seed = first_seed
    while total.drops < count:
        base = MEMORY if seed % 4 == 1 and MEMORY.is_dir() else None
        directory = Path(tempfile.mkdtemp(prefix="proxx-drops-", dir=base))
        try:
            size = min(BATCH, count - total.drops)
            total.add(asyncio.run(_Batch(directory, seed, templates, size, stability or {}).run()))
        finally:
            shutil.rmtree(directory)
        seed += 1
    return total


class _Batch:
    """One folder, one watcher with its restarts, many writers."""

    def __init__(
        self,
        directory: Path,
        seed: int,
        templates: tuple[Template, ...],
        size: int,
        stability: Mapping[str, object],
    ) -> None:
        self._rng = Random(seed)
        self._seed = seed
        table = {"extensions": ["mov", "mp4", "mxf", "avi", "mkv", "ts"], "stability": stability}
        self._world = MediaWorld(root=directory / "card", state=directory / "state", table=table, remote=bool(seed % 2))
        self._world.scheduler.seen = self._submitted
        self._outcome = Outcome(drops=size)
        self._drops = {drop.path: drop for drop in self._plan(templates, size)}
        self._ended: dict[Path, float] = {}
        self._taken: Counter[Path] = Counter()
        self._folder = self._world.life()

    async def run(self) -> Outcome:
        queue: list[tuple[float, int, Drop, Iterator[float]]] = []
        for number, drop in enumerate(self._drops.values()):
            script = SCRIPTS[drop.script](self._world, drop, self._rng)
            heapq.heappush(queue, (self._rng.uniform(0.0, _ARRIVALS_SECONDS), number, drop, script))
        next_pass = 0.0
        while queue or len(self._taken) < len(self._drops):
            if queue and queue[0][0] <= next_pass:
                moment, number, drop, script = heapq.heappop(queue)
                self._world.clock.seconds = max(self._world.clock.seconds, moment)
                rest = next(script, None)
                if drop.done:
                    self._ended.setdefault(drop.path, self._world.clock.seconds)
                if rest is not None:
                    heapq.heappush(queue, (moment + rest, number, drop, script))
                if self._rng.random() < 0.5:
                    next_pass = min(next_pass, self._world.clock.seconds + 0.05)
                continue
            self._world.clock.seconds = max(self._world.clock.seconds, next_pass)
            next_pass = self._world.clock.seconds + await self._pass()
            if self._world.clock.seconds > _LAST_SECONDS:
                break
        await self._pass()
        return self._result()

    async def _pass(self) -> float:
        if self._rng.random() < _RESTARTS:
            self._outcome.restarts += 1
            if self._rng.random() < 0.5:
                (self._world.state / "ledger.jsonl").unlink(missing_ok=True)
            self._folder = self._world.life()
        told = await self._folder.open_pass(submit=True)
        self._outcome.passes += 1
        if told.folder.reason:
            raise AssertionError(f"seed {self._seed}: the folder says {told.folder.reason}")
        return min(_POLL_SECONDS, told.look_again_seconds or _POLL_SECONDS)

    def _submitted(self, source: str) -> None:
        path = Path(source)
        drop = self._drops[path]
        self._taken[path] += 1
        said = f"seed {self._seed}: {drop.script}: {path.name}"
        if not drop.done:
            self._outcome.early.append(f"{said}: the writer had not finished")
        elif path.read_bytes() != drop.content:
            self._outcome.early.append(f"{said}: not the final content")
        else:
            waited = self._world.clock.seconds - self._ended.get(path, self._world.clock.seconds)
            self._outcome.waits.setdefault(drop.script, []).append(waited)

    def _result(self) -> Outcome:
        made = Counter(Path(source) for source in self._world.scheduler.sources)
        self._outcome.lost = [
            f"seed {self._seed}: {drop.script}: {path.name}" for path, drop in self._drops.items() if path not in made
        ]
        self._outcome.doubled = [f"seed {self._seed}: {path.name}" for path, count in made.items() if count > 1]
        self._outcome.virtual_seconds = self._world.clock.seconds
        self._world.close()
        return self._outcome

    def _plan(self, templates: tuple[Template, ...], size: int) -> Iterator[Drop]:
        scripts = list(SCRIPTS)
        for number in range(size):
            template = self._rng.choice(templates)
            content = template.numbered((self._seed << 16) + number)
            name = self._rng.choice(_NAMES).format(number)
            directory = self._world.root / self._rng.choice(("", "A", "A/B", "roll 2"))
            directory.mkdir(parents=True, exist_ok=True)
            yield Drop(
                path=directory / f"{name}.{template.extension}",
                content=content,
                script=scripts[(number + self._seed) % len(scripts)],
                cuts=cuts_of(content, self._rng),
            )
