"""The judge: which facts make a file wait, for how long, and what is relied on when it does not."""

from dataclasses import replace

import pytest

from proxx_watcher.domain.ends.ending import Ending, cut, doubtful, open_ended, whole
from proxx_watcher.domain.evidence import Require, Statement, Witness
from proxx_watcher.domain.readiness import (
    Judgement,
    Look,
    Next,
    ReadinessRules,
    Writer,
    judge_look,
    judge_sightings,
)
from proxx_watcher.domain.sighting import History, Sighting

SIZE = 50_000_000
WALL = 1_000_000.0
SEEN = Sighting(
    path="a.mov", size=SIZE, mtime_ns=int((WALL - 100) * 1e9), ctime_ns=1, device=1, inode=2, allocated=SIZE
)
STEADY = History(
    newest=SEEN,
    first_seen=0.0,
    changed_at=0.0,
    content_changed_at=0.0,
    counted_at=10.0,
    seen_at=10.0,
    steady_scans=3,
    sample="d",
)
LOOK = Look(form=SEEN.form, digest="d", writer=Writer.NONE, ending=whole("moov present, 4 boxes end at byte 50000000"))
RULES = ReadinessRules()


def by_scans(history: History, *, now: float = 10.0, rules: ReadinessRules = RULES) -> Judgement:
    return judge_sightings(history=history, rules=rules, now=now, wall_now=WALL)


def by_look(
    look: Look,
    *,
    history: History = STEADY,
    statement: Statement | None = None,
    rules: ReadinessRules = RULES,
    now: float = 10.0,
) -> Judgement:
    return judge_look(
        history=history, look=look, statement=statement or Statement(), rules=rules, now=now, wall_now=WALL
    )


@pytest.mark.parametrize(
    ("history", "now", "text", "again"),
    [
        pytest.param(
            replace(STEADY, steady_scans=1, changed_at=10.0, growth=12_000_000, changed_by="its size changed"),
            10.0,
            "size grew 12 MB in the last scan",
            5.0,
            id="growing",
        ),
        pytest.param(
            replace(STEADY, steady_scans=1, changed_at=10.0, growth=-1500, changed_by="its size changed"),
            10.0,
            "size shrank 1.5 kB in the last scan",
            5.0,
            id="cut short",
        ),
        pytest.param(
            replace(STEADY, steady_scans=1, changed_at=10.0, changed_by="its modification time changed"),
            10.0,
            "its modification time changed in the last scan",
            5.0,
            id="touched",
        ),
        pytest.param(replace(STEADY, steady_scans=2), 12.0, "unchanged in 2 of 3 scans", 3.0, id="too few scans"),
        pytest.param(
            replace(STEADY, changed_at=4.0), 10.0, "unchanged for 6 s of 10 s", 4.0, id="too young by our clock"
        ),
        pytest.param(
            replace(STEADY, newest=replace(SEEN, mtime_ns=int((WALL - 3) * 1e9))),
            10.0,
            "modified 3 s ago by its own time, at least 10 s asked",
            7.0,
            id="too young by its own time",
        ),
        pytest.param(
            replace(STEADY, newest=replace(SEEN, size=0)), 10.0, "holds no bytes", 5.0, id="an early name without bytes"
        ),
    ],
)
def test_scans_make_a_file_wait(history: History, now: float, text: str, again: float) -> None:
    judged = by_scans(history, now=now)
    assert (judged.next, judged.text, judged.again_seconds) == (Next.WAIT, text, pytest.approx(again))


@pytest.mark.parametrize("mtime", [pytest.param(WALL + 86400, id="a day ahead"), pytest.param(0.0, id="long ago")])
def test_a_time_that_was_set_neither_hurries_nor_holds_up(mtime: float) -> None:
    history = replace(STEADY, newest=replace(SEEN, mtime_ns=int(mtime * 1e9)))
    assert by_scans(history).next is Next.LOOK
    assert by_scans(replace(history, changed_at=5.0)).text == "unchanged for 5 s of 10 s"


def test_a_whole_file_at_rest_is_ready_and_says_what_was_relied_on() -> None:
    assert by_scans(STEADY).next is Next.LOOK
    judged = by_look(LOOK)
    assert judged.next is Next.READY
    assert judged.text == (
        "3 equal scans, unchanged for 10 s; moov present, 4 boxes end at byte 50000000; "
        "no program has it open for writing"
    )


def test_a_time_ahead_is_said_not_to_be_relied_on() -> None:
    ahead = replace(SEEN, mtime_ns=int((WALL + 3600) * 1e9))
    judged = by_look(replace(LOOK, form=ahead.form), history=replace(STEADY, newest=ahead))
    assert "its modification time lies in the future and was not used" in judged.text


@pytest.mark.parametrize(
    ("look", "text"),
    [
        pytest.param(Look(fault="Permission denied"), "cannot be read: Permission denied", id="unreadable"),
        pytest.param(
            replace(LOOK, form=(SIZE + 1, 0, 0, 0, 0)), "changed while it was looked at", id="changed meanwhile"
        ),
        pytest.param(
            replace(LOOK, writer=Writer.OPEN), "another program has it open for writing", id="a writer has it open"
        ),
        pytest.param(replace(LOOK, ending=cut("moov box absent")), "moov box absent", id="cut off"),
    ],
)
def test_no_length_of_time_makes_these_ready(look: Look, text: str) -> None:
    judged = by_look(look, now=1e6)
    assert (judged.next, judged.text, judged.settles) == (Next.WAIT, text, False)


