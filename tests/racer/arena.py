"""What the racer runs in: a root with what belongs to it, and beside it a canary tree that nobody may touch or read."""

from dataclasses import dataclass
from pathlib import Path

SOURCE = b"the bytes of the source, nobody else's. " * 100
CANARY = b"CANARY: never to be read, moved or written beside. " * 50

SWAPPED = (
    ("in", "in"),
    ("in/day", "in/day"),
    ("in/day/A001.mov", "in/day/A001.mov"),
    ("out", "out"),
    ("out/day", "out/day"),
    ("out/day/.proxx", "out/day/.proxx"),
    ("watch/drop", "watch/drop"),
    ("watch/drop/deep", "watch/drop/deep"),
    ("watch/drop/spec.json", "watch/drop/spec.json"),
)
"""What is swapped for a link, and where in the canary tree that leads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arena:
    """The two trees."""

    root: Path
    canary: Path

    def canary_inodes(self) -> frozenset[int]:
        """Return the inodes of everything in the canary tree."""
        return frozenset(path.lstat().st_ino for path in (self.canary, *self.canary.rglob("*")))

    def snapshot(self) -> tuple[tuple[str, int, int, bytes], ...]:
        """Return everything in the canary tree: names, times of change, inodes, bytes."""
        found = []
        for path in (self.canary, *sorted(self.canary.rglob("*"))):
            state = path.lstat()
            content = path.read_bytes() if path.is_file() else b""
            found.append((str(path), state.st_mtime_ns, state.st_ino, content))
        return tuple(found)


def build_arena(base: Path) -> Arena:
    """Make both trees below `base`, the second one with other bytes."""
    for name, content in (("root", SOURCE), ("canary", CANARY)):
        tree = base / name
        for directory in ("in/day", "out/day/.proxx", "watch/drop/deep"):
            (tree / directory).mkdir(parents=True)
        (tree / "in/day/A001.mov").write_bytes(content)
        (tree / "watch/drop/spec.json").write_bytes(content)
        (tree / "watch/drop/deep/A002.mov").write_bytes(content)
        (tree / "out/day/old.mov").write_bytes(content)
    arena = Arena(root=base / "root", canary=base / "canary")
    links = base / "root/links"
    links.mkdir()
    for number, (_, target) in enumerate(SWAPPED):
        (links / str(number)).symlink_to(arena.canary / target)
    return arena
