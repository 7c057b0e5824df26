"""Completion evidence: what somebody other than the file itself says about it being finished."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from proxx.core.quoting import quote
from proxx_watcher.domain.checksum_list import VERIFIABLE, Listed
from proxx_watcher.domain.sighting import History


class Require(StrEnum):
    """The completion evidence that a folder asks of every file."""

    NONE = "none"
    MARKER = "marker"
    CHECKSUM = "checksum"
    RENAME = "rename"


class Witness(StrEnum):
    """One kind of evidence."""

    RENAME = "RENAME"
    MARKER = "MARKER"
    LISTED = "LISTED"
    DIGEST = "DIGEST"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRules:
    """Where a folder looks for evidence. An empty `folder_marker` means none; suffixes and names are exact."""

    marker_suffix: str = ".done"
    folder_marker: str = ""
    lists: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What was said about one file: the kinds, each with its fact; what speaks against it; the digest to verify.

    `to_verify` is the algorithm of a listed digest that the folder wants compared and that nobody computed yet.
    """

    kinds: frozenset[Witness] = frozenset()
    facts: tuple[str, ...] = ()
    against: str = ""
    to_verify: str = ""
    expected_digest: str = ""

    def has(self, kind: Witness) -> bool:
        """Return whether this kind of evidence is there."""
        return kind in self.kinds

    @property
    def complete(self) -> bool:
        """Whether somebody says that the file is finished. A listed size does not: preallocated files have it."""
        return bool(self.kinds - {Witness.LISTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """A marker file: its path, and when a scan first saw it in its present form (the watcher's monotonic clock)."""

    path: str
    first_seen: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFile:
    """An entry of a checksum list that names the file, and the path of the list."""

    source: str
    entry: Listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """Digests of a file that were computed of its present form, by algorithm, in lower-case hex."""

    values: Mapping[str, str] = field(default_factory=dict)


def weigh(
    *,
    history: History,
    former_name: str,
    marker: Marker | None,
    listed: ListedFile | None,
    digests: Digests,
    verify: bool,
) -> Statement:
    """Return what is said about a file.

    `former_name` is the temporary name under which the same inode was seen before, empty when there was none. `verify`
    asks for the listed digest itself; without it a list counts by the size that it states.
    """
    kinds: set[Witness] = set()
    facts: list[str] = []
    against = to_verify = expected = ""
    if former_name:
        kinds.add(Witness.RENAME)
        facts.append(f"renamed from {quote(text=former_name, limit=120)}")
    if marker is not None and history.content_changed_at > marker.first_seen:
        against = f"it changed after its marker {quote(text=marker.path, limit=120)} appeared"
    elif marker is not None:
        kinds.add(Witness.MARKER)
        facts.append(f"marker {quote(text=marker.path, limit=120)}")
    if listed is not None:
        found = _listed(history, listed, digests, verify)
        against = against or found.against
        kinds |= found.kinds
        facts += found.facts
        to_verify, expected = found.to_verify, found.expected_digest
    return Statement(
        kinds=frozenset(kinds) if not against else frozenset(),
        facts=tuple(facts),
        against=against,
        to_verify=to_verify if not against else "",
        expected_digest=expected,
    )


def _listed(history: History, listed: ListedFile, digests: Digests, verify: bool) -> Statement:
    entry, size = listed.entry, history.newest.size
    where = quote(text=listed.source, limit=120)
    if entry.size is not None and entry.size != size:
        return Statement(against=f"listed size {entry.size}, found {size} ({where})")
    said = f"listed in {where}" + ("" if entry.size is None else f" with its size {size}")
    if not verify:
        return Statement(kinds=frozenset({Witness.LISTED}) if entry.size is not None else frozenset(), facts=(said,))
    algorithm = next((name for name in VERIFIABLE if name in entry.digests), "")
    if not algorithm:
        given = ", ".join(sorted(entry.digests)) or "no digest"
        return Statement(against=f"{where} lists {given} for it; this folder verifies {', '.join(VERIFIABLE)} only")
    expected = entry.digests[algorithm]
    computed = digests.values.get(algorithm)
    if computed is None:
        return Statement(facts=(said,), to_verify=algorithm, expected_digest=expected)
    if computed != expected:
        return Statement(against=f"its {algorithm} is {computed[:16]}…, {where} lists {expected[:16]}…")
    return Statement(
        kinds=frozenset({Witness.LISTED, Witness.DIGEST}), facts=(f"{algorithm} equals the one in {where}",)
    )
