"""What the attempts of the hostile program are made with. Standard library only: it runs inside the sandbox."""

import ctypes
import errno
import os
import platform
import socket
from collections.abc import Callable

DENIED = (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.ESRCH, errno.EXDEV)
UNREACHABLE = (errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.ECONNREFUSED, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT)
NOT_ON_HOST = "not on this host"
X86 = platform.machine() == "x86_64"
LIBC = ctypes.CDLL(None, use_errno=True)
Target = dict[str, object]
Attempt = Callable[[Target], None]
ATTEMPTS: dict[str, Attempt] = {}


class AbsentError(Exception):
    """The host has nothing of the kind, so that the attempt says nothing."""


def attempt(name: str) -> Callable[[Attempt], Attempt]:
    """Register an attempt. It returns when it succeeded, and raises OSError when it did not."""

    def register(function: Attempt) -> Attempt:
        ATTEMPTS[name] = function
        return function

    return register


def call(x86: int, arm: int, *arguments: int | bytes) -> int:
    """Make a system call by its number."""
    words = [ctypes.c_long(word) if isinstance(word, int) else word for word in arguments]
    result = LIBC.syscall(ctypes.c_long(x86 if X86 else arm), *words)
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return int(result)


def reaches(x86: int, arm: int, *arguments: int | bytes) -> None:
    """Make a call with arguments that are wrong: only a refusal of permission counts as one."""
    try:
        call(x86, arm, *arguments)
    except OSError as error:
        if error.errno in (errno.EPERM, errno.EACCES, errno.ENOSYS):
            raise


def text(target: Target, name: str) -> str:
    """Return a text of the target."""
    return str(target[name])


def number(target: Target, name: str) -> int:
    """Return a number of the target."""
    return int(str(target[name]))


def connect(family: int, kind: int, address: object) -> None:
    """Reach an address: bytes must leave this process."""
    with socket.socket(family, kind) as connection:
        connection.settimeout(1)
        connection.connect(address)  # type: ignore[arg-type]  # one function for every family
        connection.send(b"stolen")


def written(path: str, flags: int = 0) -> None:
    """Open a file for writing, and write nothing."""
    os.close(os.open(path, os.O_WRONLY | flags))


OWN_DESCRIPTORS: set[int] = set()
