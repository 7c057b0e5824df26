"""The files of a clip as its identity lists them: bounded, however many frames it has."""

from proxx.core.facts import SourceIdentity
from proxx.core.units.names import name_of_number

MOST_PARTS = 64
"""Most entries of the numbered files of one clip; a clip of more has runs of them as entries."""


def part_runs(*, count: int) -> tuple[tuple[int, int], ...]:
    """Return how `count` files in clip order are shared out to entries: the index of the first, and how many.

    Up to MOST_PARTS files are one entry each. More are runs of equal length, the last one shorter.
    """
    length = -(-count // MOST_PARTS) or 1
    return tuple((start, min(length, count - start)) for start in range(0, count, length))


def media_files(*, identity: SourceIdentity) -> tuple[str, ...]:
    """Return the paths of the media files of a source below its root, in clip order: runs spelt out, no sidecars.

    Raises:
        ValueError: a run begins with a file that has no number.
    """
    if not identity.parts:
        return (identity.path,)
    found: list[str] = []
    for part in identity.parts:
        if part.sidecar:
            continue
        directory, slash, name = part.path.rpartition("/")
        found.append(part.path)
        found += (
            f"{directory}{slash}{name_of_number(first=name, offset=offset)}" for offset in range(1, part.run_length)
        )
    return tuple(found)


def media_count(*, identity: SourceIdentity) -> int:
    """Return the number of media files of a source, without spelling them out."""
    if not identity.parts:
        return 1
    return sum(part.run_length or 1 for part in identity.parts if not part.sidecar)
