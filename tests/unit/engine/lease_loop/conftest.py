"""An executor on fakes for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.unit.engine.lease_loop.bench import Bench


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    yield bench
    await bench.end()
