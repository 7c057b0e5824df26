"""The book of open calls: places, turns, and who is refused with which words."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.overload import (
    CallBook,
    CallKind,
    CallLimits,
    KindLimits,
    OverloadReason,
    OverloadRefusal,
    RateLimit,
    Ticket,
)

SMALL = KindLimits(running=2, waiting=2, each=3, each_running=1, each_open=4)
PLENTY = RateLimit(per_second=1e6, burst=1_000_000)
LIMITS = CallLimits(
    kinds=dict.fromkeys(CallKind, SMALL),
    rate=PLENTY,
    rate_open=PLENTY,
    rate_executors=PLENTY,
    rate_executors_open=PLENTY,
    callers=3,
)


def opened(book: CallBook, name: str, *, kind: CallKind = CallKind.OTHER, is_open: bool = False) -> Ticket:
    ticket = book.begin(kind=kind, name=name, is_open=is_open, now=0.0)
    assert isinstance(ticket, Ticket)
    return ticket


def refused(book: CallBook, name: str, *, kind: CallKind = CallKind.OTHER, is_open: bool = False) -> OverloadRefusal:
    refusal = book.begin(kind=kind, name=name, is_open=is_open, now=0.0)
    assert isinstance(refusal, OverloadRefusal)
    return refusal


def test_calls_run_until_all_places_are_taken_then_they_wait() -> None:
    book = CallBook(limits=LIMITS)
    tickets = [opened(book, name) for name in ("a", "b", "c")]
    assert [ticket.running for ticket in tickets] == [True, True, False]
    assert (book.running(CallKind.OTHER), book.waiting(CallKind.OTHER), book.crowd) == (2, 1, 3)


def test_the_place_of_a_call_that_ends_goes_to_the_next() -> None:
    book = CallBook(limits=LIMITS)
    first, _, third = (opened(book, name) for name in ("a", "b", "c"))
    assert book.end(first) is third
    assert third.running


def test_one_identity_gets_no_more_than_its_share_of_the_places() -> None:
    book = CallBook(limits=LIMITS)
    tickets = [opened(book, "a"), opened(book, "a"), opened(book, "b")]
    assert [ticket.running for ticket in tickets] == [True, False, True]


def test_a_host_that_proves_nothing_may_take_all_places() -> None:
    book = CallBook(limits=LIMITS)
    assert [opened(book, "127.0.0.1", is_open=True).running for _ in range(3)] == [True, True, False]


def test_callers_take_turns_however_many_calls_one_of_them_has_waiting() -> None:
    kinds = dict.fromkeys(CallKind, KindLimits(running=1, waiting=9, each=9, each_running=1, each_open=9))
    book = CallBook(limits=CallLimits(kinds=kinds, rate=PLENTY))
    names = {opened(book, name): name for name in ("a", "a", "a", "a", "b", "c")}
    order, ticket = [], next(iter(names))
    while True:
        order.append(names[ticket])
        following = book.end(ticket)
        if following is None:
            break
        ticket = following
    assert order == ["a", "a", "b", "c", "a", "a"]


def test_a_call_that_stops_waiting_leaves_its_turn() -> None:
    book = CallBook(limits=LIMITS)
    first, _, gone, next_one = (opened(book, name) for name in ("a", "b", "c", "d"))
    assert book.end(gone) is None
    assert book.end(first) is next_one


def test_the_kinds_do_not_take_each_others_places() -> None:
    book = CallBook(limits=LIMITS)
    for name in ("a", "b", "c", "d"):
        opened(book, name)
    assert opened(book, "e", kind=CallKind.EXECUTOR).running


REFUSALS: Mapping[str, tuple[tuple[tuple[str, bool], ...], tuple[str, bool], OverloadRefusal]] = {
    "an identity with too many": (
        (("a", False),) * 3,
        ("a", False),
        OverloadRefusal(
            reason=OverloadReason.CALLS_EXCEEDED,
            message='identity "a" has 3 calls of the kind "other" open, which is the most for one caller',
            kind="other",
            limit=3,
            retry_seconds=1.0,
        ),
    ),
    "a host with too many": (
        (("::1", True),) * 4,
        ("::1", True),
        OverloadRefusal(
            reason=OverloadReason.CALLS_EXCEEDED,
            message='host "::1" has 4 calls of the kind "other" open, which is the most for one caller',
            kind="other",
            limit=4,
            retry_seconds=1.0,
        ),
    ),
    "all together": (
        (("a", False), ("a", False), ("b", False), ("c", False)),
        ("d", False),
        OverloadRefusal(
            reason=OverloadReason.OVERLOADED,
            message='4 calls of the kind "other" are open, which is the most of all callers together',
            kind="other",
            limit=4,
            retry_seconds=1.0,
        ),
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_call_too_many_is_refused_with_the_limit_in_words(case: str) -> None:
    before, last, expected = REFUSALS[case]
    book = CallBook(limits=LIMITS)
    for name, is_open in before:
        opened(book, name, is_open=is_open)
    assert refused(book, last[0], is_open=last[1]) == expected


def test_who_calls_too_often_is_told_when_to_come_back_and_others_go_on() -> None:
    book = CallBook(limits=CallLimits(rate=RateLimit(per_second=2, burst=1)))
    opened(book, "a")
    assert refused(book, "a") == OverloadRefusal(
        reason=OverloadReason.RATE_EXCEEDED,
        message='identity "a" calls too often: at most 2 calls a second in the long run, 1 after a rest',
        kind="other",
        limit=2,
        retry_seconds=0.5,
    )
    assert opened(book, "b").running
    assert isinstance(book.begin(kind=CallKind.OTHER, name="a", is_open=False, now=0.5), Ticket)


def test_executors_calls_have_a_rate_of_their_own() -> None:
    book = CallBook(limits=CallLimits(rate=RateLimit(per_second=1, burst=1)))
    opened(book, "a")
    refused(book, "a")
    assert opened(book, "a", kind=CallKind.EXECUTOR).running


def test_a_name_of_an_identity_is_no_host() -> None:
    book = CallBook(limits=LIMITS)
    for _ in range(3):
        opened(book, "127.0.0.1")
    assert opened(book, "127.0.0.1", is_open=True)


def test_calls_that_are_denied_are_answered_at_once_until_there_are_many() -> None:
    book = CallBook(limits=CallLimits(rate_denied=RateLimit(per_second=1, burst=2)))
    assert [book.denied(host="h", now=0.0) for _ in range(3)] == [False, False, True]
    assert not book.denied(host="other", now=0.0)


def test_callers_without_an_open_call_are_forgotten_when_there_are_many() -> None:
    book = CallBook(limits=CallLimits(rate=RateLimit(per_second=1e-9, burst=1), callers=2))
    for name in ("a", "b", "c"):
        book.end(opened(book, name))
    assert opened(book, "a").running  # its empty bucket was forgotten


def test_refusals_are_held_back_the_longer_the_more_there_are() -> None:
    limits = CallLimits(park_seconds=1, longest_park_seconds=11, parked=10)
    assert [limits.park_for(already=already) for already in (0, 5, 9, 10)] == [1, 6, 10, 0]


@given(data=st.data())
def test_no_place_is_ever_lost_or_given_twice(data: st.DataObject) -> None:
    book = CallBook(limits=LIMITS)
    tickets: list[Ticket] = []
    for _ in range(data.draw(st.integers(0, 60))):
        if tickets and data.draw(st.booleans()):
            book.end(tickets.pop(data.draw(st.integers(0, len(tickets) - 1))))
        else:
            name, is_open = data.draw(st.sampled_from((("a", False), ("b", False), ("c", False), ("h", True))))
            found = book.begin(kind=CallKind.OTHER, name=name, is_open=is_open, now=0.0)
            if isinstance(found, Ticket):
                tickets.append(found)
        running = sum(ticket.running for ticket in tickets)
        assert (book.running(CallKind.OTHER), book.waiting(CallKind.OTHER), book.crowd) == (
            running,
            len(tickets) - running,
            len(tickets),
        )
        assert running <= SMALL.running
    while tickets:
        book.end(tickets.pop())
    assert (book.running(CallKind.OTHER), book.waiting(CallKind.OTHER), book.crowd) == (0, 0, 0)
