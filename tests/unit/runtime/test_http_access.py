"""The HTTP endpoint over TLS and with an access file."""

import asyncio
import socket
import ssl
from contextlib import asynccontextmanager

import pytest
from prometheus_client import CollectorRegistry

from proxx.runtime.address import AddressError
from proxx.runtime.http_endpoint import HttpEndpoint, Readiness
from proxx.runtime.security.guard import Guard
from proxx.runtime.security.options import SecurityOptions
from tests.rpc_certificates import (
    authority,
    client_pair,
    identity_table,
    new_token,
    server_files,
    server_pair,
    token_table,
)

VIEWER, EXECUTOR = new_token(), new_token()
TABLE = (
    identity_table("prometheus", "viewer", certificate="cn:prometheus")
    + token_table(VIEWER)
    + identity_table("farm", "executor")
    + token_table(EXECUTOR)
)


class World:
    def __init__(self, address, files, guard, registry):
        self.address, self.files, self.guard, self.registry = address, files, guard, registry

    async def got(self, path, *, lines=(), client=None, root=None, directory=None):
        """Return status, head and body of one GET."""
        context = None
        if self.guard.tls is not None:
            context = ssl.create_default_context(cadata=(root or authority().certificate).decode())
            if client is not None:
                own = directory / "client.pem"
                own.write_bytes(client.certificate + client.key)
                context.load_cert_chain(own)
        host, _, port = self.address.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port), ssl=context)
        writer.write("\r\n".join((f"GET {path} HTTP/1.1", *lines, "", "")).encode())
        answer = await reader.read()
        writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), head.decode(), body.decode()


@asynccontextmanager
async def serving(directory, *, tls=True, client_ca=False, access=True):
    files = server_files(directory, access=TABLE)
    registry = CollectorRegistry()
    guard = Guard(
        options=SecurityOptions(
            tls_certificate=files.certificate if tls else None,
            tls_key=files.key if tls else None,
            tls_client_ca=files.client_ca if client_ca else None,
            access=files.access if access else None,
        ),
        registry=registry,
    )
    endpoint = HttpEndpoint(
        listen="127.0.0.1:0",
        registry=registry,
        readiness=lambda: Readiness(ready=False, reason="disk sda1 is full"),
        security=guard,
    )
    address = await endpoint.start()
    try:
        yield World(address, files, guard, registry)
    finally:
        await endpoint.stop()


def bearer(token):
    return (f"Authorization: Bearer {token}",)


@pytest.mark.parametrize(
    ("lines", "status", "says"),
    [
        pytest.param(bearer(VIEWER), 200, "proxx_security_files_current", id="viewer"),
        pytest.param((), 401, "CREDENTIALS_MISSING: ", id="nothing shown"),
        pytest.param(bearer(new_token()), 401, "TOKEN_UNKNOWN: ", id="unknown token"),
        pytest.param((*bearer(VIEWER), *bearer(VIEWER)), 401, "TOKEN_UNKNOWN: ", id="two headers"),
        pytest.param(
            bearer(EXECUTOR), 403, 'ROLE_MISSING: /metrics needs the role viewer; "farm" has executor', id="wrong role"
        ),
    ],
)
async def test_metrics_ask_for_a_viewer(tmp_path, lines, status, says):
    async with serving(tmp_path) as world:
        found, head, body = await world.got("/metrics", lines=lines)
        assert (found, says in body) == (status, True)
        assert ("WWW-Authenticate: Bearer" in head) == (status == 401)
        labels = {"service": "http", "method": "/metrics", "reason": says.partition(":")[0]}
        assert world.registry.get_sample_value("proxx_access_denied_total", labels) == (None if status == 200 else 1)


async def test_access_file_holds_without_tls_on_loopback_too(tmp_path):
    async with serving(tmp_path, tls=False) as world:
        assert [(await world.got("/metrics", lines=lines))[0] for lines in ((), bearer(VIEWER))] == [401, 200]


async def test_client_certificate_names_a_viewer_and_is_not_needed_for_health(tmp_path):
    async with serving(tmp_path, client_ca=True) as world:
        prometheus = client_pair("prometheus")
        assert (await world.got("/metrics", client=prometheus, directory=tmp_path))[0] == 200
        assert (await world.got("/metrics"))[0] == 401
        assert (await world.got("/healthz"))[0] == 200


async def test_stranger_hears_that_it_is_not_ready_but_not_why(tmp_path):
    async with serving(tmp_path) as world:
        assert (await world.got("/readyz"))[::2] == (503, '{"status": "not ready"}\n')
    async with serving(tmp_path, access=False) as world:
        assert (await world.got("/readyz"))[2] == '{"status": "not ready", "reason": "disk sda1 is full"}\n'


async def test_files_that_are_replaced_count_for_new_connections(tmp_path):
    async with serving(tmp_path, client_ca=True) as world:
        world.files.use(server_pair(authority_name="next authority"))
        world.files.client_ca.write_bytes(authority("next authority").certificate)
        world.guard.refresh()
        newer = client_pair("prometheus", authority_name="next authority")
        root = authority("next authority").certificate
        assert (await world.got("/metrics", client=newer, root=root, directory=tmp_path))[0] == 200
        with pytest.raises(ssl.SSLCertVerificationError):
            await world.got("/healthz")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
async def test_session_that_is_resumed_brings_no_certificate_of_a_former_authority(tmp_path, version):
    async with serving(tmp_path, client_ca=True) as world:
        prometheus = client_pair("prometheus")
        (tmp_path / "client.pem").write_bytes(prometheus.certificate + prometheus.key)
        context = ssl.create_default_context(cadata=authority().certificate.decode())
        context.load_cert_chain(tmp_path / "client.pem")
        context.maximum_version = version
        first, session = await asyncio.to_thread(_metrics_status, world.address, context)
        world.files.client_ca.write_bytes(authority("next authority").certificate)
        world.guard.refresh()
        try:
            resumed, _ = await asyncio.to_thread(_metrics_status, world.address, context, session)
        except (ssl.SSLError, ConnectionError):
            resumed = b""  # a whole handshake, in which the certificate was refused
        assert (first, resumed) in [(b"200", b"401"), (b"200", b"")]


def _metrics_status(address, context, session=None):
    """Ask for the metrics in a session of TLS. Returns the status, "" when the server ended it, and the session."""
    host, _, port = address.rpartition(":")
    with (
        socket.create_connection((host, int(port))) as plain,
        context.wrap_socket(plain, server_hostname=host, session=session) as connection,
    ):
        connection.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
        return answer[9:12], connection.session


async def test_plain_request_to_a_tls_endpoint_is_not_answered(tmp_path):
    async with serving(tmp_path) as world:
        host, _, port = world.address.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET /healthz HTTP/1.1\r\n\r\n")
        assert b"alive" not in await reader.read()
        writer.close()


def test_endpoint_for_other_hosts_needs_consent():
    with pytest.raises(AddressError, match=r"--tls-certificate, --tls-key, --access missing"):
        HttpEndpoint(listen="0.0.0.0:0", registry=CollectorRegistry(), readiness=lambda: Readiness(ready=True))
