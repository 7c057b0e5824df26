"""Attempts to read and write what is not its own, and tricks in the staging directory. Standard library only."""

# Plain calls of the kernel are the point here:
# ruff: noqa: PTH101, PTH104, PTH108, PTH116, PTH119, PTH120, PTH123, PTH208, PTH211, S103, S606

import errno
import os
import stat

from toolbox import AbsentError, Target, attempt, number, text, written


def _read(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.read(descriptor, 64)
    finally:
        os.close(descriptor)


@attempt("read another file of the user")
def _read_secret(target: Target) -> None:
    _read(text(target, "secret"))


@attempt("read another clip beside the source")
def _read_neighbour(target: Target) -> None:
    _read(text(target, "neighbour"))


@attempt("list the directory of the source")
def _list_sources(target: Target) -> None:
    if os.path.basename(text(target, "neighbour")) not in os.listdir(os.path.dirname(text(target, "source"))):
        raise PermissionError(errno.EACCES, "the neighbour is not listed")


@attempt("list another directory of the user")
def _list_private(target: Target) -> None:
    os.listdir(os.path.dirname(text(target, "secret")))


@attempt("learn whether another file exists")
def _stat_secret(target: Target) -> None:
    os.stat(text(target, "secret"))


@attempt("read the users of the host")
def _passwd(target: Target) -> None:
    _read("/etc/passwd")


@attempt("read the environment of the executor")
def _environ(target: Target) -> None:
    _read(f"/proc/{number(target, 'executor')}/environ")


@attempt("open the memory of the executor")
def _memory(target: Target) -> None:
    os.close(os.open(f"/proc/{number(target, 'executor')}/mem", os.O_RDWR))


@attempt("list the open files of the executor")
def _descriptors(target: Target) -> None:
    os.listdir(f"/proc/{number(target, 'executor')}/fd")


@attempt("go round by the executor's root")
def _proc_root(target: Target) -> None:
    _read(f"/proc/{number(target, 'executor')}/root{text(target, 'secret')}")


@attempt("list the processes of the host")
def _processes(target: Target) -> None:
    if str(number(target, "executor")) not in os.listdir("/proc"):
        raise PermissionError(errno.EACCES, "the executor is not listed")


@attempt("read the kernel's log")
def _kmsg(target: Target) -> None:
    if not target["kmsg"]:
        raise AbsentError
    os.close(os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK))


@attempt("read a block device")
def _device(target: Target) -> None:
    if not target["device"]:
        raise AbsentError
    _read(text(target, "device"))


@attempt("list the network interfaces in /sys")
def _sys(target: Target) -> None:
    os.listdir("/sys/class/net")


@attempt("open the source for writing")
def _write_source(target: Target) -> None:
    written(text(target, "source"))


@attempt("write the source through its descriptor")
def _write_source_descriptor(target: Target) -> None:
    descriptor = os.open(text(target, "source"), os.O_RDONLY)
    written(f"/proc/self/fd/{descriptor}")


@attempt("cut the source by its path")
def _truncate_source(target: Target) -> None:
    os.truncate(text(target, "source"), number(target, "source_size"))


@attempt("change the mode of the source")
def _chmod_source(target: Target) -> None:
    os.chmod(text(target, "source"), 0o600)


@attempt("change the times of the source")
def _utime_source(target: Target) -> None:
    os.utime(text(target, "source"), (0, 0))


@attempt("change the owner of the source")
def _chown_source(target: Target) -> None:
    os.chown(text(target, "source"), -1, os.getegid())


@attempt("set an extended attribute on the source")
def _xattr_source(target: Target) -> None:
    try:
        os.setxattr(text(target, "source"), "user.proxx", b"1")
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            raise AbsentError from error
        raise


@attempt("rename the source")
def _rename_source(target: Target) -> None:
    os.rename(text(target, "source"), text(target, "source") + ".gone")
    os.rename(text(target, "source") + ".gone", text(target, "source"))


@attempt("write another file of the user")
def _write_secret(target: Target) -> None:
    written(text(target, "secret"))


@attempt("make a file beside the source")
def _beside_source(target: Target) -> None:
    written(text(target, "source") + ".new", os.O_CREAT | os.O_EXCL)


@attempt("make a file in /tmp")
def _tmp(target: Target) -> None:
    written(text(target, "temporary"), os.O_CREAT | os.O_EXCL)


@attempt("make a file among the system's programs")
def _usr(target: Target) -> None:
    written(text(target, "system"), os.O_CREAT | os.O_EXCL)


@attempt("open a setting of the kernel for writing")
def _sysctl(target: Target) -> None:
    written("/proc/sys/kernel/core_pattern")


@attempt("open the magic key of the kernel")
def _sysrq(target: Target) -> None:
    if not target["sysrq"]:
        raise AbsentError
    written("/proc/sysrq-trigger")


@attempt("open a control group for writing")
def _cgroup(target: Target) -> None:
    if not target["cgroup"]:
        raise AbsentError
    written(text(target, "cgroup"))


@attempt("be spared when memory runs out")
def _oom(target: Target) -> None:
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("-1000")


@attempt("make a device node in staging")
def _mknod(target: Target) -> None:
    path = f"{text(target, 'staging')}/node"
    os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 3))
    os.unlink(path)


@attempt("make a symbolic link in staging")
def _symlink(target: Target) -> None:
    os.symlink(text(target, "secret"), f"{text(target, 'staging')}/link")


@attempt("make a hard link to the source in staging")
def _hardlink(target: Target) -> None:
    os.link(text(target, "source"), f"{text(target, 'staging')}/hard")


@attempt("make a setuid program in staging")
def _setuid_file(target: Target) -> None:
    path = f"{text(target, 'staging')}/setuid"
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    os.chmod(path, 0o4755)


@attempt("move a file of staging away")
def _move_out(target: Target) -> None:
    path = f"{text(target, 'staging')}/moved"
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    os.rename(path, text(target, "temporary") + ".moved")


@attempt("rename a file of another clip in staging")
def _rename_staged(target: Target) -> None:
    os.rename(text(target, "staged"), text(target, "staged") + ".gone")
    os.rename(text(target, "staged") + ".gone", text(target, "staged"))


@attempt("write over a file of another clip in staging")
def _write_staged(target: Target) -> None:
    written(text(target, "staged"))


@attempt("remove a file of another clip from staging")
def _remove_staged(target: Target) -> None:
    os.unlink(text(target, "staged"))


@attempt("execute a program that it wrote into staging")
def _execute(target: Target) -> None:
    path = f"{text(target, 'staging')}/program"
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o755)
    os.write(descriptor, b"#!/bin/sh\nexit 0\n")
    os.close(descriptor)
    os.execv(path, [path])


@attempt("execute a program from memory")
def _memfd(target: Target) -> None:
    descriptor = os.memfd_create("program", 0)
    os.write(descriptor, b"#!/bin/sh\nexit 0\n")
    os.execv(f"/proc/self/fd/{descriptor}", ["program"])
