"""Changes of the planned argument list, by name of option; each fails loudly when there is nothing to change.

They change what makes the proxy. The witness is left as it was planned: it is what a broken tool is held against. In
the planned graph the proxy's is everything from `[made]` to `[picture]`, and what comes before the split.
"""

import re
from collections.abc import Callable

from tests.fidelity.case import Argv, Edit

_TEE = "tee"
_WITNESS_WAYS = ("[seen]", "[raw]", "[thumbnail]")


def put(option: str, value: str) -> Edit:
    """Give the last `option` of the proxy this value; add it before the output when the plan has none."""

    def edit(argv: Argv) -> Argv:
        proxy, rest = _parted(argv)
        name = option.removeprefix("-")
        if re.search(rf"[\[:]{re.escape(name)}=", proxy[-1]):
            return [
                *proxy[:-1],
                re.sub(rf"([\[:]{re.escape(name)}=)[^:\]]*", rf"\g<1>{value}", proxy[-1], count=1),
                *rest,
            ]
        if option not in proxy:
            return [*proxy[:-3], option, value, *proxy[-3:], *rest]
        at = len(proxy) - 1 - proxy[::-1].index(option)
        return [*proxy[: at + 1], value, *proxy[at + 2 :], *rest]

    return edit


def add(*words: str) -> Edit:
    """Add words before the proxy's output."""

    def edit(argv: Argv) -> Argv:
        proxy, rest = _parted(argv)
        return [*proxy[:-3], *words, *proxy[-3:], *rest]

    return edit


def drop(option: str) -> Edit:
    """Take the last `option` of the proxy out, with its value."""

    def edit(argv: Argv) -> Argv:
        proxy, rest = _parted(argv)
        without = re.sub(rf":{re.escape(option.removeprefix('-'))}=[^:\]]*", "", proxy[-1], count=1)
        if without != proxy[-1]:
            return [*proxy[:-1], without, *rest]
        at = len(proxy) - 1 - proxy[::-1].index(option)
        return [*proxy[:at], *proxy[at + 2 :], *rest]

    return edit


def swap(old: str, new: str) -> Edit:
    """Replace a part of every word that holds it."""

    def edit(argv: Argv) -> Argv:
        proxy, rest = _parted(argv)
        changed = [";".join(_swapped(way, old, new) for way in word.split(";")) for word in proxy]
        if changed == proxy:
            raise ValueError(f"the planned command does not hold {old!r}: {argv}")
        return [*changed, *rest]

    return edit


def before_input(*words: str) -> Edit:
    """Add words before the input."""

    def edit(argv: Argv) -> Argv:
        at = argv.index("-i")
        return [*argv[:at], *words, *argv[at:]]

    return edit


def picture_first(chain: str) -> Edit:
    """Filter the picture before the planned filters do."""
    return _word("-filter_complex", lambda graph: _once(graph, ";[made]", f";[made]{chain},"))


def picture_last(chain: str) -> Edit:
    """Filter the picture after the planned filters did."""
    return _word("-filter_complex", lambda graph: _once(graph, "[picture]", f",{chain}[picture]"))


def sound_last(chain: str, *, track: int = 0) -> Edit:
    """Filter a track after the planned filters did."""
    return _word(f"-filter:a:{track}", lambda planned: f"{planned},{chain}")


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


def _parted(argv: Argv) -> tuple[Argv, Argv]:
    """Return the words up to the proxy's output, which ends with `-f tee [outputs]`, and those of the witness."""
    end = argv.index(_TEE) + 2
    return argv[:end], argv[end:]


def _swapped(way: str, old: str, new: str) -> str:
    return way if way.startswith(_WITNESS_WAYS) else way.replace(old, new)


def _once(graph: str, old: str, new: str) -> str:
    if graph.count(old) != 1:
        raise ValueError(f"the planned graph does not hold {old!r} once: {graph}")
    return graph.replace(old, new)


def _without_map(argv: Argv, number: int) -> Argv:
    at = [index for index, word in enumerate(argv) if word == "-map"][number]
    kept = [*argv[:at], *argv[at + 2 :]]
    track = number - 1
    for option in (f"-c:a:{track}", f"-filter:a:{track}", f"-ar:a:{track}"):
        index = kept.index(option)
        kept = [*kept[:index], *kept[index + 2 :]]
    return kept


def _word(option: str, change: Callable[[str], str]) -> Edit:
    def edit(argv: Argv) -> Argv:
        at = argv.index(option) + 1
        return [*argv[:at], change(argv[at]), *argv[at + 1 :]]

    return edit
