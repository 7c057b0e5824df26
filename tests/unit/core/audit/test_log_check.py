"""The first bad record of a log is named: where it is, what was expected, what is there."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from proxx.core.audit import (
    Anchor,
    AuditRecord,
    AuditSummary,
    ChainFacts,
    ChainHead,
    FaultKind,
    LogCheck,
    LogRange,
    OtherChainError,
    hash_of,
)
from proxx.core.canonical import digest
from tests.fakes.audit_log import KEYS, checkpoint_before, facts_of, hashed, log_of

A, B = KEYS
ORDER = (A, B, A, "", A, B, A)
Log = dict[str, list[AuditRecord]]
Found = tuple[FaultKind, str | None, int | None] | None


def checked(
    log: Log, *, facts: dict[str, ChainFacts] | None = None, anchors: Iterable[Anchor] = (), after: int = 0
) -> AuditSummary:
    """What the check of a log up to sequence 7 comes to."""
    known = facts or {key: facts_of(key, chain) for key, chain in log_of(ORDER).items()}
    check = LogCheck(within=LogRange(after_sequence=after, until_sequence=7, job_key=None), anchors=anchors)
    for key in sorted(known.keys() | log.keys()):
        check.open(known.get(key) or ChainFacts(job_key=key, job_id="", checkpoint=None, recorded=None, moved_on=False))
        for record in log.get(key, []):
            if record.sequence > after:
                check.feed(record)
        check.close()
    return check.end()


def found(summary: AuditSummary) -> Found:
    return None if summary.fault is None else (summary.fault.kind, summary.fault.job_key, summary.fault.job_sequence)


def damaged(change: Callable[[Log], object]) -> Log:
    log = log_of(ORDER)
    change(log)
    return log


def rewrite(chain: list[AuditRecord], at: int, **values: object) -> None:
    """Change a record and every hash after it, as somebody who knows the rule would."""
    chain[at] = hashed(replace(chain[at], **values))  # type: ignore[arg-type]  # any field
    for index in range(at + 1, len(chain)):
        chain[index] = hashed(replace(chain[index], previous_hash=chain[index - 1].hash))


def test_a_sound_log_is_counted_and_its_heads_are_digested() -> None:
    summary = checked(log_of(ORDER))
    assert (summary.ok, summary.fault, summary.chains, summary.records, summary.retired) == (True, None, 3, 7, 0)
    assert summary.heads_digest == checked(log_of(ORDER)).heads_digest
    assert summary.heads_digest != checked(damaged(lambda log: rewrite(log[A], 0, actor="x"))).heads_digest


DAMAGE: list[tuple[str, Callable[[Log], object], Found]] = [
    ("a changed value", lambda log: log[A].__setitem__(1, replace(log[A][1], actor="x")), (FaultKind.CHANGED, A, 2)),
    ("a changed hash", lambda log: log[A].__setitem__(1, replace(log[A][1], hash="0" * 64)), (FaultKind.CHANGED, A, 2)),
    ("a record of another job", lambda log: log[B].append(log[A].pop()), (FaultKind.HEAD_DIFFERS, A, None)),
    ("a missing record", lambda log: log[A].pop(1), (FaultKind.MISSING, A, 2)),
    ("a missing first record", lambda log: log[A].pop(0), (FaultKind.MISSING, A, 1)),
    ("two records swapped", lambda log: log[A].__setitem__(slice(1, 3), log[A][2:0:-1]), (FaultKind.REORDERED, A, 2)),
    ("a record twice", lambda log: log[A].insert(1, log[A][1]), (FaultKind.FORKED, A, 2)),
    ("a cut tail", lambda log: log[A].pop(), (FaultKind.HEAD_DIFFERS, A, None)),
    ("a whole chain gone", lambda log: log.pop(B), (FaultKind.MISSING, B, 1)),
    ("a rewritten chain", lambda log: rewrite(log[A], 1, actor="someone"), (FaultKind.HEAD_DIFFERS, A, None)),
    (
        "a rewritten record alone",
        lambda log: log[A].__setitem__(1, hashed(replace(log[A][1], actor="someone"))),
        (FaultKind.FORKED, A, 3),
    ),
    (
        "two sequences swapped between jobs",
        lambda log: (
            log[A].__setitem__(1, replace(log[A][1], sequence=6)),
            log[B].__setitem__(1, replace(log[B][1], sequence=3)),
        ),
        (FaultKind.CHANGED, A, 2),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), [case[1:] for case in DAMAGE], ids=[case[0] for case in DAMAGE])
def test_the_first_bad_record_is_named(change: Callable[[Log], object], expected: Found) -> None:
    assert found(checked(damaged(change))) == expected


def test_a_fault_says_where_what_was_expected_and_what_is_there() -> None:
    log = damaged(lambda log: log[A].pop(1))
    fault = checked(log).fault
    assert fault is not None
    assert fault.sentences == (
        f"job {A}, record 2: a record is missing (MISSING)",
        "  expected: record 2",
        "  found:    record 3 (sequence 5)",
    )


def test_a_tail_that_is_cut_with_the_jobs_own_row_is_found_only_by_a_head_that_was_kept_elsewhere() -> None:
    log = damaged(lambda log: log[A].pop())
    facts = {key: facts_of(key, chain) for key, chain in log.items()}
    check_without = checked(log | {"": log[""]}, facts=facts)
    kept = log_of(ORDER)[A][-1]
    anchor = Anchor(job_key=A, job_sequence=0, hash=kept.hash, kept_in="RESULT.json")
    # the hole at the end of the log shows in the count; a job that goes on would fill it
    assert found(check_without) == (FaultKind.MISSING, None, None)
    assert found(checked(log, facts=facts, anchors=[anchor])) == (FaultKind.HEAD_DIFFERS, A, None)


def test_a_head_of_an_earlier_run_is_a_record_of_the_chain() -> None:
    early = log_of(ORDER)[A][1]
    anchor = Anchor(job_key=A, job_sequence=0, hash=early.hash, kept_in="RESULT.json")
    summary = checked(log_of(ORDER), anchors=[anchor])
    assert (summary.ok, summary.kept_heads_compared) == (True, 1)


@pytest.mark.parametrize("place", [1, 4], ids=["before the end", "at the end"])
def test_a_chain_that_was_rewritten_with_its_row_differs_from_a_kept_head(place: int) -> None:
    log = damaged(lambda log: rewrite(log[A], 0, actor="someone"))
    facts = {key: facts_of(key, chain) for key, chain in log.items()}
    assert found(checked(log, facts=facts)) is None
    kept = log_of(ORDER)[A][place - 1]
    anchor = Anchor(job_key=A, job_sequence=place, hash=kept.hash, kept_in="march.jsonl")
    assert found(checked(log, facts=facts, anchors=[anchor])) == (FaultKind.HEAD_DIFFERS, A, None)


@pytest.mark.parametrize("key", [KEYS[0][:-1] + "0", KEYS[1][:-1] + "f"], ids=["before others", "after all"])
def test_a_job_that_is_gone_is_missed_by_a_kept_head(key: str) -> None:
    anchor = Anchor(job_key=key, job_sequence=1, hash="1" * 64, kept_in="march.jsonl")
    assert found(checked(log_of(ORDER), anchors=[anchor])) == (FaultKind.HEAD_DIFFERS, key, None)


def test_a_chain_without_a_row_of_its_job_is_named() -> None:
    facts = {key: facts_of(key, chain) for key, chain in log_of(ORDER).items() if key != B}
    assert found(checked(log_of(ORDER), facts=facts)) == (FaultKind.HEAD_DIFFERS, B, None)


def pruned() -> tuple[Log, dict[str, ChainFacts]]:
    """Job A without its first two records, and an event that says so."""
    log = log_of((*ORDER[:6], ""))
    (_, second, *kept) = log[A]
    log[""][1] = hashed(replace(log[""][1], kind="audit.prune", data_json='{"records":2}'))
    facts = {key: facts_of(key, chain) for key, chain in log.items()}
    point = checkpoint_before(kept[0], last=second, pruned=7)
    facts[A] = replace(facts[A], checkpoint=point)
    log[A] = kept
    return log, facts


def test_a_pruned_chain_verifies_from_its_checkpoint_and_says_how_many_went() -> None:
    log, facts = pruned()
    summary = checked(log, facts=facts)
    assert (summary.fault, summary.records, summary.retired) == (None, 5, 2)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"last_hash": "1" * 64}, (FaultKind.CHECKPOINT_DIFFERS, A, 3)),
        ({"first_kept": 4}, (FaultKind.CHECKPOINT_DIFFERS, A, 3)),
        ({"first_kept": 2}, (FaultKind.MISSING, A, 2)),
    ],
    ids=["another hash", "a record that should be gone", "a record that should be there"],
)
def test_a_checkpoint_that_does_not_fit_is_named(values: dict[str, object], expected: Found) -> None:
    log, facts = pruned()
    point = facts[A].checkpoint
    assert point is not None
    facts[A] = replace(facts[A], checkpoint=replace(point, **values))  # type: ignore[arg-type]  # any field
    assert found(checked(log, facts=facts)) == expected


def test_a_checkpoint_that_no_event_recorded_is_found() -> None:
    log, facts = pruned()
    log[""][1] = hashed(replace(log[""][1], kind="executor.drain"))
    facts[""] = facts_of("", log[""])
    assert found(checked(log, facts=facts)) == (FaultKind.CHECKPOINT_DIFFERS, None, None)


def test_a_kept_head_of_a_retired_record_is_counted_as_not_compared_and_the_last_retired_one_is() -> None:
    log, facts = pruned()
    first, second = log_of(ORDER)[A][:2]
    anchors = [
        Anchor(job_key=A, job_sequence=record.job_sequence, hash=record.hash, kept_in="march.jsonl")
        for record in (first, second)
    ]
    summary = checked(log, facts=facts, anchors=anchors)
    assert (summary.fault, summary.kept_heads_compared, summary.kept_heads_retired) == (None, 1, 1)


def test_a_range_begins_with_what_its_first_record_says() -> None:
    summary = checked(log_of(ORDER), after=2)
    assert (summary.ok, summary.records) == (True, 5)


def kept(key: str, place: int, *, known: bool = True, digest_of: str = "") -> Anchor:
    """The head of a chain after its first `place` records, with its place or without."""
    found = digest_of or log_of(ORDER)[key][place - 1].hash
    return Anchor(job_key=key, job_sequence=place if known else 0, hash=found, kept_in="march.jsonl")


def test_the_first_record_of_a_range_shows_the_head_before_it() -> None:
    summary = checked(log_of(ORDER), anchors=[kept(A, 2), kept(B, 1)], after=3)
    assert (summary.fault, summary.kept_heads_compared, summary.kept_heads_earlier) == (None, 2, 0)
    other = [replace(kept(A, 2), hash="1" * 64)]
    assert found(checked(log_of(ORDER), anchors=other, after=3)) == (FaultKind.HEAD_DIFFERS, A, None)


def test_heads_before_a_range_are_counted_as_not_compared() -> None:
    nowhere = Anchor(job_key=KEYS[0][:-1] + "0", job_sequence=1, hash="1" * 64, kept_in="march.jsonl")
    anchors = [nowhere, kept(A, 1), kept(A, 1, known=False)]
    summary = checked(log_of(ORDER), anchors=anchors, after=3)
    assert (summary.fault, summary.kept_heads_compared, summary.kept_heads_earlier) == (None, 0, 3)


def test_a_head_that_lies_in_a_range_is_missed() -> None:
    assert found(checked(log_of(ORDER), anchors=[replace(kept(A, 4), job_sequence=5)], after=3)) == (
        *(FaultKind.HEAD_DIFFERS, A, None),
    )


def test_a_chain_that_begins_in_a_range_has_no_earlier_heads() -> None:
    log = log_of((A, A, B))
    facts = {key: facts_of(key, chain) for key, chain in log.items()}
    anchor = Anchor(job_key=B, job_sequence=0, hash="1" * 64, kept_in="RESULT.json")
    assert found(checked(log, facts=facts, anchors=[anchor], after=2)) == (FaultKind.HEAD_DIFFERS, B, None)


def test_a_head_without_a_place_may_be_of_a_retired_record() -> None:
    log, facts = pruned()
    summary = checked(log, facts=facts, anchors=[kept(A, 1, known=False)])
    assert (summary.fault, summary.kept_heads_compared, summary.kept_heads_unplaced) == (None, 0, 1)
    other = [kept(A, 1, known=False, digest_of="1" * 64)]
    assert found(checked(log_of(ORDER), anchors=other)) == (FaultKind.HEAD_DIFFERS, A, None)  # nothing was retired


def test_a_head_of_another_chain_than_the_only_one_is_refused_unless_it_is_one_of_many() -> None:
    def one(anchor: Anchor) -> AuditSummary:
        check = LogCheck(within=LogRange(after_sequence=0, until_sequence=7, job_key=A), anchors=[anchor])
        check.open(facts_of(A, log_of(ORDER)[A]))
        for record in log_of(ORDER)[A]:
            check.feed(record)
        check.close()
        return check.end()

    with pytest.raises(OtherChainError):
        one(kept(B, 2))
    assert one(replace(kept(B, 2), one_of_many=True)).ok


def test_a_hole_in_a_range_is_found() -> None:
    assert found(checked(damaged(lambda log: log[A].pop(2)), after=1)) == (FaultKind.MISSING, A, 3)


def test_a_job_that_moved_on_after_the_range_has_no_head_to_compare() -> None:
    facts = {key: facts_of(key, chain) for key, chain in log_of(ORDER).items()}
    facts[A] = replace(facts[A], recorded=None, moved_on=True)
    assert checked(log_of(ORDER), facts=facts).ok


def test_records_of_the_older_rule_have_no_sequence_in_their_hash() -> None:
    record = log_of((A,))[A][0]
    fields = {
        name: getattr(record, name)
        for name in (
            *("previous_hash", "job_key", "job_sequence", "clip_index", "event_time", "actor", "kind", "before"),
            *("after", "data_json"),
        )
    }
    old = replace(record, hash=digest(fields))
    assert hash_of(old) == old.hash
    assert hash_of(replace(old, actor="someone")) != old.hash


def test_a_head_of_the_jobs_row_that_is_another_is_shown_beside_the_one_found() -> None:
    facts = {key: facts_of(key, chain) for key, chain in log_of(ORDER).items()}
    facts[B] = replace(facts[B], recorded=ChainHead(job_sequence=3, sequence=7, hash="1" * 64))
    fault = checked(log_of(ORDER), facts=facts).fault
    assert fault is not None
    assert fault.sentences == (
        f"job {B}: the chain does not have the head that was kept (HEAD_DIFFERS)",
        f"  expected: the newest record is 3 (sequence 7, hash {'1' * 64}) (the job's own row says)",
        f"  found:    the newest record is 2 (sequence 6, hash {log_of(ORDER)[B][1].hash})",
    )
