"""Watch folders of 100,000 files: a scan beside `find`, CPU at rest, and how long a drop waits for its submission."""

import asyncio
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.lone_scheduler import LoneScheduler
from bench.process_tree import cpu_seconds
from bench.watched_trees import KINDS, grow
from proxx_watcher.disk import files
from proxx_watcher.disk.listing import Listing
from proxx_watcher.disk.scan import FolderScanner
from proxx_watcher.domain.manifest import ManifestText, read_manifest
from proxx_watcher.domain.selection import SelectionRules, Selector
from proxx_watcher.domain.spec_names import matters
from tests.fakes.specs import SEED_2_1, text_of

AIM_IDLE_SHARE = 0.02
AIM_BEYOND_WINDOW_SECONDS = 1.0
SPEC_WINDOW_SECONDS = 0.5
START_SECONDS = 300.0
QUIET_SECONDS, QUIET_SHARE = 3, 0.1
"""The start reads what lies there already, in the background: it is over after these seconds below this share."""

SHORT_STABILITY = "\n[folder.stability]\nscans = 2\nspacing_seconds = 0.2\nmin_age_seconds = 0.4\n"
MEDIA_WINDOW_SECONDS = 10.0
SHORT_MEDIA_WINDOW_SECONDS = 0.4


def measure(*, files_each: int, drops: int, rounds: int, idle_seconds: float, short: bool) -> dict[str, Any]:
    """Grow the three folders, scan them beside `find`, then let a watcher of each rest and take drops."""
    with tempfile.TemporaryDirectory(prefix="proxx-bench-") as name:
        directory = Path(name)
        state = directory / "state"
        roots = {kind: directory / kind for kind in KINDS}
        for kind, root in roots.items():
            asyncio.run(grow(kind=kind, root=root, state=state, files=files_each))
        scans = _scans(roots, rounds=rounds)
        clip = _clip(directory)
        folders = {}
        with LoneScheduler(directory=directory, database=str(directory / "proxx.db")) as scheduler:
            for kind, root in roots.items():
                with _Watching(kind, root, directory, scheduler.address, clip, short=short) as watching:
                    idle = watching.idle_share(idle_seconds)
                    waits = watching.waits(drops, gap_seconds=0.1 if short else 0.4)
                    folders[kind] = {
                        "ready_seconds": watching.ready_seconds,
                        "start_work_seconds": watching.start_work_seconds, "idle_share": idle,
                        "window_seconds": watching.window, "resident_bytes": watching.resident,
                        "beyond_window": _spread([wait - watching.window for wait in waits]),
                    }  # fmt: skip
        manifest = _manifest_seconds(roots["flat"] / "processed_manifest.json")
    return {
        "benchmark": "watch_folders", "files": files_each, "drops": drops, "idle_seconds": idle_seconds,
        "load_average": os.getloadavg()[0], "scans": scans, "folders": folders, "manifest_seconds": manifest,
        "aim": {"idle_share": AIM_IDLE_SHARE, "beyond_window_seconds": AIM_BEYOND_WINDOW_SECONDS},
    }  # fmt: skip


def _scans(roots: dict[str, Path], *, rounds: int) -> dict[str, dict[str, float]]:
    """CPU and wall seconds of each way in turn, medians. The first round fills the caches of the kernel."""
    media = FolderScanner(root=roots["media"], selector=Selector(SelectionRules()))
    flat, staged = roots["flat"], roots["staged"]
    quiet = _listing(flat)
    settled = [sighting.path for sighting in media.scan(settled=(), reopened=(), full=True).media]
    resting = FolderScanner(root=roots["media"], selector=Selector(SelectionRules()))
    resting.scan(settled=(), reopened=(), full=True)
    resting.scan(settled=settled, reopened=(), full=False)
    ways: dict[str, Callable[[], object]] = {
        "media: find": lambda: _find(roots["media"]),
        "media: full scan": lambda: media.scan(settled=(), reopened=(), full=True),
        "media: between full scans": lambda: resting.scan(settled=(), reopened=(), full=False),
        "flat: find -maxdepth 1": lambda: _find(flat, "-maxdepth", "1"),
        "flat: names read": lambda: _listing(flat).look(),
        "flat: nothing changed": quiet.look,
        "staged: look": lambda: (_listing(staged / "pending").look(), _listing(staged / "running").look()),
    }
    times: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for number in range(rounds + 1):
        for way, call in ways.items():
            began, busy = time.perf_counter(), _cpu()
            call()
            if number:
                times[way].append((time.perf_counter() - began, _cpu() - busy))
    return {
        way: {"wall": statistics.median(one for one, _ in taken), "cpu": statistics.median(one for _, one in taken)}
        for way, taken in times.items()
    }


