"""The bridge itself against the simulator: what a job of the whole stack does not show."""

import asyncio
import hashlib
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from proxx.core.render_plan import RenderPlan, RenderSetting
from proxx.runtime.clock import SystemClock
from proxx_resolve_executor.bridge.host import SupervisedResolve, supervised_resolve
from proxx_resolve_executor.bridge.options import ResolveOptions
from proxx_resolve_executor.host_port import Media, RenderEnd, RenderProgress, RenderRequest
from proxx_resolve_executor.resolve_error import ResolveUnresponsiveError, ResolveValidationError
from tests.resolve_simulator.install import install
from tests.resolve_simulator.installation import Installation
from tests.resolve_simulator.quirks import Quirks
from tests.resolve_simulator.source_facts import SourceFacts

pytestmark = [pytest.mark.process, pytest.mark.media]

PRESETS = Path("src/proxx/render_presets").resolve()
PRESET = "proxy_dnxhr_lb_resolve"
PARKING = ["proxx_parking"]


def settings(**values: str) -> tuple[RenderSetting, ...]:
    return tuple(RenderSetting(key=key, value=value) for key, value in sorted(values.items()))


def plan(*, frames: int = 8, audio: bool = True) -> RenderPlan:
    sound = {"AudioCodec": "lpcm", "AudioBitDepth": "24", "AudioSampleRate": "48000"} if audio else {}
    return RenderPlan(
        preset=PRESET,
        preset_sha256=hashlib.sha256((PRESETS / f"{PRESET}.xml").read_bytes()).hexdigest(),
        format_id="mov",
        codec_id="DNxHRLB",
        individual_clips=True,
        settings=settings(
            ExportVideo="true",
            ExportAudio="true" if audio else "false",
            FormatWidth="256",
            FormatHeight="144",
            **sound,
        ),
        project_settings=settings(
            timelineFrameRate="24", timelineResolutionWidth="256", timelineResolutionHeight="144", superScale="1"
        ),
        frame_count=frames,
        start_timecode="01:00:00:00",
    )


@dataclass(frozen=True, kw_only=True)
class Place:
    """One simulated installation, and executors on it."""

    root: Path
    installation: Installation

    def host(self, **changes: Any) -> SupervisedResolve:
        options: dict[str, Any] = {
            "state_directory": self.root / "state",
            "preset_directory": PRESETS,
            "resolve_path": self.installation.root,
            "start_seconds": 10.0,
            "answer_seconds": 2.0,
            "call_seconds": 2.0,
            "import_seconds": 2.0,
            "stop_seconds": 2.0,
            "poll_seconds": 0.05,
        }
        return supervised_resolve(options=ResolveOptions(**{**options, **changes}), clock=SystemClock())

    def source(self, name: str = "A001.R3D", **facts: Any) -> Path:
        path = self.root / name
        path.write_bytes(b"camera")
        SourceFacts(**facts).write(path)
        return path

    def request(self, media: Media, *, render_plan: RenderPlan) -> RenderRequest:
        return RenderRequest(
            project="proxx_job_00000",
            media=media,
            plan=render_plan,
            directory=self.root / "out",
            name="proxy.mov",
            stall_seconds=5,
            timeout_seconds=None,
        )


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    for name in ("state", "out"):
        (tmp_path / name).mkdir()
    place = Place(root=tmp_path, installation=install(root=tmp_path / "resolve"))
    yield place
    place.installation.kill()


async def test_a_cancelled_render_stops_and_leaves_resolve_at_work(place: Place) -> None:
    place.installation.set_quirks(Quirks(render_seconds=30.0))
    host = place.host()
    moving = asyncio.Event()
    request = place.request(Media(files=(place.source(),)), render_plan=plan())
    working = asyncio.create_task(host.render(request=request, on_progress=lambda _progress: moving.set()))
    await asyncio.wait_for(moving.wait(), 20)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert place.installation.projects() == PARKING
    assert place.installation.starts() == 1
    stopped = [call["call"] for call in place.installation.calls() if call["call"] == "StopRendering"]
    assert stopped == ["StopRendering"]
    place.installation.set_quirks(Quirks())
    for left in (place.root / "out").iterdir():
        left.unlink()
    end = await host.render(request=request, on_progress=lambda _progress: None)
    assert (end.file.name, place.installation.starts()) == ("proxy.mov", 1)
    await host.close()
    assert place.installation.pid() is None


