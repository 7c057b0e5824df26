"""The settings of every process that calls a scheduler: how it proves itself and whom it trusts."""

import argparse
from pathlib import Path

from pydantic import model_validator

from proxx.rpc.client_security import ClientSecurity
from proxx.runtime.settings import ProcessSettings


class ClientSettings(ProcessSettings):
    """The options of `ClientSecurity`; never a secret itself, only the files that hold one."""

    tls_ca: str | None = None
    tls_client_certificate: Path | None = None
    tls_client_key: Path | None = None
    token_file: Path | None = None

    @model_validator(mode="after")
    def _client_options_go_together(self) -> "ClientSettings":
        ClientSecurity.of(self)
        return self

    @property
    def client_security(self) -> ClientSecurity:
        """How calls of this process are secured."""
        return ClientSecurity.of(self)


def add_client_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of ClientSettings."""
    parser.add_argument(
        "--tls-ca", metavar="FILE|system", help="dial the scheduler with TLS and trust these authorities only (PEM)"
    )
    parser.add_argument("--tls-client-certificate", metavar="FILE", help="certificate to show to the scheduler (PEM)")
    parser.add_argument("--tls-client-key", metavar="FILE", help="its private key (PEM)")
    parser.add_argument("--token-file", metavar="FILE", help="file with the bearer token to send to the scheduler")
