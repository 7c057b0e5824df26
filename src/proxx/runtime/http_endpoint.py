"""A small HTTP server for machines: /metrics, /healthz and /readyz. Read-only, no body is ever read.

With TLS files it speaks HTTPS only. With an access file `/metrics` asks its caller for the role viewer, and `/readyz`
says yes or no without a reason (docs/SECURITY_MODEL.md).
"""

import asyncio
import json
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from proxx.core.access import AccessReason
from proxx.runtime.security.guard import Guard
from proxx.runtime.security.http_access import refusal_of_route, server_context
from proxx.runtime.security.options import SecurityOptions

_LINE_BYTES = 8 * 1024
_HEADER_LINES = 100
_SECONDS = 5
_STATUS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    503: "Service Unavailable",
}
_FORBIDDEN = frozenset({AccessReason.ROLE_MISSING, AccessReason.NOT_OWNER, AccessReason.EXECUTOR_FOREIGN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Whether the process can do its work, and in one sentence why not."""

    ready: bool
    reason: str = ""


class HttpEndpoint:
    """Serves one registry and one readiness on `host:port` (port 0: any free one)."""

    def __init__(
        self,
        *,
        listen: str,
        registry: CollectorRegistry,
        readiness: Callable[[], Readiness],
        security: Guard | None = None,
    ) -> None:
        """Take the address, the metrics, the question whether the process is ready, and what its listeners share.

        Raises:
            ValueError: the address is not host:port.
            AddressError: other hosts can reach it, and an option for that is missing; the text names it.
        """
        host, colon, port = listen.rpartition(":")
        if not colon or not host or not (port.isascii() and port.isdigit()) or int(port) > 65_535:
            raise ValueError(f"{listen!r}: expected host:port (port 0 to 65535)")
        self._host, self._port = host.strip("[]"), int(port)
        self._registry = registry
        self._readiness = readiness
        self._guard = Guard(options=SecurityOptions()) if security is None else security
        self._guard.admit(listener="metrics", address=listen)
        self._server: asyncio.Server | None = None

    async def start(self) -> str:
        """Listen. Returns the bound address with the real port.

        Raises:
            OSError: the address is taken or cannot be bound.
        """
        context = server_context(self._guard)
        handshake = None if context is None else float(_SECONDS)
        self._server = await asyncio.start_server(
            self._serve, self._host, self._port, limit=_LINE_BYTES, ssl=context, ssl_handshake_timeout=handshake
        )
        self._guard.start()
        port = self._server.sockets[0].getsockname()[1]
        return f"[{self._host}]:{port}" if ":" in self._host else f"{self._host}:{port}"

    async def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None
            await self._guard.stop()

    async def __aenter__(self) -> Self:
        """Listen."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening."""
        await self.stop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_SECONDS):
                writer.write(await self._answer(reader, writer))
                await writer.drain()
        except (TimeoutError, ConnectionError, ssl.SSLError):
            return  # the peer went away or dawdles; nothing is owed to it
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        try:
            words = (await reader.readline()).split()
            accept, authorization = await _headers(reader)
        except ValueError:
            return _response(400, "text/plain", b"a line is too long\n")
        if len(words) != 3 or not words[2].startswith(b"HTTP/1."):
            return _response(400, "text/plain", b"not HTTP/1\n")
        method, path = words[0], words[1].partition(b"?")[0]
        if method not in (b"GET", b"HEAD"):
            return _response(405, "text/plain", b"GET and HEAD only\n", extra="Allow: GET, HEAD\r\n")
        refusal = refusal_of_route(
            guard=self._guard, path=path.decode("latin-1"), authorization=authorization, writer=writer
        )
        if refusal is not None:
            body = f"{refusal.reason.value}: {refusal.message}\n".encode("utf-8", "backslashreplace")
            if refusal.reason in _FORBIDDEN:
                return _response(403, "text/plain; charset=utf-8", body)
            return _response(401, "text/plain; charset=utf-8", body, extra="WWW-Authenticate: Bearer\r\n")
        status, kind, body = self._content(path, accept)
        return _response(status, kind, body, send_body=method == b"GET")

    def _content(self, path: bytes, accept: str) -> tuple[int, str, bytes]:
        if path == b"/metrics":
            encoder, kind = choose_encoder(accept)
            return 200, kind, encoder(self._registry)
        if path == b"/healthz":
            return 200, "application/json", b'{"status": "alive"}\n'
        if path == b"/readyz":
            state = self._readiness()
            said = {"status": "ready" if state.ready else "not ready"}
            body = json.dumps(said if self._guard.asks else said | {"reason": state.reason})
            return 200 if state.ready else 503, "application/json", body.encode() + b"\n"
        return 404, "text/plain", b"/metrics, /healthz and /readyz are here\n"


async def _headers(reader: asyncio.StreamReader) -> tuple[str, list[str]]:
    """Return the last Accept and every Authorization."""
    accept = ""
    authorization = []
    for _ in range(_HEADER_LINES):
        line = await reader.readline()
        name, _, value = line.partition(b":")
        key = name.strip().lower()
        if key == b"accept":
            accept = value.strip().decode("latin-1")
        elif key == b"authorization":
            authorization.append(value.strip().decode("latin-1"))
        if not line.strip():
            return accept, authorization
    raise ValueError("too many header lines")


def _response(status: int, kind: str, body: bytes, *, extra: str = "", send_body: bool = True) -> bytes:
    head = (
        f"HTTP/1.1 {status} {_STATUS[status]}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        f"{extra}X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode("latin-1") + (body if send_body else b"")
