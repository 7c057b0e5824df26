"""The order of grants as arithmetic: class, weighted share, submission; properties over random histories."""

from collections import Counter
from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from proxx_scheduler.app.lanes import enter_lane
from proxx_scheduler.domain.needs import EITHER_ENGINE, Needs
from proxx_scheduler.domain.ordering import SCALE, Account, Lane, Place, Share, charged, first_of, tag_on_arrival

FFMPEG = Needs(engine="ffmpeg", roots=("local",), planner_version=2)
RESOLVE = Needs(engine="resolve", roots=("local",), planner_version=2)
PROBE = Needs(engine=EITHER_ENGINE, roots=("local",), planner_version=None)


@dataclass
class Site:
    """Lanes and shares in dictionaries, granted as app/granting.py grants."""

    weights: dict[str, int] = field(default_factory=dict)
    lanes: dict[int, Lane] = field(default_factory=dict)
    waiting: dict[int, list[tuple[Place, int]]] = field(default_factory=dict)
    shares: dict[tuple[str, int, Account], Share] = field(default_factory=dict)
    probe_tags: dict[int, int] = field(default_factory=dict)
    submitted: int = 0

    def find_lane(self, *, queue: str, priority: int, needs: str) -> Lane | None:
        wanted = (queue, priority, needs)
        return next((lane for lane in self.lanes.values() if (lane.queue, lane.priority, lane.needs) == wanted), None)

    def add_lane(self, *, queue: str, priority: int, needs: Needs, tag: int, probe_tag: int | None, head: Place) -> int:
        number = max(self.lanes, default=0) + 1
        if probe_tag is not None:
            self.probe_tags[number] = probe_tag
        self.lanes[number] = Lane(
            lane_id=number, queue=queue, priority=priority, needs=needs.key, tag=tag, head=head
        )  # fmt: skip
        self.waiting[number] = []
        return number

    def move_lane(self, lane: Lane) -> None:
        self.lanes[lane.lane_id] = lane

    def share(self, *, queue: str, priority: int, account: Account = Account.SLOTS) -> Share | None:
        return self.shares.get((queue, priority, account))

    def virtual_time(self, priority: int, account: Account = Account.SLOTS) -> int:
        mine = (priority, account)
        return max((share.start for (_, *known), share in self.shares.items() if (*known,) == mine), default=0)

    def submit(self, queue: str, *, priority: int = 0, cost: int = 1, needs: Needs = FFMPEG, times: int = 1) -> None:
        for _ in range(times):
            self.submitted += 1
            place = Place(job_sequence=self.submitted, rank=3, clip_index=0)
            number = enter_lane(self, queue=queue, priority=priority, needs=needs, place=place)
            self.waiting[number].append((place, cost))

    def grant(self, *needs: Needs, account: Account = Account.SLOTS) -> str | None:
        """Grant to an executor that meets `needs`, FFMPEG unless told otherwise; returns the queue."""
        keys = {item.key for item in needs or (FFMPEG,)}
        lane = first_of(self.standing(number, account) for number, it in self.lanes.items() if it.needs in keys)
        if lane is None:
            return None
        _, cost = self.waiting[lane.lane_id].pop(0)
        weight, time = self.weights.get(lane.queue, 1), self.virtual_time(lane.priority, account)
        share = charged(tag=lane.tag, virtual_time=time, cost=cost, weight=weight)
        self.shares[lane.queue, lane.priority, account] = share
        for other in list(self.lanes.values()):
            if (other.queue, other.priority) != (lane.queue, lane.priority):
                continue
            if account is Account.SLOTS:
                self.lanes[other.lane_id] = replace(other, tag=share.finish)
            elif other.lane_id in self.probe_tags:
                self.probe_tags[other.lane_id] = share.finish
        if self.waiting[lane.lane_id]:
            self.lanes[lane.lane_id] = replace(self.lanes[lane.lane_id], head=self.waiting[lane.lane_id][0][0])
        else:
            del self.lanes[lane.lane_id]
        return lane.queue

    def standing(self, number: int, account: Account) -> Lane:
        lane = self.lanes[number]
        return lane if account is Account.SLOTS else replace(lane, tag=self.probe_tags[number], account=account)

    def grants(self, count: int, *needs: Needs) -> str:
        return "".join(self.grant(*needs) or "-" for _ in range(count))

    def probes(self, count: int) -> str:
        return "".join(self.grant(PROBE, account=Account.PROBES) or "-" for _ in range(count))


def test_two_queues_of_one_weight_take_turns_in_order_of_submission() -> None:
    site = Site()
    site.submit("b", times=3)
    site.submit("a", times=3)
    assert site.grants(7) == "bababa-"


def test_the_worked_example_of_the_document() -> None:
    site = Site(weights={"n": 2})
    site.submit("n", times=6)
    site.submit("d", times=6)
    assert site.grants(9) == "ndnndnndn"


def test_a_higher_class_goes_first_whatever_it_has_had() -> None:
    site = Site()
    site.submit("a", times=2)
    site.submit("b", times=3, priority=5)
    assert site.grants(5) == "bbbaa"


def test_what_a_queue_had_in_one_class_is_not_held_against_it_in_another() -> None:
    site = Site()
    site.submit("a", times=50, priority=5)
    assert site.grants(50) == "a" * 50
    site.submit("a", times=2)
    site.submit("b", times=2)
    assert site.grants(4) == "abab"


def test_a_queue_that_was_away_neither_owns_nor_owes_anything() -> None:
    site = Site()
    site.submit("a", times=100)
    site.submit("b", times=1)
    assert site.grants(50).count("b") == 1
    site.submit("b", times=50)
    assert site.grants(20).count("b") == 10


