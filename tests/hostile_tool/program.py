"""A hostile program in the place of ffmpeg: it tries one thing after another, each in a process of its own.

Standard library only; it imports nothing of ours, because it runs inside the sandbox. Its one argument is a JSON object
that names what it may attack (`Target` in host.py). It prints a JSON line for each attempt: its name and how it ended.
Where a success would do harm, the call has arguments that the kernel refuses after it has looked at the permission:
any other refusal than one of permission then counts as possible.
"""

import errno
import importlib
import json
import os
import signal
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))  # Python's isolated mode left it out

from toolbox import (  # noqa: E402
    ATTEMPTS,
    DENIED,
    NOT_ON_HOST,
    OWN_DESCRIPTORS,
    UNREACHABLE,
    AbsentError,
    Attempt,
    Target,
)

for module in ("attempts_network", "attempts_files", "attempts_processes", "attempts_kernel"):
    importlib.import_module(module)  # it registers its own


def main() -> None:
    """Try everything, or the one attempt that the target names."""
    target: Target = json.loads(sys.argv[1])
    target["program"], target["launcher"] = os.getpid(), os.getppid()
    for name in target.get("only") or ATTEMPTS:  # type: ignore[attr-defined]  # a list or nothing
        print(json.dumps([name, _ended(ATTEMPTS[name], target)]), flush=True)  # noqa: T201


def _ended(function: Attempt, target: Target) -> str:
    """Make an attempt in a process of its own and say how it ended."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        OWN_DESCRIPTORS.update((read, write))
        os.set_inheritable(write, False)
        signal.alarm(5)
        os.write(write, _tried(function, target).encode())
        os._exit(0)
    os.close(write)
    said = b""
    while chunk := os.read(read, 4096):
        said += chunk
    os.close(read)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return f"ended by {signal.Signals(os.WTERMSIG(status)).name}"
    return said.decode() or "possible"  # it has become another program


def _tried(function: Attempt, target: Target) -> str:
    try:
        function(target)
    except AbsentError:
        return NOT_ON_HOST
    except TimeoutError:
        return "denied (no answer)"
    except OSError as error:
        if error.errno in (*DENIED, *UNREACHABLE):
            return f"denied ({errno.errorcode[error.errno]})"
        return f"failed ({errno.errorcode.get(error.errno or 0, error.errno)})"
    return "possible"


if __name__ == "__main__":
    main()
