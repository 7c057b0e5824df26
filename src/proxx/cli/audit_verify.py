"""`proxx audit verify`: the log of a server, or an export, checked record by record."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from proxx.cli.audit_files import export_lines
from proxx.cli.audit_walk import Progress, walk
from proxx.cli.errors import CommandError
from proxx.cli.exits import ExitCode
from proxx.core.audit import (
    Anchor,
    AuditRecord,
    AuditSummary,
    ChainFacts,
    ChainSummary,
    ExportReader,
    LogCheck,
    LogRange,
    NotAnExportError,
    OtherChainError,
)
from proxx.embedded.audit_port import AuditPort
from proxx.rpc.errors import RefusedCallError
from proxx.rpc.reasons import Reason

Told = Callable[[ChainSummary], None]


class _Verifying:
    """Checks what a walk reads, and tells the head of every chain."""

    def __init__(self, *, within: LogRange, anchors: Iterable[Anchor], told: Told) -> None:
        self.check = LogCheck(within=within, anchors=anchors)
        self._told = told

    @property
    def enough(self) -> bool:
        return self.check.fault is not None

    def open(self, facts: ChainFacts) -> None:
        self.check.open(facts)

    def feed(self, record: AuditRecord) -> None:
        self.check.feed(record)

    def close(self) -> None:
        self._told(self.check.close())


async def verify_server(
    *, audit: AuditPort, job_key: str | None, anchors: Iterable[Anchor], told: Told, progress: Progress
) -> AuditSummary:
    """Check the log of a server up to its first fault, or to its end. Raises as `walk`.

    Raises:
        CommandError: a head of another chain was given than the one that is checked.
    """
    try:
        visitor = await walk(
            audit=audit,
            job_key=job_key,
            after_sequence=0,
            begin=lambda within: _Verifying(within=within, anchors=anchors, told=told),
            progress=progress,
        )
        return visitor.check.end()
    except OtherChainError as error:
        raise CommandError(str(error), exit_code=ExitCode.VALIDATION) from error
    except RefusedCallError as error:
        if error.reason != Reason.JOB_NOT_FOUND:
            raise
        # a job of which somebody kept a head was there once
        gone = LogCheck(within=LogRange(after_sequence=0, until_sequence=0, job_key=job_key), anchors=anchors).end()
        if gone.fault is None:
            raise
        return gone


def verify_file(*, path: Path, anchors: Iterable[Anchor], told: Told, progress: Progress) -> AuditSummary:
    """Check an export with nothing but the file.

    Raises:
        CommandError: it cannot be read, is no export, or is one of another chain than a head that was given.
    """
    with export_lines(path) as lines:
        try:
            reader = ExportReader(lines=lines, anchors=anchors)
        except NotAnExportError as error:
            raise CommandError(f"{path}: {error}", exit_code=ExitCode.VALIDATION) from error
        through = 0
        try:
            for chain in reader.chains():
                told(chain)
                progress.tell(reader.records - through, reader.within.until_sequence - reader.within.after_sequence)
                through = reader.records
        except OtherChainError as error:
            raise CommandError(str(error), exit_code=ExitCode.VALIDATION) from error
        return reader.summary


class Heads:
    """What to do with the heads: keep the one of a single chain, print all when asked."""

    def __init__(self, *, show: Callable[[ChainSummary], None] | None) -> None:
        """Take how to print a head; None prints none."""
        self.last: ChainSummary | None = None
        self.count = 0
        self._show = show

    def __call__(self, chain: ChainSummary) -> None:
        """Take the head of the next chain."""
        self.last = chain
        self.count += 1
        if self._show is not None:
            self._show(chain)

    @property
    def only(self) -> ChainSummary | None:
        """The one chain, None when there were others."""
        return self.last if self.count == 1 else None


def given_heads(*, heads: Sequence[str], job_key: str | None) -> list[Anchor]:
    """Return the heads of a command line, which belong to one job.

    Raises:
        CommandError: one is no hash, or nobody says of which job.
    """
    if heads and job_key is None:
        raise CommandError("--head needs --job: a head belongs to one chain", exit_code=ExitCode.USAGE)
    for head in heads:
        if len(head) != 64 or not set(head) <= set("0123456789abcdef"):
            raise CommandError(f"--head {head}: expected 64 hex digits in lower case", exit_code=ExitCode.USAGE)
    return [Anchor(job_key=job_key or "", job_sequence=0, hash=head, kept_in="--head") for head in heads]
