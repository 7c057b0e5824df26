import uuid
from datetime import UTC, datetime, timedelta

from proxx.runtime.clock import SortableIds, SystemClock


class SteppedClock:
    def __init__(self, *times):
        self.times = list(times)

    def now(self):
        return self.times.pop(0) if len(self.times) > 1 else self.times[0]

    def monotonic(self):
        return 0.0

    async def sleep(self, seconds):
        return None


NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_wall_time_is_utc():
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_id_is_a_version_7_uuid_led_by_the_clock():
    made = uuid.UUID(SortableIds(SteppedClock(NOON)).new_id())
    assert (made.version, made.variant, made.int >> 80) == (7, uuid.RFC_4122, int(NOON.timestamp() * 1000))


def test_ids_of_one_millisecond_are_distinct_and_sorted():
    ids = SortableIds(SteppedClock(NOON))
    made = [ids.new_id() for _ in range(10_000)]
    assert made == sorted(set(made))


def test_ids_stay_sorted_when_the_clock_steps_back():
    ids = SortableIds(SteppedClock(NOON, NOON - timedelta(hours=1)))
    assert ids.new_id() < ids.new_id()
