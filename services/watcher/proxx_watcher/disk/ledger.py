"""The ledger of one folder: a file of JSON lines in the state directory, each with its own digest, appended durably.

A torn last line, as a crash leaves it, is cut off. Anything else that cannot be read moves the whole file aside,
under a number, and a new one is begun: it is a cache.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

import structlog

from proxx.core.suffixes import MAX_SUFFIX, suffixed_name
from proxx.runtime.durable import sync_directory
from proxx.runtime.no_replace import move_no_replace
from proxx_watcher.disk.files import write_over
from proxx_watcher.disk.off_loop import Runs

_SPARE_LINES = 1000
_DIGEST = 16


class LedgerDamagedError(ValueError):
    """A line of a ledger cannot be read."""


class FileLedger:
    """Implements proxx_watcher.app.ports.Ledger."""

    def __init__(self, *, path: Path, records: dict[str, Mapping[str, object]], thread: Runs) -> None:
        """Take the file and what it holds; use `open_ledger` or `glimpse_ledger`."""
        self._path = path
        self._records = records
        self._thread = thread

    def records(self) -> Mapping[str, Mapping[str, object]]:
        """Return every record by its key."""
        return self._records

    async def read(self) -> None:
        """Read the file anew, and repair it; the folder's lock is held."""
        self._records = await self._thread.run(lambda: _repaired(self._path))

    async def put(self, *, key: str, record: Mapping[str, object], durable: bool = True) -> None:
        """Keep a record in place of the one of the same key."""
        line = _line(key, record)
        await self._thread.run(lambda: _append(self._path, line, durable))
        self._records[key] = record


def open_ledger(*, path: Path, thread: Runs) -> FileLedger:
    """Read the ledger of a folder, or begin one. Whoever calls holds the folder's lock.

    Raises:
        OSError: the state directory cannot be written.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return FileLedger(path=path, records=_repaired(path), thread=thread)


def glimpse_ledger(*, path: Path, thread: Runs) -> FileLedger:
    """Return the ledger of a folder as it stands, which another process may be writing; nothing is repaired.

    Raises:
        OSError: the state directory cannot be written.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        records, _, _ = _read(path)
    except LedgerDamagedError:
        records = {}  # said and moved aside when it is read under the lock
    return FileLedger(path=path, records=records, thread=thread)


def _repaired(path: Path) -> dict[str, Mapping[str, object]]:
    records: dict[str, Mapping[str, object]] = {}
    try:
        records, lines, torn = _read(path)
        if torn or lines > 2 * len(records) + _SPARE_LINES:
            write_over(path=path, text="".join(_line(key, record) for key, record in records.items()))
    except LedgerDamagedError as error:
        aside = _move_aside(path)
        log = structlog.stdlib.get_logger("proxx.watcher")
        log.error("ledger.damaged", path=str(path), reason=str(error), kept_as=str(aside), consequence="begun anew")
    return records


def _read(path: Path) -> tuple[dict[str, Mapping[str, object]], int, bool]:
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return {}, 0, False
    torn = bool(lines.pop())
    records: dict[str, Mapping[str, object]] = {}
    for number, line in enumerate(lines, start=1):
        digest, _, text = line.partition(b" ")
        if hashlib.sha256(text).hexdigest()[:_DIGEST].encode() != digest:
            raise LedgerDamagedError(f"line {number} of {len(lines)} does not have the digest that it carries")
        key, record = _pair(number, text)
        records[key] = record
    return records, len(lines), torn


def _pair(number: int, text: bytes) -> tuple[str, Mapping[str, object]]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LedgerDamagedError(f"line {number} is not JSON, although its digest is right") from error
    match value:
        case [str(key), dict(record)]:
            return key, record
    raise LedgerDamagedError(f"line {number} is no pair of key and record, although its digest is right")


def _line(key: str, record: Mapping[str, object]) -> str:
    text = json.dumps([key, record], separators=(",", ":"))  # ASCII: any name of a file passes
    return f"{hashlib.sha256(text.encode('ascii')).hexdigest()[:_DIGEST]} {text}\n"


def _append(path: Path, line: str, durable: bool) -> None:
    new = not path.exists()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        before = os.fstat(descriptor).st_size
        try:
            data = line.encode("ascii")
            if os.write(descriptor, data) != len(data):
                raise OSError(28, os.strerror(28), str(path))
            if durable:
                os.fsync(descriptor)
        except OSError:
            # a full disk leaves half a line, onto which the next one must not be written
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, before)
            raise
    finally:
        os.close(descriptor)
    if new:
        sync_directory(path.parent)


def _move_aside(path: Path) -> Path:
    for number in range(1, MAX_SUFFIX + 1):
        aside = path.with_name(suffixed_name(name=path.name, number=number))
        try:
            move_no_replace(source=path, target=aside)
        except FileExistsError:
            continue
        return aside
    raise OSError(17, f"{MAX_SUFFIX} damaged ledgers are kept already", str(path))
