"""The only place that constructs and wires the watcher."""

import asyncio
import contextlib
import json
import logging
import os
import shlex
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

import structlog

from proxx.core.quoting import quote
from proxx.core.watch_folders import EntryState, FolderState
from proxx.rpc.client import SchedulerClient
from proxx.runtime.clock import Clock, SystemClock
from proxx.runtime.http_endpoint import HttpEndpoint, Readiness
from proxx.runtime.logs import configure_logs
from proxx.runtime.metrics import process_registry
from proxx.runtime.settings import SettingsInvalidError
from proxx.runtime.supervise import run_process
from proxx.runtime.version import current_version
from proxx.runtime.watch_state import folder_state
from proxx_watcher.app.folder_guard import FolderGuard
from proxx_watcher.app.log_sink import LogSink
from proxx_watcher.app.media_folder import MediaFolder
from proxx_watcher.app.news import News, TellNews
from proxx_watcher.app.once import once_is_over
from proxx_watcher.app.opening_folder import OpeningFolder, first_view
from proxx_watcher.app.ports import FolderTroubleError, PassOutcome, WatchedFolder
from proxx_watcher.app.reach import Reach
from proxx_watcher.app.spec_folder import SpecFolder
from proxx_watcher.app.watcher import Watched, Watcher
from proxx_watcher.checking import print_folders
from proxx_watcher.client.report_sink import ReportSink
from proxx_watcher.client.rpc_recipes import RpcRecipes
from proxx_watcher.client.rpc_scheduler import ACTOR, RpcScheduler
from proxx_watcher.disk.ledger import glimpse_ledger
from proxx_watcher.disk.lock import FileLock
from proxx_watcher.disk.media_disk import LocalMediaDisk
from proxx_watcher.disk.off_loop import DiskThread
from proxx_watcher.disk.spec_disk import LocalSpecDisk
from proxx_watcher.disk.wake import Wake
from proxx_watcher.domain.folder_settings import FolderSettings, Layout
from proxx_watcher.domain.selection import Selector
from proxx_watcher.domain.sighted_name import NameKind
from proxx_watcher.domain.spec_places import INBOX, chosen_layout
from proxx_watcher.observation import WatcherMetrics, json_lines
from proxx_watcher.reset import run_reset
from proxx_watcher.settings import WatcherSettings, media_settings, read_settings

OK = 0
FATAL = 1
NOT_COMPLETED = 2
"""Exit code of `--once --strict` when not everything ended COMPLETED."""
_LOCK_SECONDS = 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the watcher until it is told to stop, or once; reset a folder; print the settings. Returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["reset"]:
        configure_logs(level="warning", console=True)
        return run_reset(words[1:])
    try:
        settings = read_settings(words)
        configure_logs(level=settings.log_level, console=settings.log_format == "console")
    except SettingsInvalidError as error:
        sys.stderr.write(f"{error}\n")
        return FATAL
    if settings.check:
        print_folders(settings)
        return OK
    logging.getLogger("watchfiles").setLevel(logging.WARNING)
    return run_process(lambda drain: _serve(settings, drain))


