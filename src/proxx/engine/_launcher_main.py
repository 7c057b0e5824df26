"""The launcher: a small single-threaded process between an executor and one tool.

Run as `python -I -S _launcher_main.py REPORT_FD PARENT_PID`. The request arrives on stdin as NUL-ended fields, one tag
byte each: `d` working directory to make and remove, `l` NAME=NUMBER resource limit, `e` NAME=VALUE environment, `a`
argument; an empty field ends it. After it stdin stays open as the lifeline: end of file there means that the executor
is gone or wants the tool dead. The tool inherits stdout and stderr. What happened goes to REPORT_FD, one line each:
`pid N` just before the tool runs, then `exited CODE …` or `signalled NUMBER …`, both with CPU seconds and largest
resident bytes; or `error ERRNO` when it could not be run.

It stands alone (standard library only) because it must not share a thread or a lock with gRPC, and it imports little
because it starts with every tool: reading JSON alone would add a quarter to its 11 ms.
"""

# pathlib would add 4 ms to every start of a tool:
# ruff: noqa: PTH102, PTH106, PTH108, PTH118, PTH123

import contextlib
import ctypes
import errno
import os
import resource
import select
import signal
import sys

assert sys.platform != "win32"  # noqa: S101  nothing below exists there; engine/direct_runner.py is for it

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
REQUEST_LIMIT_BYTES = 8 * 1024 * 1024
# Python ignores these two, and an ignored signal stays ignored across exec: a tool over its file size limit would then
# see a failed write instead of its end.
RESTORED_SIGNALS = (signal.SIGPIPE, signal.SIGXFSZ)
ON_LINUX = sys.platform.startswith("linux")


