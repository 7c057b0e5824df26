"""TLS of a gRPC server whose files may change: each new connection gets the newest ones, calls under way go on."""

import grpc

from proxx.runtime.security.guard import Guard
from proxx.runtime.security.tls_files import ServerTls


def server_credentials(guard: Guard) -> grpc.ServerCredentials:
    """Return credentials that follow the guard's TLS files.

    Raises:
        ValueError: the guard has none.
    """
    first = guard.tls
    if first is None:
        raise ValueError("without TLS files there are no credentials")
    served = [first]

    def newest() -> grpc.ServerCertificateConfiguration | None:
        """Called by gRPC before each handshake, in a thread of its own: no file is touched here."""
        tls = guard.tls
        if tls is None or tls is served[0]:
            return None
        served[0] = tls
        return _configuration(tls)

    return grpc.dynamic_ssl_server_credentials(
        _configuration(first),
        newest,  # type: ignore[arg-type]  # None, for no change, is documented and not typed
        require_client_authentication=first.client_ca is not None,
    )


def _configuration(tls: ServerTls) -> grpc.ServerCertificateConfiguration:
    return grpc.ssl_server_certificate_configuration([(tls.key, tls.certificate)], root_certificates=tls.client_ca)
