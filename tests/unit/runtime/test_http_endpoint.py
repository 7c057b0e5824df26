import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from prometheus_client import CollectorRegistry

from proxx.runtime.http_endpoint import HttpEndpoint, Readiness
from proxx.runtime.metrics import process_registry
from proxx.runtime.version import Version

VERSION = Version(version="1.2.3", commit=None)


@asynccontextmanager
async def serving(readiness=Readiness(ready=True), registry=None):  # noqa: B008  frozen
    endpoint = HttpEndpoint(listen="127.0.0.1:0", registry=registry or CollectorRegistry(), readiness=lambda: readiness)
    address = await endpoint.start()
    try:
        yield address
    finally:
        await endpoint.stop()


async def asked(address, request):
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), head.decode(), body


async def got(address, path):
    status, head, body = await asked(address, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return status, head, body


async def test_metrics_show_build_and_process():
    async with serving(registry=process_registry(component="scheduler", version=VERSION)) as address:
        status, head, body = await got(address, "/metrics")
    assert (status, "text/plain" in head) == (200, True)
    assert b'proxx_build_info{commit="",component="scheduler"' in body
    assert b"process_resident_memory_bytes" in body


async def test_process_that_lives_says_so():
    async with serving(Readiness(ready=False, reason="starting")) as address:
        status, _, body = await got(address, "/healthz")
    assert (status, json.loads(body)) == (200, {"status": "alive"})


@pytest.mark.parametrize(
    ("readiness", "status", "answer"),
    [
        pytest.param(Readiness(ready=True), 200, {"status": "ready", "reason": ""}, id="ready"),
        pytest.param(
            Readiness(ready=False, reason="no session"),
            503,
            {"status": "not ready", "reason": "no session"},
            id="not ready",
        ),
    ],
)
async def test_readiness_tells_its_reason(readiness, status, answer):
    async with serving(readiness) as address:
        found, _, body = await got(address, "/readyz?verbose")
    assert (found, json.loads(body)) == (status, answer)


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        pytest.param(b"GET /etc/passwd HTTP/1.1\r\n\r\n", 404, id="another path"),
        pytest.param(b"POST /metrics HTTP/1.1\r\n\r\n", 405, id="another method"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\n", 400, id="another protocol"),
        pytest.param(b"\r\n\r\n", 400, id="nothing"),
        pytest.param(b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n", 400, id="line too long"),
        pytest.param(b"GET /metrics HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n", 400, id="too many headers"),
    ],
)
async def test_what_is_not_served_is_refused(request_bytes, status):
    async with serving() as address:
        assert (await asked(address, request_bytes))[0] == status


async def test_head_has_no_body():
    async with serving() as address:
        status, head, body = await asked(address, b"HEAD /healthz HTTP/1.1\r\n\r\n")
    assert (status, "Content-Length: 20" in head, body) == (200, True, b"")


async def test_taken_address_is_told():
    async with serving() as address:
        second = HttpEndpoint(listen=address, registry=CollectorRegistry(), readiness=lambda: Readiness(ready=True))
        with pytest.raises(OSError, match="address already in use"):
            await second.start()


@pytest.mark.parametrize("listen", ["7600", "localhost:", "localhost:70000"], ids=["no host", "no port", "too large"])
def test_malformed_address_is_refused(listen):
    with pytest.raises(ValueError, match="expected host:port"):
        HttpEndpoint(listen=listen, registry=CollectorRegistry(), readiness=lambda: Readiness(ready=True))