def main() -> None:
    """Read the request, run the tool, report, and leave nothing alive."""
    report_fd, executor_pid = int(sys.argv[1]), int(sys.argv[2])
    wakeup_read, wakeup_write = _pipe()
    signal.set_wakeup_fd(wakeup_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    signal.signal(signal.SIGTERM, lambda _number, _frame: _end(tool=0, directory=b""))
    if ON_LINUX:
        _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        _prctl(PR_SET_CHILD_SUBREAPER, 1)
    if os.getppid() != executor_pid:
        os._exit(1)  # the executor died before the death signal was armed
    request = _read_request()
    directory = request[b"d"][0]
    os.mkdir(directory, 0o700)
    os.set_inheritable(report_fd, False)
    pid, error = _spawn(request, report_fd)
    if error:
        _report(report_fd, f"error {error}")
        _end(tool=0, directory=directory)
    signal.signal(signal.SIGTERM, lambda _number, _frame: _end(tool=pid, directory=directory))
    status, usage = _supervise(pid, wakeup_read)
    _report(report_fd, _describe(status, usage))
    _end(tool=pid, directory=directory)


def _pipe() -> tuple[int, int]:
    if sys.platform == "linux":
        return os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    ends = os.pipe()
    for end in ends:
        os.set_blocking(end, False)
    return ends


def _prctl(option: int, value: int) -> None:
    if _LIBC.prctl(option, value, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl {option}: {os.strerror(number)}")


_LIBC = ctypes.CDLL(None, use_errno=True)


def _read_request() -> dict[bytes, list[bytes]]:
    received = bytearray()
    while not received.endswith(b"\0\0"):
        chunk = os.read(0, 65536)
        if not chunk or len(received) > REQUEST_LIMIT_BYTES:
            os._exit(1)  # the executor died while it was asking, or asks for what nobody could mean
        received += chunk
    request: dict[bytes, list[bytes]] = {b"d": [], b"l": [], b"e": [], b"a": []}
    for field in bytes(received[:-2]).split(b"\0"):
        request[field[:1]].append(field[1:])
    return request


def _spawn(request: dict[bytes, list[bytes]], report_fd: int) -> tuple[int, int]:
    """Fork and exec the tool; return its pid, and an errno when it did not start.

    The one place where a tool comes to life, so the one place for namespaces.
    """
    launcher_pid = os.getpid()
    told_read, told_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(told_read)
            _become_tool(request, launcher_pid, report_fd)
        except OSError as error:
            os.write(told_write, f"{error.errno or errno.EIO}".encode())
        finally:
            os._exit(127)
    os.close(told_write)
    told = os.read(told_read, 32)
    os.close(told_read)
    if not told:
        return pid, 0
    os.waitpid(pid, 0)
    return pid, int(told)


def _become_tool(request: dict[bytes, list[bytes]], launcher_pid: int, report_fd: int) -> None:
    signal.set_wakeup_fd(-1)
    for number in (*RESTORED_SIGNALS, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    os.setsid()
    if ON_LINUX:
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        _prctl(PR_SET_NO_NEW_PRIVS, 1)
    if os.getppid() != launcher_pid:
        os._exit(127)
    for name, wanted in _pairs(request[b"l"]):
        _lower_limit(getattr(resource, f"RLIMIT_{name.decode()}"), int(wanted))
    os.chdir(request[b"d"][0])
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    # Told before the first instruction of the tool, so that a launcher lost at any moment leaves nobody unknown.
    _report(report_fd, f"pid {os.getpid()}")
    os.execvpe(request[b"a"][0], request[b"a"], dict(_pairs(request[b"e"])))  # noqa: S606  no shell is the point


def _pairs(fields: list[bytes]) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, _, value in (field.partition(b"=") for field in fields)]


def _lower_limit(kind: int, wanted: int) -> None:
    _soft, hard = resource.getrlimit(kind)
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(kind, (limit, limit))


def _supervise(pid: int, wakeup: int) -> tuple[int, resource.struct_rusage]:
    """Wait for the tool; kill it when the lifeline ends."""
    watched = [0, wakeup]
    while True:
        found, status, usage = os.wait4(pid, os.WNOHANG)
        if found == pid:
            return status, usage
        ready, _, _ = select.select(watched, [], [])
        if wakeup in ready:
            os.read(wakeup, 4096)
        if 0 in ready and not os.read(0, 4096):
            _kill_group(pid)
            watched.remove(0)


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
        os.killpg(pid, signal.SIGKILL)


def _describe(status: int, usage: resource.struct_rusage) -> str:
    code = os.waitstatus_to_exitcode(status)
    how = f"exited {code}" if code >= 0 else f"signalled {-code}"
    return f"{how} {usage.ru_utime + usage.ru_stime} {usage.ru_maxrss * (1024 if ON_LINUX else 1)}"


def _report(report_fd: int, fact: str) -> None:
    with contextlib.suppress(BrokenPipeError):  # nobody is left to read it; what follows still has to be cleaned
        os.write(report_fd, f"{fact}\n".encode())


def _end(*, tool: int, directory: bytes) -> None:
    """Kill whatever the tool left behind, also what moved into sessions of its own, and leave."""
    if tool:
        _kill_group(tool)
    with contextlib.suppress(ChildProcessError):  # raised when no child is left, which is the aim
        while True:
            children = _children()
            for child in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            reaped, _ = os.waitpid(-1, 0 if children else os.WNOHANG)
            if not reaped:
                break  # the kernel does not list children here, and the group is dead
    for folder, directories, files in os.walk(directory, topdown=False) if directory else ():
        with contextlib.suppress(OSError):
            for name in files:
                os.unlink(os.path.join(folder, name))
            for name in directories:
                os.rmdir(os.path.join(folder, name))
            os.rmdir(folder)
    os._exit(0)


def _children() -> list[int]:
    """The processes whose parent is now this one; orphans of the tool come here (child subreaper)."""
    with contextlib.suppress(OSError), open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as listing:
        return [int(word) for word in listing.read().split()]
    return []


if __name__ == "__main__":
    main()
