"""SupervisedResolve over fakes: API, processes and clock in memory, the child's code without its process."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from proxx.core.render_plan import RenderPlan, RenderSetting
from proxx_resolve_executor.bridge.call_log import CallLog
from proxx_resolve_executor.bridge.child_port import Child
from proxx_resolve_executor.bridge.connection import Connection
from proxx_resolve_executor.bridge.host import SupervisedResolve
from proxx_resolve_executor.bridge.options import ResolveOptions
from proxx_resolve_executor.discovery import Installation, Platform
from proxx_resolve_executor.host_port import Media, RenderRequest
from tests.fakes.resolve_api import FakeApi
from tests.fakes.resolve_child import LocalChild
from tests.fakes.resolve_processes import FakeProcesses, HastyClock

PRESET = "<SyRecordInfo><RecordAudioNumChannels>-1</RecordAudioNumChannels></SyRecordInfo>"
PROJECT = "proxx_job_00000"


class EverywherePlaces:
    """Implements Places: whatever is asked for is there."""

    def is_file(self, path: PurePath) -> bool:
        return True

    def read(self, path: PurePath, limit: int) -> bytes | None:
        return None

    def size(self, path: PurePath) -> int:
        return 77


class NoLock:
    """Implements HostLock: nobody else is there."""

    def hold(self) -> None:
        return

    def hold_program(self, binary: PurePath) -> None:
        return

    def release(self) -> None:
        return


def settings(**values: str) -> tuple[RenderSetting, ...]:
    return tuple(RenderSetting(key=key, value=value) for key, value in sorted(values.items()))


PLAN = RenderPlan(
    preset="proxy",
    preset_sha256=hashlib.sha256(PRESET.encode()).hexdigest(),
    format_id="mov",
    codec_id="DNxHRLB",
    individual_clips=True,
    settings=settings(ExportVideo="true", FormatWidth="1920"),
    project_settings=settings(timelineFrameRate="24"),
    frame_count=8,
    start_timecode="01:00:00:00",
)


@dataclass(kw_only=True)
class ResolveWorld:
    """Everything around one SupervisedResolve. `before` is called with each operation of each child."""

    root: Path
    take_over: bool = False
    api: FakeApi = field(default_factory=FakeApi)
    processes: FakeProcesses = field(default_factory=FakeProcesses)
    clock: HastyClock = field(default_factory=HastyClock)
    log: CallLog = field(default_factory=CallLog)
    before: Callable[[str], None] = field(default=lambda _operation: None)
    children: list[LocalChild] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in ("state", "presets", "out"):
            (self.root / name).mkdir(parents=True)
        (self.root / "presets" / "proxy.xml").write_text(PRESET)
        self.options = ResolveOptions(
            state_directory=self.root / "state", preset_directory=self.root / "presets", take_over=self.take_over
        )
        self.host = self.new_host()

    def new_host(self) -> SupervisedResolve:
        """One more executor on the same host, as after a restart of Proxx."""
        connection = Connection(
            options=self.options,
            clock=self.clock,
            processes=self.processes,
            places=EverywherePlaces(),
            platform=Platform.LINUX,
            environment={"HOME": "/home/dit"},
            connect=self._connect,
            lock=NoLock(),
        )
        return SupervisedResolve(options=self.options, clock=self.clock, connection=connection, log=self.log)

    async def _connect(self, installation: Installation) -> Child:
        child = LocalChild(self.api, on_call=self.log.add, before=lambda operation: self.before(operation))
        self.children.append(child)
        return child

    def request(self, *, plan: RenderPlan = PLAN, stall_seconds: int = 60) -> RenderRequest:
        return RenderRequest(
            project=PROJECT,
            media=Media(files=(Path("/raw/A001_C002.R3D"),)),
            plan=plan,
            directory=self.root / "out",
            name="proxy.mov",
            stall_seconds=stall_seconds,
            timeout_seconds=None,
        )

    @property
    def operations(self) -> list[str]:
        """What the children were asked, in order."""
        return [operation for child in self.children for operation in child.asked]
