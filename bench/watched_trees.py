"""Watch folders that have been at work for long: very many files, each of them settled, with ledger and manifest."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from proxx.core.jobs import JobState
from proxx.runtime.watch_state import folder_state
from proxx_watcher.disk.files import write_over
from proxx_watcher.disk.ledger import FileLedger, open_ledger
from proxx_watcher.domain.manifest import ManifestEntry, ManifestText
from proxx_watcher.domain.media_record import MediaRecord
from proxx_watcher.domain.spec_record import SpecRecord

FILES_OF_A_DIRECTORY = 200
MOMENT = "2026-11-20T12:00:00.000+00:00"
KINDS = ("media", "staged", "flat")


class _Here:
    """Makes disk calls where it is asked."""

    async def run(self, call: Callable[[], Any]) -> Any:
        return call()


async def grow(*, kind: str, root: Path, state: Path, files: int) -> None:
    """Fill a folder that is named like its kind with so many files that are done with.

    Files are empty: the watcher reads none of them. In `staged` and `flat` each one has its result beside it.
    """
    ledger = open_ledger(path=folder_state(state=state, name=kind) / "ledger.jsonl", thread=_Here())
    if kind == "media":
        await _media(root, ledger, files)
    else:
        await _specs(root, ledger, files, flat=kind == "flat")


async def _media(root: Path, ledger: FileLedger, files: int) -> None:
    for number in range(files):
        below = f"card {number // FILES_OF_A_DIRECTORY:04}"
        if number % FILES_OF_A_DIRECTORY == 0:
            (root / below).mkdir(parents=True)
        path = root / below / f"A{number:06}.mov"
        path.touch(exist_ok=False)
        seen = path.stat()
        name = f"{below}/{path.name}"
        record = MediaRecord(
            path=name, digest=f"{number:064x}", generation=0, order=number + 1, request_id=f"watch-{number}",
            forms={name: (seen.st_size, seen.st_mtime_ns, seen.st_dev, seen.st_ino)}, ready_time=MOMENT,
            changed_time=MOMENT, evidence="3 equal scans", job_key=f"job-{number}", outcome=JobState.COMPLETED,
        )  # fmt: skip
        await ledger.put(key=record.key, record=record.plain(), durable=False)


async def _specs(root: Path, ledger: FileLedger, files: int, *, flat: bool) -> None:
    good = root / ("processed" if flat else "completed")
    for directory in (good, root / "failed", *(() if flat else (root / "pending", root / "running"))):
        directory.mkdir(parents=True)
    entries: dict[str, ManifestEntry] = {}
    for number in range(files):
        name = f"job {number:06}.json"
        (good / name).touch(exist_ok=False)
        ((root if flat else good) / f"job {number:06}.result.json").touch(exist_ok=False)
        record = SpecRecord(
            name=name, sha256=f"{number:064x}", generation=0, order=number + 1, ready_time=MOMENT, changed_time=MOMENT,
            job_key=f"job-{number}", outcome=JobState.COMPLETED,
        )  # fmt: skip
        await ledger.put(key=record.key, record=record.plain(), durable=False)
        entries[str(root / name)] = ManifestEntry(
            sha256=record.sha256, processed_at=MOMENT, result_status="COMPLETED", job_key=record.job_key
        )
    if flat:
        write_over(path=root / "processed_manifest.json", text=ManifestText().of(entries))
