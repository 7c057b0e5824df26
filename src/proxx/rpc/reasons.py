"""The published reasons of refused calls and their status codes (protos/proxx/api/errors/v1/error_reason.proto)."""

from collections.abc import Mapping
from enum import StrEnum

import grpc

DOMAIN = "proxx"
"""The domain of every google.rpc.ErrorInfo that Proxx sends."""


class Reason(StrEnum):
    """Why a call was refused."""

    SPEC_INVALID = "SPEC_INVALID"
    REQUEST_INVALID = "REQUEST_INVALID"
    REQUEST_ID_REUSED = "REQUEST_ID_REUSED"
    JOB_NOT_FOUND = "JOB_NOT_FOUND"
    PROFILE_NOT_FOUND = "PROFILE_NOT_FOUND"
    TRANSITION_NOT_ALLOWED = "TRANSITION_NOT_ALLOWED"
    REVISION_MISMATCH = "REVISION_MISMATCH"
    PAGE_TOKEN_INVALID = "PAGE_TOKEN_INVALID"  # noqa: S105  a page token is no secret
    CURSOR_TRUNCATED = "CURSOR_TRUNCATED"
    SLOW_READER = "SLOW_READER"
    NO_EXECUTOR = "NO_EXECUTOR"
    SESSION_UNKNOWN = "SESSION_UNKNOWN"
    EXECUTOR_INVALID = "EXECUTOR_INVALID"
    ACQUIRE_CONSUMED = "ACQUIRE_CONSUMED"
    LEASE_SUPERSEDED = "LEASE_SUPERSEDED"
    VERDICT_FAILED = "VERDICT_FAILED"
    DRAINING = "DRAINING"
    INTERNAL = "INTERNAL"
    STORE_UNAVAILABLE = "STORE_UNAVAILABLE"
    ASSET_NOT_FOUND = "ASSET_NOT_FOUND"
    EXECUTOR_NOT_FOUND = "EXECUTOR_NOT_FOUND"
    SUBMISSION_NOT_FOUND = "SUBMISSION_NOT_FOUND"
    NOT_LEADER = "NOT_LEADER"
    CREDENTIALS_MISSING = "CREDENTIALS_MISSING"
    TOKEN_UNKNOWN = "TOKEN_UNKNOWN"  # noqa: S105  the name of a reason
    TOKEN_EXPIRED = "TOKEN_EXPIRED"  # noqa: S105  the name of a reason
    CERTIFICATE_EXPIRED = "CERTIFICATE_EXPIRED"
    CERTIFICATE_REVOKED = "CERTIFICATE_REVOKED"
    IDENTITY_UNKNOWN = "IDENTITY_UNKNOWN"
    ROLE_MISSING = "ROLE_MISSING"
    NOT_OWNER = "NOT_OWNER"
    EXECUTOR_FOREIGN = "EXECUTOR_FOREIGN"
    RATE_EXCEEDED = "RATE_EXCEEDED"
    CALLS_EXCEEDED = "CALLS_EXCEEDED"
    OVERLOADED = "OVERLOADED"
    MESSAGE_TOO_LARGE = "MESSAGE_TOO_LARGE"


UNRECOGNISED = frozenset(
    {
        Reason.CREDENTIALS_MISSING.value,
        Reason.TOKEN_UNKNOWN.value,
        Reason.TOKEN_EXPIRED.value,
        Reason.CERTIFICATE_EXPIRED.value,
        Reason.CERTIFICATE_REVOKED.value,
        Reason.IDENTITY_UNKNOWN.value,
    }
)
"""What was shown does not prove who calls (any more). Files that are replaced may mend it without a restart."""

CODES: Mapping[Reason, grpc.StatusCode] = {
    Reason.SPEC_INVALID: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.REQUEST_INVALID: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.REQUEST_ID_REUSED: grpc.StatusCode.ALREADY_EXISTS,
    Reason.JOB_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Reason.PROFILE_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Reason.TRANSITION_NOT_ALLOWED: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.REVISION_MISMATCH: grpc.StatusCode.ABORTED,
    Reason.PAGE_TOKEN_INVALID: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.CURSOR_TRUNCATED: grpc.StatusCode.OUT_OF_RANGE,
    Reason.SLOW_READER: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Reason.NO_EXECUTOR: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.SESSION_UNKNOWN: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.EXECUTOR_INVALID: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.ACQUIRE_CONSUMED: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.LEASE_SUPERSEDED: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.VERDICT_FAILED: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.DRAINING: grpc.StatusCode.UNAVAILABLE,
    Reason.INTERNAL: grpc.StatusCode.INTERNAL,
    Reason.STORE_UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    Reason.ASSET_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Reason.EXECUTOR_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Reason.SUBMISSION_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Reason.NOT_LEADER: grpc.StatusCode.UNAVAILABLE,
    Reason.CREDENTIALS_MISSING: grpc.StatusCode.UNAUTHENTICATED,
    Reason.TOKEN_UNKNOWN: grpc.StatusCode.UNAUTHENTICATED,
    Reason.TOKEN_EXPIRED: grpc.StatusCode.UNAUTHENTICATED,
    Reason.CERTIFICATE_EXPIRED: grpc.StatusCode.UNAUTHENTICATED,
    Reason.CERTIFICATE_REVOKED: grpc.StatusCode.UNAUTHENTICATED,
    Reason.IDENTITY_UNKNOWN: grpc.StatusCode.UNAUTHENTICATED,
    Reason.ROLE_MISSING: grpc.StatusCode.PERMISSION_DENIED,
    Reason.NOT_OWNER: grpc.StatusCode.PERMISSION_DENIED,
    Reason.EXECUTOR_FOREIGN: grpc.StatusCode.PERMISSION_DENIED,
    Reason.RATE_EXCEEDED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Reason.CALLS_EXCEEDED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Reason.OVERLOADED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Reason.MESSAGE_TOO_LARGE: grpc.StatusCode.RESOURCE_EXHAUSTED,
}
"""The one table from reason to code."""

PASSING: frozenset[str] = frozenset({Reason.RATE_EXCEEDED, Reason.CALLS_EXCEEDED, Reason.OVERLOADED})
"""The server had too much to do for this call, which had no effect: the same call is right after RetryInfo's delay."""
