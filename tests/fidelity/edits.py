"""Changes of the planned argument list, by name of option; each fails loudly when there is nothing to change."""

from collections.abc import Callable

from tests.fidelity.case import Argv, Edit

_BEFORE_OUTPUT = -3  # `-f muxer file:output` ends every planned command


def put(option: str, value: str) -> Edit:
    """Give the last `option` this value; add it before the output when the plan has none."""

    def edit(argv: Argv) -> Argv:
        if option not in argv:
            return [*argv[:_BEFORE_OUTPUT], option, value, *argv[_BEFORE_OUTPUT:]]
        at = len(argv) - 1 - argv[::-1].index(option)
        return [*argv[: at + 1], value, *argv[at + 2 :]]

    return edit


def add(*words: str) -> Edit:
    """Add words before the output."""
    return lambda argv: [*argv[:_BEFORE_OUTPUT], *words, *argv[_BEFORE_OUTPUT:]]


def drop(option: str) -> Edit:
    """Take the last `option` out, with its value."""

    def edit(argv: Argv) -> Argv:
        at = len(argv) - 1 - argv[::-1].index(option)
        return [*argv[:at], *argv[at + 2 :]]

    return edit


def swap(old: str, new: str) -> Edit:
    """Replace a part of every word that holds it."""

    def edit(argv: Argv) -> Argv:
        if not any(old in word for word in argv):
            raise ValueError(f"the planned command does not hold {old!r}: {argv}")
        return [word.replace(old, new) for word in argv]

    return edit


def before_input(*words: str) -> Edit:
    """Add words before the input."""

    def edit(argv: Argv) -> Argv:
        at = argv.index("-i")
        return [*argv[:at], *words, *argv[at:]]

    return edit


def picture_first(chain: str) -> Edit:
    """Filter the picture before the planned filters do."""
    return _filter("-filter:v:0", lambda planned: f"{chain},{planned}")


def picture_last(chain: str) -> Edit:
    """Filter the picture after the planned filters did."""
    return _filter("-filter:v:0", lambda planned: f"{planned},{chain}")


def sound_last(chain: str, *, track: int = 0) -> Edit:
    """Filter a track after the planned filters did."""
    return _filter(f"-filter:a:{track}", lambda planned: f"{planned},{chain}")


def without_track(track: int) -> Edit:
    """Leave out one track of sound: its map, and nothing else. Only right for the last track."""
    return lambda argv: _without_map(argv, track + 1)


def swapped_tracks(first: int, second: int) -> Edit:
    """Map two tracks of sound in each other's place."""

    def edit(argv: Argv) -> Argv:
        maps = [at for at, word in enumerate(argv) if word == "-map"]
        one, other = maps[first + 1] + 1, maps[second + 1] + 1
        changed = list(argv)
        changed[one], changed[other] = argv[other], argv[one]
        return changed

    return edit


def _without_map(argv: Argv, number: int) -> Argv:
    at = [index for index, word in enumerate(argv) if word == "-map"][number]
    kept = [*argv[:at], *argv[at + 2 :]]
    track = number - 1
    for option in (f"-c:a:{track}", f"-filter:a:{track}", f"-ar:a:{track}"):
        index = kept.index(option)
        kept = [*kept[:index], *kept[index + 2 :]]
    return kept


def _filter(option: str, change: Callable[[str], str]) -> Edit:
    def edit(argv: Argv) -> Argv:
        at = argv.index(option) + 1
        return [*argv[:at], change(argv[at]), *argv[at + 1 :]]

    return edit
