"""One parser of ours as something to be fuzzed: how it is called, what it may say, and what its input looks like."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from time import thread_time

from tests.fuzzing.properties import BrokenPropertyError

MOST_SECONDS = 2.0
"""CPU time of one input, instrumented as it may be: what takes longer is a finding."""


class Form(StrEnum):
    """What the input is made of, which decides how it is changed."""

    BYTES = "bytes"
    JSON = "json"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A parser. `look` feeds it one input and raises only for what is wrong with the parser, never with the input.

    `seeds` returns sound inputs to begin with, `words` are what a text is made of beyond them, `longest` is in bytes.
    """

    name: str
    look: Callable[[bytes], object]
    seeds: Callable[[], Sequence[bytes]]
    form: Form
    words: tuple[str, ...] = ()
    longest: int = 16384


def check(target: Target, data: bytes, *, most_seconds: float = MOST_SECONDS) -> None:
    """Look at one input.

    Raises:
        BrokenPropertyError: a property of the parser does not hold, or it took too long.
        Exception: whatever came out of the parser that it does not document.
    """
    begun = thread_time()
    target.look(data)
    seconds = thread_time() - begun
    hold(seconds <= most_seconds, f"{len(data)} bytes took {seconds:.1f} s of CPU")


def hold(holds: bool, otherwise: str) -> None:
    """Raise BrokenPropertyError with this sentence unless it holds."""
    if not holds:
        raise BrokenPropertyError(otherwise)


def text_of(data: bytes) -> str:
    """Return the input as text of any kind: what is not UTF-8 becomes lone surrogates, as in names of files."""
    return data.decode("utf-8", "surrogateescape")


def shown(text: str) -> None:
    """Hold that a sentence about an input can be printed."""
    hold(text.replace("\n", "").isprintable(), f"a sentence is not printable: {text[:300]!r}")
