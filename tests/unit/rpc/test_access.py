"""Who is let in by a real server over TLS on loopback, and who is not."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import grpc
import pytest
from structlog.testing import capture_logs

from proxx.api.jobs.v1 import job_service_pb2 as jobs_pb
from proxx.core.access import OPEN, Identity, Role, forwarded_of
from proxx.rpc.access_gate import peer_kind
from proxx.rpc.caller import caller
from proxx.rpc.errors import call_error
from proxx.rpc.server_security import ServerSecurity
from proxx.runtime.clock import SystemClock
from tests.rpc_certificates import (
    authority,
    client_pair,
    fingerprint_of,
    identity_table,
    new_token,
    serial_of,
    server_files,
    server_pair,
    token_table,
)
from tests.unit.rpc.servers import running

JOBS = "/proxx.api.jobs.v1.JobService/"
VIEWER_TOKEN, OPERATOR_TOKEN, OLD_TOKEN, REPLICA_TOKEN = (new_token() for _ in range(4))
MAM = "spiffe://site/mam"
TABLE = (
    identity_table("mam", "submitter", certificate=MAM)
    + identity_table("ann", "viewer")
    + token_table(VIEWER_TOKEN)
    + token_table(OLD_TOKEN, key="old", expires="2026-01-01T00:00:00Z")
    + identity_table("olga", "operator")
    + token_table(OPERATOR_TOKEN)
    + identity_table("standby", "replica")
    + token_table(REPLICA_TOKEN)
)
ANN = Identity(name="ann", roles=frozenset({Role.VIEWER}), how="token")


class Clock(SystemClock):
    """The real clock, some time later."""

    def __init__(self):
        self.later = timedelta()

    def now(self):
        return datetime.now(UTC) + self.later


class Asking:
    """Every method: keeps who called, answers nothing; WatchJobs goes on when it is told to."""

    def __init__(self):
        self.callers = []
        self.go_on = asyncio.Queue()

    def __getattr__(self, name):
        if not name[:1].isupper():
            raise AttributeError(name)
        if name == "WatchJobs":
            return self._watch

        async def unary(request, context):
            self.callers.append(caller(context))
            return jobs_pb.GetJobResponse()

        return unary

    async def _watch(self, request, context):
        while True:
            yield jobs_pb.WatchJobsResponse()
            await self.go_on.get()


class World:
    """A server that asks, what it was denied for, and ways to call it."""

    def __init__(self, up, files, service, clock, denials):
        self.up, self.files, self.service, self.clock, self.denials = up, files, service, clock, denials
        self.guard = up.server.security

    def channel(self, client=None, *, root=None, target=None):
        if self.guard.tls is None:
            return grpc.aio.insecure_channel(self.up.target)
        credentials = grpc.ssl_channel_credentials(
            root or authority().certificate, client and client.key, client and client.certificate
        )
        return grpc.aio.secure_channel(self.up.target, credentials)

    async def call(self, method="GetJob", *, client=None, token=None, metadata=(), body=b""):
        """Return the identity that the service saw, or the reason of the refusal with its code and metadata."""
        async with self.channel(client) as channel:
            return await self.call_on(channel, method, token=token, metadata=metadata, body=body)

    async def call_on(self, channel, method="GetJob", *, token=None, metadata=(), body=b""):
        given = (*metadata, *((("authorization", f"Bearer {token}"),) if token is not None else ()))
        try:
            await channel.unary_unary(JOBS + method)(body, metadata=given, timeout=60)
        except grpc.aio.AioRpcError as error:
            refusal = call_error(error, target="t")
            return error.code().name, refusal.reason, refusal.metadata
        return self.service.callers[-1]


@asynccontextmanager
async def asking(tmp_path, *, table=TABLE, tls=True, client_ca=False, access=True):
    files = server_files(tmp_path, access=table)
    clock = Clock()
    security = ServerSecurity(
        tls_certificate=files.certificate if tls else None,
        tls_key=files.key if tls else None,
        tls_client_ca=files.client_ca if client_ca else None,
        access=files.access if access else None,
    )
    guard = security.load(clock=clock)
    denials = []
    guard.on_denied(denials.append)
    service = Asking()
    async with running(service, security=guard) as up:
        yield World(up, files, service, clock, denials)


async def test_certificate_names_its_identity(tmp_path):
    async with asking(tmp_path, client_ca=True) as world:
        seen = await world.call(client=client_pair("mam", spiffe=MAM))
    assert seen == Identity(name="mam", roles=frozenset({Role.SUBMITTER}), how="certificate")


async def test_token_names_its_identity(tmp_path):
    async with asking(tmp_path) as world:
        assert await world.call(token=VIEWER_TOKEN) == ANN


async def test_token_beside_a_certificate_names_the_caller(tmp_path):
    async with asking(tmp_path, client_ca=True) as world:
        assert await world.call(client=client_pair("mam", spiffe=MAM), token=VIEWER_TOKEN) == ANN


async def test_access_file_holds_on_an_open_line_of_loopback_too(tmp_path):
    async with asking(tmp_path, tls=False) as world:
        assert await world.call(token=VIEWER_TOKEN) == ANN
        assert await world.call() == ("UNAUTHENTICATED", "CREDENTIALS_MISSING", {})


async def test_listener_without_an_access_file_serves_everybody(tmp_path):
    async with asking(tmp_path, tls=False, access=False) as world:
        assert await world.call(token=new_token()) == OPEN


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        pytest.param({}, ("UNAUTHENTICATED", "CREDENTIALS_MISSING", {}), id="nothing shown"),
        pytest.param({"token": new_token()}, ("UNAUTHENTICATED", "TOKEN_UNKNOWN", {}), id="unknown token"),
        pytest.param({"token": ""}, ("UNAUTHENTICATED", "TOKEN_UNKNOWN", {}), id="empty token"),
        pytest.param(
            {"metadata": (("authorization", "Basic YTpi"),)}, ("UNAUTHENTICATED", "TOKEN_UNKNOWN", {}), id="no bearer"
        ),
        pytest.param(
            {"token": VIEWER_TOKEN, "metadata": (("authorization", f"Bearer {OPERATOR_TOKEN}"),)},
            ("UNAUTHENTICATED", "TOKEN_UNKNOWN", {}),
            id="two tokens",
        ),
        pytest.param(
            {"token": OLD_TOKEN},
            (
                "UNAUTHENTICATED",
                "TOKEN_EXPIRED",
                {"identity": "ann", "token": "old", "expired": "2026-01-01T00:00:00Z"},
            ),
            id="expired token",
        ),
        pytest.param(
            {"token": VIEWER_TOKEN, "method": "PauseJob"},
            ("PERMISSION_DENIED", "ROLE_MISSING", {"method": f"{JOBS}PauseJob", "needed": "operator", "has": "viewer"}),
            id="wrong role",
        ),
        pytest.param(
            {"token": REPLICA_TOKEN},
            ("PERMISSION_DENIED", "ROLE_MISSING", {"method": f"{JOBS}GetJob", "needed": "viewer", "has": "replica"}),
            id="replica for itself",
        ),
    ],
)
async def test_call_of_a_token_is_refused(tmp_path, call, expected):
    async with asking(tmp_path) as world:
        assert await world.call(**call) == expected
        assert [(denial.method, denial.reason.value) for denial in world.denials] == [
            (call.get("method", "GetJob"), expected[1])
        ]
        assert world.service.callers == []


async def test_certificate_of_another_authority_does_not_get_through_the_handshake(tmp_path):
    stranger = client_pair("mam", spiffe=MAM, authority_name="other authority")
    async with asking(tmp_path, client_ca=True) as world, world.channel(stranger) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await channel.unary_unary(JOBS + "GetJob")(b"", timeout=60)
        assert (caught.value.code(), world.service.callers) == (grpc.StatusCode.UNAVAILABLE, [])


async def test_no_certificate_does_not_get_through_the_handshake_where_one_is_asked(tmp_path):
    async with asking(tmp_path, client_ca=True) as world, world.channel() as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await channel.unary_unary(JOBS + "GetJob")(
                b"", metadata=(("authorization", f"Bearer {OPERATOR_TOKEN}"),), timeout=60
            )
        assert (caught.value.code(), world.service.callers) == (grpc.StatusCode.UNAVAILABLE, [])


async def test_trusted_certificate_that_no_identity_has_is_refused_with_its_names(tmp_path):
    other = client_pair("somebody", spiffe="spiffe://site/other")
    names = {"names": "spiffe://site/other, cn:somebody"}
    async with asking(tmp_path, client_ca=True) as world:
        assert await world.call(client=other) == ("UNAUTHENTICATED", "IDENTITY_UNKNOWN", names)
        assert await world.call(client=other, token=OPERATOR_TOKEN) == ("UNAUTHENTICATED", "IDENTITY_UNKNOWN", names)


async def test_certificate_that_ends_under_its_connection_is_refused_at_the_next_call(tmp_path):
    async with asking(tmp_path, client_ca=True) as world, world.channel(client_pair("mam", spiffe=MAM)) as channel:
        assert (await world.call_on(channel)).name == "mam"
        world.clock.later = timedelta(days=31)
        code, reason, metadata = await world.call_on(channel)
    assert (code, reason, sorted(metadata)) == ("UNAUTHENTICATED", "CERTIFICATE_EXPIRED", ["not_after", "not_before"])


@pytest.mark.parametrize("by", ["sha256", "serial"])
async def test_certificate_that_is_revoked_under_its_connection_is_refused_at_the_next_call(tmp_path, by):
    pair = client_pair("mam", spiffe=MAM)
    value = fingerprint_of(pair) if by == "sha256" else serial_of(pair)
    async with asking(tmp_path, client_ca=True) as world, world.channel(pair) as channel:
        assert (await world.call_on(channel)).name == "mam"
        world.files.access.write_text(f'{TABLE}[[revoked]]\n{by} = "{value}"\n', encoding="utf-8")
        world.guard.refresh()
        assert await world.call_on(channel) == ("UNAUTHENTICATED", "CERTIFICATE_REVOKED", {"by": by})
        assert [(denial.identity, denial.peer_kind) for denial in world.denials] == [("mam", "loopback")]


async def test_two_tokens_of_an_identity_are_valid_at_once(tmp_path):
    newer = new_token()
    table = TABLE.replace("[[identity.token]]", token_table(newer, key="newer") + "[[identity.token]]", 1)
    async with asking(tmp_path, table=table) as world:
        assert [await world.call(token=token) for token in (VIEWER_TOKEN, newer)] == [ANN, ANN]


async def test_broken_access_file_leaves_the_old_one_in_force_and_says_so(tmp_path):
    async with asking(tmp_path) as world:
        world.files.access.write_text(TABLE.replace("viewer", "king"), encoding="utf-8")
        with capture_logs() as logs:
            for _ in range(3):
                world.guard.refresh()
        assert [(entry["event"], entry["what"]) for entry in logs] == [("security.reload_failed", "access")]
        assert (
            'identity[1]: roles: expected words of viewer, submitter, operator, executor, replica, got "king"'
            in (logs[0]["reason"])
        )
        assert await world.call(token=VIEWER_TOKEN) == ANN


async def test_request_of_a_stranger_is_not_read(tmp_path):
    async with asking(tmp_path) as world:
        assert await world.call(body=b"\xff\xff\xff") == ("UNAUTHENTICATED", "CREDENTIALS_MISSING", {})
        assert (await world.call(token=VIEWER_TOKEN, body=b"\xff\xff\xff"))[:2] == (
            "INVALID_ARGUMENT",
            "REQUEST_INVALID",
        )


async def test_refusal_does_not_repeat_the_token(tmp_path):
    token = new_token()
    async with asking(tmp_path) as world, world.channel() as channel:
        with capture_logs() as logs, pytest.raises(grpc.aio.AioRpcError) as caught:
            await channel.unary_unary(JOBS + "GetJob")(
                b"", metadata=(("authorization", f"Bearer {token}"),), timeout=60
            )
    said = repr((caught.value, caught.value.trailing_metadata(), logs))
    assert ("access.denied" in said, token in said) == (True, False)


async def test_stream_ends_when_its_callers_credentials_do(tmp_path):
    async with asking(tmp_path) as world, world.channel() as channel:
        stream = channel.unary_stream(JOBS + "WatchJobs")(
            b"", metadata=(("authorization", f"Bearer {VIEWER_TOKEN}"),), timeout=60
        )
        assert await stream.read() == b""
        world.service.go_on.put_nowait(None)
        assert await stream.read() == b""
        world.files.access.write_text(TABLE.replace('"ann"', '"bob"').replace("viewer", "executor"), encoding="utf-8")
        world.guard.refresh()
        world.service.go_on.put_nowait(None)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stream.read()
    assert call_error(caught.value, target="t").reason == "ROLE_MISSING"


async def test_method_that_nobody_serves_is_unimplemented_for_a_stranger(tmp_path):
    async with asking(tmp_path) as world, world.channel() as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await channel.unary_unary("/nobody.Service/Nothing")(b"", timeout=60)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_new_certificate_is_served_to_new_connections_while_an_old_call_goes_on(tmp_path):
    async with asking(tmp_path) as world, world.channel() as channel:
        stream = channel.unary_stream(JOBS + "WatchJobs")(
            b"", metadata=(("authorization", f"Bearer {VIEWER_TOKEN}"),), timeout=60
        )
        assert await stream.read() == b""
        world.files.use(server_pair(authority_name="next authority"))
        world.guard.refresh()
        credentials = grpc.ssl_channel_credentials(authority("next authority").certificate)
        async with grpc.aio.secure_channel(world.up.target, credentials) as newer:
            assert await world.call_on(newer, token=VIEWER_TOKEN) == ANN
        world.service.go_on.put_nowait(None)
        assert await stream.read() == b""
        assert await world.call_on(channel, token=VIEWER_TOKEN) == ANN  # on its old connection
        stream.cancel()


async def test_client_authority_that_is_replaced_counts_for_new_connections(tmp_path):
    newer = client_pair("mam", spiffe=MAM, authority_name="next authority")
    async with asking(tmp_path, client_ca=True) as world:
        world.files.client_ca.write_bytes(authority("next authority").certificate)
        world.guard.refresh()
        assert (await world.call(client=newer)).name == "mam"
        async with world.channel(client_pair("mam", spiffe=MAM)) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await channel.unary_unary(JOBS + "GetJob")(b"", timeout=60)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_key_of_another_certificate_leaves_the_old_pair_in_force(tmp_path):
    async with asking(tmp_path) as world:
        world.files.key.write_bytes(server_pair().key)
        with capture_logs() as logs:
            for _ in range(3):
                world.guard.refresh()
        assert [(entry["event"], entry["what"]) for entry in logs] == [("security.reload_failed", "tls")]
        assert await world.call(token=VIEWER_TOKEN) == ANN


async def test_replica_passes_the_identity_of_its_caller_on(tmp_path):
    passed_on = (("proxx-forwarded-identity", forwarded_of(ANN)),)
    async with asking(tmp_path) as world:
        assert await world.call(token=REPLICA_TOKEN, metadata=passed_on) == ANN
        refused = await world.call("PauseJob", token=REPLICA_TOKEN, metadata=passed_on)
    assert refused[:2] == ("PERMISSION_DENIED", "ROLE_MISSING")


@pytest.mark.parametrize(
    ("access", "token", "has"),
    [
        pytest.param(True, OPERATOR_TOKEN, "operator", id="an operator"),
        pytest.param(False, None, "", id="anybody at an open listener"),
    ],
)
async def test_forwarded_identity_is_believed_of_replicas_only(tmp_path, access, token, has):
    passed_on = (("proxx-forwarded-identity", forwarded_of(ANN)),)
    async with asking(tmp_path, access=access) as world:
        refused = await world.call(token=token, metadata=passed_on)
    expected = {"method": "proxx-forwarded-identity", "needed": "replica", "has": has}
    assert refused == ("PERMISSION_DENIED", "ROLE_MISSING", expected)


@pytest.mark.parametrize(
    ("peer", "kind"),
    [
        pytest.param("unix:", "unix", id="unix socket"),
        pytest.param("ipv4:127.0.0.1:4711", "loopback", id="loopback"),
        pytest.param("ipv6:%5B::1%5D:4711", "loopback", id="loopback of version 6"),
        pytest.param("ipv4:10.0.0.7:4711", "network", id="another host"),
    ],
)
def test_way_a_caller_came_has_a_name(peer, kind):
    assert peer_kind(peer) == kind
