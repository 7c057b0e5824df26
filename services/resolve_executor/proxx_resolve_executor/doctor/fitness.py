"""What facts of a host mean for its work. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from proxx.core.profile import Profile
from proxx_resolve_executor.doctor.finding import Finding, Level
from proxx_resolve_executor.python_facts import PythonFacts

LEAST_FREE_BYTES = 20 * 1024**3
"""Less is little for a day's proxies; nothing stops at this number."""

_GIB = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceFacts:
    """One directory that the executor needs. `free_bytes` is None where nobody can say."""

    name: str
    path: str
    directory: bool
    readable: bool
    writable: bool
    free_bytes: int | None


def python_finding(*, facts: PythonFacts | None, program: str) -> Finding:
    """Say whether this Python can load Resolve's module, as far as its version tells."""
    action = "make the environment anew with 64-bit Python 3.11 or 3.12: install --python PATH"
    if facts is None:
        return Finding(name="python", level=Level.FAIL, fact=f"{program} does not start", action=action)
    if facts.safe:
        return Finding(name="python", level=Level.OK, fact=str(facts))
    if facts.usable:
        fact = f"{facts}: newer than every Resolve is known to take"
        return Finding(name="python", level=Level.WARN, fact=fact, action=action)
    return Finding(name="python", level=Level.FAIL, fact=f"{facts}: expected 64 bits and 3.11 or 3.12", action=action)


def preset_findings(*, profiles: Sequence[Profile], digests: Mapping[str, str | None]) -> tuple[Finding, ...]:
    """Say whether each profile's render preset is the one that it names; `digests` holds the sha256 of the files."""
    wrong = []
    for profile in profiles:
        name, wanted = profile.render["preset"], profile.render["preset_sha256"]
        found = digests.get(name)
        if found != wanted:
            what = "is not there" if found is None else f"has sha256 {found[:12]}…; expected {wanted[:12]}…"
            wrong.append(f"{name} {what}")
    if wrong:
        action = "install Proxx again, or correct resolve_preset_directory"
        return tuple(Finding(name="presets", level=Level.FAIL, fact=one, action=action) for one in wrong)
    return (Finding(name="presets", level=Level.OK, fact=f"{len(profiles)} render presets are as their profiles say"),)


def codec_findings(*, profiles: Sequence[Profile], pairs: frozenset[tuple[str, str]]) -> tuple[Finding, ...]:
    """Say which profiles this Resolve can make. One that it cannot is no fault, unless it can make none."""
    able = [profile for profile in profiles if _pair(profile) in pairs]
    findings = [Finding(name="codecs", level=Level.OK, fact=f"{len(pairs)} pairs of format and codec")]
    for profile in profiles:
        pair = "/".join(_pair(profile))
        if profile in able:
            findings.append(Finding(name="codecs", level=Level.OK, fact=f"{pair} is listed: {profile.name}"))
            continue
        fact = f"{pair} is not listed, so {profile.name} cannot be made here"
        action = "such jobs go to another host; ProRes is encoded on macOS" if "ProRes" in pair else ""
        level = Level.WARN if able else Level.FAIL
        findings.append(Finding(name="codecs", level=level, fact=fact, action=action))
    return tuple(findings)


def place_findings(*, places: Iterable[PlaceFacts]) -> tuple[Finding, ...]:
    """Say whether each directory is there and has room."""
    findings: list[Finding] = []
    for place in places:
        name, where = f"{place.name}", place.path
        if not place.directory or not place.readable:
            what = "cannot be read" if place.directory else "is no directory"
            action = "mount it, or correct `mount` in the settings"
            findings.append(Finding(name=name, level=Level.FAIL, fact=f"{where} {what}", action=action))
            continue
        free = "" if place.free_bytes is None else f", {place.free_bytes / _GIB:.1f} GiB free"
        if not place.writable:
            action = "good for sources; outputs need a root that this user can write to"
            findings.append(
                Finding(name=name, level=Level.WARN, fact=f"{where} is read-only for this user{free}", action=action)
            )
        elif place.free_bytes is not None and place.free_bytes < LEAST_FREE_BYTES:
            findings.append(Finding(name=name, level=Level.WARN, fact=f"{where}{free}", action="make room"))
        else:
            findings.append(Finding(name=name, level=Level.OK, fact=f"{where}{free}"))
    return tuple(findings)


def _pair(profile: Profile) -> tuple[str, str]:
    return profile.render["format"], profile.render["codec"]
