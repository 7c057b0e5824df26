"""Renders jobs one after the other, in a thread of its own; what can go wrong on the way are switches."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.resolve_simulator.app.encode import EncodeError, encode
from tests.resolve_simulator.app.output import finish, spoil
from tests.resolve_simulator.app.render_job import RenderJob
from tests.resolve_simulator.app.shot import Shot

if TYPE_CHECKING:
    from tests.resolve_simulator.app.world import World

TICK_SECONDS = 0.01
LICENCE = "DaVinci Resolve Studio licence not found"
DISK_FULL = "Failed to write the file: not enough disk space"
HALF = 50


class Renderer:
    """The media is made first, out of sight; then it grows in its place as fast as the switch lets it."""

    def __init__(self, world: World, stop: threading.Event) -> None:
        self._world = world
        self._stop = stop

    def run(self, jobs: list[RenderJob]) -> None:
        """Work off `jobs`; a stop ends all that are left."""
        try:
            for job in jobs:
                if not self._stop.is_set():
                    self._render(job)
        finally:
            if not self._world.quirks.in_progress_stays:
                self._world.rendering.clear()

    def _render(self, job: RenderJob) -> None:
        begin = time.monotonic()
        quirks = self._world.quirks
        job.status, job.percent, job.error = "Rendering", 0.0, ""
        if quirks.waits_forever:
            job.status = "Ready"
            self._stop.wait()
            job.status = "Cancelled"
            return
        try:
            made = [(shot, encode(shot, self._world.root / "scratch")) for shot in self._spoiled(job)]
            pairs = [pair for shot, files in made for pair in _targets(shot.path(job.directory), files)]
            for _, target in pairs if job.directory.is_dir() else ():
                target.parent.mkdir(parents=True, exist_ok=True)
            done = self._grow(job, pairs)
        except (EncodeError, OSError) as error:
            job.status, job.error = "Failed", str(error)
            return
        if done:
            job.files = [target for _, target in pairs]
            finish(job.files, quirks)
            job.percent, job.seconds = 100.0, time.monotonic() - begin
            job.status = "Complete"

    def _spoiled(self, job: RenderJob) -> list[Shot]:
        return [spoil(shot, self._world.quirks) for shot in job.shots]

    def _grow(self, job: RenderJob, pairs: list[tuple[Path, Path]]) -> bool:
        """Copy in step with the clock; False where the job ended before its end."""
        total = sum(source.stat().st_size for source, _ in pairs)
        begin, reached = time.monotonic(), 0.0
        written = 0
        while reached < 100.0:
            seconds = self._world.quirks.render_seconds
            now = 100.0 if seconds == 0 else min((time.monotonic() - begin) / seconds, 1.0) * 100.0
            mishap = self._mishap(reached, now)
            reached = mishap[0] if mishap else now
            written = _copy(pairs, written, int(total * reached / 100.0))
            job.percent = reached
            if mishap and not self._suffer(job, mishap[1]):
                return False
            if self._stop.is_set():
                job.status = "Cancelled"
                return False
            if reached < 100.0:
                self._stop.wait(TICK_SECONDS)
        return True

    def _mishap(self, before: float, now: float) -> tuple[float, str] | None:
        """Return where, and what, goes wrong between two percentages."""
        quirks = self._world.quirks
        planned = {
            "die": quirks.dies_at,
            "fail": quirks.fails_at,
            "stall": quirks.stalls_at,
            "licence": quirks.licence_lost_at,
            "cancel": quirks.cancelled_at,
            "disk": HALF if quirks.disk_full else None,
        }
        due = [(float(at), what) for what, at in planned.items() if at is not None and before <= at <= now]
        return min(due) if due else None

    def _suffer(self, job: RenderJob, what: str) -> bool:
        """Let it happen; always False: no mishap lets a render go on."""
        if what == "die":
            self._world.crash()
        if what == "stall":
            self._stop.wait()
            job.status = "Cancelled"
        elif what == "cancel":
            job.status = "Cancelled"
        else:
            job.status = "Failed"
            job.error = {"licence": LICENCE, "disk": DISK_FULL}.get(what, self._world.quirks.fail_error)
            if what == "licence":
                self._world.licensed = False
                self._world.modal = self._world.quirks.licence_modal
        return False


def _targets(pattern: Path, files: tuple[Path, ...]) -> list[tuple[Path, Path]]:
    """Pair each made file with its place."""
    if len(files) == 1 and "%" not in pattern.name:
        return [(files[0], pattern)]
    return [(file, pattern.with_name(pattern.name % number)) for number, file in enumerate(files)]


def _copy(pairs: list[tuple[Path, Path]], written: int, until: int) -> int:
    """Bring the files in their places from `written` bytes, over all of them, to `until`; return `until`."""
    start = 0
    for source, target in pairs:
        size = source.stat().st_size
        have, want = min(max(written - start, 0), size), min(max(until - start, 0), size)
        if want > have or (want == size and not target.exists()):
            with source.open("rb") as reader, target.open("ab" if have else "wb") as writer:
                reader.seek(have)
                writer.write(reader.read(want - have))
        start += size
    return until
