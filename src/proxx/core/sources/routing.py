"""From the detections of all sources to the one engine of a job. There is no override (seed 004)."""

from proxx.core.detection import Detection, DetectionReason, Engine
from proxx.core.profile import Profile
from proxx.core.violation import Violation, ViolationCode

_CODES = {
    DetectionReason.EMPTY: ViolationCode.SOURCE_EMPTY,
    DetectionReason.TRUNCATED: ViolationCode.SOURCE_TRUNCATED,
}


def route_job(*, detections: tuple[Detection, ...]) -> Engine | tuple[Violation, ...]:
    """Return the engine of a job, or every reason why it has none. Detection i belongs to source i.

    Raises:
        ValueError: there is no detection at all.
    """
    if not detections:
        raise ValueError("a job without sources has no engine")
    violations = [
        rejection(detection=detection, index=index)
        for index, detection in enumerate(detections)
        if detection.engine is None
    ]
    by_engine = {
        engine: [index for index, detection in enumerate(detections) if detection.engine is engine] for engine in Engine
    }
    if all(by_engine.values()):
        violations.append(_mixed(by_engine))
    if violations:
        return tuple(violations)
    return next(engine for engine, indexes in by_engine.items() if indexes)


def rejection(*, detection: Detection, index: int) -> Violation:
    """Return why source `index` is refused: file, container, codec, reason and action in one line.

    The same detection gives the same violation, so one that a probe and the routing both report is one fact.
    """
    code = _CODES.get(detection.reason, ViolationCode.SOURCE_UNSUPPORTED)
    said = "Source cut off" if code is ViolationCode.SOURCE_TRUNCATED else "Source format not supported"
    return Violation(
        code=code,
        field=f"sources[{index}]",
        message=f"{said}: {detection.detail} Action: {detection.action}",
        expected="a container and codec of the source matrix, or proven camera RAW",
        actual=detection.reason.value,
    )


def check_profile_engine(*, profile: Profile, engine: Engine) -> Violation | None:
    """Return what is wrong when the profile is made for the other engine (sentence: seed 004)."""
    if profile.engine is engine:
        return None
    return Violation(
        code=ViolationCode.PROFILE_ENGINE,
        field="proxy_profile",
        message=f"Profile '{profile.name}' requires {profile.engine.value} engine, but job routes to {engine.value}",
        expected=f"a profile for {engine.value}",
        actual=f"{profile.name}, a profile for {profile.engine.value}",
    )


def _mixed(by_engine: dict[Engine, list[int]]) -> Violation:
    parts = {engine: _ranges(indexes) for engine, indexes in by_engine.items()}
    return Violation(
        code=ViolationCode.SOURCE_MIXED_ENGINES,
        field="sources",
        message=(
            f"RAW and non-RAW sources cannot be in one job: sources {parts[Engine.RESOLVE]} route to resolve and "
            f"sources {parts[Engine.FFMPEG]} to ffmpeg; submit them as two jobs, split like that"
        ),
        expected="one engine for all sources",
        actual=f"resolve: {parts[Engine.RESOLVE]}; ffmpeg: {parts[Engine.FFMPEG]}",
    )


def _ranges(indexes: list[int]) -> str:
    """Write sorted indexes as `0-2, 5`."""
    runs: list[tuple[int, int]] = []
    for index in indexes:
        if runs and runs[-1][1] == index - 1:
            runs[-1] = (runs[-1][0], index)
        else:
            runs.append((index, index))
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
