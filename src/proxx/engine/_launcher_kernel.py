"""The launcher's way to calls of the kernel that Python does not have. Standard library only, Linux only.

Numbers of the newer calls are the same on every machine. Source: Linux, include/uapi/linux and the manual pages.
"""

import ctypes
import os

O_PATH = 0o10000000
"""Python names it on Linux alone, and the types of this program are checked for macOS, too."""
PR_SET_PDEATHSIG = 1
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_SECUREBITS = 28
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
SECCOMP_MODE_FILTER = 2
LAST_CAPABILITY = 40
CAPABILITY_VERSION = 0x20080522
ALL_SECUREBITS_LOCKED = 0xEF
"""Root is a user like any other, for good; keeping capabilities across a change of user is switched off, for good."""

SYS_OPEN_TREE, SYS_MOVE_MOUNT, SYS_MOUNT_SETATTR = 428, 429, 442
SYS_LANDLOCK_CREATE_RULESET, SYS_LANDLOCK_ADD_RULE, SYS_LANDLOCK_RESTRICT_SELF = 444, 445, 446
SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

_LIBC = ctypes.CDLL(None, use_errno=True)


def checked(result: int, what: str) -> int:
    """Return the result of a call, or say what failed.

    Raises:
        OSError: the result is -1.
    """
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def system_call(what: str, number: int, *arguments: int | bytes) -> int:
    """Call by number. Integers are passed as whole machine words, bytes as pointers.

    Raises:
        OSError: it fails; the text begins with `what`.
    """
    words = [ctypes.c_long(argument) if isinstance(argument, int) else argument for argument in arguments]
    return checked(_LIBC.syscall(ctypes.c_long(number), *words), what)


def prctl(option: int, value: int) -> None:
    """Set a property of this process.

    Raises:
        OSError: the kernel refuses.
    """
    none = ctypes.c_ulong(0)
    checked(_LIBC.prctl(option, ctypes.c_ulong(value), none, none, none), f"prctl {option}")


def unshare(flags: int) -> None:
    """Leave the namespaces that `flags` (CLONE_NEW…) name, for new ones.

    Raises:
        OSError: the kernel refuses.
    """
    checked(_LIBC.unshare(flags), "unshare")


def mount(*, source: bytes, target: bytes, kind: bytes, flags: int, options: bytes) -> None:
    """Mount, or change the propagation of a mount.

    Raises:
        OSError: the kernel refuses.
    """
    text = f"mount {os.fsdecode(kind or source)} on {os.fsdecode(target)}"
    checked(_LIBC.mount(source, target, kind, ctypes.c_ulong(flags), options), text)


def unmount_lazily(target: bytes) -> None:
    """Take a mount out of sight.

    Raises:
        OSError: the kernel refuses.
    """
    checked(_LIBC.umount2(target, 2), f"unmount {os.fsdecode(target)}")


def drop_capabilities() -> None:
    """Give up every capability, for this process and what it will execute.

    Raises:
        OSError: the kernel refuses to clear the sets themselves.
    """
    try:
        prctl(PR_SET_SECUREBITS, ALL_SECUREBITS_LOCKED)
        for capability in range(LAST_CAPABILITY + 1):
            prctl(PR_CAPBSET_DROP, capability)
    except OSError:
        pass  # it has no CAP_SETPCAP; no new privileges come with an exec all the same
    _LIBC.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    checked(_LIBC.capset(header, (ctypes.c_uint32 * 6)()), "capset")


def filter_system_calls(program: bytes) -> None:
    """Install a BPF program for this thread. No new privileges must have been set.

    Raises:
        OSError: the kernel has no filters.
    """
    code = ctypes.create_string_buffer(program, len(program))
    head = _FilterProgram(len(program) // 8, ctypes.addressof(code))
    result = _LIBC.prctl(PR_SET_SECCOMP, ctypes.c_ulong(SECCOMP_MODE_FILTER), ctypes.byref(head))
    checked(result, "a filter of system calls")


class _FilterProgram(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("program", ctypes.c_void_p))
