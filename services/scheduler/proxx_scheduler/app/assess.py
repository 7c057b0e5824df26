"""The decision about a whole job once every source was probed: a plan for every clip, or every violation at once.

Pure: the dry run and the admission of a real job call the same function.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from proxx.core.detection import Detection, Engine
from proxx.core.facts import SourceIdentity
from proxx.core.jobs import CollisionPolicy
from proxx.core.plain_text import plain_text
from proxx.core.plan import Plan, PlanInputs
from proxx.core.planner import plan_clip
from proxx.core.profile import Profile
from proxx.core.rate import exact_rate
from proxx.core.sources import check_profile_engine, route_job
from proxx.core.steps import ProbedSource
from proxx.core.violation import Violation, ViolationCode, ViolationsError
from proxx_scheduler.app.bounds import check_plan, check_report
from proxx_scheduler.app.collisions import resolve_collisions
from proxx_scheduler.app.inspecting import awaits_inspection
from proxx_scheduler.app.records import AdmittedClip, Assessment, StoredClip
from proxx_scheduler.app.same_clip import same_clips


def assess(
    *,
    spec: Mapping[str, object],
    profile: Profile,
    clips: Sequence[StoredClip],
    directory_violations: tuple[Violation, ...],
    engines: frozenset[Engine],
    policy: CollisionPolicy,
    taken: frozenset[str],
) -> Assessment:
    """Place, route, check and plan every clip. `engines` are those for which a job is admitted, `taken` the keys of
    outputs that other jobs hold. Where nothing is wrong so far, clips that Resolve alone can tell about are named.
    """
    collisions = resolve_collisions(policy=policy, clips=clips, taken=taken)
    clips = collisions.clips
    violations = list(directory_violations)
    detections: list[Detection | None] = []
    for clip in clips:
        probed = clip.probed
        detections.append(None if probed is None else probed.detection)
        violations.extend(_source_violations(clip))
    violations.extend(same_clips(clips=clips))
    violations.extend(collisions.violations)
    engine = _route(detections, clips, profile, engines, violations)
    admitted: dict[int, AdmittedClip] = {}
    if engine is not None:
        for clip in clips:
            try:
                found = _plan(spec=spec, profile=profile, clip=clip)
            except ViolationsError as error:
                field = f"sources[{clip.clip_index}]"
                violations.extend(replace(violation, field=field) for violation in error.violations)
                continue
            if found is not None:
                admitted[clip.clip_index] = found
    if violations:
        ordered = tuple(sorted(violations, key=_position))
        return Assessment(violations=ordered, clips=admitted, placed=clips)
    unknown = tuple(clip.clip_index for clip in clips if awaits_inspection(clip.probed))
    warnings = any(item.plan.warnings for item in admitted.values())
    return Assessment(violations=(), clips=admitted, warnings=warnings, placed=clips, uninspected=unknown)


def _position(violation: Violation) -> int:
    """Return where a violation is listed: those of the whole job first, then source by source."""
    index = violation.field.removeprefix("sources[").removesuffix("]")
    return int(index) if index.isdecimal() else -1


def _source_violations(clip: StoredClip) -> list[Violation]:
    field = f"sources[{clip.clip_index}]"
    probed = clip.probed
    if probed is None:
        message = f"{clip.source_path} was not probed"
        return [Violation(code=ViolationCode.PROBE_FAILED, field=field, message=message)]
    if (beyond := check_report(probed=probed, path=clip.source_path)) is not None:
        return [replace(beyond, field=field)]
    found = [replace(violation, field=field) for violation in probed.violations]
    if not found and _says_nothing(probed):
        message = f"{clip.source_path} was probed, and the report states neither its facts nor what is wrong with it"
        found.append(Violation(code=ViolationCode.PROBE_FAILED, field=field, message=message))
    return found


def _says_nothing(probed: ProbedSource) -> bool:
    detection = probed.detection
    if detection is None:
        return True
    if detection.engine is Engine.RESOLVE:  # its facts are those of an INSPECT, which comes later
        return probed.identity is None
    return detection.engine is Engine.FFMPEG and (probed.facts is None or probed.identity is None)


def _route(
    detections: Sequence[Detection | None],
    clips: Sequence[StoredClip],
    profile: Profile,
    engines: frozenset[Engine],
    violations: list[Violation],
) -> Engine | None:
    seen = [(clip, found) for clip, found in zip(clips, detections, strict=True) if found is not None]
    if not seen:
        return None
    routed = route_job(detections=tuple(found for _, found in seen))
    if not isinstance(routed, Engine):
        known = {(violation.field, violation.code) for violation in violations}
        for violation in routed:
            placed = _placed(violation, [clip.clip_index for clip, _ in seen])
            if (placed.field, placed.code) not in known:
                violations.append(placed)
        return None
    mismatch = check_profile_engine(profile=profile, engine=routed)
    if mismatch is not None:
        violations.append(mismatch)
        return None
    if routed not in engines:
        message = f"The job routes to {routed}, and no {routed} executor of this scheduler is healthy"
        violations.append(Violation(code=ViolationCode.ENGINE_UNAVAILABLE, field="proxy_profile", message=message))
        return None
    return routed


def _placed(violation: Violation, indexes: list[int]) -> Violation:
    """Give a violation of the n-th routed source the index that this source has in the job."""
    if violation.field.startswith("sources[") and violation.field.endswith("]"):
        position = int(violation.field[len("sources[") : -1])
        return replace(violation, field=f"sources[{indexes[position]}]")
    return violation


def _plan(*, spec: Mapping[str, object], profile: Profile, clip: StoredClip) -> AdmittedClip | None:
    probed: ProbedSource | None = clip.probed
    if probed is None or probed.facts is None or probed.identity is None or probed.violations:
        return None
    inputs = PlanInputs(
        source=clip.source,
        output=clip.output,
        facts=probed.facts,
        profile=profile,
        codec=str(spec["codec"]),
        container=str(spec["container"]),
        resolution=str(spec["resolution"]),
        fps=_explicit_rate(spec),
    )
    plan = plan_clip(inputs=inputs)
    document = plan_document(plan=plan, inputs=inputs, identity=probed.identity)
    if (beyond := check_plan(plan=plan, document=document, path=clip.source_path)) is not None:
        raise ViolationsError((beyond,))
    return AdmittedClip(clip=clip, plan=plan, document=document, inputs=inputs)


def plan_document(*, plan: Plan, inputs: PlanInputs, identity: SourceIdentity) -> str:
    """Return a plan, what it was made of, and the source as it was probed, as storage keeps them."""
    return f'{{"identity":{plain_text(identity)},"inputs":{plain_text(inputs)},"plan":{plain_text(plan)}}}'


def _explicit_rate(spec: Mapping[str, object]) -> Fraction | None:
    value = spec.get("fps_explicit")
    return exact_rate(value=float(value)) if isinstance(value, int | float) else None
