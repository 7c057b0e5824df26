"""Whether a held job of a media folder may be started by the watcher: each check with its fact, and no effect."""

from dataclasses import dataclass

from proxx.core.jobs import JobState
from proxx_watcher.domain.units_text import size_text

DEFAULT_FREE_BYTES = 10 * 10**9
DEFAULT_RUNNING = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyRules:
    """What a folder asks before its jobs start by themselves."""

    auto_execute: bool = False
    free_bytes: int = DEFAULT_FREE_BYTES
    most_running: int = DEFAULT_RUNNING


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The free space where the output goes: bytes, or why it cannot be seen from this machine."""

    free_bytes: int | None
    fact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyCheck:
    """One check: its word, whether it passed, and the fact."""

    name: str
    passed: bool
    fact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyReport:
    """All checks in their fixed order."""

    checks: tuple[SafetyCheck, ...]

    @property
    def passed(self) -> bool:
        """Whether the job may be started."""
        return all(check.passed for check in self.checks)

    @property
    def failing(self) -> str:
        """The facts of the checks that failed, as one line."""
        return "; ".join(check.fact for check in self.checks if not check.passed)


def can_auto_execute(
    *, rules: SafetyRules, job_state: JobState, preset: str, preset_exists: bool, room: Room, running: int
) -> SafetyReport:
    """Return whether a job may be started now. Pure: asking changes nothing.

    `running` counts the folder's other jobs that were started and have not ended.
    """
    return SafetyReport(
        checks=(
            SafetyCheck(
                name="auto_execute",
                passed=rules.auto_execute,
                fact="the folder starts its jobs" if rules.auto_execute else "auto_execute is off: start it by hand",
            ),
            SafetyCheck(
                name="pending", passed=job_state is JobState.PENDING, fact=f"the job is {job_state}, PENDING is asked"
            ),
            _preset(preset, preset_exists),
            _space(rules, room),
            SafetyCheck(
                name="running",
                passed=running < rules.most_running,
                fact=f"{running} jobs of this folder run, at most {rules.most_running} may",
            ),
        )
    )


def _preset(preset: str, exists: bool) -> SafetyCheck:
    if not preset:
        return SafetyCheck(name="preset", passed=False, fact="no preset is bound")
    fact = f"preset {preset} is bound" if exists else f"preset {preset} is bound and does not exist"
    return SafetyCheck(name="preset", passed=exists, fact=fact)


def _space(rules: SafetyRules, room: Room) -> SafetyCheck:
    asked = size_text(rules.free_bytes)
    if room.free_bytes is None:
        return SafetyCheck(name="space", passed=False, fact=f"free space is unknown, {asked} are asked: {room.fact}")
    fact = f"{size_text(room.free_bytes)} are free where the output goes, {asked} are asked"
    return SafetyCheck(name="space", passed=room.free_bytes >= rules.free_bytes, fact=fact)
