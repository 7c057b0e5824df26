"""Which files make up one clip: from names and structure alone, the same for every order of the names."""

from collections.abc import Iterable

from proxx.core.quoting import quote
from proxx.core.units.clip_unit import ClipUnit
from proxx.core.units.names import bare_stem, group_of, is_clip_folder, is_sidecar, kind_of, numbered_name
from proxx.core.units.numbering import number_parts, path_order
from proxx.core.units.unit_kind import UnitKind

_NAME_CHARACTERS = 120


def recognise(
    *, paths: Iterable[str], kinds: frozenset[UnitKind], folder: str = ""
) -> tuple[tuple[ClipUnit, ...], tuple[str, ...]]:
    """Return the units that the paths make up, and the paths that stand alone, both by the bytes of their paths.

    `folder` is the name of the directory that paths without one lie in, where it is known: frames that are numbers
    alone are called after it. A sidecar whose clip is not among the paths is in neither.
    """
    grouped: dict[tuple[UnitKind, str], list[str]] = {}
    single: list[str] = []
    for path in sorted(set(paths), key=path_order):
        kind = kind_of(path=path, kinds=kinds)
        if kind is None:
            single.append(path)
        else:
            grouped.setdefault((kind, group_of(path=path, kind=kind)), []).append(path)
    sounds = _sounds(grouped)
    units = [unit for (kind, _), files in grouped.items() for unit in _unit(kind, files, single, sounds, folder)]
    return tuple(sorted(units, key=lambda unit: path_order(unit.path))), tuple(sorted(single, key=path_order))


def _sounds(grouped: dict[tuple[UnitKind, str], list[str]]) -> dict[str, list[str]]:
    """Take the WAV files out of the groups, by what the sequence beside them is called; one serves one sequence."""
    alone = [
        key
        for key, files in grouped.items()
        if key[0] is UnitKind.CINEMADNG and all(is_sidecar(path=path) for path in files)
    ]
    return {group: grouped.pop((kind, group)) for kind, group in alone}


def _unit(
    kind: UnitKind, files: list[str], single: list[str], sounds: dict[str, list[str]], folder: str
) -> list[ClipUnit]:
    media = [path for path in files if not is_sidecar(path=path)]
    sidecars = [path for path in files if is_sidecar(path=path)]
    if not media:
        return []
    if kind is UnitKind.R3D:
        return [_r3d(media, sidecars)]
    if kind is UnitKind.P2:
        return [_p2(media)]
    if kind is UnitKind.BRAW:
        return [_braw(media, sidecars)]
    if kind is UnitKind.XDCAM:
        return [_xdcam(media, sidecars)]
    if kind is UnitKind.GOPRO:
        return _gopro(media, single)
    return [_sequence(kind, media, sounds, folder)]


def _r3d(media: list[str], sidecars: list[str]) -> ClipUnit:
    numbered = number_parts(paths=media, word="part", first=1)
    directory, stem = _place(numbered.paths[0])
    own = is_clip_folder(directory=directory, stem=stem)
    return ClipUnit(
        kind=UnitKind.R3D,
        path=directory if own else f"{directory}/{stem}".lstrip("/"),
        parts=numbered.paths,
        sidecars=tuple(sidecars),
        source="" if numbered.refusal else numbered.paths[0],
        missing="" if numbered.refusal else numbered.missing,
        refusal=numbered.refusal or _several(sidecars, "RMD files"),
    )


def _sequence(kind: UnitKind, media: list[str], sounds: dict[str, list[str]], folder: str) -> ClipUnit:
    numbered = number_parts(paths=media, word="frame", first=None)
    directory, stem = _place(numbered.paths[0])
    name = bare_stem(stem=stem) or directory.rpartition("/")[2] or folder
    sidecars: list[str] = []
    if kind is UnitKind.CINEMADNG:
        sidecars = sounds.pop(group_of(path=f"{directory}/{name}.wav", kind=kind), [])
    refusal = numbered.refusal or _several(sidecars, "sound files (.wav)")
    missing = numbered.missing
    if kind is UnitKind.CINEMADNG and len(media) == 1:
        missing = "one DNG alone is a still; a clip has two or more frames"
    return ClipUnit(
        kind=kind,
        path=_pattern(numbered.paths[0]),
        parts=numbered.paths,
        sidecars=tuple(sidecars),
        source="" if refusal else numbered.paths[0],
        missing="" if refusal else missing,
        refusal=refusal,
    )


def _p2(media: list[str]) -> ClipUnit:
    clip = media[0].rpartition("/")[2][:6]
    card = media[0].rpartition("/")[0].rpartition("/")[0]
    files = "file" if len(media) == 1 else "files"
    refusal = (
        f"a P2 clip of {len(media)} {files} with picture and sound apart, and no file of it is the whole clip; wrap it"
        " into one MXF or MOV file first"
    )
    return ClipUnit(kind=UnitKind.P2, path=f"{card}/CLIP/{clip}", parts=tuple(media), refusal=refusal)


def _braw(media: list[str], sidecars: list[str]) -> ClipUnit:
    first = [path for path in media if path.casefold().endswith(".braw")]
    second = [path for path in media if path.casefold().endswith(".braw2")]
    refusal = _several(first, "files") or _several(second, "second halves") or _several(sidecars, "sidecars")
    missing = "" if first else f"its first half is missing: {_shown(second[0])} is the second half of a .braw file"
    return ClipUnit(
        kind=UnitKind.BRAW,
        path=(first or second)[0],
        parts=(*first, *second),
        sidecars=tuple(sidecars),
        source=first[0] if first and not refusal else "",
        missing="" if refusal else missing,
        refusal=refusal,
    )


def _xdcam(media: list[str], sidecars: list[str]) -> ClipUnit:
    return ClipUnit(
        kind=UnitKind.XDCAM,
        path=media[0],
        parts=tuple(media),
        sidecars=tuple(sidecars),
        source=media[0],
        missing="" if sidecars else "its metadata file (M01.XML) is missing",
    )


def _gopro(media: list[str], single: list[str]) -> list[ClipUnit]:
    if len(media) == 1:
        single.append(media[0])
        return []
    refusal = (
        f"a take of {len(media)} chapters, and no file of it is the whole take; submit each chapter as a source of its"
        " own, or join them first"
    )
    return [ClipUnit(kind=UnitKind.GOPRO, path=media[0], parts=tuple(media), refusal=refusal)]


def _several(files: list[str], word: str) -> str:
    """Refuse two files where a clip has one: their names differ by letter case or Unicode form alone."""
    if len(files) < 2:
        return ""
    return f"it has {len(files)} {word}, {_shown(files[0])} and {_shown(files[1])}, where a clip has one"


def _place(path: str) -> tuple[str, str]:
    """Return directory and stem of a numbered file."""
    directory, _, name = path.rpartition("/")
    numbered = numbered_name(name=name)
    return directory, name if numbered is None else numbered.stem


def _pattern(path: str) -> str:
    """Return the path of a frame with `#` for each digit of its number."""
    directory, slash, name = path.rpartition("/")
    numbered = numbered_name(name=name)
    if numbered is None:
        return path
    return f"{directory}{slash}{numbered.stem}{'#' * len(numbered.digits)}.{numbered.extension}"


def _shown(path: str) -> str:
    return quote(text=path.rpartition("/")[2], limit=_NAME_CHARACTERS)
