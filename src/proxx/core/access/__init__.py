"""Identity and roles: who calls, what each method asks, may the one do the other (docs/SECURITY_MODEL.md)."""

from proxx.core.access.access_reader import AccessFileError, read_access
from proxx.core.access.access_table import AccessTable, Entry, Token
from proxx.core.access.actor import actor_of
from proxx.core.access.authentication import AUTHORIZATION_KEY, authenticate, bearer_token
from proxx.core.access.caller_view import CallerView
from proxx.core.access.decision import (
    needs_no_credentials,
    refusal_of_executor,
    refusal_of_job,
    refusal_of_method,
)
from proxx.core.access.denial import Denial
from proxx.core.access.forwarded import FORWARDED_KEY, forwarded_identity, forwarded_of
from proxx.core.access.grant import Grant
from proxx.core.access.http_policy import HTTP_POLICY
from proxx.core.access.identity import OPEN, How, Identity
from proxx.core.access.peer_certificate import PeerCertificate
from proxx.core.access.policy import POLICY
from proxx.core.access.refusal import AccessReason, AccessRefusal
from proxx.core.access.role import INCLUDED, Role

__all__ = [
    "AUTHORIZATION_KEY",
    "FORWARDED_KEY",
    "HTTP_POLICY",
    "INCLUDED",
    "OPEN",
    "POLICY",
    "AccessFileError",
    "AccessReason",
    "AccessRefusal",
    "AccessTable",
    "CallerView",
    "Denial",
    "Entry",
    "Grant",
    "How",
    "Identity",
    "PeerCertificate",
    "Role",
    "Token",
    "actor_of",
    "authenticate",
    "bearer_token",
    "forwarded_identity",
    "forwarded_of",
    "needs_no_credentials",
    "read_access",
    "refusal_of_executor",
    "refusal_of_job",
    "refusal_of_method",
]
