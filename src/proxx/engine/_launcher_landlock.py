"""Landlock in the launcher: which files the tool may open, and how. Standard library only, Linux only.

Source: Linux, Documentation/userspace-api/landlock.rst, versions 1 to 7 of its interface.
"""

import errno
import os
import stat
import struct
import sys

assert sys.platform != "win32"  # noqa: S101  nothing of the launcher exists there

TYPE_CHECKING = False
if TYPE_CHECKING:
    from proxx.engine import _launcher_kernel as kernel
else:
    import _launcher_kernel as kernel

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE = 1, 2, 4, 8, 16, 32
MAKE_DIR, MAKE_REG = 128, 256
REFER, TRUNCATE, IOCTL_DEV = 8192, 16384, 32768
FIRST_VERSION = 8191
"""Every right to files of version 1."""

OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
READING = READ_FILE | READ_DIR
LOADING = READING | EXECUTE
ADDING = READING | WRITE_FILE | TRUNCATE | MAKE_REG
"""What an encoder needs where others keep their files too: it removes and renames nothing."""

WRITING = ADDING | MAKE_DIR | REMOVE_FILE | REMOVE_DIR
CREATE_VERSION = 1
RULE_PATH_BENEATH = 1


def version() -> int:
    """Return the version of the interface.

    Raises:
        OSError: this kernel has none, or it is switched off.
    """
    return kernel.system_call("Landlock", kernel.SYS_LANDLOCK_CREATE_RULESET, 0, 0, CREATE_VERSION)


def expect(path: bytes, descriptor: "int | None", expected: "dict[bytes, bytes]") -> None:
    """Refuse what is not the file that the path was known to be.

    Raises:
        OSError: it is another one, or there is none.
    """
    if path not in expected:
        return
    found = os.fstat(descriptor) if descriptor is not None else None
    if found is None or expected[path] != b"%d:%d" % (found.st_dev, found.st_ino):
        raise OSError(errno.ESTALE, f"{os.fsdecode(path)} is not the file that it was below its root")


def restrict(rights: list[tuple[bytes, int]], expected: "dict[bytes, bytes]") -> None:
    """Allow these rights below these paths and nothing else, for this thread and what it executes.

    A path that is not there is left out; `expected` says which files some of them must be. No new privileges must have
    been set.

    Raises:
        OSError: the kernel refuses.
    """
    known = version()
    files = FIRST_VERSION | (REFER if known >= 2 else 0) | (TRUNCATE if known >= 3 else 0)
    files |= IOCTL_DEV if known >= 5 else 0
    network = 3 if known >= 4 else 0  # bind and connect over TCP
    scopes = 3 if known >= 6 else 0  # abstract sockets, signals
    words = 3 if known >= 6 else 2 if known >= 4 else 1
    attributes = struct.pack("=QQQ", files, network, scopes)[: 8 * words]
    rules = kernel.system_call("Landlock rules", kernel.SYS_LANDLOCK_CREATE_RULESET, attributes, len(attributes), 0)
    for path, right in rights:
        _allow(rules, path, right & files, expected)
    kernel.system_call("Landlock", kernel.SYS_LANDLOCK_RESTRICT_SELF, rules, 0)
    os.close(rules)


def _allow(rules: int, path: bytes, right: int, expected: "dict[bytes, bytes]") -> None:
    try:
        place = os.open(path, kernel.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        expect(path, None, expected)
        return
    expect(path, place, expected)
    if not stat.S_ISDIR(os.fstat(place).st_mode):
        right &= OF_FILES
    rule = struct.pack("=Qi", right, place)
    what = f"Landlock rule for {os.fsdecode(path)}"
    kernel.system_call(what, kernel.SYS_LANDLOCK_ADD_RULE, rules, RULE_PATH_BENEATH, rule, 0)
    os.close(place)
