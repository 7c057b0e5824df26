"""The fingerprint of an FFmpeg executor's tools."""

from dataclasses import replace
from pathlib import Path

import pytest

from proxx.core.toolchain import Toolchain
from proxx.engine.tool import ToolEnd, ToolRequest, ToolResult
from proxx_ffmpeg_executor.fingerprint import ToolchainError, describe_toolchain, read_cpu_class, read_toolchain
from tests.fakes.tool_runner import FakeToolRunner, tool_result

VERSION = """ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026 the FFmpeg developers
built with gcc 12 (Debian 12.2.0-14+deb12u1)
configuration: --enable-gpl
libavcodec     59. 37.100 / 59. 37.100
"""
BUILD = "  configuration:\n    --enable-gpl\n"
V2 = "cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3"
V3 = V2 + " abm avx avx2 bmi1 bmi2 f16c fma movbe xsave"
V4 = V3 + " avx512bw avx512cd avx512dq avx512f avx512vl"


def described(version: str = VERSION, build: str = BUILD, cpu_class: str = "x86-64-v3") -> Toolchain:
    return describe_toolchain(version_lines=version.splitlines(), build_lines=build.splitlines(), cpu_class=cpu_class)


def test_tool_version_and_class_are_as_reported() -> None:
    toolchain = described()

    assert (toolchain.tool, toolchain.version, toolchain.cpu_class) == ("ffmpeg", "5.1.9-0+deb12u1", "x86-64-v3")


@pytest.mark.parametrize(
    "other",
    [
        described(version=VERSION.replace("5.1.9", "5.1.8")),
        described(version=VERSION.replace("37.100", "37.101")),
        described(version=VERSION.replace("gcc 12", "gcc 13")),
        described(build=BUILD + "    --enable-libx264\n"),
        described(cpu_class="arm64"),
    ],
    ids=["version", "library", "compiler", "configuration", "cpu"],
)
def test_whatever_could_change_the_bytes_changes_the_fingerprint(other: Toolchain) -> None:
    assert other.fingerprint != described().fingerprint


def test_the_same_tools_have_the_same_fingerprint() -> None:
    assert described() == replace(described())


@pytest.mark.parametrize("text", ["", "ffmpeg", "GNU coreutils 9.1"], ids=["nothing", "short", "another tool"])
def test_what_is_not_ffmpeg_has_no_fingerprint(text: str) -> None:
    with pytest.raises(ToolchainError, match="the first line of ffmpeg -version is not FFmpeg's"):
        described(version=text)


@pytest.mark.parametrize(
    ("machine", "flags", "cpu_class"),
    [
        ("x86_64", "fpu", "x86-64-v1"),
        ("x86_64", V2, "x86-64-v2"),
        ("x86_64", V3, "x86-64-v3"),
        ("AMD64", V4, "x86-64-v4"),
        ("x86_64", V4.replace("fma ", ""), "x86-64-v2"),
        ("aarch64", "", "arm64"),
        ("arm64", "", "arm64"),
        ("riscv64", "", "riscv64"),
    ],
)
def test_the_cpu_class_is_the_highest_level_whose_features_are_all_there(
    tmp_path: Path, machine: str, flags: str, cpu_class: str
) -> None:
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\nflags\t\t: {flags}\n")

    assert read_cpu_class(cpuinfo=tmp_path / "cpuinfo", machine=machine) == cpu_class


async def test_the_tool_is_asked_for_version_and_configuration() -> None:
    def answer(request: ToolRequest) -> ToolResult:
        return tool_result(stdout=(BUILD if "-buildconf" in request.argv else VERSION).encode())

    runner = FakeToolRunner(answer)

    assert await read_toolchain(runner=runner, ffmpeg="/opt/ffmpeg") == described(cpu_class=read_cpu_class())
    assert [request.argv for request in runner.requests] == [
        ("/opt/ffmpeg", "-version"),
        ("/opt/ffmpeg", "-hide_banner", "-buildconf"),
    ]


async def test_an_absent_tool_has_no_fingerprint() -> None:
    runner = FakeToolRunner(lambda _request: tool_result(end=ToolEnd.NOT_FOUND, stderr="ffmpeg: No such file"))

    with pytest.raises(ToolchainError, match="ffmpeg cannot be asked for its version: NOT_FOUND ffmpeg: No such file"):
        await read_toolchain(runner=runner, ffmpeg="ffmpeg")
