"""What a client is told when TLS does not come about: the fact, and what to do."""

import asyncio
import contextlib
import socket

import grpc
import pytest

from proxx.rpc.client_security import ClientSecurity
from proxx.rpc.trouble import trouble_of
from tests.fakes.site import Site

OPEN = ClientSecurity()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    made = Site.at(tmp_path_factory.mktemp("site"))
    made.issue("server", hosts=("127.0.0.1",))
    made.issue("elsewhere", hosts=("farm.example",))
    made.issue("expired", hosts=("127.0.0.1",), days=5, ago=20)
    made.issue("me", client=True)
    made.issue("me-expired", client=True, days=5, ago=20)
    other = Site.at(tmp_path_factory.mktemp("other"), name="another site")
    other.issue("stranger", client=True)
    for name in ("stranger.crt", "stranger.key"):
        made.path(name).write_bytes(other.path(name).read_bytes())
    made.path("other.crt").write_bytes(other.authority.certificate)
    return made


@contextlib.asynccontextmanager
async def serving(site, certificate, *, clients=False):
    server = grpc.aio.server()
    if certificate:
        pair = (site.path(f"{certificate}.key").read_bytes(), site.path(f"{certificate}.crt").read_bytes())
        authority = site.authority.certificate if clients else None
        chosen = grpc.ssl_server_credentials([pair], root_certificates=authority, require_client_auth=clients)
        port = server.add_secure_port("127.0.0.1:0", chosen)
    else:
        port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)


async def told(site, certificate, security, *, clients=False):
    async with serving(site, certificate, clients=clients) as target:
        text = await asyncio.to_thread(trouble_of, target=target, security=security)
    return text.replace(f"{site.directory}/", "")


@pytest.mark.parametrize(
    ("certificate", "authority", "text"),
    [
        pytest.param("server", "ca", "", id="nothing is wrong"),
        pytest.param(
            "",
            "ca",
            "the server does not speak TLS, and this call did: check its address, and turn TLS on there; "
            "only where nobody can stand in between, leave out --tls-ca (PROXX_TLS_CA)",
            id="no TLS at the server",
        ),
        pytest.param(
            "server",
            "other",
            "the server's certificate was issued by an authority that --tls-ca other.crt does not hold: "
            "name the file of the authority that issued it",
            id="another authority",
        ),
        pytest.param(
            "elsewhere",
            "ca",
            "the server's certificate is not for 127.0.0.1: call the server by a name in its certificate, or issue one "
            "with this name (proxx certs issue NAME --server 127.0.0.1)",
            id="another name",
        ),
        pytest.param(
            "expired",
            "ca",
            "the server's certificate, or its authority's, has expired: issue a new one at the server",
            id="an expired certificate",
        ),
    ],
)
async def test_what_is_wrong_with_the_server_is_told(site, certificate, authority, text):
    assert await told(site, certificate, site.security(authority=authority)) == text


async def test_a_client_without_tls_is_told_that_the_server_has_it(site):
    assert await told(site, "server", OPEN) == (
        "the server speaks TLS, and this call did not: "
        "name its authority with --tls-ca (PROXX_TLS_CA), a file or system"
    )


@pytest.mark.parametrize(
    ("client", "text"),
    [
        pytest.param("me", "", id="nothing is wrong"),
        pytest.param(
            "",
            "the server wants a client certificate: name one that its --tls-client-ca issued with "
            "--tls-client-certificate and --tls-client-key",
            id="no certificate",
        ),
        pytest.param(
            "server",
            "the certificate server.crt is for server, not for clients: issue one with --client",
            id="a server's",
        ),
        pytest.param(
            "stranger",
            "the server does not take the certificate stranger.crt: its --tls-client-ca names another authority than "
            "CN=another site",
            id="another authority's",
        ),
    ],
)
async def test_what_is_wrong_with_the_own_certificate_is_told(site, client, text):
    assert await told(site, "server", site.security(client), clients=True) == text


async def test_that_the_own_certificate_has_expired_is_told(site):
    text = await told(site, "server", site.security("me-expired"), clients=True)
    assert text.startswith("the certificate me-expired.crt has expired on 20")


@pytest.mark.parametrize("listening", [True, False], ids=["a server that says nothing", "nobody"])
def test_what_is_no_trouble_of_tls_is_left_to_the_call(listening):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        if not listening:
            taken.close()
        assert trouble_of(target=f"127.0.0.1:{port}", security=OPEN, seconds=0.1) == ""


def test_a_unix_socket_has_no_trouble_with_tls():
    assert trouble_of(target="unix:/absent", security=OPEN) == ""
