"""The ways in which a bad proxy comes about, each ending in the real measure and judge."""

from collections.abc import Callable
from pathlib import Path

from tests.fidelity.case import Case, Edit
from tests.fidelity.fault import Attempt
from tests.fidelity.outcome import Outcome
from tests.footage.recipe import Recipe


def encoded(*edits: Edit) -> Attempt:
    """The planned command, run with changes."""

    async def attempt(case: Case) -> Outcome:
        await case.encode(*edits)
        return await case.judged()

    return attempt


def remuxed(*outputs: str, inputs: tuple[str, ...] = ()) -> Attempt:
    """The good proxy's packets in a new file."""

    async def attempt(case: Case) -> Outcome:
        await case.remux(inputs=inputs, outputs=outputs)
        return await case.judged()

    return attempt


def damaged(change: Callable[[bytes], bytes]) -> Attempt:
    """The good proxy with other bytes."""

    async def attempt(case: Case) -> Outcome:
        path = case.copy_good()
        before = path.read_bytes()
        after = change(before)
        assert after != before, "the damage changed nothing"
        path.write_bytes(after)
        return await case.judged()

    return attempt


def damaged_at(locate: Callable[[Path], tuple[int, int]], change: Callable[[bytes], bytes]) -> Attempt:
    """The good proxy with one packet damaged; `locate` says where it lies, `change` gets its bytes."""

    async def attempt(case: Case) -> Outcome:
        path = case.copy_good()
        at, size = locate(path)
        before = path.read_bytes()
        after = change(before[at : at + size])
        assert after != before[at : at + size], "the damage changed nothing"
        path.write_bytes(before[:at] + after + before[at + size :])
        return await case.judged()

    return attempt


def swapped_with(recipe: Recipe, *, container: str) -> Attempt:
    """The good proxy of another clip."""

    async def attempt(case: Case) -> Outcome:
        await case.other(recipe, container=container)
        return await case.judged()

    return attempt


def from_damaged_source(change: Callable[[bytes], bytes]) -> Attempt:
    """The planned command on a source that has rotted since it was probed, told apart by nothing but its decoding."""

    async def attempt(case: Case) -> Outcome:
        source = case.directory / case.prepared.source.name
        source.write_bytes(change(case.prepared.source.read_bytes()))
        await case.encode(source=source)
        return await case.judged()

    return attempt
