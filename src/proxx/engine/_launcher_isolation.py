"""What the launcher does to isolate a tool, at the levels `namespaces` and `filters`. Standard library, Linux only.

The launcher itself enters the namespaces for users, processes, network, IPC and host name; its first child is the
process namespace's init, and the tool the second one. The tool builds its own tree of files.
"""

# pathlib would add 4 ms to every start of a tool:
# ruff: noqa: PTH102, PTH112, PTH120, PTH123, PTH211

import errno
import os
import stat
import struct
import sys

assert sys.platform != "win32"  # noqa: S101  nothing of the launcher exists there

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal

    from proxx.engine import _launcher_kernel as kernel
    from proxx.engine import _launcher_landlock as landlock
else:
    import _signal as signal

    import _launcher_kernel as kernel
    import _launcher_landlock as landlock

CLONE_NEWNS = 0x00020000
NEW_NAMESPACES = 0x10000000 | 0x20000000 | 0x40000000 | 0x08000000 | 0x04000000 | 0x02000000
"""Users, processes, network, IPC, host name, control groups."""

INSIDE_ID = 1000
"""The tool's user inside; outside it is the executor's own, so that it owns what it writes."""

MS_REC, MS_PRIVATE, MS_NOSUID, MS_NODEV, MS_NOEXEC = 0x4000, 1 << 18, 2, 4, 8
OPEN_TREE_CLONE, AT_RECURSIVE, AT_EMPTY_PATH, AT_NOFOLLOW = 1, 0x8000, 0x1000, 0x100
MOVE_FROM_DESCRIPTOR = 4
READ_ONLY, NOSUID, NODEV, NOEXEC = 1, 2, 4, 8
TREE_OPTIONS = b"size=4m,nr_inodes=16384,mode=755"
PRIVATE_OPTIONS = b"size=64m,nr_inodes=4096,mode=700"
DEVICES = (b"/dev/null", b"/dev/zero", b"/dev/urandom", b"/dev/random")
HOST_FACTS = (
    b"/proc/cpuinfo",
    b"/proc/meminfo",
    b"/proc/stat",
    b"/sys/devices/system/cpu",
    b"/sys/devices/system/node",
)
"""Where encoders read how many processors there are and which."""

STATUS = b"/proc/self/status"
STATUS_LINES = (b"Cpus_allowed", b"Mems_allowed")
OWN_PID = 0x7FFFFFF1

Request = dict[bytes, list[bytes]]


def enter_namespaces() -> None:
    """Take this process and its future children into namespaces of their own.

    Raises:
        OSError: the host refuses.
    """
    user, group = os.geteuid(), os.getegid()
    kernel.unshare(NEW_NAMESPACES)
    for file, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{INSIDE_ID} {user} 1"),
        ("gid_map", f"{INSIDE_ID} {group} 1"),
    ):
        _write(f"/proc/self/{file}".encode(), text.encode())


def start_init(*, report_fd: int) -> int:
    """Fork the process whose end is the end of everything in the process namespace; return its id.

    It dies with the launcher: the kernel tells it, and the pipe whose other end only the launcher holds.
    """
    alive_read, alive_write = os.pipe()
    pid = os.fork()
    if pid:
        os.close(alive_read)
        return pid
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel then buries orphans by itself
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        os.close(alive_write)
        for descriptor in (0, 1, 2, report_fd):
            os.close(descriptor)
        kernel.drop_capabilities()
        os.read(alive_read, 1)
    finally:
        os._exit(0)


def isolate(request: Request, *, level: bytes) -> None:
    """Give this process, which will execute the tool, its own files and no privileges. Its calls are filtered later.

    Raises:
        OSError: the host refuses; the text says what.
    """
    directory = request[b"d"][0]
    expected = _evidence(request)
    for path in request[b"w"]:
        if path not in expected:
            _make_file(path)
    if level == b"namespaces":
        _enter_tree(request, directory, expected)
        loaded = [(b"/", landlock.LOADING)]
    else:
        kept = ((path, landlock.READING) for path in (*request[b"r"], *HOST_FACTS, STATUS))
        loaded = [*((path, landlock.LOADING) for path in request[b"x"]), *kept]
    written = [*((path, landlock.ADDING) for path in request[b"w"]), (directory, landlock.WRITING)]
    devices = [(path, landlock.READ_FILE | landlock.WRITE_FILE) for path in DEVICES]
    kernel.drop_capabilities()
    try:
        landlock.version()
    except OSError:
        if level != b"namespaces":
            raise
        return
    landlock.restrict([*loaded, *written, *devices], expected if level != b"namespaces" else {})


