"""The display matrix of a video stream, as rotation and mirroring.

An upright picture is the stored one flipped left to right when mirrored, then turned clockwise by the rotation. The
matrix maps stored (p, q) to shown (a p + c q, b p + d q), y pointing down (ISO/IEC 14496-12, track header).
"""

import math
from dataclasses import dataclass

from proxx.core.sources import ffprobe_values as values

_ROWS, _COLUMNS = 3, 3
_TOLERANCE_DEGREES = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Orientation:
    """Degrees clockwise for upright display (0, 90, 180, 270), whether the picture is flipped too, and a remark."""

    rotation: int
    mirrored: bool
    warning: str = ""


UPRIGHT = Orientation(rotation=0, mirrored=False)


def orientation(*, stream: values.Record) -> Orientation:
    """Return how to show the stream. A matrix that is no turn by quarters is passed over with a warning."""
    for data in values.records(value=stream.get("side_data_list")):
        matrix = data.get("displaymatrix")
        if isinstance(matrix, str):
            return _from_matrix(matrix)
    return UPRIGHT


def _from_matrix(printed: str) -> Orientation:
    numbers = _numbers(printed)
    if numbers is None:
        return Orientation(rotation=0, mirrored=False, warning="the display matrix cannot be read and is ignored")
    (a, b), (c, d) = (numbers[0][:2], numbers[1][:2])
    determinant = a * d - b * c
    if determinant == 0:
        return Orientation(rotation=0, mirrored=False, warning="the display matrix is degenerate and is ignored")
    degrees = math.degrees(math.atan2(-c, d)) % 360
    quarter = round(degrees / 90) % 4 * 90
    distance = abs((degrees - quarter + 180) % 360 - 180)
    if distance > _TOLERANCE_DEGREES:
        warning = f"the display matrix turns by {degrees:.1f} degrees, no multiple of 90, and is ignored"
        return Orientation(rotation=0, mirrored=False, warning=warning)
    return Orientation(rotation=quarter, mirrored=determinant < 0)


def _numbers(printed: str) -> list[list[int]] | None:
    rows: list[list[int]] = []
    for line in printed[:1000].split("\n"):
        _, found, rest = line.partition(":")
        parts = rest.split()
        if found and len(parts) == _COLUMNS and all(part.removeprefix("-").isdecimal() for part in parts):
            rows.append([int(part) for part in parts])
    return rows if len(rows) == _ROWS else None
