"""The conditions under which the same plan must make the same bytes: load, cores, CPU limits, levels of the CPU."""

import contextlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

Argv = tuple[str, ...]

HOGS_PER_CORE = 2
LIMITED_QUOTA_US, LIMITED_PERIOD_US = 30_000, 100_000
"""Three tenths of one core."""

_CGROUP_V1, _CGROUP_V2 = Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")
_ABOVE_V2 = "-avx-avx2-fma3-fma4-xop-avx512-avx512icl-bmi1-bmi2"
_ABOVE_V3 = "-avx512-avx512icl"
_ENCODER_SWITCHES = {"-x264-params": "x264", "-x265-params": "x265", "-svtav1-params": "svt"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One way to run a command. `runs` is how often; `missing` says why it cannot be had here, empty when it can."""

    name: str
    what: str
    runs: int = 1
    change: Callable[[Argv], Argv] = lambda argv: argv
    around: Callable[[], AbstractContextManager[object]] = contextlib.nullcontext
    missing: str = ""


def conditions(*, runs: int, emulator: str | None) -> tuple[Condition, ...]:
    """Return every condition in the order of the table; the first is what the others are compared with."""
    cores = sorted(os.sched_getaffinity(0))
    return (
        Condition(name="as is", what="the command alone, twice", runs=2),
        Condition(
            name="load",
            what=f"{HOGS_PER_CORE} busy processes for each of the {len(cores)} cores, {runs} runs",
            runs=runs,
            around=lambda: busy(HOGS_PER_CORE * len(cores)),
        ),
        _pinned(cores[:1]),
        _pinned(cores[:2]),
        _limited(cores),
        *_switched(),
        *_emulated(emulator),
    )


def short_conditions() -> tuple[Condition, ...]:
    """Return what fits into the test suite: the command as it is, on one busy core, and with the switches of v2."""
    first = sorted(os.sched_getaffinity(0))[:1]
    return (
        Condition(name="as is", what="the command alone"),
        Condition(
            name="one busy core",
            what="one core, shared with two busy processes",
            change=lambda argv: (*_taskset(first), *argv),
            around=lambda: busy(2, cores=first),
        ),
        replace(_switched()[0], runs=3),
    )


@contextlib.contextmanager
def busy(count: int, *, cores: list[int] | None = None) -> Iterator[tuple[subprocess.Popen[bytes], ...]]:
    """Keep `count` processes counting, pinned to `cores` where given, and end them."""
    argv = (*(_taskset(cores) if cores else ()), sys.executable, "-I", "-S", "-c", "while True: pass")
    hogs = tuple(subprocess.Popen(argv) for _ in range(count))
    try:
        yield hogs
    finally:
        for hog in hogs:
            hog.kill()
        for hog in hogs:
            hog.wait()


def _taskset(cores: list[int]) -> Argv:
    return ("taskset", "-c", ",".join(map(str, cores)))


def _pinned(cores: list[int]) -> Condition:
    words = "1 core" if len(cores) == 1 else f"{len(cores)} cores"
    return Condition(
        name=words,
        what=f"taskset to {words}, 3 runs",
        runs=3,
        change=lambda argv: (*_taskset(cores), *argv),
        missing="" if shutil.which("taskset") else "no taskset here",
    )


def _limited(cores: list[int]) -> Condition:
    share = f"{LIMITED_QUOTA_US * 100 // LIMITED_PERIOD_US} % of one core"
    controller = _cgroup()
    if controller is not None:
        return Condition(name="CPU limit", what=f"a cgroup with {share}, 3 runs", runs=3, around=controller)
    return Condition(
        name="CPU limit",
        what="no cgroup can be made here: instead one core, shared with 3 busy processes, 3 runs",
        runs=3,
        change=lambda argv: (*_taskset(cores[:1]), *argv),
        around=lambda: busy(3, cores=cores[:1]),
        missing="" if shutil.which("taskset") else "no taskset here",
    )


def _cgroup() -> Callable[[], AbstractContextManager[object]] | None:
    """Return what puts this process, and so its children, under a CPU limit; None where the host forbids it."""
    if (_CGROUP_V1 / "cpu.cfs_quota_us").exists():
        period, share = str(LIMITED_PERIOD_US), str(LIMITED_QUOTA_US)
        parent, quota = _CGROUP_V1, {"cpu.cfs_period_us": period, "cpu.cfs_quota_us": share}
    elif (_CGROUP_V2 / "cgroup.controllers").exists():
        parent, quota = _CGROUP_V2, {"cpu.max": f"{LIMITED_QUOTA_US} {LIMITED_PERIOD_US}"}
    else:
        return None

    @contextlib.contextmanager
    def limited() -> Iterator[None]:
        own = parent / f"proxx-determinism-{os.getpid()}"
        own.mkdir()
        try:
            for name, value in quota.items():
                (own / name).write_text(value)
            (own / "cgroup.procs").write_text(str(os.getpid()))
            try:
                yield
            finally:
                (parent / "cgroup.procs").write_text(str(os.getpid()))
        finally:
            own.rmdir()

    try:
        with limited():
            return limited
    except OSError:
        return None


def _switched() -> tuple[Condition, ...]:
    missing = "" if platform.machine() == "x86_64" else f"this host is {platform.machine()}"
    return tuple(
        Condition(name=name, what=what, change=change, missing=missing)
        for name, what, change in (
            (
                "v2 switches",
                "FFmpeg -cpuflags without AVX, FMA, BMI; asm= of x264, x265, SVT-AV1 up to SSE4.2; VPX_SIMD_CAPS=0x3f",
                lambda argv: switched(argv, flags=_ABOVE_V2, x26="SSE4.2", svt="sse4_2", vpx="0x3f"),
            ),
            (
                "v3 switches",
                "FFmpeg -cpuflags without AVX-512; asm= of x264, x265, SVT-AV1 up to AVX2; VPX_SIMD_CAPS=0xff",
                lambda argv: switched(argv, flags=_ABOVE_V3, x26="AVX2", svt="avx2", vpx="0xff"),
            ),
        )
    )


def switched(argv: Argv, *, flags: str, x26: str, svt: str, vpx: str) -> Argv:
    """Return the command with each library's own switch for the CPU's level; nothing else of it changes."""
    level = {"x264": x26, "x265": x26, "svt": svt}
    words = list(argv)
    for place, word in enumerate(words[:-1]):
        if word in _ENCODER_SWITCHES:
            words[place + 1] += f":asm={level[_ENCODER_SWITCHES[word]]}"
    return ("env", f"VPX_SIMD_CAPS={vpx}", words[0], "-cpuflags", flags, *words[1:])


def _emulated(emulator: str | None) -> tuple[Condition, ...]:
    tool = shutil.which(emulator or "qemu-x86_64")
    missing = "" if tool else "no qemu-x86_64 here (--emulator names one)"
    return tuple(
        Condition(
            name=f"{level} emulated",
            what=f"the whole process, every library in it, on QEMU's {model}",
            change=partial(emulated, emulator=tool or "", model=model),
            missing=missing,
        )
        for level, model in (("v2", "Nehalem"), ("v3", "Haswell"))
    )


def emulated(argv: Argv, *, emulator: str, model: str) -> Argv:
    """Return the command under QEMU's user-mode emulation of a CPU model."""
    return (emulator, "-cpu", model, shutil.which(argv[0]) or argv[0], *argv[1:])
