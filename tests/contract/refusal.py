"""What a refused call carries on the wire, read the way a foreign client would."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any

import grpc
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, PreconditionFailure, RetryInfo
from google.rpc.status_pb2 import Status

from proxx.rpc.errors import CallError
from proxx.rpc.executor_errors import SchedulerCallError


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Code and the one ErrorInfo; `violations` are (code, field), `retry_seconds` is 0 without a RetryInfo.

    `subjects` are those of a PreconditionFailure.
    """

    code: grpc.StatusCode
    reason: str
    metadata: Mapping[str, str]
    message: str
    violations: tuple[tuple[str, str], ...]
    retry_seconds: float
    subjects: tuple[str, ...]


async def refused(call: Awaitable[Any]) -> Refusal:
    """Await a call that must be refused."""
    try:
        answer = await call
    except (grpc.aio.AioRpcError, CallError, SchedulerCallError) as error:
        return read_refusal(error)
    raise AssertionError(f"the call was not refused: {answer!r}")


def read_refusal(error: BaseException) -> Refusal:
    """Read a refusal from a gRPC error or from what our clients made of it."""
    while not isinstance(error, grpc.aio.AioRpcError):
        assert error.__cause__ is not None, f"no gRPC error behind {error!r}"
        error = error.__cause__
    packed = [value for key, value in error.trailing_metadata() or () if key == "grpc-status-details-bin"]
    assert len(packed) == 1, f"{error.code()}: {error.details()}"
    status = Status.FromString(packed[0])
    assert (status.code, status.message) == (error.code().value[0], error.details())
    (info,) = _details(status, ErrorInfo)
    assert info.domain == "proxx"
    return Refusal(
        code=error.code(),
        reason=info.reason,
        metadata=dict(info.metadata),
        message=status.message,
        violations=tuple(
            (entry.reason, entry.field) for bad in _details(status, BadRequest) for entry in bad.field_violations
        ),
        retry_seconds=sum(retry.retry_delay.ToTimedelta().total_seconds() for retry in _details(status, RetryInfo)),
        subjects=tuple(
            unmet.subject for failure in _details(status, PreconditionFailure) for unmet in failure.violations
        ),
    )


def outcome_is_unknown(error: grpc.aio.AioRpcError) -> bool:
    """Whether it says that nobody knows whether the call had its effect, when to come back, and nothing else."""
    (packed,) = [value for key, value in error.trailing_metadata() or () if key == "grpc-status-details-bin"]
    details = [item.type_url.rpartition(".")[2] for item in Status.FromString(packed).details]
    said = str(error.details()).startswith("whether the call had its effect is not known: ")
    return said and (error.code(), details) == (grpc.StatusCode.UNAVAILABLE, ["RetryInfo"])


def _details(status: Status, kind: Any) -> list[Any]:
    found = []
    for packed in status.details:
        if packed.Is(kind.DESCRIPTOR):
            detail = kind()
            packed.Unpack(detail)
            found.append(detail)
    return found