async def _serve(settings: WatcherSettings, drain: asyncio.Event) -> int:
    log = structlog.stdlib.get_logger("proxx.watcher")
    clock = SystemClock()
    try:
        async with SchedulerClient(settings.scheduler, actor=ACTOR, security=settings.client_security) as client:
            parts = build(settings=settings, client=client, clock=clock)
            if not await _opened(parts.folders, settings, drain):
                return OK if drain.is_set() else FATAL
            async with _endpoint(settings, parts) as metrics, _alarms(parts, settings):
                _tell_ready(settings, parts, metrics)
                try:
                    if settings.once:
                        return await _once(parts, settings, drain)
                    await parts.watcher.run(stop=drain)
                finally:
                    if parts.reach.gone_since is None:
                        await parts.report.leave()
    except (OSError, ValueError) as error:
        log.error("watcher.failed", reason=str(error))
        return FATAL
    log.info("watcher.stopped")
    return OK


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The wired watcher."""

    watcher: Watcher
    watched: tuple[Watched, ...]
    folders: tuple[tuple[FolderSettings, OpeningFolder], ...]
    reach: Reach
    clock: Clock
    counters: list[TellNews]
    report: ReportSink


def build(*, settings: WatcherSettings, client: SchedulerClient, clock: Clock) -> Parts:
    """Return the watcher that the settings describe, not yet running.

    Raises:
        OSError: the state directory cannot be written.
    """
    reach = Reach(clock=clock)
    scheduler = RpcScheduler(client)
    recipes = RpcRecipes(client=client, directory=settings.presets)
    log = LogSink()
    counters: list[TellNews] = [log.news]
    if settings.print_json:
        counters.append(json_lines(clock))

    def tell(news: News) -> None:
        for counter in counters:
            counter(news)

    maker = _Maker(settings=settings, scheduler=scheduler, recipes=recipes, reach=reach, clock=clock, tell=tell)
    folders = tuple((folder, maker.folder(folder)) for folder in settings.folders if folder.enabled)
    watched = tuple(
        Watched(folder=opening, poll_seconds=folder.poll_seconds, first_view=first_view(folder))
        for folder, opening in folders
    )
    report = ReportSink(
        client=client,
        name=settings.name,
        incarnation=uuid.uuid4().hex,
        clock=clock,
    )
    still = tuple(first_view(folder) for folder in settings.folders if not folder.enabled)
    return Parts(
        watcher=Watcher(watched=watched, still=still, sinks=(log, report), clock=clock),
        watched=watched,
        folders=folders,
        reach=reach,
        clock=clock,
        counters=counters,
        report=report,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Maker:
    """Makes folders of any layout over the shared parts."""

    settings: WatcherSettings
    scheduler: RpcScheduler
    recipes: RpcRecipes
    reach: Reach
    clock: Clock
    tell: TellNews

    def folder(self, folder: FolderSettings) -> OpeningFolder:
        thread = DiskThread(name=f"disk-{folder.name}")
        state = folder_state(state=self.settings.state, name=folder.name)
        ledger = glimpse_ledger(path=state / "ledger.jsonl", thread=thread)
        disk = LocalSpecDisk(root=folder.path, thread=thread)
        elsewhere = state if folder.layout is Layout.MEDIA else None
        lock = FileLock(directory=folder.path, since=self.clock.now(), thread=thread, elsewhere=elsewhere)
        words = [
            "proxx",
            "watch",
            "reset",
            str(folder.path),
            "--name",
            folder.name,
            "--state",
            str(self.settings.state),
        ]
        reset = quote(text=shlex.join(words), limit=1000)[1:-1]
        guard = FolderGuard(root=disk, lock=lock, ledger=ledger, reset=reset)

        async def choose() -> Layout:
            there = await disk.look(path=INBOX)
            return chosen_layout(layout=folder.layout, has_inbox=there is not None and there.kind is NameKind.DIRECTORY)

        def make(chosen: FolderSettings) -> WatchedFolder:
            if chosen.layout is Layout.MEDIA:
                media = media_settings(chosen)
                return MediaFolder(
                    settings=chosen,
                    media=media,
                    disk=LocalMediaDisk(root=chosen.path, selector=Selector(media.selection), thread=thread),
                    guard=guard,
                    ledger=ledger,
                    scheduler=self.scheduler,
                    recipes=self.recipes,
                    reach=self.reach,
                    clock=self.clock,
                    tell=self.tell,
                )
            return SpecFolder(
                settings=chosen,
                disk=disk,
                guard=guard,
                ledger=ledger,
                scheduler=self.scheduler,
                reach=self.reach,
                clock=self.clock,
                tell=self.tell,
                once=self.settings.once,
            )

        return OpeningFolder(settings=folder, guard=guard, choose=choose, build=make)


async def _opened(
    folders: Sequence[tuple[FolderSettings, OpeningFolder]], settings: WatcherSettings, drain: asyncio.Event
) -> bool:
    """A single folder must be workable at the start; of many, each may come later."""
    if len(settings.folder) != 1 or not folders:
        return True
    log = structlog.stdlib.get_logger("proxx.watcher")
    (folder, opening) = folders[0]
    said = False
    while not drain.is_set():
        try:
            if not await _opens(opening, drain):
                return False
        except (FolderTroubleError, OSError) as error:
            if not settings.wait_lock or not folder.path.is_dir():
                log.error("watcher.failed", path=str(folder.path), reason=_sentence(error))
                return False
            if not said:
                log.warning("watcher.waiting", path=str(folder.path), reason=_sentence(error))
            said = True
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(drain.wait(), _LOCK_SECONDS)
        else:
            return True
    return False


async def _opens(opening: OpeningFolder, drain: asyncio.Event) -> bool:
    """Open a folder; False when the process is told to stop before its disk has answered."""
    work, stop = asyncio.ensure_future(opening.open()), asyncio.ensure_future(drain.wait())
    try:
        await asyncio.wait((work, stop), return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            return False
        work.result()
    finally:
        work.cancel()
        stop.cancel()
    return True


async def _once(parts: Parts, settings: WatcherSettings, drain: asyncio.Event) -> int:
    log = structlog.stdlib.get_logger("proxx.watcher")

    def over(outcome: PassOutcome) -> bool:
        return once_is_over(outcome=outcome, gone_since=parts.reach.gone_since, now=parts.clock.now())

    await parts.watcher.run_once(stop=drain, over=over)
    outcomes = parts.watcher.outcomes
    if drain.is_set():
        log.info("watcher.stopped")
        return OK
    stuck = [item for item in outcomes if item.folder.state is FolderState.PAUSED or item.busy]
    for item in stuck:
        log.error("watcher.failed", folder=item.folder.name, reason=item.folder.reason)
    if stuck:
        return FATAL
    doubtful = sum(
        count.count
        for item in outcomes
        for count in item.folder.counts
        if count.state in (EntryState.RECOVERY_REQUIRED, EntryState.WAITING, EntryState.READY)
    )
    failures = sum(item.failures for item in outcomes)
    log.info("watcher.done", not_completed=failures, left=doubtful)
    return NOT_COMPLETED if settings.strict and (failures or doubtful) else OK


@contextlib.asynccontextmanager
async def _alarms(parts: Parts, settings: WatcherSettings) -> AsyncIterator[None]:
    """File events wake the folders while the block runs, where they are wanted and can be trusted to come."""
    alarms = []
    for item, (folder, _) in zip(parts.watched, parts.folders, strict=True):
        if not folder.file_events or settings.once:
            continue
        recursive = folder.layout is Layout.MEDIA
        alarm = Wake(root=folder.path, inbox=INBOX, recursive=recursive, wake=item.wake.set)
        alarm.start()
        alarms.append(alarm)
    try:
        yield
    finally:
        for alarm in alarms:
            await alarm.close()


@contextlib.asynccontextmanager
async def _endpoint(settings: WatcherSettings, parts: Parts) -> AsyncIterator[str | None]:
    """Serve metrics and health while the block runs; yields the bound address, None when they are off."""
    if settings.metrics == "off":
        yield None
        return
    registry = process_registry(component="watcher", version=current_version())

    def gone_seconds() -> float:
        since = parts.reach.gone_since
        return 0.0 if since is None else (parts.clock.now() - since).total_seconds()

    metrics = WatcherMetrics(registry=registry, folders=parts.watcher.folders, gone_seconds=gone_seconds)
    parts.counters.append(metrics.count)
    readiness: Callable[[], Readiness] = lambda: Readiness(  # noqa: E731  a sentence, not a function of its own
        ready=parts.reach.gone_since is None, reason=parts.reach.said()
    )
    security = settings.server_security.load(registry=registry)
    endpoint = HttpEndpoint(listen=settings.metrics, registry=registry, readiness=readiness, security=security)
    try:
        yield await endpoint.start()
    finally:
        await endpoint.stop()


def _tell_ready(settings: WatcherSettings, parts: Parts, metrics: str | None) -> None:
    """Say once which folders are watched and how: in the log, and to whoever started us."""
    folders = [
        {"name": folder.name, "path": str(folder.path), "layout": opening.layout.value}
        for folder, opening in parts.folders
    ]
    log = structlog.stdlib.get_logger("proxx.watcher")
    log.info("watcher.ready", scheduler=settings.scheduler, folders=folders, metrics=metrics)
    if settings.ready_fd is not None:
        with os.fdopen(settings.ready_fd, "w", encoding="utf-8") as pipe:
            pipe.write(json.dumps({"folders": folders, "metrics": metrics}) + "\n")


def _sentence(error: Exception) -> str:
    return f"{error.strerror}" if isinstance(error, OSError) and error.strerror else str(error)
