"""Heads that were kept outside the database: in result JSONs, in JSON reports, in exports, on a command line."""

import heapq
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from proxx.cli.audit_files import export_lines
from proxx.cli.errors import CommandError
from proxx.cli.exits import ExitCode
from proxx.core.audit import Anchor, ExportReader, NotAnExportError


def anchors_of(*, results: Sequence[Path], exports: Sequence[Path], heads: Iterable[Anchor]) -> Iterator[Anchor]:
    """Return every kept head in the order of the job keys. Exports are read, and checked, as heads are asked for.

    Raises:
        CommandError: a file cannot be read, is no result or export, or is damaged; for exports when its turn comes.
    """
    from_results = sorted((_of_result(path) for path in results), key=_key)
    return heapq.merge(from_results, sorted(heads, key=_key), *(_of_export(path) for path in exports), key=_key)


def result_key(path: Path) -> str:
    """Return the job key in a result JSON.

    Raises:
        CommandError: it cannot be read or is no result.
    """
    return _of_result(path).job_key


def _key(anchor: Anchor) -> str:
    return anchor.job_key


def _of_result(path: Path) -> Anchor:
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise CommandError(f"result file {path}: {error.strerror or error}", exit_code=ExitCode.SYSTEM) from error
    except (ValueError, RecursionError) as error:
        raise CommandError(f"result file {path} is not JSON: {error}", exit_code=ExitCode.VALIDATION) from error
    fields = document if isinstance(document, Mapping) else {}
    if isinstance(report := fields.get("result"), Mapping):
        fields = report  # a JSON report holds the whole result
    key, head = fields.get("job_key"), fields.get("event_chain_head")
    if not (isinstance(key, str) and isinstance(head, str) and key and head):
        rule = "expected a result JSON with job_key and event_chain_head (a refused JobSpec has neither)"
        raise CommandError(f"{path}: {rule}", exit_code=ExitCode.VALIDATION)
    return Anchor(job_key=key, job_sequence=0, hash=head, kept_in=str(path))


def _of_export(path: Path) -> Iterator[Anchor]:
    with export_lines(path) as lines:
        try:
            reader = ExportReader(lines=lines)
        except NotAnExportError as error:
            raise CommandError(f"{path}: {error}", exit_code=ExitCode.VALIDATION) from error
        for chain in reader.chains():
            if chain.job_sequence:
                yield Anchor(
                    job_key=chain.job_key, job_sequence=chain.job_sequence, hash=chain.hash, kept_in=str(path),
                    one_of_many=True,
                )  # fmt: skip
        if reader.summary.fault is not None:
            sentences = reader.summary.fault.sentences
            raise CommandError(f"{path} cannot be compared with:", *sentences, exit_code=ExitCode.FAILED)
