"""What an FFmpeg on this machine says of itself: version, configuration, libraries, codecs, and the licence of all."""

import hashlib
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_SECONDS = 30
_VERSION = re.compile(r"(?:ffmpeg|ffprobe) version (\S+)")
_LIBRARY = re.compile(r"(lib[a-z]+)\s+([0-9]+\.\s*[0-9]+\.\s*[0-9]+) /.*")
_CODEC = re.compile(r"\s[D.][E.][VASDT][I.][L.][S.]\s+(\S+)\s+(.*)")
_NAMES = re.compile(r"\((decoders|encoders): ([^)]*)\)")


class FfmpegBuildError(RuntimeError):
    """There is no such program, or it does not answer as FFmpeg does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FfmpegBuild:
    """One program of FFmpeg. `configuration` are the options of its build, `libraries` its own with their versions,
    `external` the names of others that were enabled; codecs are by direction."""

    program: str
    version: str
    sha256: str
    configuration: tuple[str, ...]
    libraries: tuple[tuple[str, str], ...]
    external: tuple[str, ...]
    decoders: tuple[str, ...]
    encoders: tuple[str, ...]

    @property
    def licence(self) -> str:
        """The SPDX licence that FFmpeg's LICENSE.md gives this configuration; "" where it may not be passed on."""
        if "--enable-nonfree" in self.configuration:
            return ""
        version_3 = "--enable-version3" in self.configuration
        if "--enable-gpl" in self.configuration:
            return "GPL-3.0-or-later" if version_3 else "GPL-2.0-or-later"
        return "LGPL-3.0-or-later" if version_3 else "LGPL-2.1-or-later"


def read_build(*, program: str) -> FfmpegBuild:
    """Ask a program of FFmpeg, by its name on PATH or its path.

    Raises:
        FfmpegBuildError: it is absent, fails, or is something else.
    """
    place = shutil.which(program)
    if place is None:
        raise FfmpegBuildError(f"{program} is not on PATH, or is no program")
    said = _said(place, "-version")
    version = _VERSION.match(said)
    if version is None:
        raise FfmpegBuildError(f"{place} -version: expected FFmpeg's first line, got {said[:80]!r}")
    words = _said(place, "-buildconf").split()
    configuration = tuple(word for word in words if word.startswith("--"))
    decoders, encoders = _codecs(_said(place, "-codecs"))
    return FfmpegBuild(
        program=Path(place).name,
        version=version[1],
        sha256=hashlib.sha256(Path(place).resolve().read_bytes()).hexdigest(),
        configuration=configuration,
        libraries=tuple(
            (match[1], match[2].replace(" ", "")) for match in map(_LIBRARY.match, said.splitlines()) if match
        ),
        external=tuple(sorted(word.removeprefix("--enable-") for word in configuration if _is_external(word))),
        decoders=decoders,
        encoders=encoders,
    )


def _is_external(word: str) -> bool:
    return word.startswith("--enable-") and word not in (
        *("--enable-gpl", "--enable-nonfree", "--enable-version3", "--enable-shared", "--enable-static"),
        *("--enable-pic", "--enable-small", "--enable-debug", "--enable-pthreads", "--enable-runtime-cpudetect"),
    )


def _codecs(listed: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the decoders and encoders of `-codecs`: those named in parentheses, else the codec's own name."""
    found: dict[str, set[str]] = {"decoders": set(), "encoders": set()}
    for line in listed.splitlines():
        match = _CODEC.fullmatch(line)
        if match is None:
            continue
        named = dict(_NAMES.findall(match[2]))
        for key, letter, at in (("decoders", "D", 1), ("encoders", "E", 2)):
            if line[at] == letter:
                found[key].update(named[key].split() if key in named else (match[1],))
    return tuple(sorted(found["decoders"])), tuple(sorted(found["encoders"]))


def _said(place: str, question: str) -> str:
    argv = [place, "-hide_banner", question] if question != "-version" else [place, question]
    try:
        done = subprocess.run(argv, capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FfmpegBuildError(f"{place} {question}: {error}") from error
    if done.returncode:
        raise FfmpegBuildError(f"{place} {question} ended with exit code {done.returncode}")
    return done.stdout.decode("utf-8", "replace")
