"""The names of files that belong to a clip of several, and the name that such a clip has.

Source of the structures: reference notes on camera cards (R3D parts in `.RDC` folders, numbered ARRIRAW and CinemaDNG
frames, P2 `CONTENTS`, XDCAM and XAVC `Clip` folders with `M01.XML`, GoPro chapters).
"""

import re
from dataclasses import dataclass

from proxx.core.path_key import fold_name
from proxx.core.units.unit_kind import SEQUENCE_KINDS, UnitKind

RAW_EXTENSIONS = ("r3d", "ari", "arx", "dng", "braw2")
"""Extensions that are never taken file by file: only `recognise` takes them."""

_R3D = re.compile(r"(?P<stem>.+)_(?P<number>[0-9]{3})\.(?P<extension>r3d)", re.IGNORECASE | re.DOTALL)
_FRAME = re.compile(r"(?P<stem>.*?)(?P<number>[0-9]{1,9})\.(?P<extension>ari|arx|dng)", re.IGNORECASE | re.DOTALL)
_BRAW = re.compile(r"(?P<stem>.+)\.(?P<extension>braw|braw2|sidecar)", re.IGNORECASE | re.DOTALL)
_BESIDE = re.compile(r"(?P<stem>.+)\.(?P<extension>rmd|wav)", re.IGNORECASE | re.DOTALL)
_P2 = re.compile(
    r"(?P<card>(?:.*/)?CONTENTS)/(?:VIDEO|AUDIO)/(?P<clip>[^/]{6})(?:[0-9]{2})?\.MXF", re.IGNORECASE | re.DOTALL
)
_XDCAM_MEDIA = re.compile(r"(?P<stem>(?:.*/)?clip/[^/]+)\.(?:mxf|mp4)", re.IGNORECASE | re.DOTALL)
_XDCAM_SIDECAR = re.compile(r"(?P<stem>(?:.*/)?clip/[^/]+)m[0-9]{2}\.xml", re.IGNORECASE | re.DOTALL)
_GOPRO = re.compile(r"(?P<lead>(?:.*/)?G[HXL])(?P<chapter>[0-9]{2})(?P<clip>[0-9]{4})\.mp4", re.IGNORECASE | re.DOTALL)
_KIND_OF_EXTENSION = {
    "ari": UnitKind.ARRIRAW,
    "arx": UnitKind.ARRIRAW,
    "dng": UnitKind.CINEMADNG,
    "rmd": UnitKind.R3D,
    "wav": UnitKind.CINEMADNG,
}
_SEPARATORS = "._- "
_FOLDER_EXTENSION = ".rdc"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedName:
    """A file name with the number of its part or frame: what stands before and behind it, and its digits."""

    stem: str
    digits: str
    extension: str

    @property
    def number(self) -> int:
        """The number of the part or frame."""
        return int(self.digits)


def may_be_part(*, path: str, kinds: frozenset[UnitKind]) -> bool:
    """Return whether the file at `path` can belong to a unit of one of the kinds (P2 is always one of them)."""
    return kind_of(path=path, kinds=kinds) is not None


def kind_of(*, path: str, kinds: frozenset[UnitKind]) -> UnitKind | None:
    """Return the kind of clip that a file of this name belongs to; None where it stands alone.

    Names that begin with `._` are what macOS leaves beside files on foreign disks, and belong to nothing.
    """
    name = path.rpartition("/")[2]
    if name.startswith("._"):
        return None
    if _P2.fullmatch(path) is not None:
        return UnitKind.P2
    if UnitKind.R3D in kinds and _R3D.fullmatch(name) is not None:
        return UnitKind.R3D
    beside = _FRAME.fullmatch(name) or _BESIDE.fullmatch(name)
    if beside is not None and _KIND_OF_EXTENSION[beside["extension"].lower()] in kinds:
        return _KIND_OF_EXTENSION[beside["extension"].lower()]
    if UnitKind.BRAW in kinds and _BRAW.fullmatch(name) is not None:
        return UnitKind.BRAW
    if UnitKind.XDCAM in kinds and (_XDCAM_MEDIA.fullmatch(path) or _XDCAM_SIDECAR.fullmatch(path)):
        return UnitKind.XDCAM
    if UnitKind.GOPRO in kinds and _GOPRO.fullmatch(path) is not None:
        return UnitKind.GOPRO
    return None


def group_of(*, path: str, kind: UnitKind) -> str:
    """Return what the files of one clip have in common, without letter case and Unicode form."""
    directory, _, name = path.rpartition("/")
    if kind is UnitKind.P2:
        match = _P2.fullmatch(path)
        return fold_name(f"{match['card']}/{match['clip']}") if match is not None else path
    if kind is UnitKind.XDCAM:
        match = _XDCAM_SIDECAR.fullmatch(path) or _XDCAM_MEDIA.fullmatch(path)
        return fold_name(match["stem"]) if match is not None else path
    if kind is UnitKind.GOPRO:
        match = _GOPRO.fullmatch(path)
        return fold_name(f"{match['lead']}{match['clip']}") if match is not None else path
    numbered = numbered_name(name=name)
    if kind in SEQUENCE_KINDS and numbered is not None:
        return fold_name(f"{directory}/{numbered.stem}/{numbered.extension}")
    if numbered is not None:
        return fold_name(f"{directory}/{numbered.stem}")
    return fold_name(f"{directory}/{name.rpartition('.')[0]}")


def numbered_name(*, name: str) -> NumberedName | None:
    """Return the pieces of the name of an R3D part or a frame; None for any other name.

    The stem of an R3D part is without the underscore before its number, as its clip is called.
    """
    match = _R3D.fullmatch(name) or _FRAME.fullmatch(name)
    if match is None:
        return None
    return NumberedName(stem=match["stem"], digits=match["number"], extension=match["extension"])


def name_of_number(*, first: str, offset: int) -> str:
    """Return the name of the file that comes `offset` numbers behind the numbered file `first`.

    Raises:
        ValueError: the name has no number.
    """
    numbered = numbered_name(name=first)
    if numbered is None:
        raise ValueError(f"{first!r} has no part or frame number")
    tail = len(numbered.digits) + 1 + len(numbered.extension)
    digits = str(numbered.number + offset).zfill(len(numbered.digits))
    return f"{first[:-tail]}{digits}.{numbered.extension}"


def is_sidecar(*, path: str) -> bool:
    """Return whether a file of a unit describes the clip, or is its separate sound, and holds no picture."""
    folded = path.casefold()
    return folded.endswith((".rmd", ".wav", ".sidecar", ".xml"))


def bare_stem(*, stem: str) -> str:
    """Return the stem of frames without the separators before the number."""
    return stem.rstrip(_SEPARATORS)


def clip_name(*, path: str) -> str:
    """Return the name of the clip that a source names, with its extension: without the number of a part or frame.

    A file that is no part of a clip of several has its own name; frames that are numbers alone have the name of their
    folder.
    """
    directory, _, name = path.rpartition("/")
    numbered = numbered_name(name=name)
    if numbered is None:
        return name
    stem = bare_stem(stem=numbered.stem) or directory.rpartition("/")[2] or name.rpartition(".")[0]
    return f"{stem}.{numbered.extension}"


def is_clip_folder(*, directory: str, stem: str) -> bool:
    """Return whether a directory is the camera's own folder of the clip: `<clip>.RDC`."""
    return fold_name(directory.rpartition("/")[2]) == fold_name(stem) + _FOLDER_EXTENSION
