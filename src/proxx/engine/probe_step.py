"""PROBE: look at sources, at the places where their outputs would go, and at the output directory."""

import asyncio
import contextlib
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace

from proxx.core.detection import SOURCE_MATRICES
from proxx.core.leases import Lease, LeaseOutcome
from proxx.core.steps import Phase, ProbedSource, ProbeItem, ProbeReport, ProbeWork
from proxx.core.violation import Violation, ViolationCode
from proxx.engine.mounts import LinkLoopError, MountError, MountTable
from proxx.engine.output_directory import check_output_directory
from proxx.engine.output_place import OutputPlace, look_at_output, numbered_names
from proxx.engine.probe import probe_source
from proxx.engine.step_runner import StepWatch
from proxx.engine.threads import to_thread_whole
from proxx.engine.together import all_together
from proxx.engine.tool import ToolRunner
from proxx.runtime.where import Where

_Numbered = Mapping[Where, Set[str]] | OSError
"""The numbered names in each output directory, or why they cannot be seen."""


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
        numbered = await self._numbered_names(work)
        sources = await all_together(self._probe(item, gate, work, numbered) for item in work.items)
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

    async def _numbered_names(self, work: ProbeWork) -> _Numbered:
        """Look at each output directory once, however many outputs would go there."""
        if not work.report_suffixes:
            return {}
        places = []
        for item in work.items:
            with contextlib.suppress(MountError):  # told when the item itself is looked at
                if item.output is not None:
                    places.append(self._mounts.rooted(item.output).parent)
        try:
            return await to_thread_whole(numbered_names, places)
        except OSError as error:
            return error

    async def _probe(
        self, item: ProbeItem, gate: asyncio.Semaphore, work: ProbeWork, numbered: _Numbered
    ) -> ProbedSource:
        if work.source_matrix not in SOURCE_MATRICES:
            message = f"{item.source.path}: this executor does not know source matrix {work.source_matrix}"
            return _refused(item, _violation(item, ViolationCode.PROBE_FAILED, message))
        try:
            self._mounts.local(item.source)
            path = self._mounts.rooted(item.source)
        except LinkLoopError as error:
            return _refused(item, _violation(item, ViolationCode.SOURCE_UNREADABLE, str(error)))
        except MountError as error:
            return _refused(item, _violation(item, ViolationCode.PATH_OUTSIDE_ROOTS, str(error)))
        try:
            place = await self._look(item, work, numbered)
        except MountError as error:
            return _refused(item, _violation(item, ViolationCode.PATH_OUTSIDE_ROOTS, str(error)))
        async with gate:
            probed = await probe_source(
                runner=self._runner,
                path=path,
                source=item.source,
                ffprobe=self._settings.ffprobe,
                clip_index=item.clip_index,
                output_exists=place.exists,
                source_matrix=work.source_matrix,
            )
        probed = replace(probed, suffixes_taken=place.suffixes_taken, existing=place.existing)
        if place.violation is None:
            return probed
        unfit = replace(place.violation, field=f"sources[{item.clip_index}]")
        return replace(probed, violations=(*probed.violations, unfit))

    async def _look(self, item: ProbeItem, work: ProbeWork, numbered: _Numbered) -> OutputPlace:
        if item.output is None:
            return OutputPlace()
        self._mounts.local(item.output)
        local = self._mounts.rooted(item.output)
        if isinstance(numbered, OSError):
            message = f"cannot see which names are taken in {local.parent}: {numbered.strerror or numbered}"
            code = ViolationCode.OUTPUT_DIRECTORY_UNWRITABLE
            return OutputPlace(violation=Violation(code=code, field="", message=message))
        return await to_thread_whole(
            look_at_output,
            local=local,
            output=item.output,
            names=numbered.get(local.parent),
            describe=work.report_existing,
        )


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
