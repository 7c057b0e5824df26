"""What happens to a job while admission decides about it, between what it read and what it records."""

import asyncio
from collections.abc import Callable

from proxx.core.jobs import JobState
from proxx.core.profile import Profile
from proxx.core.profile_library import ProfileLibrary
from proxx.runtime.clock import SortableIds
from proxx_scheduler.app.admission import Admission
from proxx_scheduler.app.ports import Tx
from proxx_scheduler.database_address import DatabaseAddress
from proxx_scheduler.identifiers import SchedulerIds
from tests.fakes.clock import FakeClock
from tests.fakes.new_jobs import NOW
from tests.fakes.stores import Harness, open_store, run_sql


class BusyLibrary(ProfileLibrary):
    """A library without profiles that lets something happen when it is first asked, on the deciding thread."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__(())
        self.asked = 0
        self._meanwhile = meanwhile

    def get(self, name: str) -> Profile | None:
        self.asked += 1
        if self.asked == 1:
            self._meanwhile()
        return None


def moved(tx: Tx) -> None:
    """Give the job another place in the queue."""
    board = tx.board("job-1")
    assert board is not None
    board.reschedule(priority=7, queue=None)
    tx.save(board, actor="operator", now=NOW, new_step_id=lambda: "none")


async def decided(harness: Harness, library: BusyLibrary) -> tuple[JobState, int]:
    """Decide about the job; returns its state and how often it was decided about."""
    admission = Admission(
        store=harness.store, library=library, clock=FakeClock(), ids=SchedulerIds(SortableIds(FakeClock()))
    )
    admission.begin("job-1")
    async with asyncio.timeout(20):
        await asyncio.gather(*(task for task in asyncio.all_tasks() if task.get_name() == "admission-job-1"))
    view = await harness.store.read(lambda tx: tx.job_view("job-1"))
    assert view is not None
    return view.state, library.asked


async def test_a_job_that_is_moved_in_the_queue_meanwhile_is_decided_about_all_the_same(
    database: DatabaseAddress,
) -> None:
    loop = asyncio.get_running_loop()
    async with open_store(database) as harness:
        await harness.add()
        await asyncio.to_thread(run_sql, database, "UPDATE steps SET state = 'DONE', lane = NULL")
        library = BusyLibrary(
            lambda: asyncio.run_coroutine_threadsafe(harness.store.write(moved), loop).result(timeout=10)
        )
        assert await decided(harness, library) == (JobState.REJECTED, 1)
        view = await harness.store.read(lambda tx: tx.job_view("job-1"))
        assert view is not None
        assert view.options.priority == 7


async def test_a_job_of_another_spec_whose_probes_are_done_is_decided_about_again(database: DatabaseAddress) -> None:
    async with open_store(database) as harness:
        await harness.add()
        await asyncio.to_thread(run_sql, database, "UPDATE steps SET state = 'DONE', lane = NULL")
        library = BusyLibrary(lambda: run_sql(database, "UPDATE jobs SET spec_revision = 2"))
        assert await decided(harness, library) == (JobState.REJECTED, 2)
