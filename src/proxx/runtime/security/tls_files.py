"""The TLS files of a server, checked as a whole before they are used."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from proxx.runtime.security.options import SecurityError


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerTls:
    """One version of the files, which go together. `context` is for HTTP: client certificates may be shown there.

    `not_after` is the end of the server's own certificate.
    """

    certificate: bytes
    key: bytes
    client_ca: bytes | None
    context: ssl.SSLContext
    not_after: datetime


def read_tls(*, certificate: Path, key: Path, client_ca: Path | None) -> ServerTls:
    """Return the files as they are now.

    Raises:
        SecurityError: one cannot be read, is not PEM, or key and certificate do not go together.
    """
    files = (certificate, key) if client_ca is None else (certificate, key, client_ca)
    before = [_bytes(path) for path in files]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # a session that is resumed is not verified again: not even against authorities that were replaced since
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    try:
        # a password of our own: OpenSSL would ask for one at the terminal
        context.load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:
        rule = "tls-certificate, tls-key: a PEM chain, leaf first, and its private key without a password are needed"
        raise SecurityError(f"{rule}: {certificate}, {key}: {error}") from error
    if client_ca is not None:
        context.verify_mode = ssl.CERT_OPTIONAL
        try:
            context.load_verify_locations(client_ca)
        except (OSError, ValueError) as error:
            raise SecurityError(f"tls-client-ca: PEM certificates are needed: {client_ca}: {error}") from error
    if before != [_bytes(path) for path in files]:
        raise SecurityError(f"tls-certificate, tls-key: {certificate}, {key}: replaced while they were read")
    return ServerTls(
        certificate=before[0],
        key=before[1],
        client_ca=None if client_ca is None else before[2],
        context=context,
        not_after=_end_of(certificate, before[0]),
    )


def _end_of(path: Path, pem: bytes) -> datetime:
    from cryptography import x509  # the open server does without it, and it is slow to import

    try:
        return x509.load_pem_x509_certificates(pem)[0].not_valid_after_utc.astimezone(UTC)
    except (ValueError, x509.InvalidVersion) as error:
        raise SecurityError(f"tls-certificate: {path}: cannot be read: {error}") from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SecurityError(f"tls: {path}: cannot be read: {error.strerror}") from error
