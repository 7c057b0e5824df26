"""Procrastinate's side of the benchmarks: runs in the peers' own environment, as worker and as client.

`schema` prepares the database, `submit COUNT` defers no-op jobs in batches, `worker CONCURRENCY` works until told to
stop, `wait SECONDS` looks so often until none is left.
"""

import asyncio
import os
import sys

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector

URL = os.environ["PROXX_BENCH_DATABASE"]
BATCH = 1000
app = App(connector=PsycopgConnector(conninfo=URL))


@app.task(name="nothing")
async def nothing() -> None:
    """Do nothing."""


def submit(count: int) -> None:
    """Defer jobs, a batch in a transaction."""
    with app.replace_connector(SyncPsycopgConnector(conninfo=URL)) as client, client.open():
        task = client.configure_task("nothing")
        for start in range(0, count, BATCH):
            task.batch_defer(*({} for _ in range(min(BATCH, count - start))))


async def worker(concurrency: int) -> None:
    """Work, until told to stop."""
    async with app.open_async():
        await app.run_worker_async(concurrency=concurrency, fetch_job_polling_interval=0.5)


async def schema() -> None:
    """Prepare the database."""
    async with app.open_async():
        await app.schema_manager.apply_schema_async()


async def wait(pause: float) -> None:
    """Look until every job is done."""
    async with app.open_async():
        query = "SELECT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE status IN ('todo', 'doing')) AS more"
        while (await app.connector.execute_query_one_async(query))["more"]:  # noqa: ASYNC110  others change it
            await asyncio.sleep(pause)


if __name__ == "__main__":
    match sys.argv[1]:
        case "schema":
            asyncio.run(schema())
        case "submit":
            submit(int(sys.argv[2]))
        case "worker":
            asyncio.run(worker(int(sys.argv[2])))
        case "wait":
            asyncio.run(wait(float(sys.argv[2])))
