"""Why a call is refused for being one too many."""

from dataclasses import dataclass
from enum import StrEnum


class OverloadReason(StrEnum):
    """Published reasons (protos/proxx/api/errors/v1/error_reason.proto); each is a RESOURCE_EXHAUSTED."""

    RATE_EXCEEDED = "RATE_EXCEEDED"
    """This caller calls too often."""
    CALLS_EXCEEDED = "CALLS_EXCEEDED"
    """This caller has too many calls open."""
    OVERLOADED = "OVERLOADED"
    """All callers together have too many calls open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverloadRefusal:
    """The refusal: `limit` is the number that was reached, and calling again is right after `retry_seconds`."""

    reason: OverloadReason
    message: str
    kind: str
    limit: int
    retry_seconds: float
