"""Drops beside watcher processes that are killed again and again while their ledger is lost or garbled: one job a drop.

Everything but the footage is real: scheduler, protocol, `proxx_watcher` processes, files. A process is killed when the
file system shows its n-th change, at once or a moment later, or at a random time; n and the times follow from the seed.
"""

import asyncio
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.lone_scheduler import LoneScheduler
from proxx.core.jobs import JobView
from proxx.rpc.client import SchedulerClient
from proxx.runtime.watch_state import folder_state
from tests.fakes.specs import SEED_2_1, text_of
from tests.watching.changes import Changes
from tests.watching.idle_work import idle_executor

LAYOUTS = ("staged", "flat")
MOST_OUTSTANDING = 8
MOST_CHANGES = 34
FIRST_CHANGE_SECONDS = 20.0
NEXT_CHANGE_SECONDS = 1.5
LAST_LIFE_SECONDS = 180.0
FAIL_WORD = "fails"


@dataclass
class Outcome:
    """What came of a campaign. `wrong` are sentences; empty when each drop became one job and stands in its place."""

    drops: int = 0
    refused: int = 0
    jobs: int = 0
    lives: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    harms: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """A file that was dropped. `job` says whether a job must come of it."""

    layout: str
    name: str
    text: str
    job: bool

    @property
    def sha256(self) -> str:
        """Digest of the content."""
        return hashlib.sha256(self.text.encode()).hexdigest()


async def run_kills(*, drops: int, seed: int, directory: Path) -> Outcome:
    """Make so many drops that must become jobs, half in each layout, and some that must not; kill, harm, count."""
    begun = time.monotonic()
    with LoneScheduler(directory=directory, database=str(directory / "proxx.db")) as scheduler:
        async with (
            SchedulerClient(scheduler.address) as client,
            idle_executor(scheduler.address, fails=FAIL_WORD),
        ):
            campaign = _Campaign(directory=directory, address=scheduler.address, seed=seed)
            await campaign.run(drops)
            await campaign.check(client)
    campaign.outcome.seconds = time.monotonic() - begun
    return campaign.outcome


