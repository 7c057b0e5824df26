"""Folders that lie in one another, or in their own output: refused at the start, because they would feed themselves."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from proxx.core.quoting import quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A folder and where its proxies go, both with every link resolved; `output` is None where specs say it."""

    name: str
    path: PurePosixPath
    output: PurePosixPath | None


def nesting_problems(places: tuple[Place, ...]) -> tuple[str, ...]:
    """Return every reason why these folders cannot be watched together, as sentences."""
    problems = []
    for number, place in enumerate(places):
        if place.output is not None and _holds(place.output, place.path):
            problems.append(
                f"folder {place.name}: it lies in its own output directory {quote(text=str(place.output))}: "
                "its proxies would be its sources"
            )
        for other in places[number + 1 :]:
            if place.path == other.path:
                problems.append(f"folders {place.name} and {other.name} are the same directory")
            elif _holds(place.path, other.path) or _holds(other.path, place.path):
                problems.append(f"folders {place.name} and {other.name} lie in one another")
            if place.output is not None and _holds(other.path, place.output):
                problems.append(f"the output of folder {place.name} lies in folder {other.name}")
            if other.output is not None and _holds(place.path, other.output):
                problems.append(f"the output of folder {other.name} lies in folder {place.name}")
    return tuple(problems)


def _holds(outer: PurePosixPath, inner: PurePosixPath) -> bool:
    return inner.is_relative_to(outer)
