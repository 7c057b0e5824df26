"""A channel that follows its files: tokens go along, and new certificates come into use without losing a call."""

import asyncio
import contextlib

import grpc
import pytest

from proxx.rpc.channel import FollowingChannel, open_channel
from proxx.rpc.channel_options import client_options
from proxx.rpc.client_credentials import LOOK_SECONDS, ClientCredentials
from proxx.rpc.client_security import ClientFilesError, ClientSecurity, ClientSecurityError
from tests.fakes.site import Site
from tests.unit.rpc.test_client_credentials import Moments

ECHO = "/test.Service/Who"
WAIT = "/test.Service/Wait"
STREAM = "/test.Service/Stream"


class Answering(grpc.GenericRpcHandler):
    """Answers with who calls: the certificate's serial number, the authorization. WAIT and STREAM end when `free`."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.free = asyncio.Event()

    def service(self, details):
        if details.method == STREAM:
            return grpc.unary_stream_rpc_method_handler(self._stream)
        return grpc.unary_unary_rpc_method_handler(self._wait if details.method == WAIT else self._who)

    async def _who(self, request, context):
        shown = dict(context.auth_context() or {}).get("x509_pem_cert", [b"-"])[0]
        sent = dict(context.invocation_metadata()).get("authorization", "-")
        return shown.replace(b"\r", b"") + b"|" + sent.encode()

    async def _wait(self, request, context):
        self.begun.set()
        await self.free.wait()
        return await self._who(request, context)

    async def _stream(self, request, context):
        yield b"begun"
        await self.free.wait()
        yield await self._who(request, context)


@contextlib.asynccontextmanager
async def serving(site=None):
    handler = Answering()
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((handler,))
    if site is None:
        port = server.add_insecure_port("127.0.0.1:0")
    else:
        pair = site.issue("server", hosts=("127.0.0.1",))
        chosen = grpc.ssl_server_credentials(
            [(pair.key, pair.certificate)], root_certificates=site.authority.certificate, require_client_auth=True
        )
        port = server.add_secure_port("127.0.0.1:0", chosen)
    await server.start()
    try:
        yield f"127.0.0.1:{port}", handler
    finally:
        handler.free.set()
        await server.stop(None)


@pytest.fixture
def site(tmp_path):
    made = Site.at(tmp_path)
    made.issue("me", client=True)
    return made


def shown(site):
    return site.path("me.crt").read_bytes()


async def ask(channel, method=ECHO):
    return await channel.unary_unary(method)(b"", timeout=20)


def following(target, security, moments):
    credentials = ClientCredentials(security, target=target, monotonic=moments)
    return FollowingChannel(target, credentials=credentials, options=client_options())


async def test_a_token_goes_with_every_call_beside_its_own_metadata():
    async with serving() as (target, _), open_channel(target, security=ClientSecurity(token="t0ken")) as channel:
        first = await ask(channel)
        second = await channel.unary_unary(ECHO)(b"", timeout=20, metadata=(("proxx-actor", "me"),))
    assert (first, second) == (b"-|Bearer t0ken", b"-|Bearer t0ken")


async def test_without_options_a_channel_is_as_it_was():
    async with serving() as (target, _), open_channel(target) as channel:
        assert await ask(channel) == b"-|-"


async def test_a_new_token_goes_with_the_next_call(site):
    moments = Moments()
    site.token("token")
    security = ClientSecurity(token_file=site.path("token"))
    async with serving() as (target, _), following(target, security, moments) as channel:
        await ask(channel)
        site.token("token")
        moments.now += LOOK_SECONDS
        token = site.path("token").read_bytes().strip()
        assert await ask(channel) == b"-|Bearer " + token


async def test_a_new_certificate_is_shown_by_new_calls_while_old_ones_end_with_the_old(site):
    moments = Moments()
    async with serving(site) as (target, handler), following(target, site.security("me"), moments) as channel:
        old = shown(site)
        waiting = asyncio.ensure_future(ask(channel, WAIT))
        await handler.begun.wait()
        stream = channel.unary_stream(STREAM)(b"", timeout=20)
        assert await stream.read() == b"begun"
        site.issue("me", client=True)
        moments.now += LOOK_SECONDS
        assert await ask(channel) == shown(site) + b"|-"
        handler.free.set()
        assert await waiting == old + b"|-"
        assert await stream.read() == old + b"|-"
        assert await stream.read() is grpc.aio.EOF
    assert old != shown(site)


async def test_certificate_after_certificate_loses_no_call(site):
    moments = Moments()
    async with serving(site) as (target, _), following(target, site.security("me"), moments) as channel:
        pairs = [site.issue("me", client=True) for _ in range(4)]
        for number in range(25):
            site.write("me", pairs[number % 4])
            moments.now += LOOK_SECONDS
            answers = await asyncio.gather(*(ask(channel) for _ in range(4)))
            assert answers == [pairs[number % 4].certificate + b"|-"] * 4


async def test_files_are_needed_when_the_channel_is_made(tmp_path):
    with pytest.raises(ClientFilesError):
        open_channel("127.0.0.1:1", security=ClientSecurity(tls_ca=str(tmp_path / "absent")))


async def test_no_channel_is_made_that_would_send_a_token_in_the_clear():
    with pytest.raises(ClientSecurityError):
        open_channel("farm:7600", security=ClientSecurity(token="t"))
