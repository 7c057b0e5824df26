"""The fingerprint of this executor's tools: within one, the same plan makes the same bytes."""

import hashlib
import platform
from pathlib import Path

from proxx.core.canonical import digest
from proxx.core.toolchain import Toolchain
from proxx.engine.tool import ToolRequest, ToolResult, ToolRunner

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
    """Ask `ffmpeg` for its version, build configuration and libraries, and the host for its CPU class.

    Raises:
        ToolchainError: the tool is absent or its answer is not FFmpeg's.
    """
    version = _lines(await runner.run(ToolRequest(argv=(ffmpeg, "-version"), timeout_seconds=ASK_SECONDS)), ffmpeg)
    build = _lines(
        await runner.run(ToolRequest(argv=(ffmpeg, "-hide_banner", "-buildconf"), timeout_seconds=ASK_SECONDS)), ffmpeg
    )
    return describe_toolchain(version_lines=version, build_lines=build, cpu_class=read_cpu_class())


def describe_toolchain(*, version_lines: list[str], build_lines: list[str], cpu_class: str) -> Toolchain:
    """Return the toolchain that `ffmpeg -version` and `ffmpeg -buildconf` describe.

    Raises:
        ToolchainError: the first line is not FFmpeg's.
    """
    words = version_lines[0].split() if version_lines else []
    if len(words) < 3 or words[:2] != ["ffmpeg", "version"]:
        raise ToolchainError(f"the first line of ffmpeg -version is not FFmpeg's: {' '.join(words) or 'nothing'}")
    libraries = [line for line in version_lines[1:] if line.startswith(("lib", "built with"))]
    configuration = hashlib.sha256("\n".join([*build_lines, *libraries]).encode()).hexdigest()
    fields = {
        "tool": "ffmpeg",
        "version": words[2],
        "configuration_sha256": configuration,
        "cpu_class": cpu_class,
    }
    return Toolchain(**fields, fingerprint=digest(fields))


def read_cpu_class(*, cpuinfo: Path = CPUINFO, machine: str | None = None) -> str:
    """Return the class of this host's CPU: x86-64-v1 to x86-64-v4, arm64, or the machine's own word."""
    word = (machine or platform.machine()).lower()
    if word in ("aarch64", "arm64"):
        return "arm64"
    if word not in ("x86_64", "amd64"):
        return word
    level = "x86-64-v1"
    flags = _cpu_flags(cpuinfo)
    for name, needed in X86_LEVELS:
        if not needed <= flags:
            break
        level = name
    return level


def _cpu_flags(cpuinfo: Path) -> frozenset[str]:
    try:
        lines = cpuinfo.read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return frozenset()  # not Linux: nothing is claimed above the base level
    for line in lines:
        name, _, value = line.partition(":")
        if name.strip() == "flags":
            return frozenset(value.split())
    return frozenset()


def _lines(result: ToolResult, ffmpeg: str) -> list[str]:
    if not result.ok:
        raise ToolchainError(
            f"{ffmpeg} cannot be asked for its version: {result.end.value} {result.stderr_tail}".strip()
        )
    return result.stdout.decode("utf-8", "replace").splitlines()
