"""What a ClientSecurity's files hold at the moment: credentials for a channel, and the token."""

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import grpc
import structlog

from proxx.core.quoting import quote
from proxx.rpc.client_security import SYSTEM_CA, ClientFilesError, ClientSecurity, ClientSecurityError, check_token

LOOK_SECONDS = 1.0
"""How often the files are looked at, at most."""

_LONGEST_FILE = 1024 * 1024
_BUNDLES = (
    Path("/etc/ssl/certs/ca-certificates.crt"),
    Path("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"),
    Path("/etc/pki/tls/certs/ca-bundle.crt"),
    Path("/etc/ssl/cert.pem"),
)
"""Where Debian and Alpine, Fedora and its kin, older ones, and macOS keep the authorities that a machine trusts."""

Sign = tuple[tuple[int, ...] | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Material:
    authorities: bytes
    certificate: bytes | None
    key: bytes | None


class ClientCredentials:
    """Reads the files, and again when they change. What cannot be used any more leaves the last good one in force.

    A certificate and its key are two files and cannot change at once: a pair that does not match is not taken.
    """

    def __init__(
        self, security: ClientSecurity, *, target: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Read the files once. `target` decides whether TLS is used at all; `monotonic` tells seconds.

        Raises:
            ClientFilesError: a file cannot be used.
        """
        self._security = security
        self._encrypts = security.encrypts(target)
        self._monotonic = monotonic
        self._log = structlog.stdlib.get_logger("proxx.rpc.client")
        self._looked = monotonic()
        self._files = security.files if self._encrypts else ()
        self._sign = _sign(self._files)
        self._material = self._read() if self._encrypts else None
        self._token_files = (security.token_file,) if security.token_file is not None else ()
        self._token_sign = _sign(self._token_files)
        self._token = self._read_token()
        self._changed = False

    def renewed(self) -> bool:
        """Return whether `for_channel` would give others than it gave last."""
        self._look()
        return self._changed

    def for_channel(self) -> grpc.ChannelCredentials | None:
        """Return the credentials of a new channel; None: in the clear."""
        self._changed = False
        if self._material is None:
            return None
        return grpc.ssl_channel_credentials(
            root_certificates=self._material.authorities,
            private_key=self._material.key,
            certificate_chain=self._material.certificate,
        )

    def token(self) -> str:
        """Return the token to send; "" for none."""
        self._look()
        return self._token

    def _look(self) -> None:
        now = self._monotonic()
        if now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        sign = _sign(self._files)
        if sign != self._sign:
            self._sign = sign
            self._take_files()
        token_sign = _sign(self._token_files)
        if token_sign != self._token_sign:
            self._token_sign = token_sign
            self._take_token()

    def _take_files(self) -> None:
        try:
            material = self._read()
        except ClientFilesError as error:
            self._log.warning("client.credentials_kept", reason=str(error))
            return
        if material != self._material:
            self._material, self._changed = material, True
            self._log.info("client.credentials_changed", files=[str(path) for path in self._files])

    def _take_token(self) -> None:
        try:
            token = self._read_token()
        except ClientFilesError as error:
            self._log.warning("client.token_kept", reason=str(error))
            return
        if token != self._token:
            self._token = token
            self._log.info("client.token_changed", file=str(self._security.token_file))

    def _read(self) -> _Material:
        security = self._security
        authorities = system_authorities() if security.tls_ca == SYSTEM_CA else _bytes(str(security.tls_ca), "tls-ca")
        _check_certificates(authorities, option="tls-ca", name=str(security.tls_ca))
        if security.tls_client_certificate is None:
            return _Material(authorities=authorities, certificate=None, key=None)
        certificate = _bytes(str(security.tls_client_certificate), "tls-client-certificate")
        key = _bytes(str(security.tls_client_key), "tls-client-key")
        _check_certificates(certificate, option="tls-client-certificate", name=str(security.tls_client_certificate))
        _check_pair(certificate, key, security)
        return _Material(authorities=authorities, certificate=certificate, key=key)

    def _read_token(self) -> str:
        path = self._security.token_file
        if path is None:
            return self._security.token
        text = _bytes(str(path), "token-file").decode("utf-8", "replace")
        try:
            return check_token(text, origin=f"token-file: {quote(text=str(path))}")
        except ClientSecurityError as error:
            raise ClientFilesError(str(error)) from None


def system_authorities() -> bytes:
    """Return the certificates of the authorities that this machine trusts, PEM.

    Raises:
        ClientFilesError: none can be found.
    """
    named = ssl.get_default_verify_paths().cafile
    for path in (*((Path(named),) if named else ()), *_BUNDLES):
        if path.is_file():
            return _bytes(str(path), "tls-ca")
    known = ssl.create_default_context().get_ca_certs(binary_form=True)
    if not known:
        raise ClientFilesError("tls-ca: this machine keeps no authorities where they are looked for; name a file")
    return "".join(ssl.DER_cert_to_PEM_cert(one) for one in known).encode()


def _sign(paths: tuple[Path, ...]) -> Sign:
    return tuple(_sign_of(path) for path in paths)


def _sign_of(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    # With the change of its state: a file that was unreadable is another one once its mode or owner is right.
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def _bytes(path: str, option: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            content = file.read(_LONGEST_FILE + 1)
    except OSError as error:
        raise ClientFilesError(f"{option}: {quote(text=path)}: {error.strerror}") from error
    if len(content) > _LONGEST_FILE:
        raise ClientFilesError(f"{option}: {quote(text=path)}: is longer than {_LONGEST_FILE} bytes")
    return content


def _check_certificates(content: bytes, *, option: str, name: str) -> None:
    from cryptography import x509

    try:
        x509.load_pem_x509_certificates(content)
    except ValueError as error:
        raise ClientFilesError(f"{option}: {quote(text=name)}: holds no certificates in PEM form: {error}") from error


def _check_pair(certificate: bytes, key: bytes, security: ClientSecurity) -> None:
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    name = quote(text=str(security.tls_client_key))
    try:
        private = load_pem_private_key(key, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # TypeError: it has a password
        raise ClientFilesError(f"tls-client-key: {name}: holds no private key in PEM form without a password") from None
    if private.public_key() != x509.load_pem_x509_certificates(certificate)[0].public_key():
        raise ClientFilesError(
            f"tls-client-key: {name}: is not the key of the first certificate in "
            f"{quote(text=str(security.tls_client_certificate))}"
        )
