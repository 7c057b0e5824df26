"""The end of admission: once every source of a job was probed, it is decided about, outside the writing thread.

Deciding about ten thousand clips takes seconds. Storage is asked twice, for the material and to record the decision;
between the two nothing waits for this job.
"""

import asyncio
import logging
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from proxx.core.expected_size import expected_bytes
from proxx.core.jobs import ClipState, CollisionPolicy, FailurePolicy, JobState
from proxx.core.path_key import path_key
from proxx.core.profile import Profile
from proxx.core.profile_library import ProfileLibrary
from proxx.core.violation import Violation, ViolationCode
from proxx_scheduler.app.assess import assess
from proxx_scheduler.app.bounds import CEILING_LIMIT
from proxx_scheduler.app.engines import admitted_engines
from proxx_scheduler.app.errors import JobNotFoundError
from proxx_scheduler.app.inspecting import awaits_inspection
from proxx_scheduler.app.ports import Clock, Ids, Store, StoreError, Tx
from proxx_scheduler.app.records import AdmissionMaterial, AdmittedClip, Assessment, StoredClip
from proxx_scheduler.domain.board import Board
from proxx_scheduler.domain.rules import NO_RULES, Rules

log = logging.getLogger("proxx.scheduler")
RETRY_SECONDS = 1.0