def filter_calls(program: bytes) -> None:
    """Install the filter of system calls, with this process's id in it.

    Raises:
        OSError: the host refuses.
    """
    kernel.filter_system_calls(program.replace(struct.pack("=I", OWN_PID), struct.pack("=I", os.getpid())))


def _make_file(path: bytes) -> None:
    """Make the file that the tool is to write: it cannot make one itself where it may write no directory."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666))
    except FileExistsError:
        mode = os.lstat(path).st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise OSError(errno.EINVAL, f"{os.fsdecode(path)} is neither a file nor a directory") from None


def _evidence(request: Request) -> dict[bytes, bytes]:
    """Which file some of the paths must be, as `DEVICE:INODE`."""
    return {path: found for found, _, path in (field.partition(b"=") for field in request[b"i"])}


def _enter_tree(request: Request, directory: bytes, expected: dict[bytes, bytes]) -> None:
    """Build a root with nothing in it but what the request names, and go there for good."""
    status = _own_status()
    kernel.unshare(CLONE_NEWNS)
    kernel.mount(source=b"none", target=b"/", kind=b"", flags=MS_REC | MS_PRIVATE, options=b"")
    trees = [
        *((path, _tree(path, 0, READ_ONLY | NOSUID | NODEV)) for path in request[b"x"]),
        *((path, _tree(path, 0, READ_ONLY | NOSUID | NODEV | NOEXEC)) for path in (*HOST_FACTS, *request[b"r"])),
        *((path, _tree(path, 0, NOSUID | NOEXEC)) for path in DEVICES),
        *((path, _tree(path, AT_NOFOLLOW, NOSUID | NODEV | NOEXEC)) for path in request[b"w"]),
    ]
    hardened = MS_NOSUID | MS_NODEV
    for path, tree in trees:
        landlock.expect(path, tree, expected)
    kernel.mount(source=b"proxx", target=directory, kind=b"tmpfs", flags=hardened, options=TREE_OPTIONS)
    os.chdir(directory)
    number = kernel.SYS_PIVOT_ROOT[os.uname().machine]
    kernel.system_call("pivot_root", number, b".", b".")
    kernel.unmount_lazily(b".")
    os.chdir(b"/")
    for link in request[b"k"]:
        path, _, target = link.partition(b"=")
        _make_directories(os.path.dirname(path))
        os.symlink(target, path)
    for path, tree in sorted((path, tree) for path, tree in trees if tree is not None):
        _attach(tree, path)
    _make_directories(os.path.dirname(STATUS))
    _write(STATUS, status, os.O_CREAT)
    _make_directories(directory)
    kernel.mount(source=b"proxx", target=directory, kind=b"tmpfs", flags=hardened | MS_NOEXEC, options=PRIVATE_OPTIONS)
    root = os.open(b"/", kernel.O_PATH | os.O_CLOEXEC)
    _set_attributes(root, READ_ONLY | NOSUID | NODEV, 0)
    os.close(root)


def _tree(path: bytes, lookup: int, attributes: int) -> int | None:
    """A view of what lies at a path on the host, with these attributes; None when nothing does."""
    flags = OPEN_TREE_CLONE | os.O_CLOEXEC | AT_RECURSIVE | lookup
    try:
        tree = kernel.system_call(f"open {os.fsdecode(path)}", kernel.SYS_OPEN_TREE, -100, path, flags)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None
    _set_attributes(tree, attributes, AT_RECURSIVE)
    return tree


def _set_attributes(tree: int, attributes: int, flags: int) -> None:
    record = struct.pack("=QQQQ", attributes, 0, 0, 0)
    what = "attributes of a mount"
    kernel.system_call(what, kernel.SYS_MOUNT_SETATTR, tree, b"", AT_EMPTY_PATH | flags, record, len(record))


def _attach(tree: int, path: bytes) -> None:
    if stat.S_ISDIR(os.fstat(tree).st_mode):
        _make_directories(path)
    else:
        _make_directories(os.path.dirname(path))
        if not os.path.lexists(path):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o400))
    what = f"attach {os.fsdecode(path)}"
    kernel.system_call(what, kernel.SYS_MOVE_MOUNT, tree, b"", -100, path, MOVE_FROM_DESCRIPTOR)
    os.close(tree)


def _make_directories(path: bytes) -> None:
    if not os.path.isdir(path):
        _make_directories(os.path.dirname(path))
        os.mkdir(path, 0o755)


def _own_status() -> bytes:
    """Which processors and memory nodes this process may use; the rest of the file is nobody's business."""
    with open(STATUS, "rb") as file:
        return b"".join(line for line in file if line.startswith(STATUS_LINES))


def _write(path: bytes, content: bytes, flags: int = 0) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC | flags, 0o444)
    os.write(descriptor, content)
    os.close(descriptor)
