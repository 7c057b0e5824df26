"""The fingerprint of this executor's tools: within one, the same plan makes the same bytes."""

import asyncio
import hashlib
import platform
import shutil
from collections.abc import Mapping
from pathlib import Path

from proxx.core.canonical import digest
from proxx.core.toolchain import Toolchain
from proxx.engine.linked import NotElfError, describe_file, listed_libraries, read_elf
from proxx.engine.tool import ToolRequest, ToolRunner

ASK_SECONDS = 30.0
CPUINFO = Path("/proc/cpuinfo")

# The feature levels of the x86-64 psABI, in the words of /proc/cpuinfo.
X86_LEVELS = (
    ("x86-64-v2", frozenset({"cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3"})),
    ("x86-64-v3", frozenset({"abm", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe", "xsave"})),
    ("x86-64-v4", frozenset({"avx512bw", "avx512cd", "avx512dq", "avx512f", "avx512vl"})),
)


class ToolchainError(RuntimeError):
    """FFmpeg is absent, or does not say which FFmpeg it is."""


async def read_toolchain(*, runner: ToolRunner, ffmpeg: str) -> Toolchain:
    """Ask `ffmpeg` for version and build configuration, its loader for libraries, and the host for its CPU class.

    Raises:
        ToolchainError: the tool is absent or its answer is not FFmpeg's.
    """
    version, build, libraries = await asyncio.gather(
        _ask(runner, ffmpeg, (ffmpeg, "-version")),
        _ask(runner, ffmpeg, (ffmpeg, "-hide_banner", "-buildconf")),
        read_libraries(runner=runner, ffmpeg=ffmpeg),
    )
    return describe_toolchain(version_lines=version, build_lines=build, cpu_class=read_cpu_class(), libraries=libraries)


async def read_libraries(*, runner: ToolRunner, ffmpeg: str) -> dict[str, str]:
    """Return name to file name and sha256: the program as `ffmpeg`, then each library that it loads and that matters.

    Libraries inside a static program have no entry: its own digest covers them. Where the program is no ELF file (a
    script, another system), the entry `linked` says that its libraries are unknown.

    Raises:
        ToolchainError: the program or one of its libraries cannot be read.
    """
    place = shutil.which(ffmpeg)
    if place is None:
        raise ToolchainError(f"{ffmpeg} is not on PATH, or is no program")
    program = Path(place)
    try:
        found = {"ffmpeg": await asyncio.to_thread(describe_file, path=program)}
        loader = read_elf(path=program).loader
        if loader is None:
            return found
        listing = await _ask(runner, ffmpeg, (loader, "--list", place), programs=(program,))
        for name, path in listed_libraries(listing="\n".join(listing)).items():
            found[name] = "not found" if path is None else await asyncio.to_thread(describe_file, path=path)
    except NotElfError:
        return {**found, "linked": f"unknown: {program.name} is not an ELF program"}
    except OSError as error:
        raise ToolchainError(f"cannot read {error.filename or place}: {error.strerror}") from error
    return found


def describe_toolchain(
    *, version_lines: list[str], build_lines: list[str], cpu_class: str, libraries: Mapping[str, str]
) -> Toolchain:
    """Return the toolchain that `ffmpeg -version`, `ffmpeg -buildconf` and its libraries describe.

    Raises:
        ToolchainError: the first line is not FFmpeg's.
    """
    words = version_lines[0].split() if version_lines else []
    if len(words) < 3 or words[:2] != ["ffmpeg", "version"]:
        raise ToolchainError(f"the first line of ffmpeg -version is not FFmpeg's: {' '.join(words) or 'nothing'}")
    own = [line for line in version_lines[1:] if line.startswith(("lib", "built with"))]
    configuration = hashlib.sha256("\n".join([*build_lines, *own]).encode()).hexdigest()
    fields = {
        "tool": "ffmpeg",
        "version": words[2],
        "configuration_sha256": configuration,
        "cpu_class": cpu_class,
    }
    return Toolchain(**fields, libraries=dict(libraries), fingerprint=digest({**fields, "libraries": dict(libraries)}))


def read_cpu_class(*, cpuinfo: Path = CPUINFO, machine: str | None = None) -> str:
    """Return the class of this host's CPU: x86-64-v1 to x86-64-v4 and its maker, arm64, or the machine's own word.

    The maker belongs to it because two x86 instructions that libopus uses are approximations which each maker's
    processors round in their own way (docs/DETERMINISM.md).
    """
    word = (machine or platform.machine()).lower()
    if word in ("aarch64", "arm64"):
        return "arm64"
    if word not in ("x86_64", "amd64"):
        return word
    level = "x86-64-v1"
    fields = _cpu_fields(cpuinfo)
    flags = frozenset(fields.get("flags", "").split())
    for name, needed in X86_LEVELS:
        if not needed <= flags:
            break
        level = name
    return f"{level} {fields.get('vendor_id', '')}".rstrip()


def _cpu_fields(cpuinfo: Path) -> dict[str, str]:
    """The fields of the first CPU."""
    try:
        text = cpuinfo.read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return {}  # not Linux: nothing is claimed above the base level
    lines = (line.partition(":") for line in text.partition("\n\n")[0].splitlines())
    return {name.strip(): value.strip() for name, _, value in lines}


async def check_tool(*, runner: ToolRunner, tool: str) -> None:
    """See that `tool` can be asked for its version.

    Raises:
        ToolchainError: it is absent or fails.
    """
    result = await runner.run(ToolRequest(argv=(tool, "-version"), timeout_seconds=ASK_SECONDS))
    if not result.ok:
        raise ToolchainError(f"{tool} cannot be asked for its version: {result.end.value}")


async def _ask(runner: ToolRunner, ffmpeg: str, argv: tuple[str, ...], *, programs: tuple[Path, ...] = ()) -> list[str]:
    result = await runner.run(ToolRequest(argv=argv, programs=programs, timeout_seconds=ASK_SECONDS))
    if not result.ok:
        raise ToolchainError(
            f"{ffmpeg} cannot be asked for its version: {result.end.value} {result.stderr_tail}".strip()
        )
    return result.stdout.decode("utf-8", "replace").splitlines()