async def test_numbered_frames_are_one_clip(place: Place) -> None:
    frames = [place.source(f"A001_{number:04d}.dng", frames=1, audio=()) for number in range(7, 12)]
    host = place.host()
    media = Media(files=tuple(frames), sequence=True)
    clip = await host.inspect(project="proxx_job_00001", media=media)
    assert (clip.properties["Frames"], clip.properties["Start TC"]) == ("5", "01:00:00:00")
    render_plan = plan(frames=5, audio=False)
    end: RenderEnd = await host.render(
        request=place.request(media, render_plan=render_plan), on_progress=lambda _progress: None
    )
    assert end.file.stat().st_size > 0
    await host.close()


async def test_an_executor_that_was_killed_leaves_nothing_to_the_next(place: Place) -> None:
    place.installation.set_quirks(Quirks(render_seconds=30.0))
    source = place.source()
    doomed = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.resolve.test_bridge", str(place.root), str(source), stdout=asyncio.subprocess.PIPE
    )
    assert doomed.stdout is not None
    child = int(await asyncio.wait_for(doomed.stdout.readline(), 20))
    doomed.kill()
    await doomed.wait()
    after = place.host()  # the same state directory: it knows whose this Resolve is
    await after.ready()
    assert await after.sweep() == ("proxx_job_00000",)
    assert (place.installation.projects(), place.installation.starts()) == (PARKING, 1)
    await after.close()
    assert place.installation.pid() is None
    assert _is_gone(child)


async def test_an_operators_resolve_is_used_and_left_running(place: Place) -> None:
    operators = place.installation.start(headless=False)
    place.installation.wait_listening()
    host = place.host()
    facts = await host.ready()
    assert (facts.product, facts.studio) == ("DaVinci Resolve Studio", True)
    await host.close()
    assert place.installation.pid() == operators.pid
    os.kill(operators.pid, 9)
    operators.wait()


async def test_an_operators_resolve_that_hangs_is_for_the_operator(place: Place) -> None:
    operators = place.installation.start(headless=False)
    place.installation.wait_listening()
    host = place.host(call_seconds=0.7, import_seconds=0.7, answer_seconds=0.5)
    await host.ready()
    place.installation.set_quirks(Quirks(hang_calls=("ImportMedia",)))
    with pytest.raises(ResolveUnresponsiveError, match=r"ImportMedia.* restart it by hand$"):
        await host.inspect(project="proxx_job_00002", media=Media(files=(place.source(),)))
    with pytest.raises(ResolveUnresponsiveError, match="restart it by hand"):
        await host.ready()
    await host.close()
    assert operators.poll() is None
    operators.kill()
    operators.wait()


@pytest.mark.parametrize("state", ["state", "another state"])
async def test_two_executors_do_not_share_one_resolve(place: Place, state: str) -> None:
    (place.root / state).mkdir(exist_ok=True)
    first, second = place.host(), place.host(state_directory=place.root / state)
    await first.ready()
    with pytest.raises(ResolveValidationError, match="another executor"):
        await second.ready()
    await first.close()
    await second.close()


def _is_gone(pid: int) -> bool:
    """Whether a process has ended; the one that should reap it may not have."""
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True


async def _render_until_killed(root: Path, source: Path) -> None:
    """Render, and say the id of the scripting child once it moves."""
    place = Place(root=root, installation=Installation(root / "resolve"))
    children = Path(f"/proc/self/task/{os.getpid()}/children")

    def tell(_progress: RenderProgress) -> None:
        for pid in children.read_text().split():
            if b"bridge.child" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.write(1, f"{pid}\n".encode())

    await place.host().render(request=place.request(Media(files=(source,)), render_plan=plan()), on_progress=tell)


if __name__ == "__main__":
    asyncio.run(_render_until_killed(Path(sys.argv[1]), Path(sys.argv[2])))
