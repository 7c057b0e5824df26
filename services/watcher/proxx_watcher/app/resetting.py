"""`proxx watch reset`: JobSpecs that were done, failed or are in doubt go back to the inbox, to be made anew.

First a plan, which changes nothing; then the plan's steps, each of which can be taken again after a crash. No watcher
runs meanwhile: the folder's lock is held.
"""

from dataclasses import dataclass

from proxx.core.quoting import quote
from proxx_watcher.app.ports import FolderTroubleError, SpecDisk
from proxx_watcher.app.spec_filing import SpecFiling
from proxx_watcher.app.spec_intake import SPEC_LIMIT_BYTES, content_digest
from proxx_watcher.app.spec_records import SpecRecords
from proxx_watcher.domain.spec_names import judge_name, name_order
from proxx_watcher.domain.spec_places import Places, below
from proxx_watcher.domain.spec_record import next_generation


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetStep:
    """One JobSpec that goes back. `place` is the directory in which it stands, `warning` what to look at before."""

    name: str
    place: str
    sha256: str
    generation: int
    warning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPlan:
    """What a reset would do; `left` says which files it leaves alone and why."""

    steps: tuple[ResetStep, ...]
    left: tuple[str, ...]


class Resetting:
    """Plans and carries out resets of one JobSpec folder."""

    def __init__(self, *, disk: SpecDisk, places: Places, records: SpecRecords, filing: SpecFiling) -> None:
        """Take the folder; its lock is held by the caller."""
        self._disk = disk
        self._places = places
        self._records = records
        self._filing = filing

    async def plan(self, *, names: tuple[str, ...]) -> ResetPlan:
        """Return what would be done for these names, or without names for everything that is over or in doubt.

        Raises:
            OSError: the folder cannot be read.
        """
        await self._filing.refresh()
        steps: list[ResetStep] = []
        left: list[str] = []
        found: set[str] = set()
        inbox = set(await self._specs_in(self._places.inbox))
        for place in dict.fromkeys((self._places.good, self._places.bad, self._places.work, self._places.inbox)):
            for name in sorted(await self._specs_in(place)):
                if names and name not in names:
                    continue
                found.add(name)
                step = await self._step(name, place)
                why = self._why_not(step, named=bool(names), inbox=inbox, taken={item.name for item in steps})
                if why is None:
                    steps.append(step)
                elif why:
                    left.append(f"{_shown(below(place, name))}: {why}")
        left += [f"{_shown(name)}: no JobSpec of this name is in the folder" for name in names if name not in found]
        steps.sort(key=lambda step: name_order(step.name))
        return ResetPlan(steps=tuple(steps), left=tuple(left))

    async def carry_out(self, plan: ResetPlan) -> None:
        """Do what the plan says.

        Raises:
            FolderTroubleError: a name came into the way meanwhile. OSError: something cannot be moved or written.
        """
        for step in plan.steps:
            await self._records.anew(name=step.name, sha256=step.sha256, generation=step.generation)
            await self._filing.clear(name=step.name)
            if step.place == self._places.inbox:
                continue
            source, target = below(step.place, step.name), below(self._places.inbox, step.name)
            try:
                await self._disk.put_back(source=source, target=target)
            except FileExistsError:
                raise FolderTroubleError(f"{_shown(target)} came meanwhile; {_shown(source)} stays") from None

    async def _specs_in(self, directory: str) -> list[str]:
        try:
            entries = await self._disk.names(directory=directory)
        except FileNotFoundError:
            return []
        return [entry.name for entry in entries if judge_name(entry=entry, results_here=True).candidate]

    async def _step(self, name: str, place: str) -> ResetStep:
        file = await self._disk.read(path=below(place, name), limit=SPEC_LIMIT_BYTES)
        sha256 = content_digest(file)
        record = self._records.of(name=name, sha256=sha256)
        told = await self._filing.next_generation(name=name, sha256=sha256)
        known = [] if record is None else [next_generation(generation=record.generation, job_key=record.job_key)]
        known += [] if told is None else [told]
        unknown = 1 if place == self._places.good and place != self._places.inbox else 0  # COMPLETED: it made a job
        warning = ""
        if record is not None and record.job_key and not record.delivered:
            warning = f"it was submitted as job {record.job_key}, whose end was not seen; that job is not cancelled"
        elif place == self._places.work and self._places.moves_to_work:
            warning = "if another scheduler works on it, that job is not cancelled"
        return ResetStep(name=name, place=place, sha256=sha256, generation=max(known, default=unknown), warning=warning)

    def _why_not(self, step: ResetStep, *, named: bool, inbox: set[str], taken: set[str]) -> str | None:
        """Return None for a step to take, why not to take it, or empty where that is no news."""
        record = self._records.of(name=step.name, sha256=step.sha256)
        if step.name in taken:
            return "another file of this name goes back"
        if step.place == self._places.inbox:
            over = record is not None and record.delivered
            past = self._filing.past(name=step.name, sha256=step.sha256) is not None
            return None if over or past or named else ""
        if step.name in inbox:
            return "a file of this name waits in the inbox already"
        if named:
            return None
        if record is not None and record.job_key and not record.delivered:
            return f"job {record.job_key} may go on; name the file to reset it all the same"
        if record is None and self._filing.past(name=step.name, sha256=step.sha256) is None:
            if step.place == self._places.work:
                return None
            return "there is no record of it: a kept earlier version, or a lost ledger; name it to reset it"
        return None


def _shown(path: str) -> str:
    return quote(text=path)[1:-1]
