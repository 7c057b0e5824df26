"""What the listeners of one process share: who may listen, who is let in, and files that are kept fresh."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import structlog
from prometheus_client import CollectorRegistry

from proxx.core.access import (
    OPEN,
    AccessFileError,
    AccessRefusal,
    AccessTable,
    Denial,
    Identity,
    PeerCertificate,
    authenticate,
    read_access,
)
from proxx.runtime.address import AddressError, is_local
from proxx.runtime.clock import Clock, SystemClock
from proxx.runtime.security.denial_log import DenialLog
from proxx.runtime.security.kept_files import KeptFiles
from proxx.runtime.security.metrics import SecurityMetrics
from proxx.runtime.security.options import SecurityError, SecurityOptions
from proxx.runtime.security.tls_files import ServerTls, read_tls

LOOK_SECONDS = 1.0
REMIND_SECONDS = 3600.0
ENDS_SOON = timedelta(days=14)


class Guard:
    """Made once in a process and given to each of its listeners. It follows its files while one of them is up."""

    def __init__(
        self, *, options: SecurityOptions, registry: CollectorRegistry | None = None, clock: Clock | None = None
    ) -> None:
        """Load the files. Without a registry nothing is counted.

        Raises:
            SecurityError: a file cannot be used.
        """
        self.options = options
        self._clock = clock or SystemClock()
        self._metrics = None if registry is None else SecurityMetrics(registry)
        self._log = structlog.stdlib.get_logger("proxx.security")
        self._denials = DenialLog()
        self._on_denied: list[Callable[[Denial], None]] = []
        self._insecure: dict[str, str] = {}
        self._up = 0
        self._following: asyncio.Task[None] | None = None
        self._reminded = self._clock.monotonic()
        self._tls = _kept_tls(options)
        self._access = _kept_access(options)
        self._say()

    @property
    def asks(self) -> bool:
        """Whether callers are asked who they are."""
        return self._access is not None

    @property
    def tls(self) -> ServerTls | None:
        """The TLS files in force, None without TLS."""
        return None if self._tls is None else self._tls.value

    @property
    def table(self) -> AccessTable | None:
        """The access table in force, None when nobody is asked."""
        return None if self._access is None else self._access.value

    def admit(self, *, listener: str, address: str) -> None:
        """Allow a listener of this name (grpc, metrics, health) at an address, or refuse it.

        Raises:
            AddressError: other hosts can reach it, and an option for that is missing; the text names it.
        """
        exposed = not is_local(address) and bool(self.options.missing)
        if exposed and not self.options.insecure:
            raise AddressError(
                f"{address!r} ({listener}) is reachable from other hosts: {', '.join(self.options.missing)} missing; "
                "give them, listen on 127.0.0.1, [::1] or unix:/path, or allow it with --insecure"
            )
        if self._metrics is not None:
            self._metrics.listener(listener, insecure=exposed)
        if exposed:
            self._insecure[listener] = address
            self._warn_insecure(listener, address)

    def authenticate(self, *, token: str | None, certificate: PeerCertificate | None) -> Identity | AccessRefusal:
        """Return who shows these credentials; OPEN where nobody is asked.

        `token` is None without an `authorization`, "" for one that holds no bearer token.
        """
        if self._access is None:
            return OPEN
        return authenticate(table=self._access.value, token=token, certificate=certificate, now=self._clock.now())

    def on_denied(self, tell: Callable[[Denial], None]) -> None:
        """Tell someone of every denied call, from now on. It is called in the event loop, and must return at once."""
        self._on_denied.append(tell)

    def denied(self, refusal: AccessRefusal, *, service: str, method: str, peer_kind: str) -> None:
        """Record that a call was denied: metric, log, and whoever wants to be told."""
        denial = Denial(
            service=service,
            method=method,
            reason=refusal.reason,
            identity=refusal.identity,
            peer_kind=peer_kind,
        )
        if self._metrics is not None:
            self._metrics.denied(denial)
        self._denials.note(denial, message=refusal.message, now=self._clock.monotonic())
        for tell in self._on_denied:
            tell(denial)

    def refresh(self) -> None:
        """Load what changed on disk; what is broken there is said and not used."""
        for files in (self._tls, self._access):
            if files is not None:
                files.refresh()

    def tick(self) -> None:
        """Say what is due by now: gauges, denials of the last minute, and every hour what is not as it should be."""
        self._say()
        now = self._clock.monotonic()
        self._denials.tick(now)
        if now - self._reminded >= REMIND_SECONDS:
            self._reminded = now
            self._warn()

    def start(self) -> None:
        """A listener is up: follow the files. Call `stop` as often."""
        self._up += 1
        if self._following is None and (self._tls or self._access or self._insecure):
            self._following = asyncio.create_task(self._follow(), name="security")
            self._following.add_done_callback(self._ended)

    async def stop(self) -> None:
        """A listener is down."""
        self._up -= 1
        if self._up == 0 and self._following is not None:
            self._following.cancel()
            await asyncio.wait({self._following})
            self._following = None

    async def _follow(self) -> None:
        while True:
            await self._clock.sleep(LOOK_SECONDS)
            await asyncio.to_thread(self.refresh)
            self.tick()

    def _ended(self, following: asyncio.Task[None]) -> None:
        """Say so when a defect ended the following: what is revoked from then on would stay valid unnoticed."""
        error = None if following.cancelled() else following.exception()
        if error is None:
            return
        rule = "what changes on disk does not count any more: restart the process"
        self._log.error("security.following_ended", rule=rule, exc_info=error)
        for files in (self._tls, self._access):
            if files is not None and self._metrics is not None:
                self._metrics.files(files.what, current=False)

    def _say(self) -> None:
        """Keep the gauges at what is so."""
        if self._metrics is None:
            return
        for files in (self._tls, self._access):
            if files is not None:
                self._metrics.files(files.what, current=not files.trouble)
        if self.tls is not None:
            self._metrics.certificate_ends(self.tls.not_after.timestamp())

    def _warn_insecure(self, listener: str, address: str) -> None:
        open_fact = "whoever reaches this address may do everything"
        self._log.warning(
            "security.insecure",
            listener=listener,
            address=address,
            missing=list(self.options.missing),
            fact="whoever is on the way can read what is said, tokens too" if self.asks else open_fact,
        )

    def _warn(self) -> None:
        for listener, address in self._insecure.items():
            self._warn_insecure(listener, address)
        if self.tls is not None and self.tls.not_after - self._clock.now() < ENDS_SOON:
            self._log.warning("security.certificate_ends", not_after=self.tls.not_after.isoformat())


def _kept_tls(options: SecurityOptions) -> KeptFiles[ServerTls] | None:
    certificate, key, client_ca = options.tls_certificate, options.tls_key, options.tls_client_ca
    if certificate is None or key is None:
        return None
    paths = (certificate, key) if client_ca is None else (certificate, key, client_ca)
    return KeptFiles(
        what="tls", paths=paths, load=lambda: read_tls(certificate=certificate, key=key, client_ca=client_ca)
    )


def _kept_access(options: SecurityOptions) -> KeptFiles[AccessTable] | None:
    path = options.access
    if path is None:
        return None

    def load() -> AccessTable:
        try:
            return read_access(text=path.read_text(encoding="utf-8"), origin=str(path))
        except OSError as error:
            raise SecurityError(f"access: {path}: cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise SecurityError(f"access: {path}: not UTF-8: {error}") from error
        except AccessFileError as error:
            raise SecurityError(f"access: {error}") from error

    return KeptFiles(what="access", paths=(path,), load=load)
