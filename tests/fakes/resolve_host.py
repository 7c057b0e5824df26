"""A Resolve in memory that leaves real files: it does what a test says, and remembers what it was asked."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from proxx_resolve_executor.host_port import (
    HostFacts,
    InspectedClip,
    Media,
    RenderEnd,
    RenderProgress,
    RenderRequest,
)
from proxx_resolve_executor.resolve_error import ResolveError

FACTS = HostFacts(
    product="DaVinci Resolve Studio",
    version="20.3.2.9",
    studio=True,
    platform="linux",
    pairs=frozenset({("mov", "DNxHRLB"), ("mov", "ProRes422P")}),
)
STARTED = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
ENDED = datetime(2026, 11, 20, 12, 0, 9, tzinfo=UTC)


def clip_of(properties: dict[str, str], *, audio_mapping: str = "") -> InspectedClip:
    """What Resolve says of a clip without sound, unless a mapping is given."""
    silent = '{"embedded_audio_channels": 0, "linked_audio": {}, "track_mapping": {}}'
    return InspectedClip(properties=properties, audio_mapping=audio_mapping or silent)


class FakeResolve:
    """Implements proxx_resolve_executor.host_port.ResolveHost.

    `ready_answers` are taken one by one, the last one for ever; `render_does` leaves the file, or raises.
    """

    def __init__(self, *, clip: InspectedClip | None = None) -> None:
        self.ready_answers: list[HostFacts | ResolveError] = [FACTS]
        self.clip: InspectedClip | ResolveError | None = clip
        self.render_does: Callable[[Path], None] = lambda path: path.write_bytes(b"a proxy")
        self.progress: tuple[RenderProgress, ...] = (RenderProgress(fraction=0.5, eta_seconds=4.0),)
        self.calls = ("LoadRenderPreset('p')", "StartRendering(['job'], False)")
        self.left_projects: list[str] = []
        self.sweep_error: ResolveError | None = None
        self.render_gate = asyncio.Event()
        self.render_gate.set()
        self.ready_gate = asyncio.Event()
        self.ready_gate.set()
        self.requests: list[RenderRequest] = []
        self.inspected: list[tuple[str, Media]] = []
        self.readied = 0
        self.swept = 0
        self.closed = 0
        self.cancelled = 0
        self._facts: HostFacts | None = None

    @property
    def facts(self) -> HostFacts | None:
        return self._facts

    async def ready(self) -> HostFacts:
        self.readied += 1
        await self.ready_gate.wait()
        answer = self.ready_answers.pop(0) if len(self.ready_answers) > 1 else self.ready_answers[0]
        if isinstance(answer, ResolveError):
            raise answer
        self._facts = answer
        return answer

    async def inspect(self, *, project: str, media: Media) -> InspectedClip:
        self.inspected.append((project, media))
        if isinstance(self.clip, ResolveError):
            raise self.clip
        assert self.clip is not None
        return self.clip

    async def render(self, *, request: RenderRequest, on_progress: Callable[[RenderProgress], None]) -> RenderEnd:
        assert list(request.directory.iterdir()) == []
        self.requests.append(request)
        for progress in self.progress:
            on_progress(progress)
        try:
            await self.render_gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        file = request.directory / request.name
        self.render_does(file)
        return RenderEnd(file=file, calls=self.calls, started_time=STARTED, ended_time=ENDED)

    async def sweep(self) -> tuple[str, ...]:
        self.swept += 1
        if self.sweep_error is not None:
            raise self.sweep_error
        removed, self.left_projects = tuple(self.left_projects), []
        return removed

    async def close(self) -> None:
        self.closed += 1
