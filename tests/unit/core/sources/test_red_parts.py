"""The parts of one REDCODE clip agree with the first. SYNTHETIC headers: no camera wrote them."""

import pytest

from proxx.core.sources.red_parts import RedPart, red_fault


def head(*, version: int = 2, width: int = 5120, height: int = 2560) -> bytes:
    data = bytearray(0x80)
    data[4:8], data[10:12] = b"RED%d" % version, b"R%d" % version
    if version == 1:
        data[0x36:0x38], data[0x3A:0x3C] = width.to_bytes(2), height.to_bytes(2)
    else:
        data[0x4C:0x50], data[0x50:0x54] = width.to_bytes(4), height.to_bytes(4)
    return bytes(data)


@pytest.mark.parametrize(
    ("second", "fault"),
    [
        pytest.param(head(), "", id="the same"),
        pytest.param(head(width=4096), "b_002.R3D is 4096x2560 among parts of 5120x2560", id="another width"),
        pytest.param(head(version=1), "b_002.R3D is REDCODE version 1 among parts of version 2", id="another version"),
        pytest.param(bytes(0x80), "b_002.R3D has no REDCODE header", id="no header"),
        pytest.param(head()[:0x40], "b_002.R3D ends within its header, at byte 64", id="cut off"),
    ],
)
def test_a_part_that_says_otherwise_is_named(second: bytes, fault: str) -> None:
    assert red_fault(parts=(RedPart(name="a_001.R3D", head=head()), RedPart(name="b_002.R3D", head=second))) == fault


def test_version_1_has_its_raster_elsewhere() -> None:
    first, second = (RedPart(name=f"a_{width}.R3D", head=head(version=1, width=width)) for width in (4096, 2048))
    assert red_fault(parts=(first, second)) == "a_2048.R3D is 2048x2560 among parts of 4096x2560"
