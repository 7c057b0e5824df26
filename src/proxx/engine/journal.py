"""The result's journal beside the staged file: a dead executor's finished work is not lost with it."""

import json
import os
from pathlib import Path

from proxx.core.canonical import canonical_json
from proxx.core.plain import from_plain, to_plain
from proxx.core.steps import PreparedOutput, ReplacedFile
from proxx.engine.durable import sync_directory
from proxx.engine.staging import JOURNAL_TEMPORARY_SUFFIX


def write_journal(*, path: Path, output: PreparedOutput) -> None:
    """Write the journal durably: a temporary file, flushed, renamed, and its directory flushed.

    Raises:
        OSError: it could not be written.
    """
    _write(path, output)


def write_replaced(*, path: Path, replaced: ReplacedFile) -> None:
    """Write, durably, which file an attempt is about to move aside, and where to.

    Raises:
        OSError: it could not be written.
    """
    _write(path, replaced)


def _write(path: Path, record: object) -> None:
    temporary = path.with_name(path.name + JOURNAL_TEMPORARY_SUFFIX)
    with temporary.open("w", encoding="utf-8", errors="surrogatepass") as file:
        file.write(canonical_json(to_plain(record)))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_directory(path.parent)


def read_journal(path: Path) -> PreparedOutput:
    """Read a journal back.

    Raises:
        OSError: it cannot be read.
        ValueError, TypeError: it is not a whole journal.
    """
    return from_plain(PreparedOutput, json.loads(path.read_text(encoding="utf-8", errors="surrogatepass")))
