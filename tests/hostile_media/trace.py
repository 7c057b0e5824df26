"""The oracle: what ffmpeg and ffprobe really opened, read from a trace of their system calls."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.hostile_media.worker import MARK, NO_CASE

CALLS = (
    "open,openat,openat2,creat,execve,execveat,socket,connect,bind,sendto,link,linkat,symlink,symlinkat,rename,renameat,"
    "renameat2,unlink,unlinkat,mkdir,mkdirat,mknod,mknodat,truncate,clone,clone3,fork,vfork,ptrace,kill,mount"
)
"""What is traced: everything that names a file, makes a socket or makes a process."""

TOOLS = ("ffmpeg", "ffprobe")

_LINE = re.compile(r"(\d+) +(?:<\.\.\. )?(\w+)(?:\(| resumed>)(.*)")
_MARK = re.compile(rf'"{MARK}/(-?\d+)"')
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_RESULT = re.compile(r"\) += (-?\d+|\?)(?:<((?:[^>\\]|\\.)*)>)?")
_SYSTEM = (
    "/lib/",
    "/lib64/",
    "/usr/lib/",
    "/usr/local/lib/",
    "/etc/ld.so.",
    "/proc/self/",
    "/sys/devices/system/cpu",
    "/sys/devices/system/node",
    "/usr/share/zoneinfo/",
    "/usr/share/locale",
)
_SYSTEM_FILES = frozenset(
    {
        "/dev/null",
        "/dev/urandom",
        "/dev/random",
        "/proc/cpuinfo",
        "/proc/meminfo",
        "/proc/stat",
        "/etc/localtime",
        "/proc/filesystems",
        "/proc/sys/vm/overcommit_memory",
        "/proc/sys/crypto/fips_enabled",
        "/etc/ssl/openssl.cnf",
        "/usr/lib/ssl/openssl.cnf",
        "/proc/mounts",  # libselinux, as it is loaded
        "/etc/gcrypt/hwf.deny",  # libgcrypt, as it is loaded
    }
)
_OPENS = frozenset({"open", "openat", "openat2", "creat"})
_SOCKETS = frozenset({"socket", "connect", "bind", "sendto"})
_CHILDREN = frozenset({"clone", "clone3", "fork", "vfork"})
_NEVER = frozenset(
    {"execve", "execveat", "ptrace", "mount", "link", "linkat", "symlink", "symlinkat", "mknod", "mknodat"}
)
_WRITES = frozenset({"rename", "renameat", "renameat2", "unlink", "unlinkat", "mkdir", "mkdirat", "truncate"})


@dataclass(kw_only=True)
class Seen:
    """What the tools of one case did. The lists hold what no tool may do."""

    tools: int = 0
    opens: int = 0
    foreign: list[str] = field(default_factory=list)
    sockets: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """What the tools of a case may open: the source to read, and the directories that are theirs."""

    source: Path
    directories: tuple[Path, ...]

    def permits(self, path: str) -> bool:
        """Whether a tool may open this."""
        own = any(path == str(place) or path.startswith(f"{place}/") for place in self.directories)
        return own or path == str(self.source) or path in _SYSTEM_FILES or path.startswith(_SYSTEM)


def read_trace(*, path: Path, allowed: dict[int, Allowed]) -> dict[int, Seen]:
    """Return what was seen, by the number of the case."""
    seen: dict[int, Seen] = {}
    tools: set[int] = set()
    case = -1
    pending: dict[int, str] = {}
    with path.open(encoding="utf-8", errors="surrogateescape") as lines:
        for line in lines:
            match = _LINE.match(line)
            if match is None:
                continue
            pid, call, rest = int(match[1]), match[2], match[3]
            if "<unfinished ...>" in rest:
                pending[pid] = rest.removesuffix("\n").removesuffix(" <unfinished ...>")
                continue
            if "resumed>" in line:
                rest = pending.pop(pid, "") + rest
            mark = _MARK.search(rest) if call in _OPENS else None
            if mark is not None:
                case = int(mark[1])
                if case != NO_CASE:
                    seen[case] = Seen()
                tools.clear()
                continue
            if case in seen:
                _take(seen[case], allowed[case], tools, pid=pid, call=call, rest=rest)
    return seen


def _take(seen: Seen, allowed: Allowed, tools: set[int], *, pid: int, call: str, rest: str) -> None:
    result = _RESULT.search(rest)
    number = int(result[1]) if result is not None and result[1] != "?" else -1
    names = [_plain(text) for text in _STRING.findall(rest)]
    if call in ("execve", "execveat") and pid not in tools:
        program = names[0] if names and names[0] else _fd_path(rest)
        if number == 0 and Path(program).name in TOOLS:
            tools.add(pid)
            seen.tools += 1
        return
    if pid not in tools:
        return
    if call in _CHILDREN:
        if number > 0:
            tools.add(number)
    elif call in _SOCKETS:
        seen.sockets.append(f"{call}({rest[:160]}")
    elif call in _OPENS:
        seen.opens += 1
        for name in _opened(names, rest, result):
            if not allowed.permits(name) and name not in seen.foreign:
                seen.foreign.append(name)
    elif call in _NEVER:
        seen.others.append(f"{call}({rest[:160]}")
    elif call in _WRITES:
        seen.others += [f"{call} {name}" for name in names if not allowed.permits(_absolute(name, rest))]


def _opened(names: list[str], rest: str, result: "re.Match[str] | None") -> Iterator[str]:
    """The name that was asked for, and the file that was got, which a link may have made another."""
    if names:
        yield _absolute(names[0], rest)
    if result is not None and result[2]:
        got = _plain(result[2])
        if got.startswith("/") and not (names and names[0].startswith("/proc/self/")):
            yield got


def _absolute(name: str, rest: str) -> str:
    if name.startswith("/"):
        return name
    return f"{_fd_path(rest)}/{name}"


def _fd_path(rest: str) -> str:
    found = re.match(r"(?:AT_FDCWD|\d+)<((?:[^>\\]|\\.)*)>", rest)
    return _plain(found[1]) if found is not None else ""


def _plain(text: str) -> str:
    """Undo the tracer's escapes."""
    if "\\" not in text:
        return text
    return (
        text.encode("utf-8", "surrogateescape")
        .decode("unicode_escape")
        .encode("latin-1")
        .decode("utf-8", "surrogateescape")
    )
