"""Turn a clip the way a phone does: by the display matrix of its video track, without touching a picture."""

import struct
from pathlib import Path

# ISO/IEC 14496-12, section 8.3.2: the matrix of tkhd is nine numbers in the order a b u c d v x y w.
MATRIX_OFFSET_VERSION_0 = 48  # from the start of the box's size field
ONE = 0x00010000
W_ONE = 0x40000000


def rotate_clockwise(path: Path, *, degrees: int, width: int, height: int) -> None:
    """Write the display matrix of the first track of an MP4 or MOV file in place.

    Raises:
        ValueError: no version 0 track header, or an angle that is no quarter turn.
    """
    matrices = {
        90: (0, ONE, 0, -ONE, 0, 0, height * ONE, 0, W_ONE),
        180: (-ONE, 0, 0, 0, -ONE, 0, width * ONE, height * ONE, W_ONE),
        270: (0, -ONE, 0, ONE, 0, 0, 0, width * ONE, W_ONE),
    }
    if degrees not in matrices:
        raise ValueError(f"rotation must be 90, 180 or 270 degrees, got {degrees}")
    data = bytearray(path.read_bytes())
    start = data.find(b"tkhd") - 4
    if start < 0 or data[start + 8] != 0:
        raise ValueError(f"{path.name}: no track header of version 0")
    struct.pack_into(">9i", data, start + MATRIX_OFFSET_VERSION_0, *matrices[degrees])
    path.write_bytes(data)