def test_a_wide_encode_costs_its_threads() -> None:
    site = Site()
    site.submit("w", times=5, cost=4)
    site.submit("s", times=20)
    counts = Counter(site.grants(10))
    assert counts == {"w": 2, "s": 8}


def test_a_queue_that_no_executor_could_serve_is_not_paid_back_what_it_could_not_take() -> None:
    site = Site()
    site.submit("r", times=1, needs=RESOLVE)
    site.submit("a", times=200)
    assert site.grants(100) == "a" * 100
    site.submit("r", times=100)
    counts = Counter(site.grants(20))
    assert counts == {"a": 10, "r": 10}


def test_probes_beside_slots_cost_a_queue_none_of_its_slots() -> None:
    site = Site()
    site.submit("p", times=100, needs=PROBE)
    site.submit("p", times=10)
    site.submit("e", times=10)
    assert site.probes(100) == "p" * 100
    assert site.grants(6) == "pepepe"


def test_encodes_cost_a_queue_none_of_its_probes() -> None:
    site = Site()
    site.submit("e", times=100, cost=8)
    site.grants(100)
    site.submit("p", times=10, needs=PROBE)
    site.submit("e", times=10, needs=PROBE)
    assert site.probes(6) == "pepepe"


def test_a_probe_that_takes_a_slot_is_charged_as_one() -> None:
    site = Site()
    site.submit("p", times=3, needs=PROBE)
    site.submit("e", times=6)
    assert site.grants(6, PROBE, FFMPEG) == "pepepe"


def test_tags_are_whole_numbers_in_millionths() -> None:
    assert charged(tag=5, virtual_time=7, cost=2, weight=3) == Share(start=7, finish=7 + 2 * SCALE // 3)
    assert tag_on_arrival(share=Share(start=1, finish=9), virtual_time=4) == 9
    assert tag_on_arrival(share=Share(start=1, finish=3), virtual_time=4) == 4
    assert tag_on_arrival(share=None, virtual_time=4) == 4


weights = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 10), min_size=2, max_size=6)


@given(weights=weights, costs=st.lists(st.integers(1, 8), min_size=6, max_size=6), count=st.integers(1, 200))
def test_queues_that_wait_all_the_time_get_their_weights_within_one_clip(
    weights: dict[str, int], costs: list[int], count: int
) -> None:
    site = Site(weights=weights)
    cost = dict(zip("abcdef", costs, strict=True))
    for queue in weights:
        site.submit(queue, times=count + 1, cost=cost[queue])
    got = Counter(site.grants(count))
    for one in weights:
        for other in weights:
            ahead = got[one] * cost[one] / weights[one] - got[other] * cost[other] / weights[other]
            assert ahead <= cost[one] / weights[one] + 1e-3


@given(weights=weights, backlog=st.integers(1, 300), served=st.integers(0, 300), account=st.sampled_from(Account))
def test_a_newcomer_is_served_before_any_other_queue_is_served_twice(
    weights: dict[str, int], backlog: int, served: int, account: Account
) -> None:
    site = Site(weights=dict.fromkeys(weights, 1))
    needs, grants = (PROBE, site.probes) if account is Account.PROBES else (FFMPEG, site.grants)
    for queue in weights:
        site.submit(queue, times=backlog + served + 2, needs=needs)
    grants(served)
    site.submit("z", needs=needs)
    before = grants(2 * len(weights) + 1)
    assert "z" in before
    assert max(Counter(before[: before.index("z")]).values(), default=0) <= 1


steps = st.lists(
    st.tuples(st.sampled_from("abcd"), st.integers(-1, 1), st.integers(1, 4), st.sampled_from([FFMPEG, RESOLVE])),
    max_size=40,
)


@given(steps=steps, capable=st.sampled_from([(FFMPEG,), (RESOLVE,), (FFMPEG, RESOLVE)]))
def test_an_executor_is_never_idle_while_something_waits_that_it_can_run(
    steps: list[tuple[str, int, int, Needs]], capable: tuple[Needs, ...]
) -> None:
    site = Site()
    for queue, priority, cost, needs in steps:
        site.submit(queue, priority=priority, cost=cost, needs=needs)
    can = sum(needs in capable for *_, needs in steps)
    granted = site.grants(len(steps) + 1, *capable)
    assert granted.count("-") == len(steps) + 1 - can
    assert "-" not in granted[:can]


@given(steps=steps, shuffle=st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_the_first_lane_does_not_depend_on_the_order_in_which_lanes_are_looked_at(
    steps: list[tuple[str, int, int, Needs]], shuffle: object
) -> None:
    site = Site()
    for queue, priority, cost, needs in steps:
        site.submit(queue, priority=priority, cost=cost, needs=needs)
    lanes = list(site.lanes.values())
    expected = first_of(lanes)
    shuffle.shuffle(lanes)  # type: ignore[attr-defined]  # random.Random, as hypothesis makes it
    assert first_of(lanes) == expected


@given(steps=steps)
def test_no_grant_of_a_class_is_made_while_a_higher_one_waits(steps: list[tuple[str, int, int, Needs]]) -> None:
    site = Site()
    for queue, priority, cost, _ in steps:
        site.submit(queue, priority=priority, cost=cost)
    order = []
    for _ in steps:
        before = {key: len(items) for key, items in site.waiting.items()}
        priorities = {key: lane.priority for key, lane in site.lanes.items()}
        site.grant()
        (key,) = [key for key, items in site.waiting.items() if len(items) < before[key]]
        order.append(priorities[key])
    assert order == sorted(order, reverse=True)
