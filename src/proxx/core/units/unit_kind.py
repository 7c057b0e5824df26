"""The kinds of clips that have several files."""

from enum import StrEnum


class UnitKind(StrEnum):
    """A kind of clip that has several files. P2 is always recognised: its files are no clips by themselves."""

    R3D = "r3d"
    ARRIRAW = "arriraw"
    CINEMADNG = "cinemadng"
    BRAW = "braw"
    XDCAM = "xdcam"
    GOPRO = "gopro"
    P2 = "p2"


FOLDER_KINDS = frozenset({UnitKind.R3D, UnitKind.ARRIRAW, UnitKind.CINEMADNG})
"""The kinds whose folder may stand for the clip, where it holds no other clip of these kinds."""

RAW_KINDS = FOLDER_KINDS | {UnitKind.BRAW}
"""The kinds that one source may name although the clip has several files."""

SEQUENCE_KINDS = frozenset({UnitKind.ARRIRAW, UnitKind.CINEMADNG})
"""The kinds that have one file for each frame."""
