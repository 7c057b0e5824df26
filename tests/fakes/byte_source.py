"""Byte sources for tests: bytes in memory, and one that counts what was asked of it."""

from dataclasses import dataclass, field


@dataclass
class MemoryByteSource:
    """Bytes in memory; `taken` sums what was handed out, `calls` counts the reads."""

    data: bytes
    taken: int = 0
    calls: int = 0
    spans: list[tuple[int, int]] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.data)

    def read_at(self, offset: int, length: int) -> bytes:
        assert offset >= 0
        assert length >= 0
        self.calls += 1
        self.spans.append((offset, length))
        piece = self.data[offset : offset + length]
        self.taken += len(piece)
        return piece
