"""Why a caller is refused: for who it is, or for what it may not do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class AccessReason(StrEnum):
    """Every reason; the published names of protos/proxx/api/errors/v1/error_reason.proto."""

    CREDENTIALS_MISSING = "CREDENTIALS_MISSING"
    TOKEN_UNKNOWN = "TOKEN_UNKNOWN"  # noqa: S105  the name of a reason
    TOKEN_EXPIRED = "TOKEN_EXPIRED"  # noqa: S105  the name of a reason
    CERTIFICATE_EXPIRED = "CERTIFICATE_EXPIRED"
    CERTIFICATE_REVOKED = "CERTIFICATE_REVOKED"
    IDENTITY_UNKNOWN = "IDENTITY_UNKNOWN"
    ROLE_MISSING = "ROLE_MISSING"
    NOT_OWNER = "NOT_OWNER"
    EXECUTOR_FOREIGN = "EXECUTOR_FOREIGN"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRefusal:
    """A refusal with its facts, which are shown to the caller. It never repeats a credential.

    `metadata` is for programs; `identity` is who was recognised, "" when nobody was.
    """

    reason: AccessReason
    message: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    identity: str = ""
