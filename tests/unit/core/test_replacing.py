"""Replacing fields of frozen records: the same as dataclasses.replace, for the records that it takes."""

import dataclasses
from dataclasses import dataclass

import pytest

from proxx.core.jobs import ClipState
from proxx.core.replacing import replace
from proxx_scheduler.domain.records import Clip


@dataclass(frozen=True)
class Open:
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class Checked:
    left: int
    right: int

    def __post_init__(self) -> None:
        if self.left < 0:
            raise ValueError("left")


def test_record_is_changed_as_dataclasses_replace_changes_it():
    clip = Clip(index=3, state=ClipState.QUEUED)
    changes = {"state": ClipState.LEASED, "requeues": 2}
    assert replace(clip, **changes) == dataclasses.replace(clip, **changes)  # type: ignore[arg-type]  # kinds as above
    assert clip == Clip(index=3, state=ClipState.QUEUED)


def test_unknown_field_is_refused():
    with pytest.raises(TypeError, match="Clip has no field colour"):
        replace(Clip(index=3, state=ClipState.QUEUED), colour="red")


@pytest.mark.parametrize("record", [Open(1, 2), Checked(1, 2), 7], ids=["no slots", "checks itself", "no record"])
def test_other_records_are_refused(record: object):
    with pytest.raises(TypeError, match="no dataclass with slots"):
        replace(record, left=-1)
