"""Why a server cannot be reached over TLS, or only over TLS: asked by a handshake of our own after a call failed.

gRPC tells it in texts that differ from version to version; OpenSSL tells it by numbers.
"""

import socket
import ssl
from datetime import UTC, datetime

from proxx.rpc.address import unix_path
from proxx.rpc.client_credentials import system_authorities
from proxx.rpc.client_security import SYSTEM_CA, ClientSecurity

SECONDS = 3.0
"""How long each step of the look may take, unless told."""

_NOT_TLS = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNEXPECTED_EOF_WHILE_READING", "HTTP_REQUEST"})
_UNKNOWN_AUTHORITY = frozenset({2, 18, 19, 20, 21})
_OTHER_NAME = frozenset({62, 64})
_EXPIRED, _NOT_YET = 10, 9
"""Verification results of OpenSSL (X509_V_ERR_…)."""


def trouble_of(*, target: str, security: ClientSecurity, seconds: float = SECONDS) -> str:
    """Return why TLS does not come about between this client and the target, and what to do; "" when that is not it.

    Dials the target once more, with `seconds` for each step; call it off the event loop.
    """
    if unix_path(target) is not None:
        return ""
    host, _, port = target.rpartition(":")
    host = host.strip("[]")
    try:
        with socket.create_connection((host, int(port)), timeout=seconds) as line:
            if security.encrypts(target):
                return _of_verified(line, host=host, security=security)
            return _of_plain(line)
    except OSError:
        return ""  # nobody listens: the call said so


def _of_plain(line: socket.socket) -> str:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # it is asked whether it speaks TLS, nothing is sent to it
    context.set_alpn_protocols(["h2"])
    try:
        with context.wrap_socket(line):
            pass
    except OSError:
        return ""
    return (
        "the server speaks TLS, and this call did not: name its authority with --tls-ca (PROXX_TLS_CA), "
        f"a file or {SYSTEM_CA}"
    )


def _of_verified(line: socket.socket, *, host: str, security: ClientSecurity) -> str:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["h2"])
    if security.tls_ca == SYSTEM_CA:
        context.load_verify_locations(cadata=system_authorities().decode("ascii", "ignore"))
    else:
        context.load_verify_locations(cafile=security.tls_ca)
    if security.tls_client_certificate is not None:
        context.load_cert_chain(security.tls_client_certificate, security.tls_client_key)
    try:
        secured = context.wrap_socket(line, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        return _of_certificate(error, host=host, security=security)
    except ssl.SSLError as error:
        if error.reason in _NOT_TLS:
            return (
                "the server does not speak TLS, and this call did: check its address, and turn TLS on there; "
                "only where nobody can stand in between, leave out --tls-ca (PROXX_TLS_CA)"
            )
        return f"TLS fails: {error}"
    with secured:
        return "" if _goes_on(secured) else _of_own_certificate(security)


def _goes_on(secured: ssl.SSLSocket) -> bool:
    """Return whether the server speaks after the handshake. One that does not take our certificate ends there."""
    try:
        return bool(secured.recv(1))
    except TimeoutError:
        return True
    except OSError:
        return False


def _of_certificate(error: ssl.SSLCertVerificationError, *, host: str, security: ClientSecurity) -> str:
    if error.verify_code in _UNKNOWN_AUTHORITY:
        return (
            f"the server's certificate was issued by an authority that --tls-ca {security.tls_ca} does not hold: "
            "name the file of the authority that issued it"
        )
    if error.verify_code in _OTHER_NAME:
        return (
            f"the server's certificate is not for {host}: call the server by a name in its certificate, or issue one "
            f"with this name (proxx certs issue NAME --server {host})"
        )
    if error.verify_code == _EXPIRED:
        return "the server's certificate, or its authority's, has expired: issue a new one at the server"
    if error.verify_code == _NOT_YET:
        return "the server's certificate is not valid yet: compare the clocks of both machines"
    return f"the server's certificate cannot be trusted: {error.verify_message}"


def _of_own_certificate(security: ClientSecurity) -> str:
    path = security.tls_client_certificate
    if path is None:
        return (
            "the server wants a client certificate: name one that its --tls-client-ca issued with "
            "--tls-client-certificate and --tls-client-key"
        )
    from proxx.runtime.certificate_facts import facts_in

    facts = facts_in(path.read_bytes())[0]
    if facts.valid_until < datetime.now(UTC):
        return f"the certificate {path} has expired on {facts.valid_until:%Y-%m-%d}: issue a new one"
    if "client" not in facts.uses:
        uses = ", ".join(facts.uses) or "nothing"
        return f"the certificate {path} is for {uses}, not for clients: issue one with --client"
    return (
        f"the server does not take the certificate {path}: "
        f"its --tls-client-ca names another authority than {facts.issuer}"
    )
