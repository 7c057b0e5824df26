"""ENCODE with FFmpeg: one clip from its plan's inputs to a verified, durable staged file."""

import contextlib
import stat
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from proxx.core.command_paths import fill_placeholders
from proxx.core.failure import FailureKind
from proxx.core.judge import is_chatter
from proxx.core.leases import Lease
from proxx.core.look import Asset
from proxx.core.steps import EncodeWork, Phase, PreparedOutput
from proxx.engine.asset_cache import AssetCache
from proxx.engine.attempt import Attempt, begin_attempt, holding_place
from proxx.engine.classify import nothing_written, tool_failure
from proxx.engine.encoder import Encoder
from proxx.engine.errors import StepFailedError, failed
from proxx.engine.finish import Finish, Made
from proxx.engine.mounts import MountTable
from proxx.engine.oom import oom_kills
from proxx.engine.progress import ProgressParser
from proxx.engine.runaway import RunawayGuard
from proxx.engine.source_check import check_source
from proxx.engine.step_evidence import evidence_at
from proxx.engine.step_runner import StepWatch
from proxx.engine.tool import ToolRequest, ToolResult, ToolRunner
from proxx.runtime.clock import Clock
from proxx.runtime.where import Where


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clip:
    """One attempt, the files of its look, and its command with the paths of this host."""

    attempt: Attempt
    assets: Mapping[str, Path]
    argv: tuple[str, ...]


class EncodeStep:
    """Encodes on this host. Calls overlap, one for each slot."""

    def __init__(
        self,
        *,
        mounts: MountTable,
        runner: ToolRunner,
        encoder: Encoder,
        clock: Clock,
        assets: AssetCache | None = None,
    ) -> None:
        """Take the mounts, what runs tools, who encodes, the clock, and the files of looks.

        Without `assets` a clip whose look needs files fails.
        """
        self._mounts = mounts
        self._runner = runner
        self._encoder = encoder
        self._clock = clock
        self._assets = assets
        self._finish = Finish(mounts=mounts, runner=runner, encoder=encoder, clock=clock)

    async def run(self, *, lease: Lease, work: EncodeWork, watch: StepWatch) -> PreparedOutput:
        """Encode, verify, make durable, and write the journal.

        Whatever goes wrong, also a cancellation: tool, staged file, journal and empty staging directory are gone
        before the call returns.

        Raises:
            StepFailedError: the clip failed.
        """
        look = work.inputs.profile.look
        async with self._hold(look.assets if look is not None else ()) as assets:
            clip = self._prepare(lease, work, assets)
            await check_source(
                mounts=self._mounts, source=work.inputs.source, identity=work.identity, during="before the encode"
            )
            with holding_place(mounts=self._mounts, attempt=clip.attempt):
                made = await self._encode(clip, watch)
                return await self._finish.run(attempt=clip.attempt, made=made, watch=watch, assets=assets)

    @contextlib.asynccontextmanager
    async def _hold(self, assets: tuple[Asset, ...]) -> AsyncIterator[Mapping[str, Path]]:
        if not assets:
            yield {}
        elif self._assets is None:
            names = ", ".join(asset.name for asset in assets)
            raise failed(FailureKind.ASSET_UNAVAILABLE, f"The look needs {names}; this executor cannot fetch files")
        else:
            async with self._assets.hold(assets) as held:
                yield held

    def _prepare(self, lease: Lease, work: EncodeWork, assets: Mapping[str, Path]) -> _Clip:
        attempt = begin_attempt(mounts=self._mounts, lease=lease, work=work, incarnation=self._encoder.incarnation)
        argv = fill_placeholders(
            argv=attempt.plan.argv,
            tool=self._encoder.tools.ffmpeg,
            source=attempt.source,
            output=attempt.staged_file,
            assets=assets,
        )
        return _Clip(attempt=attempt, assets=assets, argv=argv)

    async def _encode(self, clip: _Clip, watch: StepWatch) -> Made:
        watch.enter(Phase.ENCODING)
        plan, staged_file = clip.attempt.plan, clip.attempt.staged_file
        parser = ProgressParser(expected_frames=plan.expected.frame_count)
        guard = RunawayGuard(expected=plan.expected)

        def on_line(line: str) -> None:
            guard.feed(line)
            if (progress := parser.feed(line)) is not None:
                watch.progress(progress)

        attempt = clip.attempt
        places = (self._mounts.rooted(attempt.work.inputs.source), self._mounts.rooted(attempt.staged).parent)
        evidence = await evidence_at(places=places)
        kills_before = oom_kills()
        started = self._clock.now()
        result = await self._runner.run(
            ToolRequest(
                argv=clip.argv,
                readable=(clip.attempt.source, *clip.assets.values()),
                writable=(staged_file.parent,),  # its command refuses to write a file that is there
                timeout_seconds=plan.timeout_seconds,
                stall_seconds=plan.stall_seconds,
                memory_limit_bytes=self._encoder.memory_limit_bytes,
                output_limit_bytes=plan.ceiling_bytes,
                harmless=is_chatter,
                evidence=evidence,
            ),
            on_line=on_line,
        )
        made = self._made(clip, result, started)
        directory = staged_file.parent
        failure = tool_failure(result=result, plan=plan, directory=directory, oom_killed=oom_kills() != kills_before)
        if failure is None and _is_empty(self._mounts.rooted(clip.attempt.staged)):
            failure = nothing_written(result=result, directory=directory)
        if failure is not None:
            raise StepFailedError(failure, execution=self._finish.execution(made=made))
        return made

    def _made(self, clip: _Clip, result: ToolResult, started: datetime) -> Made:
        return Made(
            argv=clip.argv,
            exit_code=result.exit_code,
            stderr_tail=result.stderr_tail,
            error_lines=result.error_lines,
            started=started,
            ended=self._clock.now(),
            wall_seconds=result.wall_seconds,
            cpu_seconds=result.cpu_seconds,
            max_rss_bytes=result.max_rss_bytes,
            sandbox_level=self._runner.sandbox_level,
        )


def _is_empty(path: Where) -> bool:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return True
    return not stat.S_ISREG(found.st_mode) or found.st_size == 0
