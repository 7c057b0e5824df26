"""`proxx watch reset`: the plan on standard output, a typed yes, and then the steps. Runs without a scheduler."""

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from proxx.core.quoting import quote
from proxx.runtime.clock import SystemClock
from proxx.runtime.state import state_directory
from proxx.runtime.watch_state import folder_name, folder_state
from proxx_watcher.app.folder_guard import ROOT_KEY, FolderGuard
from proxx_watcher.app.ports import FolderTroubleError
from proxx_watcher.app.resetting import ResetPlan, Resetting
from proxx_watcher.app.spec_filing import SpecFiling
from proxx_watcher.app.spec_records import SpecRecords
from proxx_watcher.disk.ledger import FileLedger, glimpse_ledger
from proxx_watcher.disk.lock import FileLock
from proxx_watcher.disk.off_loop import DiskThread
from proxx_watcher.disk.spec_disk import LocalSpecDisk
from proxx_watcher.domain.folder_settings import Layout
from proxx_watcher.domain.spec_places import INBOX, below, chosen_layout, places_of
from proxx_watcher.usage import UsageParser

_FATAL = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    root: Path
    name: str
    files: tuple[str, ...]
    layout: Layout
    state: Path
    accept_folder: bool
    yes: bool


def run_reset(arguments: Sequence[str]) -> int:
    """Reset JobSpecs of a folder and return the exit code: 0 done or nothing to do, 1 not done."""
    call = _read(arguments)
    try:
        return asyncio.run(_reset(call))
    except (FolderTroubleError, OSError) as error:
        sys.stderr.write(f"not reset: {error}\n")
        return _FATAL


async def _reset(call: _Call) -> int:
    if not call.root.is_dir():
        sys.stderr.write(f"not reset: {quote(text=str(call.root))} is no directory\n")
        return _FATAL
    thread = DiskThread(name="disk")
    disk = LocalSpecDisk(root=call.root, thread=thread)
    # only a media folder may be read-only, and of those only --accept-folder speaks
    elsewhere = folder_state(state=call.state, name=call.name) if call.accept_folder else None
    lock = FileLock(directory=call.root, since=SystemClock().now(), thread=thread, elsewhere=elsewhere)
    try:
        return await _under_lock(call, disk, lock, thread)
    finally:
        lock.release()


async def _under_lock(call: _Call, disk: LocalSpecDisk, lock: FileLock, thread: DiskThread) -> int:
    clock = SystemClock()
    path = folder_state(state=call.state, name=call.name) / "ledger.jsonl"
    if not path.exists() and (call.accept_folder or await lock.seen()):
        raise FolderTroubleError(
            f"the folder's watcher keeps no ledger at {path}: give its state directory (--state) and its name for the "
            "folder (--name); where the ledger was lost, start the watcher once"
        )
    ledger = glimpse_ledger(path=path, thread=thread)
    if call.accept_folder:
        await _accept(disk, lock, ledger)
        if not call.files:
            return 0
    guard = FolderGuard(root=disk, lock=lock, ledger=ledger)
    await guard.check()
    layout = chosen_layout(layout=call.layout, has_inbox=(call.root / INBOX).is_dir())
    places = places_of(layout=layout)
    records = SpecRecords(ledger=ledger, clock=clock)
    filing = SpecFiling(
        folder=call.name, root=call.root, disk=disk, guard=guard, places=places, records=records, clock=clock
    )
    resetting = Resetting(disk=disk, places=places, records=records, filing=filing)
    plan = await resetting.plan(names=call.files)
    _show(plan, inbox=places.inbox or "the folder itself")
    if not plan.steps:
        return _FATAL if call.files else 0
    if not call.yes and not _confirmed():
        sys.stderr.write("nothing was changed\n")
        return _FATAL
    await resetting.carry_out(plan)
    sys.stdout.write(f"reset: {len(plan.steps)}; the next look of a watcher submits them\n")
    return 0


async def _accept(disk: LocalSpecDisk, lock: FileLock, ledger: FileLedger) -> None:
    seen = await disk.identity()
    if seen is None:
        raise FolderTroubleError("the folder is not there")
    if await lock.hold():
        await ledger.read()
    await ledger.put(key=ROOT_KEY, record={"device": seen.device, "inode": seen.inode})
    sys.stdout.write(f"accepted: device {seen.device}, inode {seen.inode} is the folder from now on\n")


def _show(plan: ResetPlan, *, inbox: str) -> None:
    for step in plan.steps:
        path = quote(text=below(step.place, step.name))[1:-1]
        moved = f"goes back to {inbox}" if step.place not in ("", INBOX) else "stays where it is"
        sys.stdout.write(f"{path}: {moved}, its results are kept under a number, a new job (try {step.generation})\n")
        if step.warning:
            sys.stdout.write(f"  NOTE: {step.warning}\n")
    for line in plan.left:
        sys.stdout.write(f"left alone: {line}\n")
    if not plan.steps:
        sys.stdout.write("nothing to reset\n")
    sys.stdout.flush()


def _confirmed() -> bool:
    if not sys.stdin.isatty():
        sys.stderr.write("--yes is needed where nobody can answer\n")
        return False
    sys.stderr.write("Do this? Type yes: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip() == "yes"


def _read(arguments: Sequence[str]) -> _Call:
    parser = UsageParser(prog="proxx-watcher reset", description="Put JobSpecs back to be made anew.")
    parser.add_argument("directory", type=Path)
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument("--folder-name", "--name", dest="folder_name")
    parser.add_argument("--layout", choices=["auto", "staged", "flat"], default="auto")
    parser.add_argument("--state", type=Path, default=None)
    parser.add_argument("--accept-folder", action="store_true")
    parser.add_argument("--yes", action="store_true")
    given = parser.parse_intermixed_args(list(arguments))
    root = given.directory.resolve()
    return _Call(
        root=root,
        name=given.folder_name or folder_name(root),
        files=tuple(os.path.basename(name) for name in given.files),  # noqa: PTH119  as text, whatever the name
        layout=Layout(given.layout),
        state=given.state or state_directory(),
        accept_folder=given.accept_folder,
        yes=given.yes,
    )
