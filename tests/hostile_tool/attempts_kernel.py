"""Attempts on the kernel, and on what the executor left lying about. Standard library only."""

import errno
import fcntl
import os
import signal

from toolbox import OWN_DESCRIPTORS, X86, AbsentError, Target, attempt, call, reaches, text


@attempt("mount a file system")
def _mount(target: Target) -> None:
    reaches(165, 40, 0, 0, 0, 0, 0)


@attempt("open a file system by the newer calls")
def _fsopen(target: Target) -> None:
    reaches(430, 430, b"tmpfs\0", 0xFFFF)


@attempt("unmount what hides the host")
def _umount(target: Target) -> None:
    reaches(166, 39, b"/nowhere\0", 0)


@attempt("change the root")
def _pivot(target: Target) -> None:
    reaches(155, 41, b"/nowhere\0", b"/nowhere\0")


@attempt("escape by chroot")
def _chroot(target: Target) -> None:
    os.chroot(text(target, "staging"))


@attempt("make a user namespace")
def _unshare(target: Target) -> None:
    call(272, 97, 0x10000000)


@attempt("make a namespace with clone")
def _clone(target: Target) -> None:
    pid = call(56, 220, 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)


@attempt("enter the namespaces of the host")
def _setns(target: Target) -> None:
    reaches(308, 268, -1, 0)


@attempt("use the kernel's keys")
def _keyctl(target: Target) -> None:
    call(250, 219, 0, -3 & 0xFFFFFFFF, 0)


@attempt("load a BPF program")
def _bpf(target: Target) -> None:
    reaches(321, 280, 9999, 0, 0)


@attempt("open performance counters")
def _perf(target: Target) -> None:
    reaches(298, 241, 0, 0, -1, -1, 0)


@attempt("open an io_uring")
def _uring(target: Target) -> None:
    reaches(425, 425, 1, 0)


@attempt("open a userfaultfd")
def _userfault(target: Target) -> None:
    call(323, 282, 1)


@attempt("open a file by its handle")
def _handle(target: Target) -> None:
    reaches(304, 265, -100, 0, 0)


@attempt("load a kernel module")
def _module(target: Target) -> None:
    reaches(175, 105, 0, 0, b"\0")


@attempt("load another kernel")
def _kexec(target: Target) -> None:
    reaches(246, 104, 0, 999, 0, 0xFFFF)


@attempt("restart the host")
def _reboot(target: Target) -> None:
    reaches(169, 142, 0, 0, 0, 0)


@attempt("swap to a file")
def _swap(target: Target) -> None:
    reaches(167, 224, b"/nowhere\0", 0)


@attempt("set the clock")
def _clock(target: Target) -> None:
    reaches(227, 112, 0, 0)


@attempt("set the name of the host")
def _hostname(target: Target) -> None:
    reaches(170, 161, 0, -1)


@attempt("change the I/O permissions of the processor")
def _ioperm(target: Target) -> None:
    if not X86:
        raise AbsentError
    reaches(173, -1, 0, 1 << 20, 1)


@attempt("watch files with fanotify")
def _fanotify(target: Target) -> None:
    call(300, 262, 0, os.O_RDONLY)


@attempt("use System V shared memory")
def _shm(target: Target) -> None:
    call(31, 195, call(29, 194, 0, 4096, 0o600), 0, 0)  # and remove it


@attempt("open a message queue of the host")
def _mqueue(target: Target) -> None:
    call(240, 180, b"proxx-hostile\0", os.O_CREAT | os.O_RDWR, 0o600, 0)
    call(241, 181, b"proxx-hostile\0")  # and remove it


@attempt("type into the executor's terminal")
def _tiocsti(target: Target) -> None:
    try:
        fcntl.ioctl(2, 0x5412, b"x")
    except OSError as error:
        if error.errno == errno.ENOTTY:  # the kernel would have done it, had this been one
            return
        raise


@attempt("get a controlling terminal")
def _terminal(target: Target) -> None:
    if not target["terminal"]:
        raise AbsentError
    os.setsid()
    os.close(os.open("/dev/ptmx", os.O_RDWR))


@attempt("switch off address randomisation")
def _personality(target: Target) -> None:
    call(135, 92, 0x0040000)


@attempt("make a call that is newer than the filter")
def _newest(target: Target) -> None:
    reaches(462, 462, 0, 0, 0xFFFF)


@attempt("use a descriptor that the executor left open")
def _leftover(target: Target) -> None:
    for descriptor in range(3, 256):
        try:
            os.fstat(descriptor)
        except OSError:
            continue
        if descriptor not in OWN_DESCRIPTORS:
            return
    raise PermissionError(errno.EPERM, "none is open")


@attempt("find secrets in its environment")
def _environment(target: Target) -> None:
    if "PROXX_HOSTILE_SECRET" not in os.environ:
        raise PermissionError(errno.EPERM, "not there")
