"""Numbered frames as Resolve takes them: one pattern with the first and the last number. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from proxx.core.quoting import quote
from proxx_resolve_executor.resolve_error import ImportRefusedError

_NUMBER = re.compile(r"[0-9]+(?=[^0-9]*$)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class FramePattern:
    """The files of a sequence: `pattern` with every number from `first` to `last`."""

    pattern: str
    first: int
    last: int


def frame_pattern(*, files: Sequence[PurePath]) -> FramePattern:
    """Return the pattern that names exactly these files, in this order.

    Raises:
        ImportRefusedError: no pattern does, or a path holds a percent sign, which a pattern cannot.
    """
    if not files:
        raise ImportRefusedError("a sequence without a file")
    head = files[0]
    found = _NUMBER.search(head.stem)
    if found is None:
        raise ImportRefusedError(f"{quote(text=head.name)} has no frame number")
    digits = found.group()
    before, after = head.stem[: found.start()], head.stem[found.end() :] + head.suffix
    if "%" in f"{head.parent}{before}{after}":
        raise ImportRefusedError(f"{quote(text=str(head))}: a path with a percent sign cannot be named as a sequence")
    first = int(digits)
    width = f"0{len(digits)}" if len(digits) > 1 else ""
    for offset, file in enumerate(files):
        expected = f"{before}{first + offset:{width}d}{after}"
        if file.name != expected or file.parent != head.parent:
            raise ImportRefusedError(
                f"frame {offset + 1} of a sequence: expected {quote(text=expected)}, got {quote(text=file.name)}"
            )
    pattern = str(head.parent / f"{before}%{width}d{after}")
    return FramePattern(pattern=pattern, first=first, last=first + len(files) - 1)
