"""Change boxes of an MP4 or MOV file that ffmpeg wrote: what cameras and broken writers make and ffmpeg does not.

The movie header has to stand behind the media (ffmpeg's default), so that no sample moves when a box grows.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

_CONTAINERS = {b"moov": 0, b"trak": 0, b"edts": 0, b"mdia": 0, b"minf": 0, b"stbl": 0, b"udta": 0, b"stsd": 8}
_VISUAL_ENTRY_BYTES = 78  # from behind the entry's header: ISO/IEC 14496-12, VisualSampleEntry
_VISUAL_ENTRIES = (b"avc1", b"hvc1", b"hev1", b"apch", b"apcn")


@dataclass
class Node:
    """One box: what stands before its children, and the children (none for a leaf)."""

    kind: bytes
    head: bytes = b""
    children: list["Node"] = field(default_factory=list)

    def written(self) -> bytes:
        body = self.head + b"".join(child.written() for child in self.children)
        return struct.pack(">I4s", len(body) + 8, self.kind) + body

    def child(self, *path: bytes) -> "Node":
        """The first descendant along the types of `path`.

        Raises:
            StopIteration: there is none.
        """
        node = self
        for kind in path:
            node = next(child for child in node.children if child.kind == kind)
        return node


def operate(path: Path, change: Callable[[Node], None]) -> Path:
    """Let `change` work on the movie header (`moov`) of the file, write it back, and return `path`."""
    data = path.read_bytes()
    offset = 0
    while data[offset + 4 : offset + 8] != b"moov":
        offset += struct.unpack_from(">I", data, offset)[0]
    size = struct.unpack_from(">I", data, offset)[0]
    if offset + size != len(data):
        raise ValueError(f"{path.name}: the movie header does not stand at the end")
    moov = _parsed(data[offset:])[0]
    change(moov)
    path.write_bytes(data[:offset] + moov.written())
    return path


def track(moov: Node, handler: bytes) -> Node:
    """The first track with this handler (vide, soun, tmcd)."""
    return next(
        node for node in moov.children if node.kind == b"trak" and node.child(b"mdia", b"hdlr").head[8:12] == handler
    )


def set_edits(moov: Node, edits: list[tuple[int, int, int]], *, handler: bytes = b"vide") -> None:
    """Give a track an edit list of (duration in ticks of the movie, media time, rate as 16.16)."""
    entries = b"".join(struct.pack(">Iii", *edit) for edit in edits)
    trak = track(moov, handler)
    trak.children = [node for node in trak.children if node.kind != b"edts"]
    table = Node(b"elst", struct.pack(">II", 0, len(edits)) + entries)
    trak.children.insert(1, Node(b"edts", children=[table]))


def set_timecode_flags(moov: Node, flags: int) -> None:
    """Set the flags of the timecode track: 1 drop-frame, 2 wraps at 24 hours, 4 negative times."""
    entry = track(moov, b"tmcd").child(b"mdia", b"minf", b"stbl", b"stsd", b"tmcd")
    entry.head = entry.head[:12] + struct.pack(">I", flags) + entry.head[16:]


def set_start_frame(path: Path, frame: int) -> Path:
    """Write the number of the first frame into the sample of the timecode track."""
    places: list[int] = []

    def look(moov: Node) -> None:
        table = track(moov, b"tmcd").child(b"mdia", b"minf", b"stbl", b"stco").head
        places.append(struct.unpack_from(">I", table, 8)[0])

    operate(path, look)
    data = bytearray(path.read_bytes())
    struct.pack_into(">i", data, places[0], frame)
    path.write_bytes(data)
    return path


def add_to_sample_entry(moov: Node, box: bytes) -> None:
    """Append a whole box to the video track's sample entry."""
    stsd = track(moov, b"vide").child(b"mdia", b"minf", b"stbl", b"stsd")
    stsd.children[0].children.append(_parsed(box)[0])


def _parsed(data: bytes) -> list[Node]:
    nodes: list[Node] = []
    offset = 0
    while offset + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, offset)
        body = data[offset + 8 : offset + size]
        prefix = _VISUAL_ENTRY_BYTES if kind in _VISUAL_ENTRIES else _CONTAINERS.get(kind)
        if prefix is None or len(body) < prefix:
            nodes.append(Node(kind, body))
        else:
            nodes.append(Node(kind, body[:prefix], _parsed(body[prefix:])))
        offset += size
    return nodes
