"""Replaces every certificate, authority and token of a site, again and again, while executors hold leases.

A real scheduler process serves TLS and asks for client certificates. Executors hold leases and renew them, a viewer
follows the jobs over one stream, an operator asks by token. A rotation is over when the server was seen to show its
new certificate, and clients to be recognised by their new ones and the new token; nothing else is waited for, so that
a slow machine only makes fewer rotations. Then the old token is taken out of the access file, and the certificates
before the last ones are revoked: whoever still used them would be refused.
"""

import asyncio
import socket
import ssl
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from proxx.core.access.access_edit import NewToken, with_token, without_tokens
from proxx.core.access.role import Role
from proxx.core.jobs import FailurePolicy, JobState, SubmissionOptions
from proxx.core.leases import Lease
from proxx.core.steps import Directive
from proxx.rpc.client import SchedulerClient
from proxx.rpc.errors import CallError
from proxx.rpc.executor_errors import SchedulerCallError
from proxx.runtime.access_files import change_file
from proxx.runtime.authority import Pair, new_authority
from proxx.runtime.certificate_facts import facts_in
from tests.e2e.begun import Begun
from tests.e2e.workplace import Workplace
from tests.fakes.scripted_executor import ScriptedExecutor
from tests.fakes.site import Site
from tests.fakes.specs import SEED_2_1, text_of

PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.1
RENEW_SECONDS = 0.2
LEASE_SECONDS = 10.0
LEASES_EACH = 4
HOST = "127.0.0.1"
OPERATOR = "olga"


@dataclass
class Outcome:
    """What was counted. Nothing may have failed, and no lease may have ended by itself."""

    rotations: int = 0
    authorities: int = 0
    calls: int = 0
    renewals: int = 0
    updates: int = 0
    leases: int = 0
    failed: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    longest_seconds: float = 0.0
    end: str = ""

    @property
    def clean(self) -> bool:
        """Whether nothing was lost and the job came to its end."""
        return not self.failed and not self.lost and self.end == JobState.COMPLETED


