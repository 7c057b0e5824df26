"""What a tool writes, kept within bounds: a tool can flood its pipes but never this process's memory."""

from collections.abc import Callable

LINE_LIMIT_BYTES = 64 * 1024
TAIL_LIMIT_BYTES = 64 * 1024
FIRST_LINES = 50
FIRST_LINE_CHARACTERS = 1000


class OutputLines:
    """stdout: whole lines to a callback, or the bytes kept up to a limit."""

    def __init__(self, *, on_line: Callable[[str], None] | None, limit_bytes: int) -> None:
        """Hand lines to `on_line`; without it keep at most `limit_bytes`."""
        self._on_line = on_line
        self._limit = limit_bytes
        self._kept = bytearray()
        self._partial = b""
        self.over_limit = False

    def feed(self, chunk: bytes) -> bool:
        """Take bytes as they come; return whether a line ended in them. A line is cut at 64 KiB."""
        if self._on_line is None:
            room = self._limit - len(self._kept)
            self._kept += chunk[:room]
            self.over_limit = self.over_limit or len(chunk) > room
            return b"\n" in chunk
        *lines, rest = (self._partial + chunk).split(b"\n")
        self._partial = rest[:LINE_LIMIT_BYTES]
        for line in lines:
            self._on_line(_text(line[:LINE_LIMIT_BYTES]))
        return bool(lines)

    def finish(self) -> None:
        """Hand out a last line that no newline ended."""
        if self._on_line is not None and self._partial:
            self._on_line(_text(self._partial))
            self._partial = b""

    def kept(self) -> bytes:
        """The bytes kept; empty when lines were handed out."""
        return bytes(self._kept)


class StderrTail:
    """stderr: the first 50 lines that are not harmless, and the last 64 KiB of everything."""

    def __init__(self, *, harmless: Callable[[str], bool] | None = None) -> None:
        """Start empty. Lines that are `harmless` do not count, so they never take the place of one that is not."""
        self._harmless = harmless
        self._tail = bytearray()
        self._first: list[str] = []
        self._partial = b""

    def feed(self, chunk: bytes) -> None:
        """Take bytes as they come."""
        self._tail += chunk
        if len(self._tail) > 2 * TAIL_LIMIT_BYTES:
            del self._tail[:-TAIL_LIMIT_BYTES]
        if len(self._first) < FIRST_LINES:
            *lines, rest = (self._partial + chunk).split(b"\n")
            self._partial = rest[:LINE_LIMIT_BYTES]
            for line in lines:
                self._add(line)

    def finish(self) -> None:
        """Count a last line that no newline ended."""
        if self._partial:
            self._add(self._partial)
            self._partial = b""

    def text(self) -> str:
        """The last 64 KiB as text; undecodable bytes are replaced."""
        return _text(bytes(self._tail[-TAIL_LIMIT_BYTES:]))

    def first_lines(self) -> tuple[str, ...]:
        """The first lines that are neither blank nor harmless, each cut at 1000 characters."""
        return tuple(self._first)

    def _add(self, line: bytes) -> None:
        text = _text(line).strip()
        if not text or len(self._first) >= FIRST_LINES:
            return
        if self._harmless is None or not self._harmless(text):
            self._first.append(text[:FIRST_LINE_CHARACTERS])


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").rstrip("\r")
