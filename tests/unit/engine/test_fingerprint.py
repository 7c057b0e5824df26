"""The fingerprint of an FFmpeg executor's tools."""

import hashlib
import struct
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from proxx.core.toolchain import Toolchain
from proxx.engine.fingerprint import (
    ToolchainError,
    describe_toolchain,
    read_cpu_class,
    read_libraries,
    read_toolchain,
)
from proxx.engine.linked import NotElfError, listed_libraries, read_elf
from proxx.engine.tool import ToolEnd, ToolRequest, ToolResult
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


LIBRARIES = {"ffmpeg": "ffmpeg sha256:1", "libx264": "libx264.so.164 sha256:2"}
LISTING = """\tlinux-vdso.so.1 (0x00007ffd1)
\tlibx264.so.164 => /lib/libx264.so.164 (0x00007f1)
\tlibcurl.so.4 => /lib/libcurl.so.4 (0x00007f2)
\tlibopus.so.0 => not found
\tlibc.musl-x86_64.so.1 => /lib/libc.musl-x86_64.so.1 (0x7f3)
\tlibm.so.6 => /opt/a b/libm.so.6 (0x00007f3)
\t/lib64/ld-linux-x86-64.so.2 (0x00007f4)
"""


def described(
    version: str = VERSION,
    build: str = BUILD,
    cpu_class: str = "x86-64-v3",
    libraries: Mapping[str, str] = LIBRARIES,
) -> Toolchain:
    return describe_toolchain(
        version_lines=version.splitlines(), build_lines=build.splitlines(), cpu_class=cpu_class, libraries=libraries
    )


