"""Which scheduler a command talks to: a server, or one embedded for this command."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """`server` is HOST:PORT or unix:/path; None embeds scheduler and executor with the other fields.

    `resume` is the id of a kept run to open again.
    """

    server: str | None = None
    profiles: Path | None = None
    slots: int = 1
    ffmpeg: str = "ffmpeg"
    ffprobe: str = "ffprobe"
    resume: str | None = None
