"""PROBE: look at sources, at the places where their outputs would go, and at the output directory."""

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

from proxx.core.leases import Lease, LeaseOutcome
from proxx.core.steps import Phase, ProbedSource, ProbeItem, ProbeReport, ProbeWork
from proxx.core.violation import Violation, ViolationCode
from proxx.engine.mounts import MountError, MountTable
from proxx.engine.output_directory import check_output_directory
from proxx.engine.probe import probe_source
from proxx.engine.step_runner import StepWatch
from proxx.engine.threads import to_thread_whole
from proxx.engine.together import all_together
from proxx.engine.tool import ToolRunner


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSettings:
    """Which ffprobe, and how many sources are looked at side by side."""

    ffprobe: str
    concurrency: int


class ProbeStep:
    """Probes on this host's mounts."""

    def __init__(self, *, mounts: MountTable, runner: ToolRunner, settings: ProbeSettings) -> None:
        """Take the mounts, what runs tools, and the settings."""
        self._mounts = mounts
        self._runner = runner
        self._settings = settings

    async def run(self, *, lease: Lease, work: ProbeWork, watch: StepWatch) -> LeaseOutcome:
        """Return one entry for each item, in order, and what is wrong with the output directory.

        Raises:
            LauncherError: the tool could not be run at all.
        """
        watch.enter(Phase.PROBING)
        gate = asyncio.Semaphore(self._settings.concurrency)
        # The directory first: an output is looked for in it.
        violations = await self._output_directory(work)
        sources = await all_together(self._probe(item, gate) for item in work.items)
        report = ProbeReport(sources=sources, output_directory_violations=violations)
        return LeaseOutcome(lease_id=lease.lease_id, epoch=lease.epoch, probe=report)

    async def _output_directory(self, work: ProbeWork) -> tuple[Violation, ...]:
        if work.output_directory is None:
            return ()
        return await to_thread_whole(
            check_output_directory,
            mounts=self._mounts,
            directory=work.output_directory,
            create=work.create_output_directory,
        )

    async def _probe(self, item: ProbeItem, gate: asyncio.Semaphore) -> ProbedSource:
        try:
            path = self._mounts.local(item.source)
            exists, unseen = (False, None) if item.output is None else _look(self._mounts.local(item.output), item)
        except MountError as error:
            return _refused(item, _violation(item, ViolationCode.PATH_OUTSIDE_ROOTS, str(error)))
        async with gate:
            probed = await probe_source(
                runner=self._runner,
                path=path,
                source=item.source,
                ffprobe=self._settings.ffprobe,
                clip_index=item.clip_index,
                output_exists=exists,
            )
        return probed if unseen is None else replace(probed, violations=(*probed.violations, unseen))


def _look(output: Path, item: ProbeItem) -> tuple[bool, Violation | None]:
    """Whether anything stands at the output path, a dangling link included; or why that cannot be seen."""
    try:
        output.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False, None
    except OSError as error:
        message = f"cannot see whether {output} exists: {error.strerror or error}"
        return False, _violation(item, ViolationCode.OUTPUT_DIRECTORY_UNWRITABLE, message)
    return True, None


def _refused(item: ProbeItem, violation: Violation) -> ProbedSource:
    return ProbedSource(
        clip_index=item.clip_index,
        identity=None,
        detection=None,
        facts=None,
        output_exists=False,
        violations=(violation,),
    )


def _violation(item: ProbeItem, code: ViolationCode, message: str) -> Violation:
    return Violation(code=code, field=f"sources[{item.clip_index}]", message=message)
