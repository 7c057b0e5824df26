"""A call that was denied, for those who count and record it."""

from dataclasses import dataclass

from proxx.core.access.refusal import AccessReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """What was asked, by whom as far as is known, and why not.

    `identity` is the recognised name, "" when nobody was recognised. `peer_kind` is the way the caller came: `unix`,
    `loopback` or `network`. `service` and `method` are names that the server knows, or `other`.
    """

    service: str
    method: str
    reason: AccessReason
    identity: str
    peer_kind: str
