"""What is not here what it was when a clip was made: tools, source, profile, plan, command."""

import re
from dataclasses import replace

from proxx.core.facts import SourceIdentity
from proxx.core.plan import (
    ASSET_PLACEHOLDER,
    OUTPUT_PLACEHOLDER,
    SOURCE_PLACEHOLDER,
    WITNESS_PLACEHOLDER,
    Plan,
)
from proxx.core.planner.clip import plan_digest
from proxx.core.reproduce.difference import Difference
from proxx.core.reproduce.recorded import RecordedClip
from proxx.core.roots import RootPath
from proxx.core.toolchain import Toolchain

MOST_WORDS = 8
_PLACEHOLDER = re.compile(
    "(?:file:)?(?:"
    + "|".join(
        (
            *(re.escape(word) for word in (SOURCE_PLACEHOLDER, OUTPUT_PLACEHOLDER)),
            re.escape(WITNESS_PLACEHOLDER) + r"-[a-z]+(?:\.\d+)?",
            ASSET_PLACEHOLDER.pattern,
        )
    )
    + ")"
)
_ABSENT, _UNRECORDED = "absent", "not recorded"


def toolchain_differences(*, recorded: Toolchain | None, here: Toolchain) -> tuple[Difference, ...]:
    """Compare fingerprints part by part, library by library."""
    if recorded is None:
        return (Difference(what="toolchain", recorded=_UNRECORDED, here=here.fingerprint),)
    pairs = [
        ("tool", recorded.tool, here.tool),
        (f"{here.tool} version", recorded.version, here.version),
        ("build configuration", recorded.configuration_sha256, here.configuration_sha256),
        ("CPU class", recorded.cpu_class, here.cpu_class),
    ]
    if recorded.libraries:
        names = sorted({*recorded.libraries, *here.libraries})
        pairs += [(name, recorded.libraries.get(name, _ABSENT), here.libraries.get(name, _ABSENT)) for name in names]
    elif here.libraries:
        pairs.append(("libraries", _UNRECORDED, f"{len(here.libraries)} recorded"))
    return _differing(pairs)


def source_changed(*, recorded: SourceIdentity, here: SourceIdentity) -> str | None:
    """Return which fact shows that the source has other bytes now, or None: size and the first and last MiB."""
    if recorded.size_bytes != here.size_bytes:
        return f"it had {recorded.size_bytes} bytes and has {here.size_bytes}"
    if recorded.edge_sha256 != here.edge_sha256:
        return f"the digest of its first and last MiB was {recorded.edge_sha256} and is {here.edge_sha256}"
    return None


def source_differences(*, recorded: SourceIdentity | None, here: SourceIdentity) -> tuple[Difference, ...]:
    """Compare what may differ in a copy with the same bytes; the middle of a changed file shows only here."""
    if recorded is None:
        return (Difference(what="source identity", recorded=_UNRECORDED, here=here.edge_sha256),)
    return _differing(
        [
            ("source modification time (ns)", str(recorded.mtime_ns), str(here.mtime_ns)),
            ("source inode", str(recorded.inode), str(here.inode)),
        ]
    )


def plan_differences(*, recorded: RecordedClip, plan: Plan) -> tuple[Difference, ...]:
    """Compare profile, planner, command and plan digest with the plan that is made here.

    The digest is that of the plan with the recorded output path in the root of the plan made here: where only it
    differs, the recorded plan named its storage roots otherwise, or expected something else of the proxy.
    """
    found = _differing(
        [
            ("profile digest", recorded.profile_digest or _UNRECORDED, plan.profile_digest),
            ("planner version", str(recorded.planner_version or _UNRECORDED), str(plan.planner_version)),
        ]
    )
    found += _command_differences(recorded.command, plan.argv)
    output = RootPath(root=plan.output.root, path=recorded.output_path.lstrip("/"))
    digest = plan_digest(replace(plan, output=output))
    if recorded.plan_digest == digest:
        return found
    what = "plan digest" if found else "plan digest (with the same command)"
    return (*found, Difference(what=what, recorded=recorded.plan_digest or _UNRECORDED, here=digest))


def _command_differences(recorded: tuple[str, ...], planned: tuple[str, ...]) -> tuple[Difference, ...]:
    """Compare word by word: not the tool's own place, and no host path."""
    if len(recorded) != len(planned):
        return (Difference(what="command", recorded=f"{len(recorded)} words", here=f"{len(planned)} words"),)
    words = [
        (f"command word {number}", before, now)
        for number, (before, now) in enumerate(zip(recorded, planned, strict=True))
        if number and not _only_paths_differ(before, now)
    ]
    return _differing(words)[:MOST_WORDS]


def _only_paths_differ(recorded: str, planned: str) -> bool:
    """Whether the words agree but for what a host filled in: placeholders stand alone or inside a filter's text."""
    if recorded == planned:
        return True
    place, *rest = _literals(planned)
    if not recorded.startswith(place) or not rest:
        return False
    at = len(place)
    for literal in rest[:-1]:
        found = recorded.find(literal, at + 1)
        if found < 0:
            return False
        at = found + len(literal)
    return recorded.endswith(rest[-1]) and len(recorded) - len(rest[-1]) > at


def _literals(planned: str) -> list[str]:
    """Return what stands before, between and after the placeholders of a word."""
    ends = [(match.start(), match.end()) for match in _PLACEHOLDER.finditer(planned)]
    starts = [0, *(end for _, end in ends)]
    return [
        planned[start:end] for start, end in zip(starts, [*(start for start, _ in ends), len(planned)], strict=True)
    ]


def _differing(pairs: list[tuple[str, str, str]]) -> tuple[Difference, ...]:
    return tuple(
        Difference(what=what, recorded=recorded, here=here) for what, recorded, here in pairs if recorded != here
    )
