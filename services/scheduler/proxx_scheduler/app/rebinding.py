"""RebindPreset: another revision of a job's spec, validated whole before anything changes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from proxx.core.jobs import JobView, SubmissionOptions
from proxx.core.profile_library import ProfileLibrary
from proxx.core.roots import RootTable
from proxx.core.verbs import Verb
from proxx.core.violation import Violation, ViolationCode, ViolationsError
from proxx_scheduler.app.errors import JobNotFoundError
from proxx_scheduler.app.intake import Body, Intake, take_in
from proxx_scheduler.app.planning import Planning
from proxx_scheduler.app.ports import Store
from proxx_scheduler.app.records import JobDocument, NewRevision
from proxx_scheduler.app.verb_call import VerbCall
from proxx_scheduler.app.verbs import PRESET_LABEL, Verbs


class Rebinding:
    """Takes new revisions in."""

    def __init__(
        self, *, store: Store, verbs: Verbs, planning: Planning, library: ProfileLibrary, roots: RootTable
    ) -> None:
        """Take the parts; `planning` looks at files."""
        self._store = store
        self._verbs = verbs
        self._planning = planning
        self._library = library
        self._roots = roots

    async def call_of(self, *, job_key: str, body: Body) -> VerbCall:
        """Return the verb that a body asks for. Looks at no file.

        Raises:
            JobNotFoundError: no job has this key.
            ViolationsError: the spec breaks rules, or is of other sources or another job.
        """
        call, _ = await self._read(job_key=job_key, body=body)
        return call

    async def rebind(self, *, job_key: str, body: Body, request_id: str, expected_revision: int, actor: str) -> JobView:
        """Give the job a new revision of its spec.

        Raises:
            ViolationsError: the revision breaks rules, files included; nothing changed.
            NoExecutorError: nobody can probe.
            JobNotFoundError, RequestInvalidError, RequestReusedError, RevisionMismatchError, VerbNotAllowedError.
        """
        # asked first: a profile or root that is gone since changes nothing of a call that was answered
        unread = VerbCall(verb=Verb.REBIND, body_digest=body.body_digest)
        before = await self._store.read(
            lambda tx: self._verbs.answered(
                tx, call=unread, job_key=job_key, request_id=request_id, expected_revision=expected_revision
            )
        )
        if before is not None:
            return before
        call, intake = await self._read(job_key=job_key, body=body)
        await self._store.read(lambda tx: self._verbs.plan(tx, call=call, job_key=job_key))
        violations = await self._planning.violations(intake=intake, options=body.options, job_key=job_key)
        if violations:
            raise ViolationsError(violations)
        return await self._store.write(
            lambda tx: self._verbs.run(
                tx,
                call=call,
                job_key=job_key,
                request_id=request_id,
                expected_revision=expected_revision,
                actor=actor,
            )
        )

    async def _read(self, *, job_key: str, body: Body) -> tuple[VerbCall, Intake]:
        view = await self._store.read(lambda tx: tx.job_view(job_key))
        if view is None:
            raise JobNotFoundError(job_key=job_key)
        document = await self._store.read(lambda tx: tx.document(job_key))
        created = str(document.spec["created_at"])
        intake = take_in(
            body=body,
            library=self._library,
            roots=self._roots,
            job_id=document.job_id,
            now=datetime.fromisoformat(created),
            created_at=created,
        )
        found = _differences(document, intake.canonical, body.options)
        if found:
            raise ViolationsError(found)
        revision = NewRevision(
            received_text=body.text,
            received_digest=body.received_digest,
            spec=intake.canonical,
            spec_digest=intake.spec_digest,
            options=replace(body.options, hold=True),
            clips=intake.clips,
        )
        return VerbCall(verb=Verb.REBIND, body_digest=body.body_digest, revision=revision), intake


def _differences(
    document: JobDocument, spec: Mapping[str, object], options: SubmissionOptions
) -> tuple[Violation, ...]:
    found = [
        Violation(
            code=ViolationCode.FIELD_VALUE,
            field=field,
            message=f"{field} is not that of the job, and a rebind keeps it",
            expected=_short(document.spec[field]),
            actual=_short(spec[field]),
        )
        for field in ("job_id", "created_at", "sources")
        if _plain(spec[field]) != _plain(document.spec[field])
    ]
    if PRESET_LABEL not in options.labels:
        message = f"options.labels has no {PRESET_LABEL}: a rebind names the preset that compiled it"
        found.append(Violation(code=ViolationCode.FIELD_MISSING, field="options.labels", message=message))
    return tuple(found)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, list | tuple) else value


def _short(value: object) -> str:
    return f"{len(value)} sources" if isinstance(value, list | tuple) else str(value)
