"""WatchService over a real port, and what a watcher asks before it submits."""

from dataclasses import replace
from datetime import UTC, datetime

from proxx.core.jobs import SubmissionOptions
from proxx.core.watch_folders import (
    EntryCount,
    EntryState,
    FolderEntry,
    FolderState,
    TakenFolder,
    WatchFolder,
)
from tests.contract.refusal import refused
from tests.contract.world import World, spec_of

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
ENTRY = FolderEntry(path="A.mov", state=EntryState.WAITING, since_time=NINE, reason="size grew 12 MB", evidence="")
FOLDER = WatchFolder(
    name="cards",
    path="/media/cards",
    layout="media",
    state=FolderState.WATCHING,
    counts=(EntryCount(state=EntryState.WAITING, count=1),),
    oldest_wait_seconds=12.5,
    last_scan_time=NINE,
    last_scan_seconds=0.25,
    entries=(ENTRY,),
)


async def test_what_a_watcher_reports_is_what_operators_see(world: World) -> None:
    within, taken = await world.client.report_folders(watcher="cart:1", incarnation="i", folders=(FOLDER,))
    assert (within, taken) == (5.0, ())
    (seen,) = await world.client.list_folders()
    assert seen == replace(FOLDER, watcher="cart:1", report_time=seen.report_time)
    assert await world.client.list_folders(name="other") == ()


async def test_a_second_watcher_of_a_name_is_told_who_has_it(world: World) -> None:
    await world.client.report_folders(watcher="cart:1", incarnation="i", folders=(FOLDER,))
    _, taken = await world.client.report_folders(watcher="cart:2", incarnation="j", folders=(FOLDER,))
    assert taken == (TakenFolder(name="cards", watcher="cart:1"),)


async def test_folders_come_in_pages_and_none_is_missing(world: World) -> None:
    folders = tuple(replace(FOLDER, name=f"f{number:02d}") for number in range(45))
    await world.client.report_folders(watcher="cart:1", incarnation="i", folders=folders)
    assert [folder.name for folder in await world.client.list_folders()] == [folder.name for folder in folders]


async def test_a_report_without_an_incarnation_is_refused(world: World) -> None:
    refusal = await refused(world.client.report_folders(watcher="cart:1", incarnation="", folders=(FOLDER,)))
    assert (refusal.reason, refusal.metadata["field"]) == ("REQUEST_INVALID", "incarnation")


async def test_the_job_of_a_submission_is_found_by_its_request_id_as_it_stands_now(world: World) -> None:
    job, _ = await world.client.submit_job(request_id="drop-1", spec_json=spec_of(), options=SubmissionOptions())
    await world.client.cancel_job(job_key=job.job_key, request_id="verb", now=False)
    found = await world.client.get_submission(request_id="drop-1")
    assert found == await world.client.get_job(job_key=job.job_key)
    assert found.job_key == job.job_key
