"""The settings of every process that listens: how it proves itself and whom it lets in."""

import argparse
from pathlib import Path

from pydantic import Field, ValidationInfo, field_validator

from proxx.rpc.server_security import ServerSecurity
from proxx.runtime.settings import ProcessSettings


class ListenerSettings(ProcessSettings):
    """The options of `ServerSecurity`: files only, never a secret itself."""

    tls_certificate: Path | None = None
    tls_key: Path | None = Field(default=None, validate_default=True)
    tls_client_ca: Path | None = None
    access: Path | None = None
    insecure: bool = False

    @field_validator("tls_key")
    @classmethod
    def _key_has_its_certificate(cls, value: Path | None, found: ValidationInfo) -> Path | None:
        if (value is None) != (found.data.get("tls_certificate") is None):
            raise ValueError("certificate and key are needed together: --tls-certificate FILE --tls-key FILE")
        return value

    @field_validator("tls_client_ca")
    @classmethod
    def _client_certificates_are_part_of_tls(cls, value: Path | None, found: ValidationInfo) -> Path | None:
        if value is not None and found.data.get("tls_key", value) is None:
            raise ValueError("client certificates are part of TLS: it needs --tls-certificate and --tls-key")
        return value

    @property
    def server_security(self) -> ServerSecurity:
        """How the listeners of this process are secured."""
        return ServerSecurity(
            tls_certificate=self.tls_certificate,
            tls_key=self.tls_key,
            tls_client_ca=self.tls_client_ca,
            access=self.access,
            insecure=self.insecure,
        )


def add_listener_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of ListenerSettings."""
    parser.add_argument("--tls-certificate", metavar="FILE", help="certificate to serve TLS with (PEM chain)")
    parser.add_argument("--tls-key", metavar="FILE", help="its private key (PEM)")
    parser.add_argument("--tls-client-ca", metavar="FILE", help="callers show a certificate of these authorities (PEM)")
    parser.add_argument("--access", metavar="FILE", help="who may call and do what (TOML); every caller is asked")
    parser.add_argument(
        "--insecure",
        action="store_const",
        const=True,
        help="allow listeners that other hosts can reach although TLS or --access is missing",
    )
