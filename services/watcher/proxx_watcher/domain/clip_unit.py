"""Clips of several files: recognised from names and structure, one unit each, never many single files.

Source of the structures: reference notes on camera cards (R3D parts in `.RDC` folders, numbered ARRIRAW and CinemaDNG
frames, P2 `CONTENTS`, XDCAM and XAVC `Clip` folders with `M01.XML`, GoPro chapters).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from proxx_watcher.domain.sighting import path_order


class UnitKind(StrEnum):
    """A kind of clip that has several files. P2 is always recognised: its files are no clips by themselves."""

    R3D = "r3d"
    ARRIRAW = "arriraw"
    CINEMADNG = "cinemadng"
    BRAW = "braw"
    XDCAM = "xdcam"
    GOPRO = "gopro"
    P2 = "p2"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipUnit:
    """One clip: where it is shown, its files in clip order, and the one that a JobSpec names.

    `missing` says which file is still to come, from a gap in the numbers or a sidecar that belongs to it. `refusal`
    says why no JobSpec can name it; its files then make no job.
    """

    kind: UnitKind
    path: str
    parts: tuple[str, ...]
    source: str = ""
    missing: str = ""
    refusal: str = ""


_R3D = re.compile(r"(?P<stem>.+)_(?P<number>\d{3})\.r3d", re.IGNORECASE)
_FRAME = re.compile(r"(?P<stem>.*?)(?P<number>\d{2,9})\.(?P<kind>ari|arx|dng)", re.IGNORECASE)
_BRAW = re.compile(r"(?P<stem>.+)\.(?P<kind>braw|braw2|sidecar)", re.IGNORECASE)
_P2 = re.compile(r"(?P<card>(?:.*/)?CONTENTS)/(?:VIDEO|AUDIO)/(?P<clip>[^/]{6})(?:\d{2})?\.MXF", re.IGNORECASE)
_XDCAM_MEDIA = re.compile(r"(?P<stem>(?:.*/)?clip/[^/]+)\.(?:mxf|mp4)", re.IGNORECASE)
_XDCAM_SIDECAR = re.compile(r"(?P<stem>(?:.*/)?clip/[^/]+)m\d{2}\.xml", re.IGNORECASE)
_GOPRO = re.compile(r"(?P<lead>(?:.*/)?G[HXL])(?P<chapter>\d{2})(?P<clip>\d{4})\.mp4", re.IGNORECASE)
_SEQUENCES = {"ari": UnitKind.ARRIRAW, "arx": UnitKind.ARRIRAW, "dng": UnitKind.CINEMADNG}

RAW_EXTENSIONS = ("r3d", "ari", "arx", "dng", "braw2")
"""Extensions that are never taken file by file: only `clip_units` takes them."""


def may_be_part(*, path: str, kinds: frozenset[UnitKind]) -> bool:
    """Return whether the file at `path` can belong to a unit of one of the kinds (P2 is always one of them)."""
    return _kind_of(path, kinds) is not None


def recognise(*, paths: Iterable[str], kinds: frozenset[UnitKind]) -> tuple[tuple[ClipUnit, ...], tuple[str, ...]]:
    """Return the units that the paths make up, and the paths that stand alone, both by the bytes of their paths."""
    grouped: dict[tuple[UnitKind, str], list[str]] = {}
    single: list[str] = []
    for path in sorted(paths, key=path_order):
        kind = _kind_of(path, kinds)
        if kind is None:
            single.append(path)
        else:
            grouped.setdefault((kind, _group(path, kind)), []).append(path)
    units = [unit for (kind, _), parts in grouped.items() for unit in _unit(kind, parts, single)]
    return tuple(sorted(units, key=lambda unit: path_order(unit.path))), tuple(sorted(single, key=path_order))


def _kind_of(path: str, kinds: frozenset[UnitKind]) -> UnitKind | None:
    name = path.rpartition("/")[2]
    if _P2.fullmatch(path) is not None:
        return UnitKind.P2
    if UnitKind.R3D in kinds and _R3D.fullmatch(name) is not None:
        return UnitKind.R3D
    frame = _FRAME.fullmatch(name)
    if frame is not None and _SEQUENCES[frame["kind"].lower()] in kinds:
        return _SEQUENCES[frame["kind"].lower()]
    if UnitKind.BRAW in kinds and _BRAW.fullmatch(name) is not None:
        return UnitKind.BRAW
    if UnitKind.XDCAM in kinds and (_XDCAM_MEDIA.fullmatch(path) or _XDCAM_SIDECAR.fullmatch(path)):
        return UnitKind.XDCAM
    if UnitKind.GOPRO in kinds and _GOPRO.fullmatch(path) is not None:
        return UnitKind.GOPRO
    return None


def _group(path: str, kind: UnitKind) -> str:
    """Return what the parts of one clip have in common, without letter case."""
    directory, _, name = path.rpartition("/")
    if kind is UnitKind.P2:
        match = _P2.fullmatch(path)
        return f"{match['card']}/{match['clip']}".casefold() if match is not None else path
    if kind is UnitKind.XDCAM:
        match = _XDCAM_SIDECAR.fullmatch(path) or _XDCAM_MEDIA.fullmatch(path)
        return match["stem"].casefold() if match is not None else path
    if kind is UnitKind.GOPRO:
        match = _GOPRO.fullmatch(path)
        return f"{match['lead']}{match['clip']}".casefold() if match is not None else path
    pattern = {UnitKind.R3D: _R3D, UnitKind.BRAW: _BRAW}.get(kind, _FRAME)
    match = pattern.fullmatch(name)
    stem = match["stem"] if match is not None else name
    extension = name.rpartition(".")[2] if pattern is _FRAME else ""
    return f"{directory}/{stem}/{extension}".casefold()


def _unit(kind: UnitKind, parts: list[str], single: list[str]) -> list[ClipUnit]:
    if kind is UnitKind.R3D:
        return [_r3d(parts)]
    if kind is UnitKind.P2:
        return [_p2(parts)]
    if kind is UnitKind.BRAW:
        return _braw(parts)
    if kind is UnitKind.XDCAM:
        return _xdcam(parts)
    if kind is UnitKind.GOPRO:
        return _gopro(parts, single)
    return [_sequence(kind, parts)]


def _r3d(parts: list[str]) -> ClipUnit:
    directory, _, name = parts[0].rpartition("/")
    match = _R3D.fullmatch(name)
    stem = match["stem"] if match is not None else name
    own = directory.rpartition("/")[2].casefold() == f"{stem}.rdc".casefold()
    path = directory if own else f"{directory}/{stem}".lstrip("/")
    gap = _gap([int(part[-7:-4]) for part in parts], first=1)
    missing = f"part {gap:03d} is missing, {len(parts)} parts are there" if gap is not None else ""
    return ClipUnit(kind=UnitKind.R3D, path=path, parts=tuple(parts), source=parts[0], missing=missing)


def _sequence(kind: UnitKind, parts: list[str]) -> ClipUnit:
    word = "frame" if len(parts) == 1 else "frames"
    refusal = (
        f"an image sequence of {len(parts)} {word}: a JobSpec names one file for each clip, and cannot name it yet"
    )
    directory, _, name = parts[0].rpartition("/")
    match = _FRAME.fullmatch(name)
    stem = (match["stem"] if match is not None else name).rstrip("._-") or directory.rpartition("/")[2]
    path = "/".join(piece for piece in (directory, f"{stem} ({kind})") if piece)
    return ClipUnit(kind=kind, path=path, parts=tuple(parts), refusal=refusal)


def _p2(parts: list[str]) -> ClipUnit:
    match = _P2.fullmatch(parts[0])
    path = f"{match['card']}/CLIP/{match['clip']}" if match is not None else parts[0]
    refusal = f"a P2 clip of {len(parts)} files with picture and sound apart: a JobSpec cannot name it yet"
    return ClipUnit(kind=UnitKind.P2, path=path, parts=tuple(parts), refusal=refusal)


def _braw(parts: list[str]) -> list[ClipUnit]:
    media = [part for part in parts if part.casefold().endswith(".braw")]
    halves = [part for part in parts if part.casefold().endswith(".braw2")]
    if not media and not halves:
        return []
    refusal = "a clip that spans two cards: a JobSpec cannot name it yet" if halves else ""
    source = media[0] if media and not halves else ""
    return [ClipUnit(kind=UnitKind.BRAW, path=(media or halves)[0], parts=tuple(parts), source=source, refusal=refusal)]


def _xdcam(parts: list[str]) -> list[ClipUnit]:
    media = [part for part in parts if not part.casefold().endswith(".xml")]
    if not media:
        return []
    missing = "" if len(media) < len(parts) else "its metadata file (M01.XML) is missing"
    return [ClipUnit(kind=UnitKind.XDCAM, path=media[0], parts=tuple(parts), source=media[0], missing=missing)]


def _gopro(parts: list[str], single: list[str]) -> list[ClipUnit]:
    if len(parts) == 1:
        single.append(parts[0])
        return []
    refusal = f"a take of {len(parts)} chapters: a JobSpec names one file for each clip, and cannot name it yet"
    return [ClipUnit(kind=UnitKind.GOPRO, path=parts[0], parts=tuple(parts), refusal=refusal)]


def _gap(numbers: Sequence[int], *, first: int) -> int | None:
    """Return the first number that is missing; the numbers come in order."""
    for expected, number in enumerate(numbers, start=first):
        if number != expected:
            return expected
    return None
