"""An executor that makes nothing, in the campaign's own process: jobs end at once, some of them failed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from proxx.core.leases import Lease
from proxx.core.steps import StepKind
from tests.fakes.scripted_executor import ScriptedExecutor

AT_ONCE = 4
WAIT_SECONDS = 2.0


@contextlib.asynccontextmanager
async def idle_executor(address: str, *, fails: str) -> AsyncIterator[None]:
    """Work for a scheduler while the block runs; clips whose source path has the word `fails` fail.

    Raises:
        ExceptionGroup: the scheduler refused something.
    """
    executor = await ScriptedExecutor(address, name="idle-work").open()
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(_work(executor, fails))
        yield
        task.cancel()
    await executor.disconnect()


async def _work(executor: ScriptedExecutor, fails: str) -> None:
    while True:
        for lease in await executor.take(AT_ONCE, wait_seconds=WAIT_SECONDS):
            await executor.start(lease)
            if lease.kind is StepKind.PROBE:
                await executor.report_probe(lease)
            elif lease.kind is StepKind.ENCODE and fails in _source(lease):
                await executor.fail(lease)
            else:
                await executor.finish(lease)


def _source(lease: Lease) -> str:
    return "" if lease.encode is None else lease.encode.inputs.source.path
