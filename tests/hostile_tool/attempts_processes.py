"""Attempts on other processes, and to gain privileges. Standard library only."""

import ctypes
import errno
import os
import resource
import struct

from toolbox import LIBC, Target, attempt, call, number, reaches


@attempt("trace another process")
def _ptrace(target: Target) -> None:
    call(101, 117, 0x4206, number(target, "victim"), 0, 0)


@attempt("read the memory of another process")
def _vm_read(target: Target) -> None:
    reaches(310, 270, number(target, "victim"), 0, 0, 0, 0, 1)


@attempt("write the memory of another process")
def _vm_write(target: Target) -> None:
    reaches(311, 271, number(target, "victim"), 0, 0, 0, 0, 1)


@attempt("signal the launcher")
def _kill_launcher(target: Target) -> None:
    launcher = os.getppid() if number(target, "program") == os.getpid() else number(target, "launcher")
    if not launcher:
        raise ProcessLookupError(errno.ESRCH, "the launcher has no number here")
    os.kill(launcher, 0)


@attempt("signal the executor")
def _kill_executor(target: Target) -> None:
    os.kill(number(target, "executor"), 0)


@attempt("signal another process of the user")
def _kill_victim(target: Target) -> None:
    os.kill(number(target, "victim"), 0)


@attempt("signal every process")
def _kill_all(target: Target) -> None:
    os.kill(-1, 0)
    os.kill(number(target, "victim"), 0)


@attempt("signal a thread of the executor")
def _tgkill(target: Target) -> None:
    call(234, 131, number(target, "executor"), number(target, "executor"), 0)


@attempt("get hold of the executor by a pidfd")
def _pidfd(target: Target) -> None:
    os.close(os.pidfd_open(number(target, "executor")))


@attempt("change the limits of the executor")
def _prlimit(target: Target) -> None:
    pid = number(target, "executor")
    resource.prlimit(pid, resource.RLIMIT_CORE, resource.prlimit(pid, resource.RLIMIT_CORE))


@attempt("change the processors of the executor")
def _affinity(target: Target) -> None:
    pid = number(target, "executor")
    os.sched_setaffinity(pid, os.sched_getaffinity(pid))


@attempt("change the priority of the executor")
def _priority(target: Target) -> None:
    pid = number(target, "executor")
    os.setpriority(os.PRIO_PROCESS, pid, os.getpriority(os.PRIO_PROCESS, pid))


@attempt("outlive the launcher by its death signal")
def _death_signal(target: Target) -> None:
    if LIBC.prctl(1, ctypes.c_ulong(0), 0, 0, 0) == -1:
        raise OSError(ctypes.get_errno(), "prctl")


@attempt("gain privileges from a setuid program")
def _no_new_privileges(target: Target) -> None:
    if LIBC.prctl(39, 0, 0, 0, 0) == 1:
        raise PermissionError(errno.EPERM, "no new privileges")


@attempt("become another user")
def _setuid(target: Target) -> None:
    os.setresuid(65534, 65534, 65534)


@attempt("set capabilities")
def _capset(target: Target) -> None:
    header = struct.pack("=Ii", 0x20080522, 0)
    call(126, 91, header, struct.pack("=6I", 1 << 21, 1 << 21, 0, 0, 0, 0))


@attempt("leave its groups")
def _setgroups(target: Target) -> None:
    os.setgroups([])
