"""Hashes of streams, and the empty space of MXF."""

from proxx.core.witness import damaged_padding, read_stream_hashes
from tests.fakes.byte_source import MemoryByteSource

FILL = bytes.fromhex("060e2b34010101020301021001000000")
PICTURE = bytes.fromhex("060e2b34010201010d01030115010500")
INDEX = bytes.fromhex("060e2b34025301010d01020101100100")


def item(key: bytes, value: bytes, *, wide: bool = True) -> bytes:
    length = b"\x83" + len(value).to_bytes(3, "big") if wide else bytes([len(value)])
    return key + length + value


FILE = item(INDEX, b"\x01\x02", wide=False) + item(PICTURE, b"essence") + item(FILL, bytes(300)) + item(INDEX, b"x")


def damage(data: bytes) -> str | None:
    return damaged_padding(source=MemoryByteSource(data))


def test_empty_space_that_is_empty_is_sound() -> None:
    assert damage(FILE) is None


def test_a_byte_in_the_empty_space_is_found() -> None:
    at = FILE.index(FILL) + 20 + 123
    assert damage(FILE[:at] + b"\x01" + FILE[at + 1 :]) == (
        f"the empty space at byte {at - 123} holds something at byte {at}"
    )


def test_a_byte_of_an_essence_is_not_looked_at() -> None:
    assert damage(FILE.replace(b"essence", b"essenCe")) is None


def test_a_damaged_key_is_found() -> None:
    at = FILE.index(FILL)
    assert damage(FILE[:at] + b"\xff" + FILE[at + 1 :]) == f"no item of MXF begins at byte {at}"
    assert damage(FILE[: at + 5] + b"\xff" + FILE[at + 6 :]) == f"the item at byte {at} is of no kind that was written"


def test_a_damaged_length_is_found() -> None:
    at = FILE.index(FILL)
    assert damage(FILE[: at + 17] + b"\xff" + FILE[at + 18 :]) == (
        f"the item at byte {at} goes on past the end of the file"
    )
    assert damage(FILE[: at + 16] + b"\x89" + FILE[at + 17 :]) == f"no item of MXF begins at byte {at}"


def test_a_file_that_ends_in_a_key_is_cut_off() -> None:
    assert damage(FILE + FILL[:9]) == f"no item of MXF begins at byte {len(FILE)}"


def test_hashes_come_in_the_order_of_the_streams() -> None:
    assert read_stream_hashes(text="1,a,murmur3=0A\n0,v,murmur3=ff\n10,a,murmur3=1\n2,a,murmur3=b\n") == (
        *("v murmur3=ff", "a murmur3=0a", "a murmur3=b", "a murmur3=1"),
    )


def test_other_lines_are_no_hashes() -> None:
    assert read_stream_hashes(text="\n#comment\n0,v,murmur3\nx,v,murmur3=00\n0;v;murmur3=00\n") == ()
