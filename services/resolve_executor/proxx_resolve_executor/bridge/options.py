"""What the bridge is told when it is built."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PRESET_SUFFIX = ".xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveOptions:
    """How to find, start, drive and end the one Resolve of this host. Durations are seconds.

    `state_directory` exists and belongs to this executor alone; it outlives restarts. `preset_directory` holds each
    render preset as `<name>.xml`. `project_prefix` starts the name of every project that Proxx makes on this host, and
    every project whose name starts so is removed by a sweep, apart from `parking_project`, an empty one that is open
    while nothing is rendered. Where several hosts share one project database the prefixes must differ.

    `resolve_path` and `script_api_path` are PROXX_RESOLVE_PATH and PROXX_RESOLVE_SCRIPT_API_PATH; None: the places of
    the platform. `python` runs the child that loads the scripting module. `take_over` says that a Resolve which was
    already running may be treated as Proxx's own: its open project closed, its process ended where it hangs.

    `start_seconds`: from the start of Resolve until it is ready. `answer_seconds`: how long one that was already
    running may refuse to answer, and how long one that answers may be without its database. `call_seconds`: one
    operation; `import_seconds`: the one that imports media and makes the timeline. `stop_seconds`: until a stopped
    render, or an ended process, is gone. At most `restarts` of Resolve within `restart_window_seconds`.
    `environment` is added to that of Resolve and of the child.
    """

    state_directory: Path
    preset_directory: Path
    project_prefix: str = "proxx_"
    parking_project: str = "proxx_parking"
    resolve_path: Path | None = None
    script_api_path: Path | None = None
    python: Path = field(default_factory=lambda: Path(sys.executable))
    take_over: bool = False
    start_seconds: float = 300.0
    answer_seconds: float = 60.0
    call_seconds: float = 60.0
    import_seconds: float = 300.0
    stop_seconds: float = 30.0
    poll_seconds: float = 1.0
    restarts: int = 3
    restart_window_seconds: float = 1800.0
    environment: Mapping[str, str] = field(default_factory=dict)

    def preset_file(self, *, name: str) -> Path:
        """Where the render preset of that name must lie."""
        return self.preset_directory / f"{name}{PRESET_SUFFIX}"
