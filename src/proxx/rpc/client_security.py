"""How a client proves itself and whom it trusts: the files and options of everything that calls a Proxx server."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, Self

from proxx.core.quoting import quote
from proxx.rpc.address import is_local, unix_path

SYSTEM_CA = "system"
"""In place of a file of authorities: those that this machine trusts."""

_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,512}")
"""What may stand behind `Bearer` (RFC 6750 section 2.1), with a bound."""


class ClientSecurityError(ValueError):
    """The options do not go together, or not with this target. The text names option and rule, never a secret."""


class ClientFilesError(ClientSecurityError):
    """A file of the options cannot be read or is not what it should be. The text names option and file."""


class ClientOptions(Protocol):
    """What settings of a client have."""

    @property
    def tls_ca(self) -> str | None:
        """A file of authorities (PEM), or `system`."""

    @property
    def tls_client_certificate(self) -> Path | None:
        """The client's certificate and what lies between it and its authority (PEM)."""

    @property
    def tls_client_key(self) -> Path | None:
        """The certificate's private key (PEM)."""

    @property
    def token_file(self) -> Path | None:
        """A file with a bearer token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSecurity:
    """The options; no file is looked at here. Without any, calls go out in the clear and without a name.

    `tls_ca` (a PEM file, or `system`) makes a client dial with TLS and trust these authorities only;
    `tls_client_certificate` and `tls_client_key` (PEM) are what it shows. `token_file` holds a bearer token; `token` is
    one by itself, from the environment of a command. A unix socket is dialled without TLS: nobody is in between.
    """

    tls_ca: str | None = None
    tls_client_certificate: Path | None = None
    tls_client_key: Path | None = None
    token_file: Path | None = None
    token: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Refuse options that do not go together.

        Raises:
            ClientSecurityError: half of a certificate, a certificate without TLS, two tokens, or what is no token.
        """
        certificate, key = self.tls_client_certificate, self.tls_client_key
        if (certificate is None) != (key is None):
            missing, given = ("tls-client-key", certificate) if key is None else ("tls-client-certificate", key)
            raise ClientSecurityError(f"{missing}: is needed beside {quote(text=str(given))}")
        if certificate is not None and self.tls_ca is None:
            raise ClientSecurityError(
                "tls-ca: is needed beside tls-client-certificate, which is shown over TLS only; "
                f"name the server's authority, or {SYSTEM_CA}"
            )
        if self.token and self.token_file is not None:
            raise ClientSecurityError("token-file: a token is given, too; give one of them")
        if self.token:
            check_token(self.token, origin="the token")

    @classmethod
    def of(cls, options: ClientOptions) -> Self:
        """Return the security that the settings of a process describe.

        Raises:
            ClientSecurityError: they do not go together.
        """
        return cls(
            tls_ca=options.tls_ca,
            tls_client_certificate=options.tls_client_certificate,
            tls_client_key=options.tls_client_key,
            token_file=options.token_file,
        )

    @property
    def has_token(self) -> bool:
        """Whether calls carry a token."""
        return bool(self.token) or self.token_file is not None

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that make the credentials of a channel."""
        authority = () if self.tls_ca in (None, SYSTEM_CA) else (Path(str(self.tls_ca)),)
        own = (self.tls_client_certificate, self.tls_client_key)
        return (*authority, *(path for path in own if path is not None))

    def encrypts(self, target: str) -> bool:
        """Return whether a target is dialled with TLS."""
        return self.tls_ca is not None and unix_path(target) is None

    def check_target(self, target: str) -> None:
        """Refuse to send a token where others could read it.

        Raises:
            ClientSecurityError: a token is set, and the target is on a network and would be dialled without TLS.
        """
        if self.has_token and not self.encrypts(target) and not is_local(target):
            raise ClientSecurityError(
                f"tls-ca: is needed to send a token to {target}, or anybody on the way could read it; "
                f"name the server's authority, or {SYSTEM_CA}"
            )


OPEN_CLIENT = ClientSecurity()
"""No TLS, no token: for servers on this machine that ask nobody who they are."""


def check_token(text: str, *, origin: str) -> str:
    """Return a token without the white space around it. `origin` names where it comes from.

    Raises:
        ClientSecurityError: no header could carry it. The text does not repeat it.
    """
    token = text.strip()
    if not _TOKEN.fullmatch(token):
        raise ClientSecurityError(
            f"{origin}: is no token ({len(token)} characters): 1 to 512 letters, digits and . _ ~ + / = - are"
        )
    return token
