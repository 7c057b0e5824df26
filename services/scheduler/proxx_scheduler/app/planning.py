"""PlanJob: the dry run of a whole job. It probes and decides as an admission does, and stores nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import PurePath, PurePosixPath

from proxx.core.client_path import pure_path
from proxx.core.detection import Engine
from proxx.core.failure import Failure, FailureKind
from proxx.core.jobs import ClipPlan, CollisionPolicy, JobPlan, SubmissionOptions
from proxx.core.path_key import path_key
from proxx.core.profile_library import ProfileLibrary
from proxx.core.roots import RootTable
from proxx.core.shown_command import shown_command
from proxx.core.steps import InspectReport, ProbeItem, ProbeReport
from proxx.core.units import files_text
from proxx.core.violation import Violation, ViolationCode, ViolationsError
from proxx_scheduler.app.assess import assess
from proxx_scheduler.app.dry_runs import DryRuns
from proxx_scheduler.app.engines import admitted_engines
from proxx_scheduler.app.errors import NoExecutorError, RequestInvalidError
from proxx_scheduler.app.inspecting import inspect_work, inspected
from proxx_scheduler.app.intake import Body, Intake, take_in
from proxx_scheduler.app.ports import Clock, Ids, Store, Tx
from proxx_scheduler.app.records import AdmittedClip, Assessment, StoredClip
from proxx_scheduler.app.sessions import Sessions

INSPECT_LIMIT = 16
"""Most clips that a dry run has inspected: Resolve looks at one after another, and renders for others."""

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
        hold: bool = True,
    ) -> None:
        """Take the parts. Without `hold` a job whose engine has no healthy executor would be rejected."""
        self._hold = hold
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
        result, reserved, untold = await self._decide(intake, body.options, began, job_key="", inspect=True)
        violations = (*result.violations, *reserved)
        shown = self._shown_assets(str(intake.canonical["proxy_profile"]))
        return JobPlan(
            admissible=not violations,
            violations=violations,
            clips=tuple(_clip_plan(clip, result.clips.get(clip.clip_index), shown=shown) for clip in result.placed),
            spec=intake.canonical,
            waiting_reasons=(),
            warnings=(untold,) if untold and not violations else (),
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
        result, reserved, _ = await self._decide(intake, options, self._clock.now(), job_key=job_key, inspect=False)
        return (*result.violations, *reserved)

    async def _decide(
        self, intake: Intake, options: SubmissionOptions, began: datetime, *, job_key: str, inspect: bool
    ) -> tuple[Assessment, tuple[Violation, ...], str]:
        """Return the decision, outputs that others hold, and what only Resolve could have told ("" when nothing)."""
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
        clips, why = _probed_clips(intake, report), ""
        result = await self._assessed(intake, clips, report, options, taken)
        if inspect and not result.violations and result.uninspected:
            clips, why = await self._inspected(clips, result.uninspected)
            result = await self._assessed(intake, clips, report, options, taken)
        untold = f"{_sources(len(result.uninspected))} not planned: {why}" if result.uninspected else ""
        return result, await self._store.read(lambda tx: _reserved(tx, result.placed, job_key)), untold

    async def _inspected(self, clips: list[StoredClip], unknown: Sequence[int]) -> tuple[list[StoredClip], str]:
        """Have Resolve look at clips. Returns all clips, and why it did not look at those that it did not."""
        stated = "only an INSPECT in Resolve can state the facts of camera RAW"
        if len(unknown) > INSPECT_LIMIT:
            return clips, f"{stated}, and a dry run has at most {INSPECT_LIMIT} inspected"
        if not self._sessions.has_engine(Engine.RESOLVE):
            return clips, f"{stated}, and no resolve executor is healthy"
        works = [inspect_work(clip) for clip in clips if clip.clip_index in unknown]
        found = await self._dry_runs.inspect(works)
        told = {index: outcome for index, outcome in found.items() if not _has_no_engine(outcome)}
        why = "none is free" if len(found) < len(works) else "the engine of the executor that was asked is unavailable"
        return [_with_outcome(clip, told.get(clip.clip_index)) for clip in clips], f"{stated}, and {why}"

    async def _assessed(
        self,
        intake: Intake,
        clips: Sequence[StoredClip],
        report: ProbeReport,
        options: SubmissionOptions,
        taken: frozenset[str],
    ) -> Assessment:
        profile = self._library.get(str(intake.canonical["proxy_profile"]))
        if profile is None:
            raise RequestInvalidError(field="proxy_profile", message="the profile is gone")
        allowed_missing = options.create_output_directory
        alive = self._sessions.alive()
        engines = await self._store.read(lambda tx: admitted_engines(tx, hold=self._hold, alive=alive))
        return assess(
            spec=intake.canonical,
            profile=profile,
            clips=clips,
            directory_violations=tuple(
                replace(violation, field="output_directory")
                for violation in report.output_directory_violations
                if not (allowed_missing and violation.code is ViolationCode.OUTPUT_DIRECTORY_MISSING)
            ),
            engines=engines,
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


def _sources(count: int) -> str:
    return "1 camera RAW clip is" if count == 1 else f"{count} camera RAW clips are"


def _with_outcome(clip: StoredClip, outcome: InspectReport | Failure | None) -> StoredClip:
    if outcome is None or clip.probed is None:
        return clip
    return replace(clip, probed=inspected(probed=clip.probed, path=clip.source_path, outcome=outcome))


def _has_no_engine(outcome: InspectReport | Failure) -> bool:
    """Whether an outcome says nothing of the clip: a job would have another executor look at it."""
    return isinstance(outcome, Failure) and outcome.kind is FailureKind.ENGINE_UNAVAILABLE


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


def _clip_plan(clip: StoredClip, admitted: AdmittedClip | None, *, shown: Mapping[str, PurePath]) -> ClipPlan:
    """`shown` are the names of the look's files, by sha256: where an executor keeps them is its own affair."""
    plan = None if admitted is None else admitted.plan
    probed = clip.probed
    command: tuple[str, ...] = ()
    if plan is not None:
        command = shown_command(
            plan=plan,
            source=pure_path(clip.source_path),
            output=pure_path(clip.output_path),
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
        source_files=files_text(identity=None if probed is None else probed.identity),
    )
