"""After a start: what waits is brought up to this scheduler's planner and to the resources of the site's settings.

Of these, nothing is done when neither changed since the last start. Steps that were larger than a staging budget are
lined up again: it may be larger now. A clip that was granted keeps the plan that it was granted.
"""

import asyncio
import logging
from collections.abc import Sequence

from proxx.core.detection import Engine
from proxx.core.expected_size import expected_bytes
from proxx.core.plan import PLANNER_VERSION
from proxx.core.planner import plan_clip
from proxx.core.violation import ViolationsError
from proxx_scheduler.app.assess import plan_document
from proxx_scheduler.app.bounds import CEILING_LIMIT
from proxx_scheduler.app.ports import Clock, Store, StoreError, Tx
from proxx_scheduler.app.records import Installation, OutdatedPlan, RenewedPlan
from proxx_scheduler.domain.rules import Rules

log = logging.getLogger("proxx.scheduler")
BATCH = 200
RETRY_SECONDS = 1.0


class Refreshing:
    """Brings queued work up to date, job by job."""

    def __init__(self, *, store: Store, clock: Clock, rules: Rules) -> None:
        """Take the store, time and the site's rules."""
        self._store = store
        self._clock = clock
        self._rules = rules
        self._task: asyncio.Task[None] | None = None

    async def load(self) -> None:
        """Give queued work the site's resources; begin to plan again what an older planner planned."""
        await self._store.write(lambda tx: tx.line_up_left_out())
        known = await self._store.read(lambda tx: tx.installation())
        present = self._rules.resources_digest
        if known.resources_digest != present:
            await self._give_resources()
            known = await self._mark(planner_version=known.planner_version, resources_digest=present)
        if known.planner_version != PLANNER_VERSION:
            self._task = asyncio.create_task(self._plan_again(), name="plan-again")

    async def stop(self) -> None:
        """End what is being planned; the next start goes on with it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def settled(self) -> None:
        """Wait until everything that waits was looked at."""
        if self._task is not None:
            await asyncio.shield(self._task)

    async def _mark(self, *, planner_version: int, resources_digest: str) -> Installation:
        def work(tx: Tx) -> Installation:
            tx.mark_installation(planner_version=planner_version, resources_digest=resources_digest)
            return tx.installation()

        return await self._store.write(work)

    async def _give_resources(self) -> None:
        for job_key in (await self._store.read(lambda tx: tx.unfinished_jobs())).keys:
            profile = await self._store.read(lambda tx, key=job_key: str(tx.document(key).spec["proxy_profile"]))  # type: ignore[misc]  # the default binds the loop's value
            needed = {engine: self._rules.needed(engine=engine, profile=profile) for engine in Engine}
            await self._store.write(lambda tx, key=job_key, needed=needed: tx.set_resources(key, needed=needed))  # type: ignore[misc]  # the defaults bind the loop's values

    async def _plan_again(self) -> None:
        while True:
            try:
                left = 0
                for job_key in (await self._store.read(lambda tx: tx.unfinished_jobs())).keys:
                    left += await self._plan_job_again(job_key)
                if not left:
                    await self._mark(planner_version=PLANNER_VERSION, resources_digest=self._rules.resources_digest)
            except StoreError:
                log.exception("queued clips could not be planned again; it is tried once more")
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def _plan_job_again(self, job_key: str) -> int:
        """Plan the clips of a job again. Returns how many keep an older plan: granted ones, and those refused."""
        renewed = 0
        after = -1
        while True:
            plans = await self._store.read(
                lambda tx, after=after: tx.outdated_plans(job_key, version=PLANNER_VERSION, after=after, limit=BATCH)  # type: ignore[misc]  # the default binds the loop's value
            )
            if not plans:
                break
            after = plans[-1].clip_index
            made = await asyncio.to_thread(_planned, job_key, plans)
            renewed += await self._store.write(
                lambda tx, made=made: tx.renew_plans(job_key, plans=made, actor="scheduler", now=self._clock.now())  # type: ignore[misc]  # the default binds the loop's value
            )
        if renewed:
            log.info("clips were planned again", extra={"job_key": job_key, "clips": renewed})
        return await self._store.read(lambda tx: tx.outdated_count(job_key, version=PLANNER_VERSION))


def _planned(job_key: str, plans: Sequence[OutdatedPlan]) -> list[RenewedPlan]:
    found = []
    for old in plans:
        try:
            plan = plan_clip(inputs=old.inputs)
        except ViolationsError as error:
            facts = {"job_key": job_key, "clip_index": old.clip_index, "planner_version": old.planner_version}
            log.warning("a clip keeps its plan, as this planner refuses it: %s", error, extra=facts)
            continue
        document = plan_document(plan=plan, inputs=old.inputs, identity=old.identity)
        expected = min(expected_bytes(plan=plan, profile=old.inputs.profile), CEILING_LIMIT)
        found.append(RenewedPlan(old=old, plan=plan, document=document, expected_bytes=expected))
    return found
