"""What an embedded scheduler and executor are started with."""

from dataclasses import dataclass
from pathlib import Path

from proxx.core.detection import DEFAULT_SOURCE_MATRIX


@dataclass(frozen=True, slots=True, kw_only=True)
class StackSettings:
    """`listen` is `unix:/path` or `host:port`; `roots` are (name, absolute directory), spelled and mounted alike;
    the same name again with another spelling is what clients call it.

    `queues`, `resources` and `config` are the scheduler's own settings, as it spells them, and its file of more.
    `logs` is the directory of the two log files; None sends both to our stderr. Durations are seconds.
    `fence_after` None leaves it to the scheduler when an executor is fenced; 0: never, as nobody could release it.
    `without_engine` is what becomes of a job for Resolve: `hold` or `reject`, None leaves it to the scheduler.
    """

    listen: str
    database: Path
    profiles: Path | None
    slots: int
    ffmpeg: str = "ffmpeg"
    ffprobe: str = "ffprobe"
    roots: tuple[tuple[str, str], ...] = (("local", "/"),)
    executor_name: str = "local"
    scheduler_metrics: str = "off"
    executor_metrics: str = "off"
    executor_health: str = "off"
    lease_seconds: float = 10.0
    start_seconds: float = 60.0
    logs: Path | None = None
    log_format: str = "json"
    insecure: bool = False
    source_matrix: int = DEFAULT_SOURCE_MATRIX
    queues: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    config: Path | None = None
    fence_after: int | None = 0
    without_engine: str | None = "reject"
