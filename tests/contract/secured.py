"""A real scheduler over real TLS on loopback, with an access file: its callers, and what each of them is answered."""

import hashlib
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from proxx.core.access import AccessReason, Role
from proxx.rpc.channel import open_channel
from proxx.rpc.client_security import ClientSecurity
from proxx.rpc.reasons import PASSING, Reason
from proxx.runtime.authority import Pair, Wanted, issue, new_authority
from proxx.runtime.clock import SystemClock
from proxx_scheduler.bootstrap import scheduler
from proxx_scheduler.database_address import database_address
from proxx_scheduler.settings import SchedulerSettings
from proxx_scheduler.shell import Shell, make_shell
from proxx_scheduler.transport.service_table import STREAMS
from tests.contract.world import LIBRARY, PATIENCE_SECONDS

HEALTH = "/grpc.health.v1.Health/"
REFLECTION = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
METHODS = (*STREAMS, f"{HEALTH}Check", f"{HEALTH}List", f"{HEALTH}Watch", REFLECTION)
"""Every method that a scheduler serves."""

NOT_SERVED = {
    *(reason.value for reason in AccessReason),
    *PASSING,
    *(Reason.INTERNAL.value, Reason.NOT_LEADER.value, Reason.DRAINING.value, Reason.STORE_UNAVAILABLE.value),
}
"""The reasons with which a call shows nothing of what its handler does for its caller."""

EXPIRED = datetime(2020, 1, 1, tzinfo=UTC)
IDENTITIES: Mapping[str, Role] = {
    "anna": Role.VIEWER,
    "mam": Role.SUBMITTER,
    "mam-2": Role.SUBMITTER,
    "olga": Role.OPERATOR,
    "farm": Role.EXECUTOR,
    "farm-2": Role.EXECUTOR,
    "standby": Role.REPLICA,
}
PATTERNS = {"farm": ["ffmpeg-*"], "farm-2": ["other-*", "shared"]}


class MovedClock(SystemClock):
    """The clock of this host, ahead of it as far as a test says."""

    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody who calls: with a token, a certificate, both or nothing."""

    who: str
    token: str = ""
    certificate: Pair | None = None


def token_of(name: str) -> str:
    return f"proxx_{hashlib.sha256(name.encode()).hexdigest()[:43]}"


@dataclass
class Site:
    """The files of one site below a directory: an authority, a server's certificate, an access file."""

    directory: Path
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        self.authority = new_authority(name="site", days=400, now=self.now)
        self.other_authority = new_authority(name="site", days=400, now=self.now)
        server = issue(authority=self.authority, wanted=Wanted(name="server", hosts=("127.0.0.1",)), now=self.now)
        self.ca = self._write("ca.pem", self.authority.certificate)
        self.server = (self._write("server.pem", server.certificate), self._write("server.key", server.key))
        self.revoked = self.client("olga")
        self.access = self._write("access.toml", self._access_file().encode())

    def client(self, name: str, *, other: bool = False, days: int = 90) -> Pair:
        """A client's certificate."""
        wanted = Wanted(name=name, client=True, spiffe=f"spiffe://site/{name}", days=days)
        return issue(authority=self.other_authority if other else self.authority, wanted=wanted, now=self.now)

    def security(self, caller: Caller) -> ClientSecurity:
        """What a client is told to make the calls of a caller."""
        if caller.certificate is None:
            return ClientSecurity(tls_ca=str(self.ca), token=caller.token)
        certificate = self._write(f"{caller.who}.pem", caller.certificate.certificate)
        key = self._write(f"{caller.who}.key", caller.certificate.key)
        return ClientSecurity(
            tls_ca=str(self.ca), token=caller.token, tls_client_certificate=certificate, tls_client_key=key
        )

    def settings(self, name: str = "proxx", *, certificates: bool = False) -> SchedulerSettings:
        """A scheduler's settings; with `certificates` callers have to show one."""
        return SchedulerSettings(
            listen="127.0.0.1:0",
            database=database_address(str(self.directory / f"{name}.db")),
            tls_certificate=self.server[0],
            tls_key=self.server[1],
            tls_client_ca=self.ca if certificates else None,
            access=self.access,
            lease_seconds=60,
            grace_seconds=5,
        )

    def _access_file(self) -> str:
        lines = []
        for name, role in IDENTITIES.items():
            lines += ["[[identity]]", f'name = "{name}"', f'roles = ["{role}"]']
            lines.append(f'certificate = "spiffe://site/{name}"')
            if name in PATTERNS:
                lines.append(f"executors = {PATTERNS[name]}".replace("'", '"'))
            for token, until in ((name, self.now + timedelta(days=30)), (f"{name} of old", EXPIRED)):
                digest = hashlib.sha256(token_of(token).encode()).hexdigest()
                lines += [
                    "[[identity.token]]",
                    f'id = "{token}"',
                    f'sha256 = "{digest}"',
                    f"expires = {until:%Y-%m-%dT%H:%M:%SZ}",
                ]
        revoked = x509.load_pem_x509_certificate(self.revoked.certificate).fingerprint(hashes.SHA256()).hex()
        lines += ["[[revoked]]", f'sha256 = "{revoked}"']
        return "\n".join(lines) + "\n"

    def _write(self, name: str, content: bytes) -> Path:
        path = self.directory / name
        path.write_bytes(content)
        path.chmod(0o600)
        return path


