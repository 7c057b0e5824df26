"""The gate of a gRPC server: who calls, and may that caller call this method. Looked at before the request is."""

from dataclasses import dataclass
from typing import Any

from proxx.core.access import (
    AUTHORIZATION_KEY,
    FORWARDED_KEY,
    AccessReason,
    AccessRefusal,
    Identity,
    PeerCertificate,
    bearer_token,
    forwarded_identity,
    needs_no_credentials,
    refusal_of_method,
)
from proxx.rpc.errors import RefusedCallError
from proxx.runtime.security.guard import Guard

_CERTIFICATE_KEY = "x509_pem_cert"
"""Where gRPC keeps the certificate of the other end, once TLS has verified it."""


class AccessDeniedError(RefusedCallError):
    """A call that the gate refused."""

    def __init__(self, refusal: AccessRefusal) -> None:
        """Take the refusal as it was decided."""
        super().__init__(reason=refusal.reason.value, message=refusal.message, metadata=refusal.metadata)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Shown:
    """What a call shows of its caller. `token` and `forwarded` are None where the call has none, "" where more than one
    stands there or none that can be read.
    """

    token: str | None
    certificate: PeerCertificate | None
    forwarded: str | None


class AccessGate:
    """Asks every caller of a server, as the guard's files say at that moment."""

    def __init__(self, guard: Guard) -> None:
        """Take the guard of the process."""
        self._guard = guard
        self._certificates = guard.options.tls_client_ca is not None

    def asks(self, method: str, metadata: Any) -> bool:
        """Return whether a call must pass `admit`: not where nobody is asked, unless it claims to be of a replica."""
        if self._guard.asks:
            return not needs_no_credentials(method=method)
        return any(key == FORWARDED_KEY for key, _ in metadata or ())

    def shown(self, context: Any) -> Shown:
        """Return the credentials of a call.

        Raises:
            AccessDeniedError: its certificate cannot be read.
        """
        tokens = []
        forwarded = []
        for key, value in context.invocation_metadata() or ():
            if key == AUTHORIZATION_KEY:
                tokens.append(bearer_token(value) if isinstance(value, str) else "")
            elif key == FORWARDED_KEY:
                forwarded.append(value if isinstance(value, str) else "")
        return Shown(
            token=_one(tokens),
            certificate=self._certificate(context) if self._certificates else None,
            forwarded=_one(forwarded),
        )

    def admit(self, method: str, shown: Shown) -> Identity:
        """Return for whom the call of a method (`/package.Service/Method`) is served.

        Raises:
            AccessDeniedError: it is not served.
        """
        found = self._guard.authenticate(token=shown.token, certificate=shown.certificate)
        if isinstance(found, Identity) and shown.forwarded is not None:
            found = forwarded_identity(value=shown.forwarded, replica=found)
        if isinstance(found, AccessRefusal):
            raise AccessDeniedError(found)
        refusal = refusal_of_method(method=method, identity=found)
        if refusal is not None:
            raise AccessDeniedError(refusal)
        return found

    def denied(self, error: RefusedCallError, *, service: str, method: str, context: Any, identity: str) -> None:
        """Record a call that was refused for one of the reasons of access, here or by its handler."""
        refusal = (
            error.refusal
            if isinstance(error, AccessDeniedError)
            else AccessRefusal(reason=AccessReason(error.reason), message=error.message, identity=identity)
        )
        self._guard.denied(refusal, service=service, method=method, peer_kind=peer_kind(str(context.peer())))

    def _certificate(self, context: Any) -> PeerCertificate | None:
        from proxx.runtime.security.certificates import CertificateUnreadableError, from_pem  # slow to import

        for pem in context.auth_context().get(_CERTIFICATE_KEY, ()):
            try:
                return from_pem(pem)
            except CertificateUnreadableError as error:
                raise AccessDeniedError(
                    AccessRefusal(reason=AccessReason.IDENTITY_UNKNOWN, message=str(error), metadata={"names": ""})
                ) from error
        return None


def peer_kind(peer: str) -> str:
    """Return the way a caller came, by gRPC's name of the other end: `unix`, `loopback` or `network`."""
    if peer.startswith("unix:"):
        return "unix"
    local = peer.startswith(("ipv4:127.", "ipv6:[::1]", "ipv6:%5B::1%5D"))
    return "loopback" if local else "network"


def _one(values: list[str]) -> str | None:
    if not values:
        return None
    return values[0] if len(values) == 1 else ""
