"""PUBLISH, and the last station of an ENCODE: a staged file takes its final name."""

import asyncio
import logging

from proxx.core.facts import SourceIdentity
from proxx.core.failure import FailureKind
from proxx.core.leases import Lease, LeaseOutcome
from proxx.core.roots import RootPath
from proxx.core.steps import Phase, Published, PublishWork
from proxx.engine.checksum import digest_file_in_thread
from proxx.engine.disk import disk_error
from proxx.engine.errors import DirectoryGoneError, StepFailedError, failed
from proxx.engine.mounts import MountError, MountTable, mount_failure
from proxx.engine.publish import publish_file
from proxx.engine.quarantine import Replacement, replacement_of
from proxx.engine.staging import NotStagedError, remove_staged
from proxx.engine.step_runner import StepWatch
from proxx.engine.threads import to_thread_whole
from proxx.runtime.where import Where

_LOG = logging.getLogger("proxx.engine")


class PublishStep:
    """Publishes staged files on this host's mounts."""

    def __init__(self, *, mounts: MountTable) -> None:
        """Take the mounts."""
        self._mounts = mounts

    async def run(self, *, lease: Lease, work: PublishWork, watch: StepWatch) -> LeaseOutcome:
        """Rehash the staged file of an earlier attempt, which may be long dead, and publish it.

        Interrupted before the publication begins, it leaves the staged file as it was: it is not this attempt's.

        Raises:
            StepFailedError: STAGED_LOST, OUTPUT_EXISTS, NO_SPACE or IO_ERROR; the staged file is removed, unless its
                directory is gone (DirectoryGoneError): what comes back with the volume is left as it was.
            PublicationInDoubtError: nobody can say whether it is published; nothing is removed.
        """
        watch.enter(Phase.PUBLISHING)
        staged, final = self._local(work.staged), self._local(work.output)
        try:
            await self._rehash(staged, work)
        except StepFailedError:
            self.remove(work.staged)
            raise
        if not watch.commit():
            raise asyncio.CancelledError
        replacement = self._replacement(work.staged, work.output, work.replaces)
        published = await self._publish(work.staged, staged, final, work.sha256, work.size_bytes, replacement)
        return LeaseOutcome(lease_id=lease.lease_id, epoch=lease.epoch, published=published)

    async def publish(
        self,
        *,
        staged: RootPath,
        output: RootPath,
        sha256: str,
        size_bytes: int,
        replaces: SourceIdentity | None = None,
    ) -> Published:
        """Publish a file that this attempt has just made and hashed; `replaces` is moved aside first.

        Raises:
            StepFailedError, PublicationInDoubtError: as run().
        """
        replacement = self._replacement(staged, output, replaces)
        return await self._publish(staged, self._local(staged), self._local(output), sha256, size_bytes, replacement)

    def remove(self, staged: RootPath) -> None:
        """Remove a staged file with its journal and, when empty, its directory.

        Raises:
            StepFailedError: it cannot be removed.
        """
        try:
            remove_staged(mounts=self._mounts, staged=staged)
        except OSError as error:
            raise disk_error(error, what="cannot remove the staged file") from error

    async def _publish(
        self,
        staged: RootPath,
        staged_file: Where,
        final: Where,
        sha256: str,
        size_bytes: int,
        replacement: Replacement | None,
    ) -> Published:
        try:
            published = await to_thread_whole(
                publish_file,
                staged=staged_file,
                final=final,
                sha256=sha256,
                size_bytes=size_bytes,
                replacement=replacement,
            )
        except DirectoryGoneError:
            raise
        except StepFailedError:
            self.remove(staged)
            raise
        except asyncio.CancelledError:
            self._clean(staged)
            raise
        self._clean(staged)
        return published

    def _clean(self, staged: RootPath) -> None:
        """Remove what is left of a staged file where nothing depends on that any more."""
        try:
            remove_staged(mounts=self._mounts, staged=staged)
        except (OSError, MountError, NotStagedError) as error:
            _LOG.error("leftovers of a publication stay", exc_info=error, extra={"staged": staged.path})

    async def _rehash(self, staged: Where, work: PublishWork) -> None:
        try:
            found = await digest_file_in_thread(staged)
        except FileNotFoundError:
            return  # perhaps published already and the answer was lost; publish_file looks
        except OSError as error:
            raise disk_error(error, what="cannot read the staged file") from error
        if (found.sha256, found.size_bytes) != (work.sha256, work.size_bytes):
            raise failed(
                FailureKind.STAGED_LOST,
                f"the bytes of the staged file changed: {staged} was {work.size_bytes} bytes with sha256 {work.sha256},"
                f" is {found.size_bytes} bytes with sha256 {found.sha256}",
            )

    def _replacement(self, staged: RootPath, output: RootPath, identity: SourceIdentity | None) -> Replacement | None:
        try:
            return replacement_of(mounts=self._mounts, staged=staged, output=output, identity=identity)
        except MountError as error:
            raise mount_failure(error, FailureKind.IO_ERROR) from error

    def _local(self, path: RootPath) -> Where:
        try:
            return self._mounts.rooted(path)
        except MountError as error:
            raise mount_failure(error, FailureKind.IO_ERROR) from error
