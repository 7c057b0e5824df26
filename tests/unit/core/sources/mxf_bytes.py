"""A synthetic MXF header with the whole structure that readers follow: packages, tracks, clips, one descriptor."""

from tests.unit.core.sources.media_bytes import item, klv, label, mxf_file, number

_PICTURE = bytes.fromhex("060e2b34040101010103020201000000")
_MATERIAL, _SOURCE = bytes(31) + b"\x01", bytes(31) + b"\x02"
_FRAMES = 24


def _identity(index: int) -> bytes:
    return bytes(15) + bytes([index])


def _set(kind: int, identity: int, *items: bytes) -> bytes:
    return klv(f"060e2b34025301010d0101010101{kind:02x}00", item(0x3C0A, _identity(identity)), *items)


def _batch(*identities: int) -> bytes:
    return number(len(identities)) + number(16) + b"".join(_identity(index) for index in identities)


def _package(kind: int, identity: int, umid: bytes, source: bytes, *items: bytes) -> bytes:
    """A package with one picture track of one clip that refers to `source`; its sets follow it."""
    track, sequence, clip = identity + 1, identity + 2, identity + 3
    rate = number(24) + number(1)
    length = number(_FRAMES, 8)
    return b"".join(
        (
            _set(kind, identity, item(0x4401, umid), item(0x4403, _batch(track)), *items),
            _set(
                0x3B,
                track,
                item(0x4801, number(1)),
                item(0x4804, number(0x15010500)),
                item(0x4B01, rate),
                item(0x4B02, bytes(8)),
                item(0x4803, _identity(sequence)),
            ),
            _set(0x0F, sequence, item(0x0201, _PICTURE), item(0x0202, length), item(0x1001, _batch(clip))),
            _set(
                0x11,
                clip,
                item(0x0201, _PICTURE),
                item(0x0202, length),
                item(0x1201, bytes(8)),
                item(0x1101, source),
                item(0x1102, number(1)),
            ),
        )
    )


def whole_mxf(*, container: str, coding: str, version: int = 0x0D) -> bytes:
    """An OP1a header: one picture track under these two labels (16 hexadecimal digits each)."""
    wrapped, coded = label(container, version), label(coding, version)
    descriptor = _set(
        0x28,
        40,
        item(0x3001, number(24) + number(1)),
        item(0x3006, number(1)),
        item(0x3004, wrapped),
        item(0x3201, coded),
        item(0x3203, number(1920)),
        item(0x3202, number(1080)),
        item(0x320E, number(16) + number(9)),
        item(0x320C, b"\0"),
    )
    return mxf_file(
        _set(
            0x2F, 1, item(0x3B03, _identity(2)), item(0x3B09, bytes(16)), item(0x3B0A, number(1) + number(16) + wrapped)
        ),
        _set(0x18, 2, item(0x1901, _batch(10, 20))),
        _package(0x36, 10, _MATERIAL, _SOURCE),
        _package(0x37, 20, _SOURCE, bytes(32), item(0x4701, _identity(40))),
        descriptor,
        essence=klv("060e2b34010201010d01030115010500", bytes(64)),
    )
