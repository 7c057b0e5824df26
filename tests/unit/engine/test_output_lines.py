"""stderr within bounds: what is harmless never takes the place of what is not."""

from proxx.core.judge import is_chatter
from proxx.engine.output_lines import FIRST_LINES, StderrTail

NOT_READ = b"[mov_text @ 0x55] [error] Codec (mov_text) not on whitelist 'aac,h264'\n"
DAMAGE = "[h264 @ 0x56] [error] error while decoding MB 4 0, bytestream 4289"


def fed(stderr: bytes, *, chunk: int) -> StderrTail:
    tail = StderrTail(harmless=is_chatter)
    for start in range(0, len(stderr), chunk):
        tail.feed(stderr[start : start + chunk])
    tail.finish()
    return tail


def test_damage_behind_any_amount_of_chatter_is_kept() -> None:
    found = fed(NOT_READ * 10 * FIRST_LINES + DAMAGE.encode(), chunk=100)

    assert found.first_lines() == (DAMAGE,)


def test_chatter_alone_leaves_no_error_line_and_stays_in_the_tail() -> None:
    found = fed(NOT_READ * 2 * FIRST_LINES, chunk=4096)

    assert (found.first_lines(), found.text()) == ((), NOT_READ.decode() * 2 * FIRST_LINES)


def test_chatter_longer_than_a_kept_line_is_known_by_its_whole_line() -> None:
    whitelist = b",".join([b"pcm_s16le"] * 200)

    assert fed(NOT_READ.replace(b"aac,h264", whitelist), chunk=4096).first_lines() == ()
