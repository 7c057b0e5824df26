"""Which journals found on a disk can be reported: those that a scheduler takes, and no others."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from proxx.core.steps import Journal
from proxx.rpc.journals import can_be_reported
from tests.fakes.leases import a_journal, prepared_output


def journal_with(**execution: object) -> Journal:
    made = prepared_output()
    plain = replace(made, measured=replace(made.measured, facts=replace(made.measured.facts, reel_name="A001")))
    execution_made = replace(made.execution, **execution)  # type: ignore[arg-type]  # fields of an execution
    return a_journal(replace(plain, execution=execution_made))


@pytest.mark.parametrize(
    "execution",
    [
        {"encode_seconds": 12.345678912345678},
        {"started_time": datetime(1, 1, 1, tzinfo=UTC), "ended_time": datetime.max.replace(tzinfo=UTC)},
        {"started_time": datetime.fromisoformat("2026-11-20T09:00:00.000001+05:30")},
    ],
    ids=["a duration to the last digit", "the first and the last time of all", "a time with an offset"],
)
def test_what_an_executor_measures_can_be_reported(execution: dict[str, object]) -> None:
    assert can_be_reported(journal_with(**execution))


@pytest.mark.parametrize(
    "execution",
    [
        {"started_time": datetime.fromisoformat("0001-01-01T00:00:00+10:00")},
        {"ended_time": datetime.fromisoformat("9999-12-31T23:59:59-10:00")},
        {"exit_code": 2**31},
    ],
    ids=["before the first time", "after the last time", "a large exit code"],
)
def test_what_no_scheduler_takes_cannot_be_reported(execution: dict[str, object]) -> None:
    assert not can_be_reported(journal_with(**execution))
