"""Counted denials to messages and back: what a standby tells its leader."""

from collections.abc import Sequence
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from proxx.api.operator.v1 import audit_service_pb2 as pb
from proxx.core.access import AccessReason, Denial
from proxx.rpc.errors import request_invalid
from proxx_scheduler.domain.denials import COUNT_LIMIT, KINDS_LIMIT, CountedDenials

NOTE_DENIALS = "/proxx.api.operator.v1.AuditService/NoteDenials"
TEXT_LIMIT = 200


def denials_request(counted: Sequence[CountedDenials]) -> pb.NoteDenialsRequest:
    """Return the request that tells of denied calls."""
    return pb.NoteDenialsRequest(denials=[_message(item) for item in counted])


def denials_of(request: pb.NoteDenialsRequest) -> tuple[CountedDenials, ...]:
    """Return the denied calls of a request.

    Raises:
        RefusedCallError: REQUEST_INVALID, an entry breaks its rule, or there are too many.
    """
    if len(request.denials) > KINDS_LIMIT + 1:
        raise request_invalid(field="denials", rule=f"at most {KINDS_LIMIT + 1}, got {len(request.denials)}")
    return tuple(_counted(item, f"denials[{index}]") for index, item in enumerate(request.denials))


def _message(item: CountedDenials) -> pb.DeniedCalls:
    message = pb.DeniedCalls(count=item.count)
    message.first_time.FromDatetime(item.first)
    message.last_time.FromDatetime(item.last)
    if item.denial is not None:
        message.service, message.method = item.denial.service, item.denial.method
        message.reason, message.identity = item.denial.reason, item.denial.identity
        message.peer_kind = item.denial.peer_kind
    return message


def _counted(item: pb.DeniedCalls, field: str) -> CountedDenials:
    if not 1 <= item.count <= COUNT_LIMIT:
        raise request_invalid(field=f"{field}.count", rule=f"1 to {COUNT_LIMIT} are needed, got {item.count}")
    return CountedDenials(
        denial=_denial(item, field) if item.reason else None,
        count=item.count,
        first=_moment(item.first_time, f"{field}.first_time"),
        last=_moment(item.last_time, f"{field}.last_time"),
    )


def _denial(item: pb.DeniedCalls, field: str) -> Denial:
    if item.reason not in AccessReason.__members__:
        raise request_invalid(field=f"{field}.reason", rule="a reason of access is needed")
    for name in ("service", "method", "identity", "peer_kind"):
        text = getattr(item, name)
        if len(text) > TEXT_LIMIT or not text.isprintable():
            rule = f"at most {TEXT_LIMIT} characters are kept, and no control character"
            raise request_invalid(field=f"{field}.{name}", rule=rule)
    return Denial(
        service=item.service,
        method=item.method,
        reason=AccessReason(item.reason),
        identity=item.identity,
        peer_kind=item.peer_kind,
    )


def _moment(time: Timestamp, field: str) -> datetime:
    try:
        return time.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise request_invalid(field=field, rule=f"a time that can be told is needed: {error}") from error
