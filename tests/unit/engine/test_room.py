"""How much room is left beside the leases that an executor holds."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from proxx.core.steps import StepKind
from proxx.engine.room import NO_ROOM, Room, room_beside
from tests.fakes.leases import lease

kinds = st.lists(st.sampled_from(StepKind), max_size=8)


@given(held=kinds, slots=st.integers(1, 4), probe_slots=st.integers(0, 4))
def test_each_lease_takes_a_place_of_its_kind_and_no_other(held: list[StepKind], slots: int, probe_slots: int) -> None:
    leases = [replace(lease(str(number)), kind=kind) for number, kind in enumerate(held)]
    room = room_beside(held=leases, slots=slots, probe_slots=probe_slots)
    apart = held.count(StepKind.PROBE) if probe_slots else 0
    assert room == Room(grants=max(slots - len(held) + apart, 0), probes=max(probe_slots - apart, 0))
    assert room.any == (room != NO_ROOM)


def test_room_lacks_what_it_has_none_of() -> None:
    slot, probe = Room(grants=1, probes=0), Room(grants=0, probes=1)
    assert (slot.lacks(probe), probe.lacks(slot), NO_ROOM.lacks(slot)) == (True, True, True)
    assert (slot.lacks(slot), slot.lacks(NO_ROOM), slot.lacks(Room(grants=2, probes=0))) == (False, False, False)
