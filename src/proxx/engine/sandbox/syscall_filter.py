"""The filter of system calls, as a program for the kernel's classic BPF machine.

What no tool of FFmpeg ever asks for, and only an attacker would, ends the process (SIGSYS): the failure then says so.
What a good program may try and can live without is refused with EPERM. Everything newer than the table is absent
(ENOSYS). The rest is allowed.

Source: Linux, Documentation/userspace-api/seccomp_filter.rst, include/uapi/linux/seccomp.h and bpf_common.h.
"""

import errno
import struct
from collections.abc import Iterable

from proxx.engine.sandbox.syscall_numbers import LAST_KNOWN, MACHINES, system_call

OWN_PID = 0x7FFFFFF1
"""Stands in the program for the tool's own process id, which the launcher puts there."""

AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32_BIT = 0x40000000
KILL = 0x80000000
ERRNO = 0x00050000
ALLOW = 0x7FFF0000
EPERM = ERRNO | errno.EPERM
EACCES = ERRNO | errno.EACCES
ENOSYS = ERRNO | 38  # by its Linux number: this is built on every system
LOAD, JEQ, JGT, JGE, JSET, RETURN = 0x20, 0x15, 0x25, 0x35, 0x45, 0x06
NUMBER_OFFSET, ARCH_OFFSET, ARGUMENTS_OFFSET = 0, 4, 16

CLONE_THREAD = 0x00010000
CLONE_NEW = 0x7E020080
"""Every flag of clone that makes a namespace."""

KILLED = (
    *("ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease", "kcmp"),
    *("pidfd_open", "pidfd_getfd", "pidfd_send_signal"),
    *("mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount", "mount_setattr"),
    *("fsopen", "fsconfig", "fsmount", "fspick", "unshare", "setns", "mknod", "mknodat"),
    *("keyctl", "add_key", "request_key", "bpf", "perf_event_open", "userfaultfd"),
    *("io_uring_setup", "io_uring_enter", "io_uring_register", "name_to_handle_at", "open_by_handle_at"),
    *("init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot"),
    *("swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "syslog", "vhangup", "iopl", "ioperm", "modify_ldt"),
    *("setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups", "setfsuid", "setfsgid"),
    *("capset", "sethostname", "setdomainname", "settimeofday", "clock_settime"),
    *("fanotify_init", "fanotify_mark"),
)
REFUSED = (
    *("socketpair", "seccomp", "adjtimex", "clock_adjtime", "memfd_create", "memfd_secret", "lookup_dcookie"),
    *("chmod", "fchmod", "fchmodat", "chown", "fchown", "lchown", "fchownat", "truncate"),
    *("setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr"),
    *("utime", "utimes", "utimensat", "futimesat", "link", "linkat", "symlink", "symlinkat"),
    *("shmget", "shmat", "shmctl", "shmdt", "msgget", "msgsnd", "msgrcv", "msgctl"),
    *("semget", "semop", "semctl", "semtimedop", "mq_open", "mq_unlink"),
    *("splice", "vmsplice", "tee", "inotify_init", "inotify_init1"),
)
OF_OWN_PROCESS = ("kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo")
"""Their first argument must be the tool itself, or 0."""

OF_OWN_THREADS = ("prlimit64", "sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr")
OF_OWN_MEMORY = ("migrate_pages", "move_pages")

Instruction = tuple[int, int, int, int]


def filter_program(*, machine: str, processes: bool, confined: bool) -> bytes | None:
    """Return the program for a machine (as `uname -m` says), None for one that is not in the table.

    `processes` allows fork: ffmpeg and ffprobe make threads only. `confined` says that the tool has a process
    namespace of its own, so that it can name no foreign process. Wherever OWN_PID stands as a 32-bit word of the host's
    order, the process id of the tool must be put.
    """
    if machine not in MACHINES:
        return None
    program = [
        _load(ARCH_OFFSET),
        (JEQ, 1, 0, AUDIT_ARCH[machine]),
        _return(KILL),
        _load(NUMBER_OFFSET),
        *(_then(JGE, X32_BIT, KILL) if machine == "x86_64" else ()),
        *_then(JGT, LAST_KNOWN, ENOSYS),
    ]
    for name, block in _rules(processes=processes, confined=confined):
        number = system_call(name=name, machine=machine)
        if number is not None:
            program += [(JEQ, 0, len(block), number), *block]
    program.append(_return(ALLOW))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def _rules(*, processes: bool, confined: bool) -> Iterable[tuple[str, list[Instruction]]]:
    yield from ((name, [_return(KILL)]) for name in KILLED)
    yield from ((name, [_return(EPERM)]) for name in REFUSED)
    yield "clone3", [_return(ENOSYS)]  # its flags lie in memory, where no filter sees them; clone does the same
    fork = ALLOW if processes else EPERM
    yield "clone", [_argument(0), *_then(JSET, CLONE_NEW, KILL), *_then(JSET, CLONE_THREAD, ALLOW), _return(fork)]
    yield from ((name, [_return(fork)]) for name in ("fork", "vfork"))
    yield "socket", [_argument(0), *_then(JEQ, 1, EACCES), _return(KILL)]  # the C library asks nscd over AF_UNIX
    terminal = [step for request in (0x5412, 0x541C, 0x541D) for step in _then(JEQ, request, KILL)]
    yield "ioctl", [_argument(1), *terminal, _return(ALLOW)]  # TIOCSTI, TIOCLINUX, TIOCCONS
    yield "prctl", [_argument(0), *_then(JEQ, 1, EPERM), *_then(JEQ, 35, EPERM), _return(ALLOW)]  # PDEATHSIG, MM
    yield "personality", [_argument(0), *_then(JEQ, 0, ALLOW), *_then(JEQ, 0xFFFFFFFF, ALLOW), _return(EPERM)]
    if confined:
        return
    own = [*_then(JEQ, 0, ALLOW), *_then(JEQ, OWN_PID, ALLOW), _return(EPERM)]
    yield from ((name, [_argument(0), *own]) for name in (*OF_OWN_PROCESS, *OF_OWN_THREADS, *OF_OWN_MEMORY))
    yield "tkill", [_return(EPERM)]
    yield "setpriority", [_argument(0), *_then(JEQ, 2, EPERM), _argument(1), *own]  # 2: all processes of a user
    yield "ioprio_set", [_argument(0), *_then(JEQ, 3, EPERM), _argument(1), *own]  # 3: the same


def _load(offset: int) -> Instruction:
    return (LOAD, 0, 0, offset)


def _argument(number: int) -> Instruction:
    """Load the low 32 bits of an argument: process ids, families and requests are no wider to the kernel."""
    return _load(ARGUMENTS_OFFSET + 8 * number)


def _return(action: int) -> Instruction:
    return (RETURN, 0, 0, action)


def _then(test: int, value: int, action: int) -> tuple[Instruction, Instruction]:
    """Return `action` when the test holds, go on otherwise."""
    return (test, 0, 1, value), _return(action)
