"""Which names in a JobSpec folder are JobSpecs, and the names that are made of them. Pure."""

import re
from dataclasses import dataclass

from proxx.core.naming import MAX_NAME_BYTES
from proxx.core.suffixes import MAX_SUFFIX, suffixed_name
from proxx_watcher.domain.sighted_name import NameKind, SightedName

SPEC_ENDING = ".json"
RESULT_ENDING = ".result.json"
_OURS = re.compile(r"processed_manifest(_[0-9]{3})?\.json")
_TEMPORARY = (".", "~", "#")
"""How editors and copy tools begin the names of files that are not finished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameVerdict:
    """Whether a name is taken for a JobSpec. With `told` the reason is shown to operators, without it is no news."""

    candidate: bool
    told: bool = False
    reason: str = ""


_IGNORED = NameVerdict(candidate=False)


def matters(*, name: str, results_here: bool) -> bool:
    """Return whether a name is taken for a JobSpec or told; of the others nobody need know what stands there."""
    if results_here and name.endswith(RESULT_ENDING):
        return False
    if name[-len(SPEC_ENDING) :].lower() != SPEC_ENDING:
        return False
    return not name.startswith(_TEMPORARY) and _OURS.fullmatch(name) is None


def judge_name(*, entry: SightedName, results_here: bool) -> NameVerdict:
    """Judge a directory entry by its name and kind. `results_here` says that the watcher writes results beside it."""
    name = entry.name
    if not matters(name=name, results_here=results_here):
        return _IGNORED
    if not name.endswith(SPEC_ENDING):
        return _told(f"the ending of a JobSpec is {SPEC_ENDING} in lower case")
    if name.endswith(RESULT_ENDING):
        return _told(f"names that end with {RESULT_ENDING} are results, not JobSpecs")
    if entry.kind is not NameKind.FILE:
        return _told(f"it is a {entry.kind.value}; only a regular file is taken for a JobSpec")
    longest = len(_encoded(numbered(name=result_name(name), number=MAX_SUFFIX)))
    if longest > MAX_NAME_BYTES:
        return _told(f"its name is too long: that of its result would have {longest} bytes, of {MAX_NAME_BYTES}")
    return NameVerdict(candidate=True)


def result_name(name: str) -> str:
    """Return the name of a JobSpec's result."""
    return name.removesuffix(SPEC_ENDING) + RESULT_ENDING


def numbered(*, name: str, number: int) -> str:
    """Return the name under which something is kept that gave way: `job_001.json`, `job_001.result.json`."""
    if name.endswith(RESULT_ENDING):
        stem = name.removesuffix(RESULT_ENDING)
        return suffixed_name(name=stem + SPEC_ENDING, number=number).removesuffix(SPEC_ENDING) + RESULT_ENDING
    return suffixed_name(name=name, number=number)


def name_order(name: str) -> bytes:
    """Return the key by which names are ordered: their bytes."""
    return _encoded(name)


def _encoded(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _told(reason: str) -> NameVerdict:
    return NameVerdict(candidate=False, told=True, reason=reason)