SLOW = "; taken when unchanged for 15 min, now 10 s"
SOON = "; taken when unchanged for 2 min, now 10 s"


@pytest.mark.parametrize(
    ("look", "allocated", "text", "seconds"),
    [
        pytest.param(
            replace(LOOK, hole=4096), SIZE, f"nothing is written at byte 4096 of {SIZE}{SLOW}", 900.0, id="a hole"
        ),
        pytest.param(LOOK, 12_000_000, f"12 MB of 50 MB are allocated{SLOW}", 900.0, id="too few blocks"),
        pytest.param(
            replace(LOOK, zero_tail=65536), SIZE, f"its last 65536 bytes are zeros{SLOW}", 900.0, id="a zero tail"
        ),
        pytest.param(
            replace(LOOK, zero_samples=(8192, 16384)),
            SIZE,
            f"zeros at byte 8192, in 2 of its samples{SLOW}",
            900.0,
            id="zeros inside",
        ),
        pytest.param(
            replace(LOOK, ending=doubtful("a box header of zeros at byte 9")),
            SIZE,
            f"a box header of zeros at byte 9{SLOW}",
            900.0,
            id="an odd structure",
        ),
        pytest.param(
            replace(LOOK, ending=open_ended("288 packets")), SIZE, f"288 packets{SOON}", 120.0, id="no end of its own"
        ),
        pytest.param(
            replace(LOOK, zero_tail=3), SIZE, f"its last 3 bytes are zeros{SOON}", 120.0, id="a few zeros at the end"
        ),
        pytest.param(
            replace(LOOK, zero_tail=512, ending=whole("boxes", own_zeros=512)),
            SIZE,
            f"its last 512 bytes are zeros{SOON}",
            120.0,
            id="padding at the end",
        ),
    ],
)
def test_a_doubt_is_settled_by_a_long_rest_or_by_a_witness(
    look: Look, allocated: int, text: str, seconds: float
) -> None:
    history = replace(STEADY, newest=replace(SEEN, allocated=allocated))
    judged = by_look(look, history=history)
    assert (judged.next, judged.text, judged.settles) == (Next.WAIT, text, True)
    assert judged.again_seconds == pytest.approx(seconds - 10.0)
    assert by_look(look, history=history, now=seconds).next is Next.READY
    for kind in (Witness.RENAME, Witness.MARKER, Witness.DIGEST):
        assert by_look(look, history=history, statement=Statement(kinds=frozenset({kind}))).next is Next.READY


def test_a_listed_size_settles_an_open_end_and_no_preallocation() -> None:
    listed = Statement(kinds=frozenset({Witness.LISTED}), facts=("listed",))
    assert by_look(replace(LOOK, ending=open_ended("288 packets")), statement=listed).next is Next.READY
    assert by_look(replace(LOOK, hole=4096), statement=listed).next is Next.WAIT


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        pytest.param(Witness.MARKER, Next.WAIT, id="a marker"),
        pytest.param(Witness.RENAME, Next.WAIT, id="a rename"),
        pytest.param(Witness.DIGEST, Next.READY, id="a verified digest"),
    ],
)
def test_only_a_verified_digest_outweighs_a_cut_structure(kind: Witness, expected: Next) -> None:
    look = replace(LOOK, ending=cut("moov box absent"))
    assert by_look(look, statement=Statement(kinds=frozenset({kind}))).next is expected


@pytest.mark.parametrize(
    ("require", "kinds", "text"),
    [
        pytest.param(
            Require.MARKER, {Witness.RENAME}, "no marker file yet, and the folder requires one", id="a marker"
        ),
        pytest.param(
            Require.CHECKSUM, {Witness.MARKER}, "in no checksum list yet, and the folder requires one", id="a list"
        ),
        pytest.param(
            Require.RENAME,
            {Witness.MARKER},
            "not seen under a temporary name before, and the folder requires a rename",
            id="a rename",
        ),
    ],
)
def test_required_evidence_is_required(require: Require, kinds: set[Witness], text: str) -> None:
    rules = replace(RULES, require=require)
    assert by_look(LOOK, rules=rules, statement=Statement(kinds=frozenset(kinds)), now=1e6).text == text
    wanted = {Require.MARKER: Witness.MARKER, Require.CHECKSUM: Witness.LISTED, Require.RENAME: Witness.RENAME}
    satisfied = Statement(kinds=frozenset({wanted[require]}))
    assert by_look(LOOK, rules=rules, statement=satisfied).next is Next.READY


def test_what_speaks_against_a_file_is_said_first() -> None:
    statement = Statement(against='listed size 100, found 60 ("card.mhl")')
    judged = by_look(replace(LOOK, ending=cut("moov box absent")), statement=statement)
    assert judged.text == 'listed size 100, found 60 ("card.mhl")'


def test_a_listed_digest_is_asked_for_after_the_cheap_checks() -> None:
    wanted = Statement(to_verify="md5", expected_digest="0" * 32)
    assert by_look(LOOK, statement=wanted).next is Next.VERIFY
    assert by_look(replace(LOOK, writer=Writer.OPEN), statement=wanted).next is Next.WAIT


def test_the_endings_have_the_words_of_their_maker() -> None:
    assert whole("a", own_zeros=2) == Ending(end=whole("a").end, fact="a", own_zeros=2)
