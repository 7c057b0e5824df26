"""Which scheduler a command talks to: a server, or one embedded for this command."""

from dataclasses import dataclass
from pathlib import Path

from proxx.core.detection import DEFAULT_SOURCE_MATRIX
from proxx.rpc.client_security import OPEN_CLIENT, ClientSecurity


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """`server` is HOST:PORT or unix:/path, reached as `security` says; None embeds scheduler and executor.

    `resume` is the id of a kept run to open again; `source_matrix` the version of the source matrix. `without_engine`
    says what becomes of a job for Resolve, which no executor embedded here can make: `reject`, or `hold` for a dry run.
    """

    server: str | None = None
    security: ClientSecurity = OPEN_CLIENT
    profiles: Path | None = None
    slots: int = 1
    ffmpeg: str = "ffmpeg"
    ffprobe: str = "ffprobe"
    resume: str | None = None
    source_matrix: int = DEFAULT_SOURCE_MATRIX
    without_engine: str = "reject"
