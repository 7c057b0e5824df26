"""The result's journal beside the staged file: a dead executor's finished work is not lost with it."""

import errno
import json
import os
import stat

from proxx.core.canonical import canonical_json
from proxx.core.plain import from_plain, to_plain
from proxx.core.steps import Journal, ReplacedFile
from proxx.engine.staging import JOURNAL_TEMPORARY_SUFFIX
from proxx.runtime import open_flags
from proxx.runtime.durable import sync_directory
from proxx.runtime.where import Where, open_at, replace_at

LIMIT_BYTES = 4 * 1024 * 1024
"""Longest journal that is read. What an executor can say of one clip is far below it."""


class JournalError(ValueError):
    """What lies there is no whole journal as this version writes it."""


def write_journal(*, path: Where, journal: Journal) -> None:
    """Write the journal durably: a temporary file, flushed, renamed, and its directory flushed.

    Raises:
        OSError: it could not be written.
    """
    _write(path, journal)


def write_replaced(*, path: Where, replaced: ReplacedFile) -> None:
    """Write, durably, which file an attempt is about to move aside, and where to.

    Raises:
        OSError: it could not be written.
    """
    _write(path, replaced)


def _write(path: Where, record: object) -> None:
    temporary = path.with_name(path.name + JOURNAL_TEMPORARY_SUFFIX)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | open_flags.NO_FOLLOW | open_flags.CLOSE_ON_EXEC
    with os.fdopen(open_at(temporary, flags), "w", encoding="utf-8", errors="surrogatepass") as file:
        file.write(canonical_json(to_plain(record)))
        file.flush()
        os.fsync(file.fileno())
    replace_at(source=temporary, target=path)
    sync_directory(path.parent)


def read_journal(path: Where) -> Journal:
    """Read a journal back. Its bytes are a stranger's: only exactly what write_journal writes is taken.

    Raises:
        FileNotFoundError, NotADirectoryError: there is none.
        OSError: it cannot be read.
        JournalError: it is no regular file, too long, or not a whole journal.
    """
    content = _read(path)
    try:
        text = content.decode("utf-8", errors="surrogatepass")
        journal = from_plain(Journal, json.loads(text, parse_constant=_refuse))
        exact = canonical_json(to_plain(journal)) == text
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise JournalError(f"{path} is not a whole journal: {type(error).__name__}: {str(error)[:200]}") from error
    if not exact:
        raise JournalError(f"{path} is not in the one form that a journal has")
    return journal


def _read(path: Where) -> bytes:
    try:
        descriptor = open_at(path, open_flags.READ | open_flags.NO_FOLLOW | open_flags.NO_WAIT)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise JournalError(f"{path} is no regular file") from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise JournalError(f"{path} is no regular file")
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(LIMIT_BYTES + 1)
    if len(content) > LIMIT_BYTES:
        raise JournalError(f"{path} is longer than {LIMIT_BYTES} bytes")
    return content


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON number")
