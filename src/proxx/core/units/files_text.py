"""The files of a clip in one line for people, however many there are."""

from proxx.core.facts import SourceIdentity
from proxx.core.quoting import quote
from proxx.core.units.media_files import media_count
from proxx.core.units.names import name_of_number, numbered_name

_NAMES_SHOWN = 3
_NAME_CHARACTERS = 120


def files_text(*, identity: SourceIdentity | None) -> str:
    """Return the files of a clip of several: how many, the first and the last, and the sidecars; empty for one file.

    For example `3 files, A001_C001_001.R3D to A001_C001_003.R3D; beside them A001_C001.RMD`.
    """
    media = [] if identity is None else [part for part in identity.parts if not part.sidecar]
    if identity is None or not media:
        return ""
    sidecars = [_name(part.path) for part in identity.parts if part.sidecar]
    count = media_count(identity=identity)
    last = media[-1]
    end = _name(last.path)
    # An identity may come from a file that somebody else wrote: it is shown, whatever it says.
    if last.run_length > 1 and numbered_name(name=last.path.rpartition("/")[2]) is not None:
        end = _name(name_of_number(first=last.path.rpartition("/")[2], offset=last.run_length - 1))
    said = f"1 file, {_name(media[0].path)}" if count == 1 else f"{count} files, {_name(media[0].path)} to {end}"
    if not sidecars:
        return said
    more = f" and {len(sidecars) - _NAMES_SHOWN} more" if len(sidecars) > _NAMES_SHOWN else ""
    return f"{said}; beside {'it' if count == 1 else 'them'} {', '.join(sidecars[:_NAMES_SHOWN])}{more}"


def _name(path: str) -> str:
    return quote(text=path.rpartition("/")[2], limit=_NAME_CHARACTERS)[1:-1]
