"""`make licences`: docs/LICENSES.md from the locks and what the installed packages state; `--check` compares it.

A licence that the policy (tools/supply/policy.toml) does not name, or that nobody states, fails.
"""

import argparse
import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from tools.stages import ROOT
from tools.supply.locked import Locked, read_npm_lock, read_python_lock

PAGE = ROOT / "docs" / "LICENSES.md"
POLICY = Path(__file__).with_name("policy.toml")
_OPERATORS = re.compile(r"\s+(?:OR|AND|WITH)\s+|[()]")
_HOMES = ("homepage", "home", "source", "source code", "repository", "github", "documentation")
HEAD = """# Licences of what Proxx depends on

Written by `make licences` from the lock files and the metadata of the installed packages; `make check` compares it.
What may stand here, `tools/supply/policy.toml` says. Proxx itself is Apache-2.0 ([LICENSE](../LICENSE),
[NOTICE](../NOTICE)).

**FFmpeg** is no part of Proxx and is not shipped with it: Proxx starts `ffmpeg` and `ffprobe` as programs of their own.
A build with `--enable-gpl` (x264, x265: every common one) is under the GPL, version 2 or later (3 with
`--enable-version3`), one without under the LGPL, version 2.1 or later; `--enable-nonfree` may not be passed on at all.
Whoever ships an image that holds FFmpeg ships it under that licence: with its text, and with the source or a written
offer. That does not reach Proxx, which only starts it. `make sbom` writes the licence that follows from a build's
configuration, its libraries and its codecs. **DaVinci Resolve** is likewise a program of its own, under its own terms.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Licensed:
    """A package with its licence as an SPDX expression ("" where nobody states one) and its page."""

    name: str
    version: str
    licence: str
    home: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What policy.toml says."""

    runtime: frozenset[str]
    development: frozenset[str]
    programs: frozenset[str]
    words: Mapping[str, str]
    stated: Mapping[str, Mapping[str, str]]


def read_policy() -> Policy:
    """Return the policy of this checkout."""
    table = tomllib.loads(POLICY.read_text(encoding="utf-8"))
    return Policy(
        runtime=frozenset(table["runtime"]),
        development=frozenset(table["runtime"]) | frozenset(table["development"]),
        programs=frozenset(table["development_programs"]),
        words=table["words"],
        stated=table["stated"],
    )


def licensed(package: Locked, *, policy: Policy) -> Licensed:
    """Return what a locked Python package is licensed under, by its installed metadata or by the policy's table."""
    stated = policy.stated.get(package.name)
    if stated is not None:
        return Licensed(name=package.name, version=package.version, licence=stated["licence"], home=stated["home"])
    try:
        found = metadata.metadata(package.name)
    except metadata.PackageNotFoundError:
        return Licensed(name=package.name, version=package.version, licence="", home="")
    return Licensed(name=package.name, version=package.version, licence=_licence(found, policy), home=_home(found))


def faults(packages: Iterable[Licensed], *, legal: frozenset[str], lock: str) -> list[str]:
    """Return a sentence for each package whose licence is unknown or not among the legal ones."""
    found = []
    for package in packages:
        words = [word for word in _OPERATORS.split(package.licence) if word]
        choice = " OR " in package.licence and " AND " not in package.licence
        good = any(word in legal for word in words) if choice else bool(words) and all(word in legal for word in words)
        if not good:
            found.append(f"{lock}: {package.name} {package.version} is under {package.licence or 'nothing stated'}")
    return found


def _licence(found: metadata.PackageMetadata, policy: Policy) -> str:
    if expression := _field(found, "License-Expression"):
        return expression
    classifiers = found.get_all("Classifier") or []
    words = [word.rpartition(" :: ")[2] for word in classifiers if word.startswith("License ::")]
    words = [word for word in words if word not in ("OSI Approved", "DFSG approved")]
    for word in (_field(found, "License"), *words):
        known = policy.words.get(word, word)
        if known in policy.development:
            return str(known)
    return ""


def _home(found: metadata.PackageMetadata) -> str:
    pages = [entry.partition(", ") for entry in found.get_all("Project-URL") or []]
    by_word = {word.strip().lower(): url.strip() for word, _, url in pages}
    return next((by_word[word] for word in _HOMES if word in by_word), _field(found, "Home-page"))


def _field(found: metadata.PackageMetadata, name: str) -> str:
    """Return a field that may be absent, or hold the word that older tools wrote for that."""
    text = found[name].strip() if name in found else ""
    return "" if text == "UNKNOWN" else text


def page(policy: Policy) -> tuple[str, list[str]]:
    """Return the page, and what is wrong with the licences."""
    runtime = [licensed(item, policy=policy) for item in read_python_lock(ROOT / "requirements.lock")]
    names = {item.name for item in runtime}
    everything = [*read_python_lock(ROOT / "requirements-dev.lock"), *read_python_lock(ROOT / "requirements-fuzz.lock")]
    tools = [licensed(item, policy=policy) for item in everything if item.name not in names]
    npm = [
        Licensed(
            name=item.name,
            version=item.version,
            licence=item.licence,
            home=f"https://www.npmjs.com/package/{item.name}",
        )
        for item in read_npm_lock(ROOT / "package-lock.json")
    ]
    found = faults(runtime, legal=policy.runtime, lock="requirements.lock")
    found += faults(tools, legal=policy.development, lock="requirements-dev.lock")
    found += faults(npm, legal=policy.development | policy.programs, lock="package-lock.json")
    parts = (
        ("To run Proxx (requirements.lock)", runtime),
        ("To work on Proxx only (requirements-dev.lock, requirements-fuzz.lock)", tools),
        ("To work on Proxx only, from npm (package-lock.json)", npm),
    )
    return HEAD + "".join(_part(title, packages) for title, packages in parts), found


def _part(title: str, packages: list[Licensed]) -> str:
    rows = "".join(
        f"| [{item.name}]({item.home}) | {item.version} | {item.licence} |\n"
        if item.home
        else f"| {item.name} | {item.version} | {item.licence} |\n"
        for item in packages
    )
    return f"\n## {title}\n\n| package | version | licence |\n| --- | --- | --- |\n{rows}"


def main() -> int:
    """Write the page, or compare it. Returns 1 when it differs or a licence is not allowed."""
    parser = argparse.ArgumentParser(description="List the licences of all dependencies.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when docs/LICENSES.md is out of date")
    check = parser.parse_args().check
    text, wrong = page(read_policy())
    if not check:
        PAGE.write_text(text, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        wrong.append("docs/LICENSES.md is out of date; run: make licences")
    for line in wrong:
        print(line)
    print(f"{len(wrong)} problems" if wrong else "every licence is known and allowed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