class _Campaign:
    def __init__(self, *, directory: Path, address: str, seed: int) -> None:
        self.outcome = Outcome()
        self._random = random.Random(seed)
        self._state = directory / "state"
        self._roots = {layout: directory / layout for layout in LAYOUTS}
        self._drops: list[Drop] = []
        for root in self._roots.values():
            for name in (
                ("pending", "running", "completed", "failed") if root.name == "staged" else ("processed", "failed")
            ):
                (root / name).mkdir(parents=True)
            folder_state(state=self._state, name=root.name).mkdir(parents=True)
        self._settings = directory / "watch.toml"
        tables = "".join(
            f'[[folder]]\nname = "{layout}"\npath = "{root}"\nlayout = "{layout}"\nmax_workers = 4\n'
            "poll_seconds = 0.5\nstill_seconds = 0.1\nquiet_seconds = 0.3\n"
            for layout, root in self._roots.items()
        )
        head = f'scheduler = "{address}"\nstate = "{self._state}"\nlog_level = "error"\n'
        self._settings.write_text(head + tables, encoding="utf-8")
        self._log = directory / "watcher.log"

    async def run(self, drops: int) -> None:
        """Drop a few, let a watcher live and die, harm its ledger; at last let one live until all is filed."""
        while self._made < drops:
            if len(self._outstanding()) < MOST_OUTSTANDING:
                for _ in range(2):
                    self._drop(wanted=drops)
            await asyncio.to_thread(self._life)
            self._harm()
        await asyncio.to_thread(self._life)  # the last drops are killed over, too
        self._harm()
        await asyncio.to_thread(self._last_life)

    @property
    def _made(self) -> int:
        return sum(drop.job for drop in self._drops)

    def _drop(self, *, wanted: int) -> None:
        if self._made == wanted:
            return
        number = len(self._drops)
        layout = LAYOUTS[number % 2]
        kind = self._random.choices(("good", FAIL_WORD, "invalid", "no json"), weights=(80, 10, 6, 4))[0]
        text = text_of(SEED_2_1, sources=[f"/{kind}/{number}.mov"], output_directory=f"/proxies/{number}")
        if kind == "invalid":
            text = text_of(SEED_2_1, jobspec_version="9.9", sources=[f"/{number}.mov"])
        elif kind == "no json":
            text = text[: -1 - number % 50]
        drop = Drop(layout=layout, name=f"{number:04}.json", text=text, job=kind in ("good", FAIL_WORD))
        self._drops.append(drop)
        root = self._roots[layout]
        hidden = root / f".{drop.name}"
        hidden.write_text(text, encoding="utf-8")
        hidden.rename(self._inbox(layout) / drop.name)

    def _inbox(self, layout: str) -> Path:
        return self._roots[layout] / "pending" if layout == "staged" else self._roots[layout]

    def _outstanding(self) -> list[Path]:
        return [
            path
            for directory in (self._inbox("staged"), self._roots["staged"] / "running", self._inbox("flat"))
            for path in directory.glob("[0-9]*.json")
            if not path.name.endswith(".result.json")
        ]

    def _begin(self, *, ready_fd: int | None = None) -> "subprocess.Popen[bytes]":
        argv = [sys.executable, "-P", "-m", "proxx_watcher", "--settings", str(self._settings)]
        passed = () if ready_fd is None else (ready_fd,)
        argv += [] if ready_fd is None else ["--ready-fd", str(ready_fd)]
        with self._log.open("ab") as log:
            return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=passed)

    def _life(self) -> None:
        states = [folder_state(state=self._state, name=layout) for layout in LAYOUTS]
        below = [path for root in self._roots.values() for path in root.iterdir() if path.is_dir()]
        with Changes([*self._roots.values(), *below, *states]) as changes:
            process = self._begin()
            try:
                where = self._wait_for_the_moment(changes)
            finally:
                process.kill()
                code = process.wait()
        self.outcome.lives += 1
        if code != -signal.SIGKILL:
            self.outcome.wrong.append(f"a watcher ended by itself with code {code}; see its log")
            where = "it had ended"
        self.outcome.kills[where] += 1

    def _wait_for_the_moment(self, changes: Changes) -> str:
        if self._random.random() < 0.15:
            time.sleep(self._random.uniform(0.2, 3.0))
            return "at a random time"
        count, last = self._random.randint(1, MOST_CHANGES), ""
        for _ in range(count):
            change = changes.next(seconds=NEXT_CHANGE_SECONDS if last else FIRST_CHANGE_SECONDS)
            if change is None:
                return "nothing more to do"
            last = change
        if self._random.random() < 0.5:
            time.sleep(self._random.uniform(0.0, 0.02))  # towards the call that comes next
        return _step(last)

    def _harm(self) -> None:
        for layout in LAYOUTS:
            ledger = folder_state(state=self._state, name=layout) / "ledger.jsonl"
            harm = self._random.choices(("kept", "lost", "garbled", "torn"), weights=(4, 3, 2, 1))[0]
            data = bytearray(ledger.read_bytes()) if ledger.exists() else bytearray()
            if not data:
                continue
            self.outcome.harms[harm] += 1
            if harm == "lost":
                ledger.unlink()
            elif harm == "garbled":
                for _ in range(3):
                    data[self._random.randrange(len(data))] = self._random.randrange(256)
                ledger.write_bytes(data)
            elif harm == "torn":
                ledger.write_bytes(data[: self._random.randrange(len(data))])

    def _last_life(self) -> None:
        reader, writer = os.pipe()
        with os.fdopen(reader, "rb") as pipe:
            process = self._begin(ready_fd=writer)
            os.close(writer)
            pipe.readline()
        end = time.monotonic() + LAST_LIFE_SECONDS
        while self._outstanding() and time.monotonic() < end and process.poll() is None:
            time.sleep(0.1)
        time.sleep(1.0)  # what is filed is entered into the ledger afterwards
        process.terminate()
        code = process.wait(timeout=60)
        self.outcome.lives += 1
        if code != 0:
            self.outcome.wrong.append(f"the last watcher ended with code {code}")

    async def check(self, client: SchedulerClient) -> None:
        """Count the jobs, and compare each with its drop, its result and the place of its spec."""
        jobs: dict[str, list[JobView]] = {}
        async for view in _all_jobs(client):
            jobs.setdefault(view.received_digest, []).append(view)
            self.outcome.outcomes[view.state.value] += 1
        self.outcome.drops, self.outcome.refused = self._made, len(self._drops) - self._made
        self.outcome.jobs = sum(map(len, jobs.values()))
        expected: dict[str, set[str]] = {layout: set() for layout in LAYOUTS}
        for drop in self._drops:
            found = jobs.pop(drop.sha256, [])
            if len(found) != int(drop.job):
                self.outcome.wrong.append(f"{drop.layout}/{drop.name}: {len(found)} jobs, expected {int(drop.job)}")
                continue
            expected[drop.layout] |= self._check_files(drop, found[0] if found else None)
        self.outcome.wrong += [f"jobs of no drop: {len(views)}" for views in jobs.values()]
        expected["flat"].add("processed_manifest.json")
        for layout, root in self._roots.items():
            there = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
            there.discard(".proxx-watch.lock")
            self.outcome.wrong += [f"{layout}: missing {name}" for name in sorted(expected[layout] - there)]
            self.outcome.wrong += [f"{layout}: nobody's {name}" for name in sorted(there - expected[layout])]
        entries = json.loads((self._roots["flat"] / "processed_manifest.json").read_text(encoding="utf-8"))["entries"]
        named = {Path(path).name for path in entries}
        self.outcome.wrong += [
            f"flat/{drop.name} is not in the manifest"
            for drop in self._drops
            if drop.layout == "flat" and drop.name not in named
        ]

    def _check_files(self, drop: Drop, view: JobView | None) -> set[str]:
        """Return the names of the two files that must stand there, and note what they say wrongly."""
        state = "REJECTED" if view is None else view.state.value
        good = "completed" if drop.layout == "staged" else "processed"
        place = good if state == "COMPLETED" else "failed"
        result = drop.name.replace(".json", ".result.json")
        files = {f"{place}/{drop.name}", f"{place}/{result}" if drop.layout == "staged" else result}
        root = self._roots[drop.layout]
        try:
            text = (root / place / drop.name).read_text(encoding="utf-8")
            path = root / place / result if drop.layout == "staged" else root / result
            said = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            self.outcome.wrong.append(f"{drop.layout}/{drop.name}: {error}")
            return files
        seen = (
            text,
            said["outcome"],
            said["job_key"],
            said["received_digest"],
            said["_metadata"]["watch"]["generation"],
        )
        wanted = (drop.text, state, None if view is None else view.job_key, drop.sha256, 0)
        if seen != wanted:
            self.outcome.wrong.append(f"{drop.layout}/{drop.name}: {seen[1:]}, expected {wanted[1:]}")
        return files


async def _all_jobs(client: SchedulerClient) -> AsyncIterator[JobView]:
    token = ""
    while True:
        page = await client.list_jobs(page_size=100, page_token=token)
        for view in page.items:
            yield view
        token = page.next_page_token
        if not token:
            return


def _step(change: str) -> str:
    """Name the step of the watcher after which a change shows."""
    path, _, word = change.rpartition(" ")
    directory, _, name = path.partition("/")
    if name == ".proxx-watch.lock":
        return "lock taken"
    if name.startswith("ledger"):
        return "ledger written"
    if name.startswith(".proxx-watch-"):
        return {"made": "hidden file made", "written": "hidden file written"}.get(word, "hidden file gone")
    if name.endswith(".result.json"):
        return "result in place"
    if name.startswith("processed_manifest"):
        return "manifest in place"
    if directory == "running":
        return "spec moved to running"
    if directory in ("completed", "processed", "failed"):
        return "spec filed"
    return f"{directory}: {word}"
