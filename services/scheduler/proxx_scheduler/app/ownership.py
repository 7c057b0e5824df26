"""Whose a job is, and whose a session: the rules of docs/SECURITY_MODEL.md that need to know what is stored."""

from collections.abc import Mapping

from proxx.core.access import Identity, Role, refusal_of_executor, refusal_of_job
from proxx.core.verbs import Verb
from proxx_scheduler.app.errors import AccessRefusedError, JobNotFoundError
from proxx_scheduler.app.ports import Tx
from proxx_scheduler.app.records import SessionRecord

OWN_VERBS: Mapping[Verb, str] = {
    Verb.START: "/proxx.api.jobs.v1.JobService/StartJob",
    Verb.CANCEL: "/proxx.api.jobs.v1.JobService/CancelJob",
    Verb.CANCEL_NOW: "/proxx.api.jobs.v1.JobService/CancelJob",
}
"""The verbs that the submitter of a job may use, by the methods that the published matrix names."""


def refuse_foreign_job(tx: Tx, *, identity: Identity, verb: Verb, job_key: str) -> None:
    """Refuse a caller that may use a verb on its own jobs only, and whose job this is not.

    Raises:
        AccessRefusedError: it is another one's.
        JobNotFoundError: no job has this key.
    """
    method = OWN_VERBS.get(verb)
    if method is None or identity.is_open or identity.has(Role.OPERATOR):
        return
    view = tx.job_view(job_key)
    if view is None:
        raise JobNotFoundError(job_key=job_key)
    refusal = refusal_of_job(method=method, identity=identity, job_key=job_key, owner=view.submitted_by)
    if refusal is not None:
        raise AccessRefusedError(refusal)


def refuse_foreign_session(session: SessionRecord, *, identity: Identity) -> None:
    """Refuse a caller in a session that another identity opened. One that nobody was asked for is anybody's.

    Raises:
        AccessRefusedError: it is another one's, or its executor is none that this identity may be.
    """
    refuse_foreign_name(session.description.name, identity=identity, held_by=session.identity)


def refuse_foreign_name(name: str, *, identity: Identity, held_by: str = "") -> None:
    """Refuse a caller that may not be the executor of this name. `held_by` is the identity that is, "" for none.

    Raises:
        AccessRefusedError: it may not.
    """
    refusal = refusal_of_executor(identity=identity, executor=name, held_by=held_by or None)
    if refusal is not None:
        raise AccessRefusedError(refusal)
