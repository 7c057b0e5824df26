"""Clips by hand: as small as a whole QuickTime file can be."""


def tiny_mov(number: int = 0, *, media: int = 400) -> bytes:
    """A file that ends where its boxes say, movie header last, with a content of its own. It cannot be decoded."""
    content = f"{number:08d}".encode() + b"\x5a" * media
    return (
        _box(b"ftyp", b"qt  \x01\x01\x01\x01qt  ") + _box(b"mdat", content) + _box(b"moov", _box(b"mvhd", b"\x01" * 8))
    )


def live_mkv(number: int = 0) -> bytes:
    """A Matroska file without a size of its own: nothing in it says where it ends."""
    cluster = b"\x1f\x43\xb6\x75\x88" + f"{number:08d}".encode()
    return b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x01" + b"\xff" * 7 + cluster


def _box(kind: bytes, content: bytes) -> bytes:
    return (len(content) + 8).to_bytes(4, "big") + kind + content
