"""Which scheduler a command talks to: a server, or one embedded for this command."""

from dataclasses import dataclass
from pathlib import Path

from proxx.core.detection import DEFAULT_SOURCE_MATRIX


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """`server` is HOST:PORT or unix:/path; None embeds scheduler and executor with the other fields.

    `resume` is the id of a kept run to open again; `source_matrix` the version of the source matrix.
    """

    server: str | None = None
    profiles: Path | None = None
    slots: int = 1
    ffmpeg: str = "ffmpeg"
    ffprobe: str = "ffprobe"
    resume: str | None = None
    source_matrix: int = DEFAULT_SOURCE_MATRIX
