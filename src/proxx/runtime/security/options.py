"""How a server proves itself and whom it lets in: the files and options of every Proxx process that listens."""

from dataclasses import dataclass
from pathlib import Path


class SecurityError(ValueError):
    """The options do not go together, or a file of theirs cannot be used. The text names option, file and rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityOptions:
    """The options; no file is looked at here. Without any, a listener is open, and on this host only.

    `tls_certificate` and `tls_key` (PEM) make listeners serve TLS; `tls_client_ca` (PEM) makes callers of gRPC show
    a certificate of these authorities; `access` is the access file (docs/SECURITY_MODEL.md). `insecure` allows
    listeners that other hosts can reach although TLS or the access file is missing.
    """

    tls_certificate: Path | None = None
    tls_key: Path | None = None
    tls_client_ca: Path | None = None
    access: Path | None = None
    insecure: bool = False

    def __post_init__(self) -> None:
        """Refuse options that do not go together.

        Raises:
            SecurityError: half of a certificate, or client certificates without TLS.
        """
        certificate, key = self.tls_certificate, self.tls_key
        if (certificate is None) != (key is None):
            missing = "tls-key" if key is None else "tls-certificate"
            given = "tls-certificate" if key is None else "tls-key"
            raise SecurityError(f"{missing}: is needed beside {given}")
        if self.tls_client_ca is not None and certificate is None:
            raise SecurityError("tls-certificate: is needed beside tls-client-ca: client certificates are part of TLS")

    @property
    def missing(self) -> tuple[str, ...]:
        """The options without which other hosts may not reach a listener."""
        needed = {
            "--tls-certificate": self.tls_certificate,
            "--tls-key": self.tls_key,
            "--access": self.access,
        }
        return tuple(option for option, value in needed.items() if value is None)
