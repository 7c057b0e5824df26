"""Certificates, tokens and access files for tests: one authority for all, and one that nobody trusts."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from proxx.runtime.authority import Pair, Wanted, issue, new_authority

LONG_AGO = datetime.now(UTC) - timedelta(days=10)


def authority(name: str = "test authority") -> Pair:
    """Return an authority; the same one for the same name in one test process."""
    return _authority(name)


@cache
def _authority(name: str) -> Pair:
    return new_authority(name=name, days=100, now=LONG_AGO)


def server_pair(*hosts: str, authority_name: str = "test authority") -> Pair:
    """Return a certificate for a server on loopback."""
    wanted = Wanted(name="server", hosts=hosts or ("127.0.0.1", "localhost"), days=30)
    return issue(authority=authority(authority_name), wanted=wanted, now=datetime.now(UTC))


def client_pair(name: str, *, spiffe: str = "", authority_name: str = "test authority") -> Pair:
    """Return a client's certificate, with a subject name and perhaps a SPIFFE name."""
    wanted = Wanted(name=name, client=True, spiffe=spiffe, days=30)
    return issue(authority=authority(authority_name), wanted=wanted, now=datetime.now(UTC))


def serial_of(pair: Pair) -> str:
    """Return the serial number as the access file revokes by it."""
    return f"{x509.load_pem_x509_certificate(pair.certificate).serial_number:x}"


def fingerprint_of(pair: Pair) -> str:
    """Return the fingerprint as the access file revokes by it."""
    return x509.load_pem_x509_certificate(pair.certificate).fingerprint(SHA256()).hex()


def new_token() -> str:
    """Return a new bearer token."""
    return f"proxx_{secrets.token_urlsafe(32)}"


def token_table(token: str, *, key: str = "one", expires: str = "2999-01-01T00:00:00Z") -> str:
    """Return the table of a token of the identity that stands before it."""
    digest = sha256(token.encode()).hexdigest()
    return f'[[identity.token]]\nid = "{key}"\nsha256 = "{digest}"\nexpires = {expires}\n'


def identity_table(name: str, *roles: str, certificate: str = "", executors: tuple[str, ...] = ()) -> str:
    """Return the table of an identity."""
    lines = ["[[identity]]", f'name = "{name}"', f"roles = {list(roles)}"]
    lines += [f'certificate = "{certificate}"'] if certificate else []
    lines += [f"executors = {list(executors)}"] if executors else []
    return "\n".join((*lines, ""))


@dataclass(frozen=True, kw_only=True)
class ServerFiles:
    """The files of a server in one directory, to be given as options and replaced while it runs."""

    certificate: Path
    key: Path
    client_ca: Path
    access: Path

    def use(self, pair: Pair) -> None:
        """Replace certificate and key."""
        self.certificate.write_bytes(pair.certificate)
        self.key.write_bytes(pair.key)


def server_files(directory: Path, *, access: str) -> ServerFiles:
    """Write a server's certificate, the authority of clients and an access file."""
    files = ServerFiles(
        certificate=directory / "server.pem",
        key=directory / "server.key",
        client_ca=directory / "clients.pem",
        access=directory / "access.toml",
    )
    files.use(server_pair())
    files.client_ca.write_bytes(authority().certificate)
    files.access.write_text(access, encoding="utf-8")
    return files
