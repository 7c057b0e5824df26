"""The filter of system calls, run on a small machine of our own as the kernel would run it."""

import struct

import pytest

from proxx.engine.sandbox.syscall_filter import (
    ALLOW,
    AUDIT_ARCH,
    EACCES,
    ENOSYS,
    EPERM,
    KILL,
    KILLED,
    OWN_PID,
    REFUSED,
    filter_program,
)
from proxx.engine.sandbox.syscall_numbers import LAST_KNOWN, MACHINES, system_call

MOST_STEPS = 4096
THREAD = 0x00010000 | 0x100
NEW_USER = 0x10000000


def decide(program: bytes, machine: str, name: str | int, *arguments: int) -> int:
    """Return what the program answers to a call; every jump must stay inside it."""
    number = name if isinstance(name, int) else system_call(name=name, machine=machine)
    assert number is not None
    words = [*arguments, *(0 for _ in range(6 - len(arguments)))]
    data = struct.pack("=IIQ6Q", number, AUDIT_ARCH[machine], 0, *words)
    return run(program, data)


def run(program: bytes, data: bytes) -> int:
    at = accumulator = 0
    for _ in range(MOST_STEPS):
        code, yes, no, value = struct.unpack_from("=HBBI", program, 8 * at)
        at += 1
        if code == 0x06:
            return value
        if code == 0x20:
            accumulator = struct.unpack_from("=I", data, value)[0]
            continue
        holds = {
            0x15: accumulator == value,
            0x25: accumulator > value,
            0x35: accumulator >= value,
            0x45: bool(accumulator & value),
        }[code]
        at += yes if holds else no
    raise AssertionError("the program does not end")


def program_for(machine: str, *, processes: bool = False, confined: bool = False) -> bytes:
    program = filter_program(machine=machine, processes=processes, confined=confined)
    assert program is not None
    return program


@pytest.fixture(params=MACHINES)
def machine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("confined", [False, True], ids=["host's processes", "own processes"])
def test_what_only_an_attacker_asks_for_ends_the_process(machine: str, confined: bool) -> None:
    program = program_for(machine, confined=confined)
    known = [name for name in KILLED if system_call(name=name, machine=machine) is not None]

    assert {decide(program, machine, name) for name in known} == {KILL}
    assert len(known) > 60


def test_what_a_good_program_may_try_is_refused(machine: str) -> None:
    program = program_for(machine)
    known = [name for name in REFUSED if system_call(name=name, machine=machine) is not None]

    assert {decide(program, machine, name) for name in known} == {EPERM}


@pytest.mark.parametrize(
    ("name", "arguments", "answer"),
    [
        pytest.param("socket", (2, 1), KILL, id="internet"),
        pytest.param("socket", (10, 2), KILL, id="internet 6"),
        pytest.param("socket", (16, 3), KILL, id="netlink"),
        pytest.param("socket", (1, 1), EACCES, id="unix"),
        pytest.param("clone", (THREAD,), ALLOW, id="thread"),
        pytest.param("clone", (17,), EPERM, id="process"),
        pytest.param("clone", (NEW_USER | 17,), KILL, id="namespace"),
        pytest.param("clone", (NEW_USER | THREAD,), KILL, id="namespace of a thread"),
        pytest.param("clone3", (0, 88), ENOSYS, id="clone by a structure"),
        pytest.param("ioctl", (2, 0x5401), ALLOW, id="terminal or not"),
        pytest.param("ioctl", (2, 0x5412), KILL, id="type into a terminal"),
        pytest.param("ioctl", (2, (7 << 32) | 0x5412), KILL, id="type, with a high word that the kernel drops"),
        pytest.param("kill", (OWN_PID, 9), ALLOW, id="kill itself"),
        pytest.param("kill", (1234, 9), EPERM, id="kill another"),
        pytest.param("kill", (0xFFFFFFFF, 9), EPERM, id="kill everybody"),
        pytest.param("tgkill", (1234, 1234, 9), EPERM, id="kill another's thread"),
        pytest.param("prlimit64", (0, 7), ALLOW, id="own limits"),
        pytest.param("prlimit64", (1234, 7), EPERM, id="another's limits"),
        pytest.param("sched_setaffinity", (1234, 8), EPERM, id="another's processors"),
        pytest.param("setpriority", (0, 0, 10), ALLOW, id="own priority"),
        pytest.param("setpriority", (0, 1234, 10), EPERM, id="another's priority"),
        pytest.param("setpriority", (2, 0, 10), EPERM, id="a whole user's priority"),
        pytest.param("prctl", (1, 0), EPERM, id="disarm the death signal"),
        pytest.param("prctl", (15, 0), ALLOW, id="name a thread"),
        pytest.param("personality", (0xFFFFFFFF,), ALLOW, id="ask for the personality"),
        pytest.param("personality", (0x0040000,), EPERM, id="no address randomisation"),
    ],
)
def test_arguments_decide(machine: str, name: str, arguments: tuple[int, ...], answer: int) -> None:
    assert decide(program_for(machine), machine, name, *arguments) == answer


def test_processes_are_allowed_to_who_needs_them(machine: str) -> None:
    program = program_for(machine, processes=True)

    assert decide(program, machine, "clone", 17) == ALLOW
    assert decide(program, machine, "clone", NEW_USER | 17) == KILL


def test_within_its_own_process_namespace_a_tool_may_signal_whom_it_sees(machine: str) -> None:
    assert decide(program_for(machine, confined=True), machine, "kill", 3, 9) == ALLOW


def test_calls_newer_than_the_table_are_absent(machine: str) -> None:
    program = program_for(machine)

    assert [decide(program, machine, LAST_KNOWN + step) for step in (0, 1, 500)] == [ALLOW, ENOSYS, ENOSYS]


def test_calls_of_another_kind_of_machine_end_the_process() -> None:
    program = program_for("x86_64")

    assert run(program, struct.pack("=IIQ6Q", 3, 0x40000003, 0, *(0,) * 6)) == KILL
    assert decide(program, "x86_64", 0x40000000 + 39) == KILL


def test_an_unknown_machine_has_no_filter() -> None:
    assert filter_program(machine="riscv64", processes=False, confined=False) is None
