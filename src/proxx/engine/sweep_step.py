"""SWEEP: remove what attempts recorded dead have staged, or take it, then look at the final path.

The order matters: once the staged file is gone, a late publisher finds nothing to publish, so what stands under the
final name afterwards is all that will ever stand there from those attempts. A finished file is taken the same way: it
gets a name that no attempt before has (deliver.py).
"""

import stat
from dataclasses import replace

from proxx.core.failure import FailureKind
from proxx.core.leases import Lease, LeaseOutcome
from proxx.core.roots import RootPath
from proxx.core.steps import Delivered, Journal, Phase, ReplacedFile, SweepReport, SweepWork
from proxx.engine.checksum import digest_file
from proxx.engine.deliver import own_name, take_finished
from proxx.engine.disk import disk_error
from proxx.engine.errors import DirectoryGoneError, failed
from proxx.engine.identity import identity_difference, read_identity
from proxx.engine.look import look_at
from proxx.engine.mounts import MountError, MountTable, mount_failure
from proxx.engine.quarantine import lies_aside, put_back, replacement_of
from proxx.engine.staging import NotStagedError, remove_staged
from proxx.engine.step_runner import StepWatch
from proxx.engine.threads import to_thread_whole
from proxx.runtime.durable import sync_directory, sync_file
from proxx.runtime.where import Where, host_path


class SweepStep:
    """Sweeps on this host's mounts."""

    def __init__(self, *, mounts: MountTable, incarnation: str) -> None:
        """Take the mounts, and the incarnation of this executor, which makes the names of its attempts its own."""
        self._mounts = mounts
        self._incarnation = incarnation

    async def run(self, *, lease: Lease, work: SweepWork, watch: StepWatch) -> LeaseOutcome:
        """Remove the named staged files and nothing else, and report what stands at the final path.

        A file that one of the attempts moved aside is put back before that, where its name is free. If the work asks
        for it, a finished staged file is not removed but taken, and reported when it can still be published.

        Raises:
            StepFailedError: IO_ERROR, or NO_SPACE for a flush; what was removed stays removed, and a new SWEEP may
                be granted. DirectoryGoneError where the volume is gone: absence is not reported from there.
        """
        watch.enter(Phase.SWEEPING)
        report = await to_thread_whole(self._sweep, lease, work)
        return LeaseOutcome(lease_id=lease.lease_id, epoch=lease.epoch, sweep=report)

    def _sweep(self, lease: Lease, work: SweepWork) -> SweepReport:
        own = own_name(lease=lease, work=work, incarnation=self._incarnation)
        try:
            mount = self._mounts.rooted(RootPath(root=work.output.root, path=""))
            if not mount.is_dir():
                raise DirectoryGoneError(host_path(mount))
            journal = None
            if work.deliver is not None:
                journal = take_finished(mounts=self._mounts, lease=lease, work=work, wanted=work.deliver, own=own)
            removed = tuple(path for path in work.staged if remove_staged(mounts=self._mounts, staged=path))
            restored, kept = self._restore(work)
            report = _look(self._mounts.rooted(work.output), removed)
            unreplaced = self._is_unreplaced(work, report)
            report = replace(report, output_unreplaced=unreplaced, restored=restored, replaced=kept)
            return report if journal is None else self._deliver(work, report, own, journal)
        except MountError as error:
            raise mount_failure(error, FailureKind.IO_ERROR, what="cannot sweep: ") from error
        except NotStagedError as error:
            raise failed(FailureKind.IO_ERROR, f"cannot sweep: {error}") from error
        except OSError as error:
            raise disk_error(error, what="cannot sweep") from error

    def _deliver(self, work: SweepWork, report: SweepReport, own: RootPath, journal: Journal) -> SweepReport:
        """Report a finished file where its place is free; where the very bytes stand there already, remove it."""
        if report.output_sha256 and report.output_sha256 == work.expected_sha256:
            remove_staged(mounts=self._mounts, staged=own)
            return report
        if not report.output_exists or report.output_unreplaced:
            return replace(report, delivered=Delivered(staged=own, journal=journal))
        return report  # something else stands there: the finished file stays for the SWEEP after the operator's word

    def _restore(self, work: SweepWork) -> tuple[bool, ReplacedFile | None]:
        """Put back what a dead attempt moved aside, unless something stands in its place: then say where it lies."""
        restored, kept = False, None
        for staged in work.staged:
            item = replacement_of(mounts=self._mounts, staged=staged, output=work.output, identity=work.replaces)
            if item is None or lies_aside(item) is None:
                continue
            try:
                back = put_back(item)
            except FileNotFoundError:
                continue  # its own attempt is alive after all and has just put it back
            if back:
                restored = True
                remove_staged(mounts=self._mounts, staged=staged)
            else:
                kept = item.replaced
        return restored, kept

    def _is_unreplaced(self, work: SweepWork, report: SweepReport) -> bool:
        if work.replaces is None or not report.output_sha256:
            return False
        found = read_identity(path=self._mounts.rooted(work.output), source=work.output)
        return identity_difference(expected=work.replaces, actual=found) is None


def _look(output: Where, removed: tuple[RootPath, ...]) -> SweepReport:
    found = look_at(output)
    if found is None:
        return SweepReport(removed=removed, output_exists=False, output_sha256="", output_size_bytes=0)
    if not stat.S_ISREG(found.st_mode):
        return SweepReport(removed=removed, output_exists=True, output_sha256="", output_size_bytes=0)
    # The report may adopt the file, and whoever gave it this name may have died before the flush.
    try:
        sync_file(output)
        sync_directory(output.parent)
    except OSError as error:
        raise disk_error(error, what=f"cannot flush {output} or its directory") from error
    digest = digest_file(output)
    return SweepReport(
        removed=removed, output_exists=True, output_sha256=digest.sha256, output_size_bytes=digest.size_bytes
    )
