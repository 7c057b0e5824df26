"""The result file of a JobSpec: what is written, and what is read back from one that stands there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from proxx.core.jobs import JobResult, JobState
from proxx.core.result_json import job_result_document, json_text, refused_document
from proxx.core.violation import Violation
from proxx_watcher.domain.manifest import MAX_GENERATION, status_word


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultOrigin:
    """Where the result comes from: the spec's path as it was dropped, its digest, and what the watcher relied on."""

    folder: str
    spec_path: str
    sha256: str
    generation: int
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultSaid:
    """What a result file says of itself; empty where it does not."""

    received_digest: str
    job_key: str
    generation: int
    run_number: int


def result_text(*, result: JobResult, origin: ResultOrigin, now: datetime, seed_words: bool) -> str:
    """Return the result file of a job that ended. `seed_words` writes seed 003's words into final_status (C8)."""
    document = job_result_document(result=result, jobspec_path=origin.spec_path, result_written_at=now)
    return _text(document, result.final_status, origin, seed_words)


def refusal_text(*, violations: tuple[Violation, ...], origin: ResultOrigin, now: datetime, seed_words: bool) -> str:
    """Return the result file of a JobSpec that was refused before there was a job."""
    document = refused_document(violations=violations, jobspec_path=origin.spec_path, result_written_at=now)
    document["received_digest"] = origin.sha256
    return _text(document, JobState.REJECTED, origin, seed_words)


def read_result(text: str) -> ResultSaid:
    """Return what a result file says of itself; nothing when it is none of ours."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        return ResultSaid(received_digest="", job_key="", generation=0, run_number=0)
    metadata = document.get("_metadata")
    watch = metadata.get("watch") if isinstance(metadata, dict) else None
    return ResultSaid(
        received_digest=_string(document.get("received_digest")),
        job_key=_string(document.get("job_key")),
        generation=_number(watch.get("generation")) if isinstance(watch, dict) else 0,
        run_number=_number(document.get("run_number")),
    )


def _text(document: dict[str, object], outcome: JobState, origin: ResultOrigin, seed_words: bool) -> str:
    if seed_words:
        document["final_status"] = status_word(outcome)
    metadata = document["_metadata"]
    if not isinstance(metadata, Mapping):
        raise TypeError("a result document has an object as _metadata")
    watch = {"folder": origin.folder, "generation": origin.generation, "evidence": origin.evidence}
    document["_metadata"] = {**metadata, "watch": watch}
    return json_text(document) + "\n"


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int:
    return value if type(value) is int and 0 <= value <= MAX_GENERATION else 0
