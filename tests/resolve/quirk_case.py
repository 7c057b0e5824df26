"""One quirk of Resolve, and what the executor does under it: what the test asserts and the document says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.resolve_simulator.quirks import Quirks


class Ending(StrEnum):
    """How a job of one clip ends."""

    COMPLETED = "completed"
    FAILED = "the clip fails"
    REJECTED = "the job is rejected"
    WAITS = "the job waits"
    STOPS = "the executor stops"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuirkCase:
    """A switch, or a value of one, of the simulator.

    `does` is one sentence for people. `kind` is the kind of failure, or the code by which a job waits; `says` stands in
    the reason. With `recovers` the switches are taken back once the reason was seen, Resolve is started anew, and the
    job must then complete; with `once` they are taken back as soon as the executor has met trouble. `facts` are those
    of the source, `settings` those of the executor.
    """

    name: str
    quirks: Quirks
    does: str
    ending: Ending = Ending.COMPLETED
    kind: str = ""
    says: str = ""
    recovers: bool = False
    once: bool = False
    short: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


def row(case: QuirkCase) -> str:
    """The line of a case in the document."""
    how = f"{case.ending.value}: {case.kind}" if case.kind else case.ending.value
    return f"| {case.name} | {case.does} | {how}{'; goes on by itself' if case.recovers else ''} |"


def table(cases: tuple[QuirkCase, ...]) -> str:
    """The table of the document."""
    head = "| quirk | what the executor does | how a job of one clip ends |\n| --- | --- | --- |\n"
    return head + "".join(f"{row(case)}\n" for case in cases)
