"""Writes the result and the canonical JobSpec beside the proxies: whole files or none, never over an existing one."""

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from proxx.core.reports import report_stem
from proxx.core.result_json import json_text
from proxx.embedded.new_file import write_new_file

_JOB_ID = re.compile(r"[0-9a-f]{8}")


def write_result_files(
    *, document: Mapping[str, object], spec: Mapping[str, object], job_id: str, now: datetime
) -> tuple[Path, Path]:
    """Write both files into the spec's output directory and return their paths (result, JobSpec).

    Raises:
        OSError: one of them exists already, or the directory cannot be written.
        ValueError: the job id is not eight hex characters, or the output directory is not absolute.
    """
    directory, stem = place_beside_proxies(spec=spec, job_id=job_id, now=now)
    result = directory / f"{stem}.result.json"
    jobspec = directory / f"{stem}.jobspec.json"
    write_new_file(path=result, text=json_text(document) + "\n")
    write_new_file(path=jobspec, text=json_text(spec) + "\n")
    return result, jobspec


def place_beside_proxies(*, spec: Mapping[str, object], job_id: str, now: datetime) -> tuple[Path, str]:
    """Return the output directory of a spec and the stem of every file that is written beside its proxies.

    Raises:
        ValueError: the job id is not eight hex characters, or the output directory is not absolute.
    """
    directory = Path(str(spec["output_directory"]))
    if not directory.is_absolute() or not _JOB_ID.fullmatch(job_id):
        raise ValueError(f"no place for result files: output directory {directory}, job id {job_id!r}")
    return directory, report_stem(job_id=job_id, moment=now)