class Secured:
    """A scheduler of a site, and what its callers were refused for."""

    def __init__(self, site: Site, *, settings: SchedulerSettings, shell: Shell, clock: MovedClock) -> None:
        self.site = site
        self.settings = settings
        self.shell = shell
        self.clock = clock
        self.refused: Counter[tuple[str, str, str]] = Counter()
        self.stack = AsyncExitStack()

    @property
    def address(self) -> str:
        return self.shell.front.address

    async def connect(self, caller: Caller, *, address: str = "") -> grpc.aio.Channel:
        """A channel on which a caller calls."""
        channel = open_channel(address or self.address, security=self.site.security(caller))
        return await self.stack.enter_async_context(channel)

    async def answers(self, channel: grpc.aio.Channel) -> dict[str, str]:
        """Call every method with an empty request. Returns why each was refused, "" for whatever else it answered."""
        return {method: await answer_of(channel, method) for method in METHODS}

    def expect(self, who: str, answers: Mapping[str, str]) -> None:
        """Expect the refusals among the answers to `who` in the log."""
        self.refused.update((who, method, reason) for method, reason in answers.items() if reason)

    def recorded(self) -> Counter[tuple[str, str, str]]:
        """Who was refused which method and why, as the log has it."""
        query = (
            "SELECT actor, json_extract(data_json, '$.method'), json_extract(data_json, '$.reason'),"
            " json_extract(data_json, '$.count') FROM events WHERE kind = 'access.denied'"
        )
        found: Counter[tuple[str, str, str]] = Counter()
        with sqlite3.connect(str(self.settings.database.path)) as file:
            for actor, method, reason, count in file.execute(query):
                found[actor, method, reason] += count
        return found


@asynccontextmanager
async def secured(site: Site, *, name: str = "proxx", certificates: bool = False) -> AsyncIterator[Secured]:
    """Run a scheduler of a site."""
    settings = site.settings(name, certificates=certificates)
    clock = MovedClock()
    shell = make_shell(settings, clock=clock)
    async with scheduler(settings=settings, library=LIBRARY, shell=shell):
        found = Secured(site, settings=settings, shell=shell, clock=clock)
        async with found.stack:
            yield found


async def answer_of(channel: grpc.aio.Channel, method: str, metadata: Sequence[tuple[str, str]] = ()) -> str:
    """Return why a call with an empty request was refused, "" when who calls was not the reason."""
    try:
        await _call(channel, method, metadata)
    except grpc.aio.AioRpcError as error:
        return reason_of(error)
    return ""


def reason_of(error: grpc.aio.AioRpcError) -> str:
    """Return for which reason a call did not come to its handler; with another reason "", without any the code."""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            for packed in Status.FromString(value).details:
                info = ErrorInfo()
                if packed.Unpack(info):
                    return info.reason if info.reason in NOT_SERVED else ""
    return error.code().name


async def _call(channel: grpc.aio.Channel, method: str, metadata: Sequence[tuple[str, str]]) -> None:
    settings: dict[str, Any] = {"timeout": PATIENCE_SECONDS, "metadata": tuple(metadata)}
    if method == REFLECTION:
        stream: Any = channel.stream_stream(method)(iter((b"",)), **settings)
    elif STREAMS.get(method, method == f"{HEALTH}Watch"):
        stream = channel.unary_stream(method)(b"", **settings)
    else:
        await channel.unary_unary(method)(b"", **settings)
        return
    await anext(aiter(stream))
    stream.cancel()
