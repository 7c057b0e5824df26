"""Use cases' refusals to published reasons: one table, used around every servicer method."""

from collections.abc import Iterator
from contextlib import contextmanager

from proxx.core.violation import ViolationsError
from proxx.rpc.errors import OutcomeUnknownError, RefusedCallError, request_invalid
from proxx.rpc.reasons import Reason
from proxx_scheduler.app import errors
from proxx_scheduler.app.ports import StoreError, StoreOutcomeUnknownError, StoreValueError


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what use cases raise into refusals with their reason, or into the word that nobody knows the outcome."""
    try:
        yield
    except ViolationsError as error:
        count = len(error.violations)
        message = f"{count} violation{'s' if count != 1 else ''}: {error.violations[0].message}"
        raise RefusedCallError(reason=Reason.SPEC_INVALID, message=message, violations=error.violations) from error
    except StoreOutcomeUnknownError as error:
        raise OutcomeUnknownError(str(error)) from error
    except StoreError as error:
        raise RefusedCallError(reason=Reason.STORE_UNAVAILABLE, message=str(error)) from error
    except StoreValueError as error:
        raise request_invalid(field="request", rule=str(error)) from error
    except errors.RequestInvalidError as error:
        raise request_invalid(field=error.field, rule=str(error).removeprefix(f"{error.field}: ")) from error
    except errors.SchedulerError as error:
        reason, metadata = _describe(error)
        raise RefusedCallError(
            reason=reason, message=str(error), metadata=metadata, subject=getattr(error, "job_key", "")
        ) from error


def _describe(error: errors.SchedulerError) -> tuple[Reason, dict[str, str]]:
    match error:
        case errors.AccessRefusedError():
            return Reason(error.refusal.reason), dict(error.refusal.metadata)
        case errors.RequestReusedError():
            metadata = {
                "request_id": error.request_id,
                "stored_digest": error.stored,
                "received_digest": error.received,
            }
            return Reason.REQUEST_ID_REUSED, metadata
        case errors.JobNotFoundError():
            return Reason.JOB_NOT_FOUND, {"job_key": error.job_key}
        case errors.SubmissionNotFoundError():
            return Reason.SUBMISSION_NOT_FOUND, {"request_id": error.request_id}
        case errors.ProfileNotFoundError():
            return Reason.PROFILE_NOT_FOUND, {"name": error.name}
        case errors.ExecutorNotFoundError():
            return Reason.EXECUTOR_NOT_FOUND, {"name": error.name}
        case errors.AssetNotFoundError():
            return Reason.ASSET_NOT_FOUND, {"sha256": error.sha256}
        case errors.VerbNotAllowedError():
            allowed = ", ".join(error.allowed)
            return Reason.TRANSITION_NOT_ALLOWED, {"state": error.state, "verb": error.verb, "allowed": allowed}
        case errors.RevisionMismatchError():
            return Reason.REVISION_MISMATCH, {"expected": str(error.expected), "actual": str(error.actual)}
        case errors.PageTokenError():
            return Reason.PAGE_TOKEN_INVALID, {"page_token": error.page_token}
        case errors.CursorTruncatedError():
            metadata = {"after_sequence": str(error.after_sequence), "newest": str(error.newest)}
            if error.first_available:
                metadata["first_available"] = str(error.first_available)
            return Reason.CURSOR_TRUNCATED, metadata
        case errors.LogPrunedError():
            return Reason.CURSOR_TRUNCATED, {
                "until_sequence": str(error.until_sequence),
                "pruned": str(error.pruned),
            }
        case errors.SlowReaderError():
            return Reason.SLOW_READER, {"last_sequence": str(error.last_sequence)}
        case errors.NoExecutorError():
            return Reason.NO_EXECUTOR, {"engine": error.engine}
        case errors.SessionUnknownError():
            return Reason.SESSION_UNKNOWN, {"session_id": error.session_id}
        case errors.ExecutorInvalidError():
            return Reason.EXECUTOR_INVALID, {"field": error.field}
        case errors.AcquireConsumedError():
            return Reason.ACQUIRE_CONSUMED, {"newest": str(error.newest)}
        case errors.LeaseSupersededError():
            return Reason.LEASE_SUPERSEDED, {"lease_id": error.lease_id, "epoch": str(error.epoch)}
        case errors.VerdictFailedError():
            return Reason.VERDICT_FAILED, {"checks": ", ".join(error.checks)}
    raise error  # a refusal without a reason is a defect: it becomes INTERNAL with its trace
