"""The launcher: a small single-threaded process between an executor and one tool.

Run as `python -I -S _launcher_main.py REPORT_FD PARENT_PID`. The request arrives on stdin as NUL-ended fields, one tag
byte each: `d` working directory to make and remove, `l` NAME=NUMBER resource limit, `e` NAME=VALUE environment, `a`
argument, `s` level of isolation, `b` filter of system calls (hexadecimal), and what the tool may open: `x` read and
load, `r` read, `w` write, `k` LINK=TARGET, `i` DEVICE:INODE=PATH which file one of those must be. An empty field ends
it. After it stdin stays open as the lifeline: end of file there means that the executor is gone or wants the tool dead.
The tool inherits stdout and stderr. What happened goes to REPORT_FD, one line each: `pid N` just before the tool runs,
then `exited CODE …` or `signalled NUMBER …`, both with CPU seconds and largest resident bytes; or `error ERRNO` when it
could not be run, `refused REASON` when it could not be isolated. A request without arguments is a trial: everything is
done but running a tool.

It stands alone (standard library only) because it must not share a thread or a lock with gRPC, and it imports little
because it starts with every tool: reading JSON alone would add a quarter to its 11 ms. It is a module beside its script
(_launcher_main.py) because Python keeps the compiled form of modules only.
"""

# pathlib would add 4 ms to every start of a tool:
# ruff: noqa: PTH102, PTH106, PTH108, PTH118, PTH123

import ctypes
import errno
import os
import resource
import select
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
else:
    import _signal as signal  # the same without its enumerations, whose making takes a quarter of this program's time

assert sys.platform != "win32"  # noqa: S101  nothing below exists there; engine/direct_runner.py is for it

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
REQUEST_LIMIT_BYTES = 8 * 1024 * 1024
TAGS = (b"d", b"l", b"e", b"a", b"s", b"b", b"x", b"r", b"w", b"k", b"i")
REASON_BYTES = 2048
FIRST_TO_GO = b"1000"
"""Where memory runs out, the kernel ends the tool and not the executor."""

# Python ignores these two, and an ignored signal stays ignored across exec: a tool over its file size limit would then
# see a failed write instead of its end.
RESTORED_SIGNALS = (signal.SIGPIPE, signal.SIGXFSZ)
ON_LINUX = sys.platform.startswith("linux")


class Suppressed:
    """`contextlib.suppress`, without what its module imports."""

    def __init__(self, *errors: type[OSError]) -> None:
        """Take what may happen."""
        self._errors = errors

    def __enter__(self) -> None:
        """Nothing to begin with."""

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> bool:
        """Hide what may happen, and nothing else."""
        return kind is not None and issubclass(kind, self._errors)


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
    if request[b"s"][0] == b"namespaces":
        _enter_namespaces(report_fd, executor_pid, directory)
    pid, error = _spawn(request, report_fd)
    if error:
        _report(report_fd, error)
        _end(tool=0, directory=directory)
    signal.signal(signal.SIGTERM, lambda _number, _frame: _end(tool=pid, directory=directory))
    status, usage = _supervise(pid, wakeup_read)
    _report(report_fd, _describe(status, usage))
    _end(tool=pid, directory=directory)


def _enter_namespaces(report_fd: int, executor_pid: int, directory: bytes) -> None:
    """Put this process and those to come into namespaces, where the death of the first one is the end of all."""
    if TYPE_CHECKING:
        from proxx.engine._launcher_isolation import enter_namespaces, start_init
    else:
        from _launcher_isolation import enter_namespaces, start_init

    try:
        enter_namespaces()
        _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)  # a change of user namespace may have cleared it
        if os.getppid() != executor_pid:
            _end(tool=0, directory=directory)
        start_init(report_fd=report_fd)
    except OSError as error:
        _report(report_fd, f"refused {error.strerror or error}")
        _end(tool=0, directory=directory)


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
    request: dict[bytes, list[bytes]] = {tag: [] for tag in TAGS}
    for field in bytes(received[:-2]).split(b"\0"):
        request[field[:1]].append(field[1:])
    return request


def _spawn(request: dict[bytes, list[bytes]], report_fd: int) -> tuple[int, str]:
    """Fork and exec the tool; return its pid, and what to report when it did not start.

    The one place where a tool comes to life. It waits until its pid was told (it may not know that itself), so that a
    launcher lost at any moment leaves nobody unknown.
    """
    launcher_pid = os.getpid()
    told_read, told_write = os.pipe()
    go_read, go_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(told_read)
            os.close(go_write)
            _become_tool(request, launcher_pid, go_read)
        except _NotIsolatedError as error:
            os.write(told_write, f"refused {error}".encode(errors="replace")[:REASON_BYTES].replace(b"\n", b" "))
        except OSError as error:
            os.write(told_write, f"error {error.errno or errno.EIO}".encode())
        finally:
            os._exit(127)
    os.close(told_write)
    os.close(go_read)
    _report(report_fd, f"pid {pid}")
    with Suppressed(BrokenPipeError):
        os.write(go_write, b"g")
    os.close(go_write)
    told = os.read(told_read, REASON_BYTES)
    os.close(told_read)
    if not told:
        return pid, ""
    os.waitpid(pid, 0)
    return pid, told.decode(errors="replace")