class Rotation:
    """One run. `executors` is how many of them hold leases."""

    def __init__(self, directory: Path, *, executors: int) -> None:
        self.site = Site.at(directory / "tls")
        self.directory = directory
        self.outcome = Outcome()
        self.names = [f"farm-{number}" for number in range(executors)]
        self.access = directory / "access.toml"
        self.target = ""
        self._serial = ""
        self._token_id = ""
        self._issued: list[tuple[str, ...]] = []
        self._begin()

    def _begin(self) -> None:
        lines = [
            f'[[identity]]\nname = "{name}"\nroles = ["{"viewer" if name == "eye" else "executor"}"]\n'
            f'certificate = "spiffe://site/{name}"\n'
            for name in (*self.names, "eye")
        ]
        self.access.write_text("\n".join(lines), encoding="utf-8")
        self._new_certificates()
        self._new_token()

    def _new_certificates(self) -> None:
        server = self.site.issue("server", hosts=(HOST,))
        self._serial = facts_in(server.certificate)[0].serial
        made = [self.site.issue(name, client=True, spiffe=f"spiffe://site/{name}") for name in (*self.names, "eye")]
        self._issued.append(tuple(facts_in(pair.certificate)[0].sha256 for pair in made))

    def _new_token(self) -> str:
        """Add a token, put it in place, and return the id of the one before."""
        before, self._token_id = self._token_id, f"t{time.monotonic_ns()}"
        digest = self.site.token("olga.token.new")
        token = NewToken(id=self._token_id, sha256=digest, expires=datetime.now(UTC) + timedelta(days=1))

        def add(text: str) -> str:
            return with_token(text=text, origin="it", name=OPERATOR, roles=(Role.OPERATOR,), executors=(), token=token)

        change_file(self.access, add)
        return before

    def argv(self) -> list[str]:
        """The command line of the scheduler."""
        words = ["--listen", f"{HOST}:0", "--database", str(self.directory / "proxx.db"), "--access", str(self.access)]
        words += ["--lease-seconds", f"{LEASE_SECONDS:g}", "--metrics", "off", "--log-level", "warning"]
        for option, name in (("certificate", "server.crt"), ("key", "server.key"), ("client-ca", "ca.crt")):
            words += [f"--tls-{option}", str(self.site.path(name))]
        return [sys.executable, "-P", "-m", "proxx_scheduler", *words]

    async def run(self, *, seconds: float, every: float, rotations: int | None = None) -> Outcome:
        """Rotate until the time is over, or so many times; then end the work."""
        workplace = Workplace(self.directory)
        begun = Begun.start(self.argv(), directory=self.directory, environment=workplace.environment(), ready=True)
        try:
            self.target = str((await asyncio.to_thread(begun.ready))["address"])
            async with AsyncExitStack() as stack:
                await self._run(stack, until=time.monotonic() + seconds, every=every, rotations=rotations)
        finally:
            begun.kill()
        return self.outcome

    async def _run(self, stack: AsyncExitStack, *, until: float, every: float, rotations: int | None) -> None:
        self._place_token()
        # the operator's token is shown beside a certificate: the listener wants one of everybody
        olga = await stack.enter_async_context(self._client("eye", token="olga.token"))
        eye = await stack.enter_async_context(self._client("eye"))
        await self._seen(self._server_is_new, "the server's first token and certificate")
        work = await self._work(olga, [await self._executor(stack, name).open() for name in self.names])
        async with self._busy(eye, olga, work):
            while time.monotonic() < until and self.outcome.rotations != rotations:
                began = time.monotonic()
                await self._rotate(olga, eye)
                self.outcome.rotations += 1
                took = time.monotonic() - began
                self.outcome.longest_seconds = max(self.outcome.longest_seconds, took)
                await asyncio.sleep(max(0.0, every - took))
        await self._finish(olga, work)

    def _client(self, name: str, *, token: str = "") -> SchedulerClient:
        return SchedulerClient(self.target, security=self.site.security(name, token=token))

    def _executor(self, stack: AsyncExitStack, name: str) -> ScriptedExecutor:
        executor = ScriptedExecutor(self.target, name=name, security=self.site.security(name))
        stack.push_async_callback(executor.disconnect)
        return executor

    async def _work(
        self, olga: SchedulerClient, executors: list[ScriptedExecutor]
    ) -> list[tuple[ScriptedExecutor, tuple[Lease, ...]]]:
        """Submit a job, and let every executor hold and start its leases."""
        self.outcome.leases = LEASES_EACH * len(executors)
        options = SubmissionOptions(failure_policy=FailurePolicy.CONTINUE, max_parallel_clips=64)
        sources = [f"/footage/A{index:03d}.mov" for index in range(self.outcome.leases)]
        spec = text_of(SEED_2_1, sources=sources, output_directory="/proxies")
        await olga.submit_job(request_id="r", spec_json=spec, options=options)
        await executors[0].answer_probes()
        work = []
        for executor in executors:
            leases: tuple[Lease, ...] = ()
            while len(leases) < LEASES_EACH:
                leases += await executor.take(LEASES_EACH - len(leases))
            for lease in leases:
                await executor.start(lease)
            work.append((executor, leases))
        return work

    async def _finish(self, olga: SchedulerClient, work: list[tuple[ScriptedExecutor, tuple[Lease, ...]]]) -> None:
        for executor, leases in work:
            for lease in leases:
                await executor.finish(lease)
        self.outcome.end = str((await olga.list_jobs()).items[0].state)

    async def _rotate(self, olga: SchedulerClient, eye: SchedulerClient) -> None:
        """Replace everything once; every third time the authority, too, in the three steps that this takes."""
        old = self.site.authority
        await self._replaced(olga, eye)
        if self.outcome.rotations % 3 == 0:
            new = new_authority(name="site", days=400, now=datetime.now(UTC) - timedelta(days=1))
            self._trust(old, new)
            await self._replaced(olga, eye)
            self.site = replace(self.site, authority=new)
            await self._replaced(olga, eye)
            self._trust(new)
            await self._replaced(olga, eye)
            self.outcome.authorities += 1

    def _trust(self, *authorities: Pair) -> None:
        fresh = self.site.path("ca.new")
        fresh.write_bytes(b"".join(pair.certificate for pair in authorities))
        fresh.replace(self.site.path("ca.crt"))

    def _place_token(self) -> None:
        self.site.path("olga.token.new").replace(self.site.path("olga.token"))

    async def _replaced(self, olga: SchedulerClient, eye: SchedulerClient) -> None:
        """New certificates and a new token; back when all of them are in use, and the old token is revoked."""
        before = self._new_token()
        self._new_certificates()  # after the token: a server that shows them has read the access file as well
        await self._seen(self._server_is_new, "the server's new certificate")
        self._place_token()
        await self._seen(lambda: self._is(olga, self._token_id), "the new token")
        await self._seen(lambda: self._is(eye, self._issued[-1][-1]), "a client's new certificate")
        gone = self._issued.pop(0) if len(self._issued) > 2 else ()

        def without_old(text: str) -> str:
            revoked = "".join(f'[[revoked]]\nsha256 = "{sha256}"\n' for sha256 in gone)
            return without_tokens(text=text, origin="it", tokens=[(OPERATOR, before)]) + revoked

        change_file(self.access, without_old)

    async def _is(self, client: SchedulerClient, credential: str) -> bool:
        self.outcome.calls += 1
        return (await client.who_am_i()).credential == credential

    async def _server_is_new(self) -> bool:
        return await asyncio.to_thread(self._shown_serial) == self._serial

    def _shown_serial(self) -> str:
        context = ssl.create_default_context(cafile=str(self.site.path("ca.crt")))
        context.load_cert_chain(self.site.path("eye.crt"), self.site.path("eye.key"))
        context.set_alpn_protocols(["h2"])
        host, _, port = self.target.rpartition(":")
        with (
            socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS) as line,
            context.wrap_socket(line, server_hostname=host) as secured,
        ):
            shown = secured.getpeercert() or {}
        return str(shown.get("serialNumber", "")).lower().lstrip("0")

    async def _seen(self, look: Callable[[], Awaitable[bool]], what: str) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not await look():
            if time.monotonic() > end:
                raise TimeoutError(f"waited {PATIENCE_SECONDS:g} s in vain for {what}")
            await asyncio.sleep(LOOK_SECONDS)

    @asynccontextmanager
    async def _busy(
        self, eye: SchedulerClient, olga: SchedulerClient, work: list[tuple[ScriptedExecutor, tuple[Lease, ...]]]
    ) -> AsyncIterator[None]:
        """Renew all leases, follow the jobs and ask for them, until the block ends."""
        parts = [self._renewing(executor, leases) for executor, leases in work]
        tasks = [asyncio.create_task(part) for part in (*parts, self._following(eye), self._asking(olga))]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _renewing(self, executor: ScriptedExecutor, leases: tuple[Lease, ...]) -> None:
        """Renew as an executor does, but more often, so that calls are under way whenever something changes."""
        while True:
            try:
                for answer in await executor.renew(*leases):
                    if answer.directive is not Directive.CONTINUE:
                        self.outcome.lost.append(f"{executor.description.name}: {answer.directive}")
            except SchedulerCallError as error:
                self.outcome.failed.append(f"renew of {executor.description.name}: {error}")
            self.outcome.renewals += 1
            await asyncio.sleep(RENEW_SECONDS)

    async def _asking(self, olga: SchedulerClient) -> None:
        while True:
            try:
                await olga.list_jobs()
            except CallError as error:
                self.outcome.failed.append(f"list_jobs: {error}")
            self.outcome.calls += 1
            await asyncio.sleep(RENEW_SECONDS)

    async def _following(self, eye: SchedulerClient) -> None:
        try:
            async for _ in eye.watch_jobs(include_progress=True):
                self.outcome.updates += 1
        except CallError as error:
            self.outcome.failed.append(f"watch_jobs: {error}")