class Admission:
    """Decides about jobs, one task for each."""

    def __init__(
        self,
        *,
        store: Store,
        library: ProfileLibrary,
        clock: Clock,
        ids: Ids,
        rules: Rules = NO_RULES,
        retry_seconds: float = RETRY_SECONDS,
        hold: bool = True,
        alive: Callable[[], frozenset[str]] = frozenset,
        settle_seconds: float = 0.0,
    ) -> None:
        """Take what decisions need; `rules` are the site's own for queues and resources.

        `retry_seconds` is the pause before a decision that could not be stored is made again. Without `hold` a job
        whose engine has no healthy executor is rejected; `alive` are the incarnations of executors that call, and for
        `settle_seconds` after the start nobody is rejected for that: executors are still coming back.
        """
        self._hold = hold
        self._alive = alive
        self._settled_at = clock.monotonic() + settle_seconds
        self._rules = rules
        self._retry_seconds = retry_seconds
        self._store = store
        self._library = library
        self._clock = clock
        self._ids = ids
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, job_key: str) -> None:
        """Decide about a job whose sources were all probed. The decision is made once, however often this is called."""
        task = asyncio.create_task(self._decide(job_key), name=f"admission-{job_key}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def load(self) -> None:
        """After a start: decide about what was probed and not yet decided about."""
        if not (await self._store.read(lambda tx: tx.unfinished_jobs())).keys:
            self._settled_at = self._clock.monotonic()  # no executor is at work that could come back
        for job_key in await self._store.read(lambda tx: tx.undecided_jobs()):
            self.begin(job_key)

    async def stop(self) -> None:
        """End what is being decided; it is decided after the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _decide(self, job_key: str) -> None:
        told = False
        while True:
            try:
                await self._decide_once(job_key)
            except StoreError as error:  # the store says by itself what troubles it: here one line for each job
                if not told:
                    facts = {"job_key": job_key, "fact": str(error)}
                    log.warning("a decision could not be stored; it is made again until it can", extra=facts)
                told = True
                await asyncio.sleep(self._retry_seconds)
            except Exception:  # nobody awaits this task: what is not said here is never said
                log.exception("a decision failed; it is made again after the next start", extra={"job_key": job_key})
                return
            else:
                return

    async def _decide_once(self, job_key: str) -> None:
        recorded = False
        while not recorded:
            material = await self._read(job_key)
            result = await asyncio.to_thread(self._assess, material)
            if (wait := self._wait_for_executors(result)) > 0:
                await asyncio.sleep(wait)
                continue
            recorded = await self._store.write(
                lambda tx, material=material, result=result: self._record(tx, material, result)  # type: ignore[misc]  # the defaults bind the loop's values
            )

    async def _read(self, job_key: str) -> AdmissionMaterial:
        alive = self._alive()  # known to the event loop alone
        return await self._store.read(lambda tx: _material(tx, job_key, hold=self._hold, alive=alive))

    def _wait_for_executors(self, result: Assessment) -> float:
        """Return for how many seconds a job that lacks an engine is not yet rejected after a start."""
        if all(violation.code is not ViolationCode.ENGINE_UNAVAILABLE for violation in result.violations):
            return 0.0
        return self._settled_at - self._clock.monotonic()

    def _assess(self, material: AdmissionMaterial) -> Assessment:
        name = str(material.document.spec["proxy_profile"])
        profile = self._library.get(name)
        if profile is None:
            message = f"Profile {name!r} was in the library when the job was submitted, and is not there any more"
            gone = Violation(code=ViolationCode.PROFILE_UNKNOWN, field="proxy_profile", message=message)
            return Assessment(violations=(gone,))
        try:
            result = assess(
                spec=material.document.spec,
                profile=profile,
                clips=material.clips,
                directory_violations=material.directory_violations,
                engines=material.engines,
                policy=_policy(material),
                taken=material.taken,
            )
            fail_fast = material.document.options.failure_policy is FailurePolicy.FAIL_FAST
            clips = {index: self._by_rules(clip, profile, fail_fast=fail_fast) for index, clip in result.clips.items()}
            return replace(result, clips=clips)
        except Exception:  # whatever fails here, the job must say so and not wait for ever
            correlation_id = uuid.uuid4().hex[:12]
            log.exception("the decision failed", extra={"correlation_id": correlation_id})
            message = f"The scheduler failed while it decided about the job (its log: {correlation_id})"
            return Assessment(violations=(Violation(code=ViolationCode.PROBE_FAILED, field="", message=message),))

    def _record(self, tx: Tx, material: AdmissionMaterial, result: Assessment) -> bool:
        """Record the decision. False: it is to be made again, as a name was taken or another spec holds meanwhile."""
        job_key = material.document.job_key
        policy = _policy(material)
        board = tx.board(job_key)
        if board is None:
            raise JobNotFoundError(job_key=job_key)
        if board.job.state is not JobState.PENDING or board.job.admitted:
            return True  # cancelled, or decided already
        if tx.open_probes(job_key):
            return True  # rebound meanwhile: it is decided about once its sources were looked at again
        document = tx.document(job_key)  # a new place in the queue changes its options, and nothing of the decision
        decided = (material.document.run_number, material.document.spec_revision)
        if (document.run_number, document.spec_revision) != decided:
            return False
        violations = result.violations
        if not violations and result.uninspected:
            return self._inspect(tx, board, result.uninspected)
        if not violations:
            keys = {path_key(clip.output): clip for clip in result.placed}
            taken = tx.reserve(job_key, keys={key: clip.clip_index for key, clip in keys.items()})
            if taken and policy is CollisionPolicy.SUFFIX:
                return False
            violations = tuple(_reserved(keys[key], taken[key]) for key in sorted(taken))
        if violations:
            tx.set_violations(job_key, violations=violations)
            board.reject(violations=len(violations))
        else:
            tx.set_admitted(job_key, clips=result.clips.values())
            board.admit(has_warnings=result.warnings, facts=_collision_facts(policy, result))
        tx.save(board, actor="scheduler", now=self._clock.now(), new_step_id=self._ids.new_step_id)
        return True

    def _inspect(self, tx: Tx, board: Board, clips: Sequence[int]) -> bool:
        """Have Resolve look at clips, unless it did meanwhile; the job is decided about once it has."""
        # all of them are looked at before any decision, so that the first one tells for all
        (first,) = tx.stored_clips(board.job.job_key, first=clips[0], last=clips[0])
        if not awaits_inspection(first.probed):
            return False
        board.inspect(clips=clips)
        tx.save(board, actor="scheduler", now=self._clock.now(), new_step_id=self._ids.new_step_id)
        return True

    def _by_rules(self, admitted: AdmittedClip, profile: Profile, *, fail_fast: bool) -> AdmittedClip:
        """Add what the site's rules say of a clip. Only clips of FAIL_FAST jobs are staged ahead of their turn."""
        plan = admitted.plan
        needed = self._rules.needed(engine=plan.engine, profile=plan.profile_name)
        root = plan.output.root
        if not fail_fast or root not in self._rules.budgets:
            return replace(admitted, resources=needed)
        expected = min(expected_bytes(plan=plan, profile=profile), CEILING_LIMIT)
        return replace(admitted, resources=needed, staging=root, expected_bytes=expected)


def _material(tx: Tx, job_key: str, *, hold: bool, alive: Collection[str]) -> AdmissionMaterial:
    document, clips = tx.document(job_key), tx.stored_clips(job_key)
    clips = tuple(clip for clip in clips if clip.state is ClipState.QUEUED)  # the rest was made by an earlier run
    taken: frozenset[str] = frozenset()
    if document.options.collision_policy is CollisionPolicy.SUFFIX and not document.named:
        directories = {clip.output.parent() for clip in clips}
        taken = tx.taken_outputs(job_key=job_key, directories=directories, since=document.submit_time)
    return AdmissionMaterial(
        document=document,
        clips=clips,
        taken=taken,
        directory_violations=tx.violations(job_key),
        engines=admitted_engines(tx, hold=hold, alive=alive),
    )


def _policy(material: AdmissionMaterial) -> CollisionPolicy:
    """A numbered name was fixed when the spec in force was first admitted: in a later run it must be free."""
    policy = material.document.options.collision_policy
    if policy is CollisionPolicy.SUFFIX and material.document.named:
        return CollisionPolicy.FAIL
    return policy


def _collision_facts(policy: CollisionPolicy, result: Assessment) -> dict[str, object]:
    """Return what the event of an admission says of names that were taken; the clips' results say the rest."""
    if policy is CollisionPolicy.SUFFIX:
        return {"collision_policy": policy, "suffixed": sum(clip.suffix > 0 for clip in result.placed)}
    if policy is CollisionPolicy.OVERWRITE:
        return {"collision_policy": policy, "replaces": sum(clip.replaces is not None for clip in result.placed)}
    return {}


def _reserved(clip: StoredClip, holder: str) -> Violation:
    return Violation(
        code=ViolationCode.OUTPUT_RESERVED,
        field=f"sources[{clip.clip_index}]",
        message=f"Output {clip.output_path} is reserved by job {holder}, which has not ended",
        expected="free",
        actual=holder,
    )
