"""What becomes of a decision about a job that the database does not take: it is made again, and the log stays small."""

import asyncio
import logging
import random
from typing import Any

import pytest

from proxx.runtime.profile_files import builtin_library
from proxx_scheduler.app.admission import Admission
from proxx_scheduler.app.ports import StoreError
from tests.simulation.hand_clock import HandClock
from tests.simulation.sim_clock import SimIds


class Refusing:
    """A store that can be read only after so many tries; then the job meets a defect."""

    def __init__(self, tries: int) -> None:
        self.left = tries
        self.ended = asyncio.Event()

    async def read(self, _work: Any) -> Any:
        self.left -= 1
        if self.left >= 0:
            raise StoreError("the database could not be read: disk I/O error")
        self.ended.set()
        raise LookupError("a defect")


async def test_a_refused_decision_is_told_once_and_a_defect_with_its_trace(caplog: pytest.LogCaptureFixture) -> None:
    store: Any = Refusing(50)
    admission = Admission(
        store=store, library=builtin_library(), clock=HandClock(), ids=SimIds(random.Random(1)), retry_seconds=0
    )
    admission.begin("job")
    await asyncio.wait_for(store.ended.wait(), 10)
    await asyncio.sleep(0)
    assert [(record.levelno, record.exc_info is not None) for record in caplog.records] == [
        (logging.WARNING, False),
        (logging.ERROR, True),
    ]
    await admission.stop()
