"""`proxx audit export`: the log of a server as canonical JSON lines, checked while it is written."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from proxx.cli.audit_walk import Progress, walk
from proxx.cli.errors import CommandError
from proxx.cli.exits import ExitCode
from proxx.core.audit import AuditRecord, AuditSummary, ChainFacts, ExportWriter, LogRange
from proxx.embedded.new_file import new_file
from proxx.embedded.port import SchedulerPort

Begin = Callable[[ExportWriter], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """What to export: one chain or all (None), after a sequence; `server` and `now` go into the header."""

    job_key: str | None
    after_sequence: int
    server: str
    now: datetime


class _Exporting:
    """Writes what a walk reads. A damaged log is written whole: it is evidence."""

    enough = False

    def __init__(self, *, within: LogRange, file: BinaryIO, header: Begin) -> None:
        self._writer = ExportWriter(within=within)
        self._file = file
        file.write(header(self._writer))

    def open(self, facts: ChainFacts) -> None:
        self._file.write(self._writer.chain(facts))

    def feed(self, record: AuditRecord) -> None:
        self._file.write(self._writer.record(record))

    def close(self) -> None:
        self._file.write(self._writer.head())

    def end(self) -> AuditSummary:
        line, summary = self._writer.trailer()
        self._file.write(line)
        return summary


async def export_to(
    *, client: SchedulerPort, request: ExportRequest, file: BinaryIO, progress: Progress
) -> AuditSummary:
    """Write an export. Returns what its check came to. Raises as `walk`."""
    info = await client.get_system_info()

    def header(writer: ExportWriter) -> bytes:
        return writer.header(
            scheduler=request.server,
            version=info.version,
            schema_revision=info.schema_revision,
            exported_at=request.now.isoformat(),
        )

    visitor = await walk(
        audit=client.audit,
        job_key=request.job_key,
        after_sequence=request.after_sequence,
        begin=lambda within: _Exporting(within=within, file=file, header=header),
        progress=progress,
    )
    return visitor.end()


async def export_to_new_file(
    *, client: SchedulerPort, request: ExportRequest, path: Path, progress: Progress
) -> AuditSummary:
    """Write an export as a new file, whole or not at all, never over another.

    Raises:
        CommandError: the name is taken, or the file cannot be written.
    """
    try:
        with new_file(path=path) as file:
            return await export_to(client=client, request=request, file=file, progress=progress)
    except OSError as error:
        raise CommandError(f"export {path}: {error.strerror or error}", exit_code=ExitCode.SYSTEM) from error