def _listing(directory: Path) -> Listing:
    return Listing(directory=directory, matters=lambda name: matters(name=name, results_here=True))


def _find(root: Path, *words: str) -> None:
    subprocess.run(["find", str(root), *words, "-printf", "%s %T@ %p\\n"], check=True, stdout=subprocess.DEVNULL)


def _cpu() -> float:
    """CPU seconds of this process and of the children that it has waited for."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _manifest_seconds(path: Path) -> float:
    """CPU seconds to write the manifest once more, as each job that ends makes it."""
    entries, text = read_manifest(path.read_text(encoding="utf-8")), ManifestText()
    text.of(entries)
    busy = _cpu()
    files.write_over(path=path, text=text.of(entries))
    return _cpu() - busy


def _clip(directory: Path) -> bytes:
    path = directory / "clip.mp4"
    source = ("-f", "lavfi", "-i", "testsrc2=s=64x64:r=25:d=0.2")
    codec = ("-c:v", "libx264", "-preset", "ultrafast", "-threads", "1")
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", *source, *codec, str(path)], check=True)
    return path.read_bytes()


class _Watching:
    """A watcher process over one folder, at the default interval and with file events."""

    def __init__(self, kind: str, root: Path, directory: Path, address: str, clip: bytes, *, short: bool) -> None:
        self._kind, self._root, self._clip = kind, root, clip
        media = kind == "media"
        self.window = SPEC_WINDOW_SECONDS
        more = "max_workers = 256\n"
        if media:
            self.window = SHORT_MEDIA_WINDOW_SECONDS if short else MEDIA_WINDOW_SECONDS
            more = f'preset = "web_h264"\noutput_directory = "{directory / "out"}"\n'
            more += SHORT_STABILITY if short else ""
        settings = directory / f"{kind}.toml"
        head = f'scheduler = "{address}"\nstate = "{directory / "state"}"\nlog_level = "warning"\n'
        settings.write_text(
            f'{head}\n[[folder]]\nname = "{kind}"\npath = "{root}"\nlayout = "{kind}"\n{more}', encoding="utf-8"
        )
        self._out, self._log = directory / f"{kind}.out", directory / f"{kind}.log"
        self._argv = [sys.executable, "-P", "-m", "proxx_watcher", "--settings", str(settings), "--json"]
        self._process: subprocess.Popen[bytes] | None = None
        self.ready_seconds = 0.0
        self.start_work_seconds = 0.0
        self.resident = 0

    def __enter__(self) -> "_Watching":
        began = time.perf_counter()
        with self._out.open("wb") as out, self._log.open("wb") as log:
            self._process = subprocess.Popen(self._argv, stdin=subprocess.DEVNULL, stdout=out, stderr=log)
        self._drop("the first")  # its submission says that the watcher is at work
        self._submitted(1)
        self.ready_seconds = time.perf_counter() - began
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=60)

    def idle_share(self, seconds: float) -> float:
        """Wait until the work of its start is done, let it rest; return its CPU time as a share of one core."""
        pid = self._pid
        time.sleep(min(3.0, seconds))
        self.start_work_seconds = self._quiet(pid)
        before = cpu_seconds(pid)
        time.sleep(seconds)
        share = (cpu_seconds(pid) - before) / seconds
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
        self.resident = next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS:"))
        return share

    def waits(self, drops: int, *, gap_seconds: float) -> list[float]:
        """Drop so many files at random moments; seconds from each drop to its submission."""
        moments = random.Random(drops)
        dropped: dict[str, float] = {}
        for number in range(drops):
            time.sleep(moments.uniform(0.0, 2 * gap_seconds))
            path, moment = self._drop(f"drop {number:03}")
            dropped[path] = moment
        submitted = self._submitted(drops + 1)
        return [submitted[path] - moment for path, moment in dropped.items()]

    def _quiet(self, pid: int) -> float:
        """Wait for a few seconds in a row of little work; return the CPU time that it took until then."""
        end, quiet = time.monotonic() + START_SECONDS, 0
        while quiet < QUIET_SECONDS and time.monotonic() < end:
            before = cpu_seconds(pid)
            time.sleep(1.0)
            quiet = quiet + 1 if cpu_seconds(pid) - before < QUIET_SHARE else 0
        return cpu_seconds(pid)

    @property
    def _pid(self) -> int:
        if self._process is None:
            raise RuntimeError("not started")
        return self._process.pid

    def _drop(self, stem: str) -> tuple[str, float]:
        """Move a file of its own content in. Returns its path as the watcher shows it, and when."""
        if self._kind == "media":
            name, content = f"{stem}.mp4", self._clip + _free_box(stem)
        else:
            name = f"pending/{stem}.json" if self._kind == "staged" else f"{stem}.json"
            content = text_of(SEED_2_1, output_directory=f"/proxies/{self._kind}/{stem}").encode()
        hidden = self._root / f".{stem}"
        hidden.write_bytes(content)
        hidden.rename(self._root / name)
        return name, time.time()

    def _submitted(self, count: int) -> dict[str, float]:
        """Wait until so many files were submitted; when each one was, by its path."""
        end = time.monotonic() + START_SECONDS
        while True:
            lines = [json.loads(line) for line in self._out.read_text(encoding="utf-8").splitlines()]
            found = {
                line["path"]: datetime.fromisoformat(line["time"]).timestamp()
                for line in lines
                if line["event"] == "submitted"
            }
            if len(found) >= count:
                return found
            if time.monotonic() > end or (self._process is not None and self._process.poll() is not None):
                log = self._log.read_text(encoding="utf-8", errors="replace")[-2000:]
                raise RuntimeError(f"{self._kind}: {len(found)} of {count} drops were submitted:\n{log}")
            time.sleep(0.05)


def _free_box(text: str) -> bytes:
    """A box of ISO media files that says nothing: each clip has a content of its own."""
    content = text.encode()
    return (8 + len(content)).to_bytes(4, "big") + b"free" + content


def _spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "p50": statistics.median(ordered),
        "p99": ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))],
        "most": ordered[-1],
    }


def table(found: dict[str, Any]) -> str:
    """Each number beside its aim."""
    scans = found["scans"]
    lines = [
        f"Watch folders of {found['files']:,} files, load {found['load_average']:.2f}",
        f"  {'':<36}{'wall ms':>9}{'CPU ms':>9}{'CPU x':>9}",
    ]
    for way, taken in scans.items():
        peer = scans["flat: find -maxdepth 1" if way.startswith("flat") else "media: find"]
        lines.append(
            f"  {way:<36}{taken['wall'] * 1000:>9.1f}{taken['cpu'] * 1000:>9.1f}{taken['cpu'] / peer['cpu']:>9.2f}"
        )
    lines += [
        "  x: a multiple of the `find -printf` of the same directories in the same run.",
        f"  {'':<12}{'start s':>9}{'work s':>8}{'idle CPU':>10}{'MiB':>8}{'window s':>10}"
        f"{'beyond: p50':>13}{'p99':>8}{'most':>8}",
    ]
    for kind, folder in found["folders"].items():
        beyond = folder["beyond_window"]
        lines.append(
            f"  {kind:<12}{folder['ready_seconds']:>9.1f}{folder['start_work_seconds']:>8.1f}"
            f"{folder['idle_share']:>10.2%}{folder['resident_bytes'] / 2**20:>8.0f}{folder['window_seconds']:>10.1f}"
            f"{beyond['p50']:>13.2f}{beyond['p99']:>8.2f}{beyond['most']:>8.2f}"
        )
    aim = found["aim"]
    lines.append(
        f"  Idle CPU of one core over {found['idle_seconds']:g} s, aim {aim['idle_share']:.0%}; {found['drops']} drops "
        f"each, aim {aim['beyond_window_seconds']:g} s beyond the window. Start: to the submission of a first drop; "
        "work: the CPU seconds from the start until it rests."
    )
    lines.append(f"  One more write of the flat manifest: {found['manifest_seconds'] * 1000:.0f} ms of CPU.")
    return "\n".join(lines)
