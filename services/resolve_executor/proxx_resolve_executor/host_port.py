"""The port between the steps of this executor and DaVinci Resolve: no scripting object ever crosses it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from proxx.core.render_plan import RenderPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFacts:
    """What was seen of Resolve when it was last ready. `pairs` are (format id, codec id), as the host lists them."""

    product: str
    version: str
    studio: bool
    platform: str
    pairs: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """The files of one clip on this host, in clip order.

    `sequence` says that they are numbered frames of one picture sequence; otherwise Resolve is given the first file
    alone and finds the other parts by itself.
    """

    files: tuple[Path, ...]
    sequence: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectedClip:
    """What Resolve says of an imported clip: GetClipProperty and GetAudioMapping, word for word."""

    properties: Mapping[str, str]
    audio_mapping: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderRequest:
    """One render. `project` is a name of this attempt's own; `directory` exists, is empty and takes the file.

    `name` says its kind by its suffix; a preset decides whether its stem is that of `name` or of the source.
    `stall_seconds` and `timeout_seconds` (None: none) end a render that does not move, or not end.
    """

    project: str
    media: Media
    plan: RenderPlan
    directory: Path
    name: str
    stall_seconds: int
    timeout_seconds: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderProgress:
    """How far a render is. `fraction` is 0 to 1."""

    fraction: float
    eta_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderEnd:
    """A render that Resolve calls complete: the one file it left, what it was told, call by call, and when."""

    file: Path
    calls: tuple[str, ...]
    started_time: datetime
    ended_time: datetime


class ResolveHost(Protocol):
    """The one Resolve of this host. Calls of `inspect` and `render` never overlap.

    Each method ends within its deadlines, whatever Resolve does; a cancelled one has stopped the render and removed
    its project, or has ended Resolve, before it returns. Errors are of `resolve_error.ResolveError`.
    """

    @property
    def facts(self) -> HostFacts | None:
        """What was seen when it was last ready; None before."""
        ...

    async def ready(self) -> HostFacts:
        """Start Resolve where it does not run, restart it where it is wedged, and wait until it is ready for work.

        Raises:
            ResolveError: it is absent, the free edition, or does not become ready within its deadline.
        """
        ...

    async def inspect(self, *, project: str, media: Media) -> InspectedClip:
        """Import a clip into a project of its own and return what Resolve says of it; the project is gone then.

        Raises:
            ResolveError: the clip could not be imported, or Resolve failed.
        """
        ...

    async def render(self, *, request: RenderRequest, on_progress: Callable[[RenderProgress], None]) -> RenderEnd:
        """Render one clip in a project of its own; the project is gone when this returns or raises.

        Raises:
            ResolveError: what went wrong, typed; nothing is left in `directory` that is worth keeping.
        """
        ...

    async def sweep(self) -> tuple[str, ...]:
        """Remove projects that earlier attempts of Proxx on this host left; return their names.

        Raises:
            ResolveError: Resolve does not answer.
        """
        ...

    async def close(self) -> None:
        """End the child process, and the Resolve that was started by it. Never raises."""
        ...
