"""From a received body to a job that can be stored: everything that is decided without looking at a file."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from proxx.core.canonical import digest
from proxx.core.client_path import join_client_path
from proxx.core.jobs import REQUEUES, LostPolicy, ReusePolicy, SubmissionOptions
from proxx.core.jobspec import MAX_SOURCES, MAX_TEXT_BYTES, JobSpec, parse_jobspec
from proxx.core.jobspec.canonical_form import canonical_form, spec_digest
from proxx.core.jobspec.json_text import too_long
from proxx.core.naming import resolve_outputs
from proxx.core.plain import to_plain
from proxx.core.profile_library import ProfileLibrary
from proxx.core.quoting import quote
from proxx.core.roots import RootPath, RootTable, UnmappedPathError
from proxx.core.violation import Violation, ViolationCode, ViolationsError
from proxx_scheduler.app.records import NewClip

PRIORITY_LIMIT = 100
WINDOW_LIMIT = 64
LABEL_LIMIT = 64
QUEUE_LIMIT = 200
REQUEUE_LIMIT = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A received body: the text that is kept, and its digest together with the options."""

    text: str
    received_digest: str
    body_digest: str
    options: SubmissionOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """A structurally valid job: the completed spec, and both spellings of every path."""

    spec: JobSpec
    canonical: Mapping[str, object]
    spec_digest: str
    clips: tuple[NewClip, ...]
    output_directory: RootPath


def refuse_oversized(*, size_bytes: int, sources: int) -> None:
    """Refuse a spec by its size alone, before any of it is read.

    Raises:
        ViolationsError: it has more bytes, or more sources, than any job may have.
    """
    if sources > MAX_SOURCES:
        message = f"sources has {sources} entries; a job has at most {MAX_SOURCES} sources: submit several jobs"
        violation = Violation(
            code=ViolationCode.LIMIT_EXCEEDED, field="sources", message=message, expected=str(MAX_SOURCES)
        )
        raise ViolationsError((violation,))
    if size_bytes > MAX_TEXT_BYTES:
        raise ViolationsError((too_long(size_bytes=size_bytes),))


def body_of(*, spec_json: str | None, spec: Mapping[str, object] | None, options: SubmissionOptions) -> Body:
    """Return the body of a submission. A typed spec is kept as the JSON text of its fields.

    Raises:
        ViolationsError: the text is longer than MAX_TEXT_BYTES; it is not read.
    """
    text = spec_json if spec_json is not None else json.dumps(spec, ensure_ascii=False)
    data = text.encode("utf-8", "surrogatepass")
    refuse_oversized(size_bytes=len(data), sources=0)
    received = hashlib.sha256(data).hexdigest()
    return Body(
        text=text,
        received_digest=received,
        body_digest=digest({"received": received, "options": to_plain(options)}),
        options=options,
    )


def take_in(
    *, body: Body, library: ProfileLibrary, roots: RootTable, job_id: str, now: datetime, created_at: str = ""
) -> Intake:
    """Read, complete and name a job. `job_id` and `now` (as `created_at` spells it) serve a spec that carries none.

    Raises:
        ViolationsError: every broken rule at once.
    """
    violations = list(_option_violations(body.options))
    try:
        parsed = parse_jobspec(text=body.text, library=library)
    except ViolationsError as error:
        raise ViolationsError((*error.violations, *violations)) from error
    spec = parsed.spec.completed(job_id=job_id, created_at=created_at or now.isoformat(timespec="seconds"))
    clips: list[NewClip] = []
    directory: RootPath | None = None
    try:
        names = resolve_outputs(spec=spec)
        directory = _resolve(roots, spec.output_directory, "output_directory", violations)
        for name, source in zip(names, spec.sources, strict=True):
            below = _resolve(roots, source, f"sources[{name.clip_index}]", violations)
            if below is not None and directory is not None:
                clips.append(
                    NewClip(
                        clip_index=name.clip_index,
                        source_path=source,
                        source=below,
                        output_path=join_client_path(directory=spec.output_directory, name=name.name),
                        output=directory.child(name.name),
                        tokens=name.tokens,
                    )
                )
    except ViolationsError as error:
        violations.extend(error.violations)
    if violations or directory is None:
        raise ViolationsError(tuple(violations))
    return Intake(
        spec=spec,
        canonical=canonical_form(spec),
        spec_digest=spec_digest(spec),
        clips=tuple(clips),
        output_directory=directory,
    )


def _resolve(roots: RootTable, path: str, field: str, violations: list[Violation]) -> RootPath | None:
    try:
        return roots.resolve(path)
    except UnmappedPathError as error:
        violations.append(
            Violation(code=ViolationCode.PATH_OUTSIDE_ROOTS, field=field, message=str(error), actual=path)
        )
        return None


def _option_violations(options: SubmissionOptions) -> tuple[Violation, ...]:
    found: list[Violation] = []

    def refuse(code: ViolationCode, field: str, rule: str, actual: object) -> None:
        message = f"Option {field} is {actual}: {rule}"
        found.append(Violation(code=code, field=f"options.{field}", message=message, expected=rule, actual=str(actual)))

    if not -PRIORITY_LIMIT <= options.priority <= PRIORITY_LIMIT:
        refuse(ViolationCode.FIELD_VALUE, "priority", "it must lie between -100 and 100", options.priority)
    if not 1 <= options.max_parallel_clips <= WINDOW_LIMIT:
        refuse(
            ViolationCode.FIELD_VALUE, "max_parallel_clips", "it must lie between 1 and 64", options.max_parallel_clips
        )
    if len(options.queue) > QUEUE_LIMIT or not options.queue.isprintable():
        rule = f"it has at most {QUEUE_LIMIT} characters, and no control character"
        refuse(ViolationCode.FIELD_VALUE, "queue", rule, quote(text=options.queue))
    if len(options.labels) > LABEL_LIMIT:
        refuse(ViolationCode.LIMIT_EXCEEDED, "labels", f"at most {LABEL_LIMIT} labels are kept", len(options.labels))
    only = "this version of Proxx supports only"
    if options.reuse is not ReusePolicy.NEVER:
        refuse(ViolationCode.OPTION_UNSUPPORTED, "reuse", f"{only} NEVER", options.reuse)
    if not 0 <= options.requeue_limit <= REQUEUE_LIMIT:
        rule = f"it must lie between 0 ({REQUEUES} times) and {REQUEUE_LIMIT}"
        refuse(ViolationCode.FIELD_VALUE, "requeue_limit", rule, options.requeue_limit)
    elif options.requeue_limit and options.on_executor_lost is LostPolicy.HOLD:
        rule = "it counts only with on_executor_lost REQUEUE"
        refuse(ViolationCode.FIELD_VALUE, "requeue_limit", rule, options.requeue_limit)
    return tuple(found)
