"""`python -m bench.flood.attack NAME ADDRESS CONNECTIONS SECONDS`: rude clients in a process of their own."""

import asyncio
import contextlib
import sys

from bench.flood.rude_client import flood


async def _run(name: str, address: str, connections: int, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(flood(name, address=address, connections=connections), seconds)


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
