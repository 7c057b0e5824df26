"""The error plane: the only module that builds or reads a google.rpc.Status.

Every refused call carries one ErrorInfo of domain "proxx". Violations and bad fields ride in a BadRequest, an illegal
transition in a PreconditionFailure, when to call again in a RetryInfo. The Status travels in the trailers, which HTTP/2
peers bound (8 KiB by default in the C core of gRPC), so a caller that takes more says so in `proxx-status-bytes`; what
does not fit is left out, and the ErrorInfo says how many violations there were and how many are listed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import grpc
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import (  # type: ignore[import-untyped]  # the package carries no types
    BadRequest,
    ErrorInfo,
    PreconditionFailure,
    RetryInfo,
)
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # the package carries no types

from proxx.core.violation import Violation, ViolationCode
from proxx.rpc.reasons import CODES, DOMAIN, Reason

DETAILS_KEY = "grpc-status-details-bin"
STATUS_BYTES_KEY = "proxx-status-bytes"
STATUS_BYTES_DEFAULT = 4096
"""What every gRPC client takes in its trailers, base64 and the message beside it included."""
STATUS_BYTES_CLIENT = 256 * 1024
"""What our own clients take."""

_MESSAGE_CHARACTERS = 400
_TEXT_CHARACTERS = 1000
_RETRY_SECONDS = 1
GONE = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED})
"""Codes of a server that ended, or the way to it. CANCELLED from the other end: it stopped under the call."""


class CallError(Exception):
    """A call did not succeed. The text names the target, the code and what was said."""


class SchedulerUnreachableError(CallError):
    """Nobody answered at the target, or it is starting or stopping: calling again later is right."""


class CallTimeoutError(CallError):
    """The deadline passed before an answer came; the outcome is unknown."""


class CallFailedError(CallError):
    """The call ended with a code and no reason of Proxx: another service, another version, or a limit of gRPC."""


class OutcomeUnknownError(CallError):
    """Servers raise it where nobody knows whether a call had its effect; it is answered as `outcome_unknown` says."""


class RefusedCallError(CallError):
    """The call was refused for a published reason.

    Servers raise it with a `Reason`; clients get it with the reason's text, which may be one that this version does not
    know. `fields` are (field, sentence) pairs for REQUEST_INVALID; `violations` are broken rules of a spec. On the wire
    a violation keeps code, field and message; its message has every fact.
    """

    def __init__(
        self,
        *,
        reason: str,
        message: str,
        metadata: Mapping[str, str] | None = None,
        violations: Sequence[Violation] = (),
        fields: Sequence[tuple[str, str]] = (),
        target: str = "",
        subject: str = "",
        retry_seconds: float | None = None,
    ) -> None:
        """Keep the parts; `target` is set by clients only; `subject` is the job of a verb that is refused.

        `retry_seconds` is when calling again is right (RetryInfo), None where that was not said.
        """
        super().__init__(f"{message} ({reason}, {target})" if target else f"{message} ({reason})")
        self.reason = reason
        self.message = message
        self.metadata: Mapping[str, str] = dict(metadata or {})
        self.violations = tuple(violations)
        self.fields = tuple(fields)
        self.subject = subject
        self.retry_seconds = retry_seconds


def request_invalid(*, field: str, rule: str) -> RefusedCallError:
    """Return the refusal of one field of a call."""
    return RefusedCallError(
        reason=Reason.REQUEST_INVALID,
        message=f"{field}: {rule}",
        metadata={"field": field},
        fields=((field, rule),),
    )


def status_of(error: RefusedCallError, *, limit_bytes: int = STATUS_BYTES_DEFAULT) -> tuple[grpc.StatusCode, Status]:
    """Return code and Status of a refusal, the Status at most about `limit_bytes` long.

    Raises:
        ValueError: the error's reason is not published.
    """
    reason = Reason(error.reason)
    code = CODES[reason]
    status = Status(code=code.value[0], message=_clipped(error.message, _MESSAGE_CHARACTERS))
    metadata = {key: _clipped(value, _TEXT_CHARACTERS) for key, value in error.metadata.items()}
    details: list[Any] = []
    if error.retry_seconds is not None:
        details.append(RetryInfo(retry_delay=_duration(error.retry_seconds)))
    elif code is grpc.StatusCode.UNAVAILABLE:
        details.append(RetryInfo(retry_delay=Duration(seconds=_RETRY_SECONDS)))
    if reason is Reason.TRANSITION_NOT_ALLOWED:
        details.append(_precondition(error))
    if error.violations or error.fields:
        bad = _bad_request(error, limit_bytes - status.ByteSize() - sum(len(k) + len(v) for k, v in metadata.items()))
        metadata["violations"] = str(len(error.violations) + len(error.fields))
        metadata["violations_listed"] = str(len(bad.field_violations))
        details.append(bad)
    for detail in (ErrorInfo(reason=reason.value, domain=DOMAIN, metadata=metadata), *details):
        status.details.add().Pack(detail)
    return code, status


def outcome_unknown(message: str) -> tuple[grpc.StatusCode, Status]:
    """Return code and Status of a call that may have had its effect: UNAVAILABLE, and no reason of ours.

    `message` says why it is not known.
    """
    code = grpc.StatusCode.UNAVAILABLE
    text = f"whether the call had its effect is not known: {message}"
    status = Status(code=code.value[0], message=_clipped(text, _MESSAGE_CHARACTERS))
    status.details.add().Pack(RetryInfo(retry_delay=Duration(seconds=_RETRY_SECONDS)))
    return code, status


def trailers_of(status: Status) -> tuple[tuple[str, bytes], ...]:
    """Return the trailing metadata that carries a Status."""
    return ((DETAILS_KEY, status.SerializeToString()),)


def status_limit(invocation_metadata: Sequence[tuple[str, str | bytes]] | None) -> int:
    """Return how long a Status the caller takes, by its request metadata; never more than our own clients take."""
    for key, value in invocation_metadata or ():
        if (
            key == STATUS_BYTES_KEY
            and isinstance(value, str)
            and value.isascii()
            and value.isdigit()
            and len(value) < 10
        ):
            return max(STATUS_BYTES_DEFAULT, min(int(value), STATUS_BYTES_CLIENT))
    return STATUS_BYTES_DEFAULT


def call_error(error: grpc.aio.AioRpcError, *, target: str) -> CallError:
    """Return the typed form of a client-side gRPC error."""
    code = error.code()
    said = error.details() or "no text"
    text = f"{target}: {code.name}: {said}"
    status = _status_in(error)
    info = _detail(status, ErrorInfo)
    if code in GONE:
        return SchedulerUnreachableError(text)
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return CallTimeoutError(text)
    if status is None or info is None or info.domain != DOMAIN:
        return CallFailedError(text)
    violations, fields = _violations_in(_detail(status, BadRequest))
    unmet = _detail(status, PreconditionFailure)
    return RefusedCallError(
        reason=info.reason,
        message=status.message or said,
        metadata=dict(info.metadata),
        violations=violations,
        fields=fields,
        target=f"{target}, {code.name}",
        subject=unmet.violations[0].subject if unmet is not None and unmet.violations else "",
        retry_seconds=_seconds(_detail(status, RetryInfo)),
    )


def _duration(seconds: float) -> Duration:
    whole, micros = divmod(round(seconds * 1_000_000), 1_000_000)
    return Duration(seconds=whole, nanos=micros * 1000)


def _seconds(retry: Any) -> float | None:
    return None if retry is None else max(0.0, retry.retry_delay.seconds + retry.retry_delay.nanos / 1e9)


def _clipped(text: str, limit: int) -> str:
    clean = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def _precondition(error: RefusedCallError) -> PreconditionFailure:
    failure = PreconditionFailure()
    failure.violations.add(
        type="TRANSITION",
        subject=_clipped(error.subject, _TEXT_CHARACTERS),
        description=_clipped(error.message, _MESSAGE_CHARACTERS),
    )
    return failure


def _bad_request(error: RefusedCallError, budget: int) -> BadRequest:
    bad = BadRequest()
    entries = [(item.field, item.message, item.code.value) for item in error.violations]
    entries += [(field, rule, "") for field, rule in error.fields]
    for field, description, reason in entries:
        entry = BadRequest.FieldViolation(
            field=_clipped(field, _TEXT_CHARACTERS), description=_clipped(description, _TEXT_CHARACTERS), reason=reason
        )
        budget -= entry.ByteSize() + 4
        if budget < 0 and bad.field_violations:
            break
        bad.field_violations.append(entry)
    return bad


def _status_in(error: grpc.aio.AioRpcError) -> Status | None:
    for key, value in error.trailing_metadata() or ():
        if key == DETAILS_KEY and isinstance(value, bytes):
            try:
                return Status.FromString(value)
            except DecodeError:
                return None  # not a Status: the code and the text still tell
    return None


def _detail(status: Status | None, kind: Any) -> Any:
    for packed in status.details if status is not None else ():
        if packed.Is(kind.DESCRIPTOR):
            detail = kind()
            packed.Unpack(detail)
            return detail
    return None


def _violations_in(bad: BadRequest | None) -> tuple[tuple[Violation, ...], tuple[tuple[str, str], ...]]:
    violations: list[Violation] = []
    fields: list[tuple[str, str]] = []
    for entry in bad.field_violations if bad is not None else ():
        if entry.reason in ViolationCode.__members__:
            violations.append(Violation(code=ViolationCode(entry.reason), field=entry.field, message=entry.description))
        else:
            fields.append((entry.field, entry.description))
    return tuple(violations), tuple(fields)
