"""Changes below directories as the kernel tells them (inotify), for campaigns that kill a process at one of them."""

import ctypes
import os
import select
import struct
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

_MODIFY, _MOVED_TO, _CREATE, _DELETE = 0x2, 0x80, 0x100, 0x200
_HEAD = struct.Struct("iIII")
_BUFFER_BYTES = 65_536
_libc = ctypes.CDLL(None, use_errno=True)
_WORDS = {_MODIFY: "written", _MOVED_TO: "arrived", _CREATE: "made", _DELETE: "removed"}


class Changes:
    """`with Changes(directories) as changes:` tells what happens in them from then on, in its order."""

    def __init__(self, directories: Sequence[Path]) -> None:
        """Take the directories; those below them do not count."""
        self._directories = tuple(directories)
        self._names: dict[int, str] = {}
        self._descriptor = -1
        self._waiting: list[str] = []

    def __enter__(self) -> Self:
        """Begin to listen.

        Raises:
            OSError: the kernel gives no more watches.
        """
        self._descriptor = _libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._descriptor < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        for directory in self._directories:
            mask = _MODIFY | _MOVED_TO | _CREATE | _DELETE
            watch = _libc.inotify_add_watch(self._descriptor, os.fsencode(directory), mask)
            if watch < 0:
                raise OSError(ctypes.get_errno(), "inotify_add_watch", str(directory))
            self._names[watch] = directory.name
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening."""
        os.close(self._descriptor)

    def next(self, *, seconds: float) -> str | None:
        """Return the next change as text, `DIRECTORY/NAME WORD`; None when there is none for so long."""
        until = time.monotonic() + seconds
        while not self._waiting:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self._descriptor], [], [], left)[0]:
                return None
            self._read()
        return self._waiting.pop(0)

    def _read(self) -> None:
        data = os.read(self._descriptor, _BUFFER_BYTES)
        at = 0
        while at < len(data):
            watch, mask, _, length = _HEAD.unpack_from(data, at)
            at += _HEAD.size
            name = os.fsdecode(data[at : at + length].rstrip(b"\0"))
            at += length
            word = next((word for bit, word in _WORDS.items() if mask & bit), "")
            if word:
                self._waiting.append(f"{self._names.get(watch, '')}/{name} {word}")
