"""The parts of one REDCODE clip: each begins with a header of its own, and all say the same of the picture.

Source: the reference on source formats, section 4 (raster at 36h and 3Ah in version 1, 4Ch and 50h in version 2).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from proxx.core.sources import forms
from proxx.core.sources.reading import printable

PART_HEAD_BYTES = 0x80
"""How many bytes from the start of a part are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedPart:
    """One part: its name without folders, and its first PART_HEAD_BYTES."""

    name: str
    head: bytes


def red_fault(*, parts: Sequence[RedPart]) -> str:
    """Return the first fact that keeps parts, in clip order, from being one REDCODE clip; empty when nothing does."""
    first = parts[0]
    for part in parts:
        name = printable(text=part.name)
        if forms.fixed_form(head=part.head[: forms.HEAD_BYTES]) is not forms.REDCODE:
            return f"{name} has no REDCODE header"
        if _version(part) != _version(first):
            return f"{name} is REDCODE version {_version(part)} among parts of version {_version(first)}"
        if len(part.head) < PART_HEAD_BYTES:
            return f"{name} ends within its header, at byte {len(part.head)}"
        if _raster(part) != _raster(first):
            return f"{name} is {_said(part)} among parts of {_said(first)}"
    return ""


def _version(part: RedPart) -> int:
    return part.head[7] - ord("0")


def _raster(part: RedPart) -> tuple[int, int]:
    if _version(part) == 1:
        return int.from_bytes(part.head[0x36:0x38]), int.from_bytes(part.head[0x3A:0x3C])
    return int.from_bytes(part.head[0x4C:0x50]), int.from_bytes(part.head[0x50:0x54])


def _said(part: RedPart) -> str:
    width, height = _raster(part)
    return f"{width}x{height}"
