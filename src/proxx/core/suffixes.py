"""The collision policy SUFFIX: the numbered name that a clip gets when its own is taken (REQUIREMENTS.md 75)."""

from collections.abc import Sequence, Set
from dataclasses import dataclass

from proxx.core.naming import MAX_NAME_BYTES
from proxx.core.path_key import fold_name, path_key
from proxx.core.roots import RootPath

MAX_SUFFIX = 999
"""The last number that is tried."""

SUFFIX_TOKEN = "suffix"  # noqa: S105  a naming token is no secret
"""The name under which results show a suffix among the tokens. No template can use it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedOutput:
    """The output that a clip would have. `exists` and `suffixes_taken` say what stands beside it on disk."""

    output: RootPath
    exists: bool
    suffixes_taken: tuple[int, ...]


def suffixed_name(*, name: str, number: int) -> str:
    """Return `name` with `_001` to `_999` before its extension; 0 leaves it as it is."""
    if number == 0:
        return name
    stem, _, extension = name.rpartition(".")
    return f"{stem}_{number:03d}.{extension}" if stem else f"{name}_{number:03d}"


def fits_suffix(*, name: str) -> bool:
    """Whether `name` with a suffix is still short enough for every file system, counted in bytes of UTF-8."""
    return len(suffixed_name(name=name, number=MAX_SUFFIX).encode("utf-8", "surrogatepass")) <= MAX_NAME_BYTES


def taken_suffixes(*, name: str, names: Set[str]) -> tuple[int, ...]:
    """Return which numbered names of `name` stand in a directory. `names` are its entries as `fold_name` gives them."""
    if not names:
        return ()
    return tuple(
        number for number in range(1, MAX_SUFFIX + 1) if fold_name(suffixed_name(name=name, number=number)) in names
    )


def choose_suffixes(*, wanted: Sequence[WantedOutput], taken: Set[str]) -> tuple[int | None, ...]:
    """Return for each output the number of its suffix: 0 when its own name is free, None when no number is.

    `taken` are the keys (path_key) of outputs that other jobs hold. The first free number is taken, in the order of
    the outputs; a suffix never takes the own name of another output. No two outputs get the same path.
    """
    own = [path_key(item.output) for item in wanted]
    names = frozenset(own)
    used = set(taken)
    chosen: list[int | None] = []
    for item, key in zip(wanted, own, strict=True):
        number = 0 if not item.exists and key not in used else _first_free(item, names, used)
        if number is not None:
            used.add(path_key(suffixed_output(output=item.output, number=number)))
        chosen.append(number)
    return tuple(chosen)


def suffixed_output(*, output: RootPath, number: int) -> RootPath:
    """Return the path of an output under its numbered name."""
    return output if number == 0 else output.parent().child(suffixed_name(name=output.name, number=number))


def _first_free(item: WantedOutput, names: Set[str], used: Set[str]) -> int | None:
    on_disk = frozenset(item.suffixes_taken)
    for number in range(1, MAX_SUFFIX + 1):
        if number in on_disk:
            continue
        key = path_key(suffixed_output(output=item.output, number=number))
        if key not in names and key not in used:
            return number
    return None
