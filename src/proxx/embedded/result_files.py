"""Writes the result and the canonical JobSpec beside the proxies: whole files or none, never over an existing one."""

import errno
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from proxx.core.result_json import json_text

_JOB_ID = re.compile(r"[0-9a-f]{8}")
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})


def write_result_files(
    *, document: Mapping[str, object], spec: Mapping[str, object], job_id: str, now: datetime
) -> tuple[Path, Path]:
    """Write both files into the spec's output directory and return their paths (result, JobSpec).

    Raises:
        OSError: one of them exists already, or the directory cannot be written.
        ValueError: the job id is not eight hex characters, or the output directory is not absolute.
    """
    directory = Path(str(spec["output_directory"]))
    if not directory.is_absolute() or not _JOB_ID.fullmatch(job_id):
        raise ValueError(f"no place for result files: output directory {directory}, job id {job_id!r}")
    stem = f"proxx_job_{job_id}_{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    result = directory / f"{stem}.result.json"
    jobspec = directory / f"{stem}.jobspec.json"
    _write_new(result, json_text(document) + "\n")
    _write_new(jobspec, json_text(spec) + "\n")
    return result, jobspec


def _write_new(path: Path, text: str) -> None:
    """Make the file durable under a hidden name, then give it its own name, which must be free."""
    hidden = path.with_name(f".{path.name}.{os.getpid()}.partial")
    descriptor = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        _name(hidden, path)
    finally:
        hidden.unlink(missing_ok=True)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _name(hidden: Path, path: Path) -> None:
    try:
        os.link(hidden, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # This file system has no hard links. Claim the name first, so that nothing is ever overwritten.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        hidden.rename(path)
