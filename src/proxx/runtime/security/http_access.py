"""Access to the HTTP routes of a process: the same callers, roles and files as its gRPC services have."""

import asyncio
import ipaddress
import ssl

from proxx.core.access import HTTP_POLICY, AccessReason, AccessRefusal, Identity, PeerCertificate, bearer_token
from proxx.core.quoting import quote
from proxx.runtime.security.guard import Guard

SERVICE = "http"
"""What the routes go by where services are counted."""


def refusal_of_route(
    *, guard: Guard, path: str, authorization: list[str], writer: asyncio.StreamWriter
) -> AccessRefusal | None:
    """Return why a caller may not have a route, None when it may. The guard has recorded it then.

    `authorization` are the values of the header of this name, at most one of them.
    """
    grant = HTTP_POLICY.get(path)
    if not guard.asks or grant is None or grant.role is None:
        return None
    found = _caller(guard, authorization, writer)
    refusal = found if isinstance(found, AccessRefusal) else None
    if isinstance(found, Identity) and not found.has(grant.role):
        has = ", ".join(sorted(role.value for role in found.roles))
        refusal = AccessRefusal(
            reason=AccessReason.ROLE_MISSING,
            message=f"{path} needs the role {grant.role.value}; {quote(text=found.name)} has {has}",
            metadata={"method": path, "needed": grant.role.value, "has": has},
            identity=found.name,
        )
    if refusal is not None:
        guard.denied(refusal, service=SERVICE, method=path, peer_kind=_peer_kind(writer))
    return refusal


def server_context(guard: Guard) -> ssl.SSLContext | None:
    """Return the TLS context to listen with; each handshake takes the newest files. None without TLS."""
    first = guard.tls
    if first is None:
        return None

    def newest(connection: ssl.SSLObject | ssl.SSLSocket, _name: str | None, _context: ssl.SSLContext) -> None:
        tls = guard.tls
        if tls is not None and tls is not first:
            connection.context = tls.context

    first.context.sni_callback = newest
    return first.context


def _caller(guard: Guard, authorization: list[str], writer: asyncio.StreamWriter) -> Identity | AccessRefusal:
    from proxx.runtime.security.certificates import CertificateUnreadableError, from_der  # slow to import

    token = None if not authorization else bearer_token(authorization[0]) if len(authorization) == 1 else ""
    shown = writer.get_extra_info("ssl_object")
    der = None if shown is None else shown.getpeercert(binary_form=True)
    certificate: PeerCertificate | None = None
    if der is not None and shown.session_reused:  # TLS 1.2, by session id: Python cannot switch that off
        rule = "a client certificate counts where it is shown; this connection resumed an earlier one"
        return AccessRefusal(reason=AccessReason.CREDENTIALS_MISSING, message=rule)
    if der is not None:
        try:
            certificate = from_der(der)
        except CertificateUnreadableError as error:
            return AccessRefusal(reason=AccessReason.IDENTITY_UNKNOWN, message=str(error), metadata={"names": ""})
    return guard.authenticate(token=token, certificate=certificate)


def _peer_kind(writer: asyncio.StreamWriter) -> str:
    peer = writer.get_extra_info("peername")
    return "loopback" if peer and ipaddress.ip_address(str(peer[0]).partition("%")[0]).is_loopback else "network"