def elf(*, loader: str | None, bits: int = 64, order: str = "<") -> bytes:
    """A file with an ELF header and one segment: the loader's name, or some code."""
    name = (loader or "").encode() + b"\0"
    kind = 1 if loader is None else 3
    identity = b"\x7fELF" + bytes([bits // 32, 1 if order == "<" else 2]) + bytes(10)
    if bits == 64:
        header = identity + struct.pack(order + "HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
        return header + struct.pack(order + "IIQQQQQQ", kind, 4, 120, 0, 0, len(name), len(name), 1) + name
    header = identity + struct.pack(order + "HHIIIIIHHHHHH", 3, 3, 1, 0, 52, 0, 0, 52, 32, 1, 0, 0, 0)
    return header + struct.pack(order + "IIIIIIII", kind, 84, 0, 0, len(name), len(name), 4, 1) + name


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def program(directory: Path, data: bytes) -> Path:
    path = directory / "ffmpeg"
    path.write_bytes(data)
    path.chmod(0o755)
    return path


def answering(listing: str) -> Callable[[ToolRequest], ToolResult]:
    def answer(request: ToolRequest) -> ToolResult:
        said = {"-version": VERSION, "-buildconf": BUILD}.get(request.argv[-1], listing)
        return tool_result(stdout=said.encode())

    return answer


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
        described(libraries={**LIBRARIES, "libx264": "libx264.so.164 sha256:3"}),
        described(libraries={"ffmpeg": "ffmpeg sha256:1"}),
    ],
    ids=["version", "library version", "compiler", "configuration", "cpu", "library file", "library gone"],
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


def test_the_maker_of_the_cpu_belongs_to_its_class(tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text(f"vendor_id\t: GenuineIntel\nflags\t: {V2}\n\nvendor_id\t: Other\n")

    assert read_cpu_class(cpuinfo=tmp_path / "cpuinfo", machine="x86_64") == "x86-64-v2 GenuineIntel"


async def test_the_tool_and_its_loader_are_asked(tmp_path: Path) -> None:
    (tmp_path / "libx264.so.164").write_bytes(b"x264")
    data = elf(loader="/lib64/ld.so")
    ffmpeg = program(tmp_path, data)
    listing = f"\tlibx264.so.164 => {tmp_path}/libx264.so.164 (0x7f)\n\tlibopus.so.0 => not found\n"
    runner = FakeToolRunner(answering(listing))

    found = await read_toolchain(runner=runner, ffmpeg=str(ffmpeg))

    assert found == described(
        cpu_class=read_cpu_class(),
        libraries={
            "ffmpeg": f"ffmpeg sha256:{sha256(data)}",
            "libopus": "not found",
            "libx264": f"libx264.so.164 sha256:{sha256(b'x264')}",
        },
    )
    assert {request.argv for request in runner.requests} == {
        (str(ffmpeg), "-version"),
        (str(ffmpeg), "-hide_banner", "-buildconf"),
        ("/lib64/ld.so", "--list", str(ffmpeg)),
    }


async def test_a_static_program_covers_its_libraries_itself(tmp_path: Path) -> None:
    data = elf(loader=None)
    runner = FakeToolRunner(answering("never asked"))

    found = await read_libraries(runner=runner, ffmpeg=str(program(tmp_path, data)))

    assert found == {"ffmpeg": f"ffmpeg sha256:{sha256(data)}"}
    assert runner.requests == []


async def test_the_libraries_of_a_script_are_said_to_be_unknown(tmp_path: Path) -> None:
    data = b'#!/bin/sh\nexec /opt/ffmpeg/bin/ffmpeg "$@"\n' + bytes(40)

    found = await read_libraries(runner=FakeToolRunner(answering("")), ffmpeg=str(program(tmp_path, data)))

    assert found == {
        "ffmpeg": f"ffmpeg sha256:{sha256(data)}",
        "linked": "unknown: ffmpeg is not an ELF program",
    }


async def test_a_library_that_vanished_is_named(tmp_path: Path) -> None:
    ffmpeg = program(tmp_path, elf(loader="/lib64/ld.so"))
    runner = FakeToolRunner(answering(f"libx264.so.164 => {tmp_path}/gone.so (0x7f)"))

    with pytest.raises(ToolchainError, match=r"cannot read .*gone\.so: No such file or directory"):
        await read_libraries(runner=runner, ffmpeg=str(ffmpeg))


async def test_a_library_is_named_by_the_file_behind_its_link(tmp_path: Path) -> None:
    (tmp_path / "libdav1d.so.6.6.0").write_bytes(b"dav1d")
    (tmp_path / "libdav1d.so.6").symlink_to("libdav1d.so.6.6.0")
    ffmpeg = program(tmp_path, elf(loader="/lib64/ld.so"))
    runner = FakeToolRunner(answering(f"libdav1d.so.6 => {tmp_path}/libdav1d.so.6 (0x7f)"))

    found = await read_libraries(runner=runner, ffmpeg=str(ffmpeg))

    assert found["libdav1d"] == f"libdav1d.so.6.6.0 sha256:{sha256(b'dav1d')}"


def test_only_libraries_that_can_touch_a_proxy_are_listed() -> None:
    assert listed_libraries(listing=LISTING) == {
        "libc": Path("/lib/libc.musl-x86_64.so.1"),
        "libm": Path("/opt/a b/libm.so.6"),
        "libopus": None,
        "libx264": Path("/lib/libx264.so.164"),
    }


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("order", ["<", ">"], ids=["little endian", "big endian"])
@pytest.mark.parametrize("loader", ["/lib/ld.so", None], ids=["dynamic", "static"])
def test_the_loader_is_read_from_the_file(tmp_path: Path, bits: int, order: str, loader: str | None) -> None:
    path = program(tmp_path, elf(loader=loader, bits=bits, order=order))

    assert read_elf(path=path).loader == loader


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x7fELF",
        b"#!/bin/sh\n" + bytes(64),
        b"\x7fELF\x02\x01" + b"\xff" * 58,
        b"\x7fELF\x02\x01" + bytes(58),
    ],
    ids=["empty", "cut", "script", "table too large", "table of nothing"],
)
def test_what_is_no_elf_program_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(NotElfError):
        read_elf(path=program(tmp_path, data))


async def test_an_absent_tool_has_no_fingerprint() -> None:
    runner = FakeToolRunner(lambda _request: tool_result(end=ToolEnd.NOT_FOUND, stderr="ffmpeg: No such file"))

    with pytest.raises(ToolchainError, match="ffmpeg cannot be asked for its version: NOT_FOUND ffmpeg: No such file"):
        await read_toolchain(runner=runner, ffmpeg="ffmpeg")
