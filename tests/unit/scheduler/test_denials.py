"""Denied calls become a few records of the scheduler's own chain, however many there are."""

import json
import random
from datetime import timedelta
from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from proxx.core.access import AccessReason, Denial
from proxx_scheduler.app.denials import DENIED, Denials
from proxx_scheduler.domain.denials import COUNT_LIMIT, KINDS_LIMIT, CountedDenials, DenialWindow
from tests.fakes.direct_store import DirectStore
from tests.simulation.hand_clock import HandClock
from tests.simulation.memory_backend import MemoryBackend

NOW = HandClock().now()


def denial(method: str = "GetJob", *, identity: str = "", peer: str = "network", **changes: Any) -> Denial:
    reason = AccessReason.ROLE_MISSING if identity else AccessReason.CREDENTIALS_MISSING
    facts = {"service": "proxx.api.jobs.v1.JobService", "method": method, "reason": reason, **changes}
    return Denial(identity=identity, peer_kind=peer, **facts)


class Site:
    """A store in memory, and what was recorded in it."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.backend = MemoryBackend()
        self.store = DirectStore(self.backend, lambda _effects: None)
        self.denials = Denials(clock=self.clock)
        self.denials.lead(self.store)

    async def recorded(self) -> list[tuple[str, dict[str, Any]]]:
        """Who was denied and the data, of each event."""
        events = await self.store.read(lambda tx: tx.events_after(sequence=0, job_keys=(), limit=1000))
        assert {(event.kind, event.job_key, event.before, event.after) for event in events} <= {(DENIED, "", "", "")}
        return [(event.actor, json.loads(event.data_json)) for event in events]


async def test_counts_that_standbys_tell_end_where_an_event_can_still_hold_them() -> None:
    site = Site()
    told = CountedDenials(denial=denial(), count=COUNT_LIMIT, first=NOW, last=NOW)
    site.denials.note_all((told, told))
    await site.denials.record()
    ((_, data),) = await site.recorded()
    assert data["count"] == COUNT_LIMIT


async def test_calls_of_one_kind_are_one_record_with_their_count_and_when_they_came() -> None:
    site = Site()
    first = site.clock.now()
    for _ in range(3):
        site.denials.note(denial())
        site.clock.seconds += 7
    await site.denials.record()
    await site.denials.record()
    last = first + timedelta(seconds=14)
    assert await site.recorded() == [
        (
            "unknown/network",
            {
                "count": 3,
                "first": first.isoformat(timespec="microseconds"),
                "last": last.isoformat(timespec="microseconds"),
                "method": "/proxx.api.jobs.v1.JobService/GetJob",
                "peer": "network",
                "reason": "CREDENTIALS_MISSING",
            },
        )
    ]


async def test_who_which_method_and_why_each_make_a_kind_of_their_own() -> None:
    site = Site()
    expired = AccessReason.TOKEN_EXPIRED
    for one in (
        denial(),
        denial(peer="loopback"),
        denial("ListJobs"),
        denial(identity="mam"),
        denial(identity="mam", peer="loopback"),  # one who is known is the same on every way
        denial(identity="mam", reason=expired),
        denial(identity="network"),  # a name is no way
    ):
        site.denials.note(one)
    await site.denials.record()
    found = [
        (who, data["method"].rpartition("/")[2], data["reason"], data["count"]) for who, data in await site.recorded()
    ]
    assert found == [
        ("unknown/network", "GetJob", "CREDENTIALS_MISSING", 1),
        ("unknown/loopback", "GetJob", "CREDENTIALS_MISSING", 1),
        ("unknown/network", "ListJobs", "CREDENTIALS_MISSING", 1),
        ("identity/mam", "GetJob", "ROLE_MISSING", 2),
        ("identity/mam", "GetJob", "TOKEN_EXPIRED", 1),
        ("identity/network", "GetJob", "ROLE_MISSING", 1),
    ]


async def test_a_flood_of_kinds_is_a_hundred_records_and_one_for_the_rest() -> None:
    site = Site()
    for name, method in product(range(50), range(20)):
        site.denials.note(denial(f"M{method}", identity=f"someone-{name}"))
    site.denials.note(denial("M0", identity="someone-0"))
    await site.denials.record()
    records = await site.recorded()
    (who, rest) = records.pop()
    assert (len(records), who, rest["count"], "reason" in rest) == (KINDS_LIMIT, "scheduler", 900, False)
    assert sum(data["count"] for _, data in records) == 101


async def test_what_the_database_refuses_is_recorded_the_next_time_with_what_came_since() -> None:
    site = Site()
    site.denials.note(denial())
    site.store.refusal = "database or disk is full"
    await site.denials.record()
    site.denials.note(denial())
    site.store.refusal = ""
    await site.denials.record()
    assert [data["count"] for _, data in await site.recorded()] == [2]


async def test_what_was_denied_before_the_scheduler_leads_is_recorded_once_it_does() -> None:
    site = Site()
    denials = Denials(clock=site.clock)
    denials.note(denial())
    await denials.record()
    denials.lead(site.store)
    await denials.record()
    assert [data["count"] for _, data in await site.recorded()] == [1]


@given(st.lists(st.tuples(st.integers(0, 150), st.booleans()), max_size=400))
def test_no_denied_call_is_lost_or_counted_twice_whatever_comes_back(calls: list[tuple[int, bool]]) -> None:
    window, taken = DenialWindow(), 0
    for name, refused in calls:
        window.add(denial(identity=f"someone-{name}"), now=NOW)
        if refused:
            found = window.take()
            random.Random(name).shuffle(kept := list(found))
            window.put_back(kept[1:])
            taken += sum(item.count for item in kept[:1])
    rest = window.take()
    assert len(rest) <= KINDS_LIMIT + 1
    assert taken + sum(item.count for item in rest) == len(calls)
    assert window.take() == ()


def test_the_rest_says_when_its_first_and_its_last_came() -> None:
    window = DenialWindow()
    for second in range(KINDS_LIMIT + 3):
        window.add(denial(identity=f"someone-{second}"), now=NOW + timedelta(seconds=second))
    first, last = (NOW + timedelta(seconds=KINDS_LIMIT + more) for more in (0, 2))
    assert window.take()[-1] == CountedDenials(denial=None, count=3, first=first, last=last)
