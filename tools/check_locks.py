"""Are the lock files those of pyproject.toml? Offline: every requirement is pinned within its range, with digests."""

import re
import sys
import tomllib
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.stages import ROOT

PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>\S+)")
RUNTIME = "requirements.lock"
DEVELOPMENT = "requirements-dev.lock"
GROUPS = {"requirements-fuzz.lock": "fuzz", "requirements-uv.lock": "lock"}
"""Locks of what single tools bring when they are called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One locked package."""

    version: str
    digests: int


def read_pins(text: str) -> dict[str, Pin]:
    """The pins of a lock file by canonical name, with how many digests each carries."""
    pins: dict[str, Pin] = {}
    name = ""
    for line in text.splitlines():
        found = PIN.match(line)
        if found:
            name = canonicalize_name(found["name"])
            pins[name] = Pin(version=found["version"], digests=0)
        elif "--hash=sha256:" in line and name:
            pins[name] = Pin(version=pins[name].version, digests=pins[name].digests + 1)
    return pins


def compare(*, requirements: list[str], pins: dict[str, Pin], lock: str) -> list[str]:
    """What is wrong with `lock`: requirements without a pin or outside their range, pins without a digest."""
    lines = []
    for text in requirements:
        requirement = Requirement(text)
        pin = pins.get(canonicalize_name(requirement.name))
        if pin is None:
            lines.append(f"{lock}: {requirement.name} is required by pyproject.toml and not locked")
        elif not requirement.specifier.contains(pin.version, prereleases=True):
            lines.append(f"{lock}: {requirement.name} is locked at {pin.version}, pyproject.toml wants {requirement}")
    return lines + [f"{lock}: {name} has no digest" for name, pin in pins.items() if pin.digests == 0]


def main() -> int:
    """Print every disagreement; 1 when there is one."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    runtime: list[str] = project["project"]["dependencies"]
    everything = runtime + project["dependency-groups"]["dev"] + project["build-system"]["requires"]
    locked = {name: read_pins((ROOT / name).read_text(encoding="utf-8")) for name in (RUNTIME, DEVELOPMENT, *GROUPS)}
    lines = compare(requirements=runtime, pins=locked[RUNTIME], lock=RUNTIME)
    lines += compare(requirements=everything, pins=locked[DEVELOPMENT], lock=DEVELOPMENT)
    for lock, group in GROUPS.items():
        lines += compare(requirements=project["dependency-groups"][group], pins=locked[lock], lock=lock)
    for name, pin in locked[RUNTIME].items():
        other = locked[DEVELOPMENT].get(name)
        if other is None or other.version != pin.version:
            there = "absent" if other is None else other.version
            lines.append(f"{name}: {pin.version} in {RUNTIME}, {there} in {DEVELOPMENT}")
    for line in lines:
        print(line)
    print("Run: make lock" if lines else f"{len(locked[DEVELOPMENT])} packages locked, as pyproject.toml asks")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
