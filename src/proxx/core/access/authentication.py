"""Who a caller is, by what it shows. Pure: the table, the credentials and the time are given."""

from datetime import UTC, datetime
from hashlib import sha256

from proxx.core.access.access_table import AccessTable, Entry
from proxx.core.access.identity import How, Identity
from proxx.core.access.peer_certificate import PeerCertificate
from proxx.core.access.refusal import AccessReason, AccessRefusal
from proxx.core.quoting import quote

AUTHORIZATION_KEY = "authorization"
"""Metadata key and HTTP header of a bearer token (RFC 6750 section 2.1)."""
_SCHEME = "bearer "


def bearer_token(value: str) -> str:
    """Return the token of an `authorization` value, "" for one of another kind."""
    return value[len(_SCHEME) :].strip() if value[: len(_SCHEME)].lower() == _SCHEME else ""


def authenticate(
    *, table: AccessTable, token: str | None, certificate: PeerCertificate | None, now: datetime
) -> Identity | AccessRefusal:
    """Return who calls with these credentials at this time, or why nobody is recognised.

    With both, the token names the caller, and the certificate must be a known one, too. `token` is None without an
    `authorization`, "" for one that holds no bearer token.
    """
    holder = None if certificate is None else _holder(table, certificate, now)
    if isinstance(holder, AccessRefusal):
        return holder
    if token is not None:
        return _by_token(table, token, now)
    if holder is not None and certificate is not None:
        return _identity(holder, "certificate", certificate.sha256, certificate.not_after)
    return AccessRefusal(
        reason=AccessReason.CREDENTIALS_MISSING,
        message="this listener asks who calls: a bearer token or a client certificate is needed, and there is none",
    )


def _by_token(table: AccessTable, token: str, now: datetime) -> Identity | AccessRefusal:
    found = table.tokens.get(sha256(token.encode("utf-8", "surrogateescape")).hexdigest()) if token else None
    if found is None:
        what = "the bearer token is none of the access file's" if token else "authorization is one bearer token"
        return AccessRefusal(reason=AccessReason.TOKEN_UNKNOWN, message=what)
    entry, known = found
    if now < known.expires:
        return _identity(entry, "token", known.id, known.expires)
    expired = _time(known.expires)
    return AccessRefusal(
        reason=AccessReason.TOKEN_EXPIRED,
        message=f"token {quote(text=known.id)} of {quote(text=entry.name)} was valid until {expired}",
        metadata={"identity": entry.name, "token": known.id, "expired": expired},
        identity=entry.name,
    )


def _holder(table: AccessTable, certificate: PeerCertificate, now: datetime) -> Entry | AccessRefusal:
    holder = next((table.certificates[name] for name in certificate.names if name in table.certificates), None)
    identity = "" if holder is None else holder.name
    by = "serial" if certificate.serial in table.revoked_serials else ""
    by = "sha256" if certificate.sha256 in table.revoked_sha256 else by
    if by:
        return AccessRefusal(
            reason=AccessReason.CERTIFICATE_REVOKED,
            message=f"the access file revokes the client certificate, by its {by}",
            metadata={"by": by},
            identity=identity,
        )
    if not certificate.not_before <= now <= certificate.not_after:
        begin, end = _time(certificate.not_before), _time(certificate.not_after)
        return AccessRefusal(
            reason=AccessReason.CERTIFICATE_EXPIRED,
            message=f"the client certificate is valid from {begin} to {end}",
            metadata={"not_before": begin, "not_after": end},
            identity=identity,
        )
    if holder is not None:
        return holder
    names = ", ".join(quote(text=name)[1:-1] for name in certificate.names)
    return AccessRefusal(
        reason=AccessReason.IDENTITY_UNKNOWN,
        message=f"no identity of the access file has a name of the client certificate: {names or 'it has none'}",
        metadata={"names": names},
    )


def _identity(entry: Entry, how: How, credential: str, expires: datetime) -> Identity:
    return Identity(
        name=entry.name,
        roles=entry.roles,
        how=how,
        executors=entry.executors,
        credential=credential,
        expires=expires,
    )


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
