"""PlanJob: the dry run of a whole job. It probes and decides as an admission does, and stores nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import PurePosixPath

from proxx.core.command_paths import fill_placeholders
from proxx.core.detection import Engine
from proxx.core.jobs import ClipPlan, CollisionPolicy, JobPlan, SubmissionOptions
from proxx.core.path_key import path_key
from proxx.core.profile_library import ProfileLibrary
from proxx.core.roots import RootTable
from proxx.core.steps import ProbeItem, ProbeReport
from proxx.core.violation import Violation, ViolationCode, ViolationsError
from proxx_scheduler.app.assess import assess
from proxx_scheduler.app.dry_runs import DryRuns
from proxx_scheduler.app.errors import NoExecutorError, RequestInvalidError
from proxx_scheduler.app.intake import Body, Intake, take_in
from proxx_scheduler.app.ports import Clock, Ids, Store, Tx
from proxx_scheduler.app.records import AdmittedClip, Assessment, StoredClip
from proxx_scheduler.app.sessions import Sessions

PLAN_LIMIT = 2000
"""Most sources of one dry run: its answer carries facts, plan and command of each, and is one message."""


class Planning:
    """Plans jobs that nobody submitted."""

    def __init__(
        self,
        *,
        store: Store,
        dry_runs: DryRuns,
        sessions: Sessions,
        library: ProfileLibrary,
        roots: RootTable,
        clock: Clock,
        ids: Ids,
    ) -> None:
        """Take the parts."""
        self._store = store
        self._dry_runs = dry_runs
        self._sessions = sessions
        self._library = library
        self._roots = roots
        self._clock = clock
        self._ids = ids

    async def plan(self, *, body: Body) -> JobPlan:
        """Plan a job and store nothing.

        Raises:
            ViolationsError: the spec breaks rules that need no look at files.
            NoExecutorError: nobody can probe.
        """
        began = self._clock.now()
        intake = take_in(body=body, library=self._library, roots=self._roots, job_id=self._ids.new_job_id(), now=began)
        if len(intake.clips) > PLAN_LIMIT:
            message = (
                f"The job has {len(intake.clips)} sources; the answer of a dry run is one message, of at most"
                f" {PLAN_LIMIT}: plan a part of them, or submit the job held, which looks at all and encodes nothing"
            )
            limit = Violation(code=ViolationCode.LIMIT_EXCEEDED, field="sources", message=message)
            raise ViolationsError((limit,))
        if not self._sessions.has_prober():
            raise NoExecutorError(engine=Engine.FFMPEG)
        result, reserved = await self._decide(intake, body.options, began, job_key="")
        violations = (*result.violations, *reserved)
        shown = self._shown_assets(str(intake.canonical["proxy_profile"]))
        return JobPlan(
            admissible=not violations,
            violations=violations,
            clips=tuple(_clip_plan(clip, result.clips.get(clip.clip_index), shown=shown) for clip in result.placed),
            spec=intake.canonical,
            waiting_reasons=(),
        )

    def _shown_assets(self, name: str) -> Mapping[str, PurePosixPath]:
        profile = self._library.get(name)
        look = profile.look if profile is not None else None
        return {asset.sha256: PurePosixPath(asset.name) for asset in look.assets} if look is not None else {}

    async def violations(self, *, intake: Intake, options: SubmissionOptions, job_key: str) -> tuple[Violation, ...]:
        """Return every reason that would refuse a job, files included; what the job `job_key` holds is free for it.

        Raises:
            NoExecutorError: nobody can probe.
        """
        if not self._sessions.has_prober():
            raise NoExecutorError(engine=Engine.FFMPEG)
        result, reserved = await self._decide(intake, options, self._clock.now(), job_key=job_key)
        return (*result.violations, *reserved)

    async def _decide(
        self, intake: Intake, options: SubmissionOptions, began: datetime, *, job_key: str
    ) -> tuple[Assessment, tuple[Violation, ...]]:
        policy = options.collision_policy
        report = await self._dry_runs.probe(
            items=tuple(
                ProbeItem(clip_index=clip.clip_index, source=clip.source, output=clip.output) for clip in intake.clips
            ),
            output_directory=intake.output_directory,
            policy=policy,
        )
        taken: frozenset[str] = frozenset()
        if policy is CollisionPolicy.SUFFIX:
            directories = {clip.output.parent() for clip in intake.clips}
            taken = await self._store.read(
                lambda tx: tx.taken_outputs(job_key=job_key, directories=directories, since=began)
            )
        result = await self._assessed(intake, report, options, taken)
        return result, await self._store.read(lambda tx: _reserved(tx, result.placed, job_key))

    async def _assessed(
        self, intake: Intake, report: ProbeReport, options: SubmissionOptions, taken: frozenset[str]
    ) -> Assessment:
        profile = self._library.get(str(intake.canonical["proxy_profile"]))
        if profile is None:
            raise RequestInvalidError(field="proxy_profile", message="the profile is gone")
        allowed_missing = options.create_output_directory
        executors = await self._store.read(lambda tx: tx.executors())
        return assess(
            spec=intake.canonical,
            profile=profile,
            clips=_probed_clips(intake, report),
            directory_violations=tuple(
                replace(violation, field="output_directory")
                for violation in report.output_directory_violations
                if not (allowed_missing and violation.code is ViolationCode.OUTPUT_DIRECTORY_MISSING)
            ),
            engines=frozenset(view.engine for view in executors) | {Engine.FFMPEG},
            policy=options.collision_policy,
            taken=taken,
        )


def _probed_clips(intake: Intake, report: ProbeReport) -> list[StoredClip]:
    found = {source.clip_index: source for source in report.sources}
    return [
        StoredClip(
            clip_index=clip.clip_index,
            source_path=clip.source_path,
            source=clip.source,
            output_path=clip.output_path,
            output=clip.output,
            probed=found.get(clip.clip_index),
            tokens=clip.tokens,
        )
        for clip in intake.clips
    ]


def _reserved(tx: Tx, clips: Sequence[StoredClip], job_key: str) -> tuple[Violation, ...]:
    keys = {path_key(clip.output): clip for clip in clips}
    return tuple(
        Violation(
            code=ViolationCode.OUTPUT_RESERVED,
            field=f"sources[{keys[key].clip_index}]",
            message=f"Output {keys[key].output_path} is reserved by job {holder}, which has not ended",
        )
        for key, holder in sorted(tx.reserved(keys=keys).items())
        if holder != job_key
    )


def _clip_plan(clip: StoredClip, admitted: AdmittedClip | None, *, shown: Mapping[str, PurePosixPath]) -> ClipPlan:
    """`shown` are the names of the look's files, by sha256: where an executor keeps them is its own affair."""
    plan = None if admitted is None else admitted.plan
    probed = clip.probed
    command: tuple[str, ...] = ()
    if plan is not None:
        command = fill_placeholders(
            argv=plan.argv,
            tool=plan.argv[0],
            source=PurePosixPath(clip.source_path),
            output=PurePosixPath(clip.output_path),
            assets=shown,
        )
    return ClipPlan(
        clip_index=clip.clip_index,
        source_path=clip.source_path,
        output_path=clip.output_path,
        detection=None if probed is None else probed.detection,
        facts=None if probed is None else probed.facts,
        plan=plan,
        command=command,
        suffix=clip.suffix,
        replaces=clip.replaces,
    )