class _NotIsolatedError(Exception):
    """The host refuses something that the level needs."""


def _become_tool(request: dict[bytes, list[bytes]], launcher_pid: int, go: int) -> None:
    signal.set_wakeup_fd(-1)
    for number in (*RESTORED_SIGNALS, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    os.setsid()
    if ON_LINUX:
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        _prctl(PR_SET_NO_NEW_PRIVS, 1)
    if os.getppid() not in (launcher_pid, 0) or not os.read(go, 1):  # 0: of another process namespace
        os._exit(127)
    if ON_LINUX:
        _go_first_when_memory_runs_out()
    level = request[b"s"][0]
    if level != b"process":
        _isolate(request, level)
    for name, wanted in _pairs(request[b"l"]):
        _lower_limit(getattr(resource, f"RLIMIT_{name.decode()}"), int(wanted))
    os.chdir(request[b"d"][0])
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    if request[b"b"]:
        _filter_calls(bytes.fromhex(request[b"b"][0].decode()))
    if not request[b"a"]:
        os._exit(0)
    _execute(request[b"a"], dict(_pairs(request[b"e"])))


def _execute(argv: list[bytes], environment: dict[bytes, bytes]) -> None:
    """Become the tool; `os.execvpe` would have to import something, of which there is nothing left to see."""
    if b"/" in argv[0]:
        os.execve(argv[0], argv, environment)  # noqa: S606  no shell is the point
    refused = None
    for directory in environment.get(b"PATH", b"").split(b":"):
        try:
            os.execve(directory + b"/" + argv[0], argv, environment)  # noqa: S606
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            refused = refused or error
    raise refused or FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))


def _go_first_when_memory_runs_out() -> None:
    with Suppressed(OSError), open("/proc/self/oom_score_adj", "wb", buffering=0) as file:
        file.write(FIRST_TO_GO)


def _isolate(request: dict[bytes, list[bytes]], level: bytes) -> None:
    if TYPE_CHECKING:
        from proxx.engine._launcher_isolation import isolate
    else:
        from _launcher_isolation import isolate

    try:
        isolate(request, level=level)
    except OSError as error:
        raise _NotIsolatedError(error.strerror or str(error)) from error


def _filter_calls(program: bytes) -> None:
    if TYPE_CHECKING:
        from proxx.engine._launcher_isolation import filter_calls
    else:
        from _launcher_isolation import filter_calls

    try:
        filter_calls(program)
    except OSError as error:
        raise _NotIsolatedError(error.strerror or str(error)) from error


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
    with Suppressed(ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
        os.killpg(pid, signal.SIGKILL)


def _describe(status: int, usage: resource.struct_rusage) -> str:
    code = os.waitstatus_to_exitcode(status)
    how = f"exited {code}" if code >= 0 else f"signalled {-code}"
    return f"{how} {usage.ru_utime + usage.ru_stime} {usage.ru_maxrss * (1024 if ON_LINUX else 1)}"


def _report(report_fd: int, fact: str) -> None:
    with Suppressed(BrokenPipeError):  # nobody is left to read it; what follows still has to be cleaned
        os.write(report_fd, f"{fact}\n".encode())


def _end(*, tool: int, directory: bytes) -> None:
    """Kill whatever the tool left behind, also what moved into sessions of its own, and leave."""
    if tool:
        _kill_group(tool)
    with Suppressed(ChildProcessError):  # raised when no child is left, which is the aim
        while True:
            children = _children()
            for child in children:
                with Suppressed(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            reaped, _ = os.waitpid(-1, 0 if children else os.WNOHANG)
            if not reaped:
                break  # the kernel does not list children here, and the group is dead
    for folder, directories, files in os.walk(directory, topdown=False) if directory else ():
        for name in (*files, *directories):  # of the directories only links are left; what lay below went before
            with Suppressed(OSError):
                os.unlink(os.path.join(folder, name))
        with Suppressed(OSError):
            os.rmdir(folder)
    os._exit(0)


def _children() -> list[int]:
    """The processes whose parent is now this one; orphans of the tool come here (child subreaper)."""
    with Suppressed(OSError), open(f"/proc/self/task/{os.getpid()}/children", "rb", buffering=0) as listing:
        return [int(word) for word in listing.read().split()]
    return []
