"""The lock check names every way in which a lock file can disagree with pyproject.toml."""

from tools.check_locks import Pin, compare, read_pins

LOCK = """\
click==8.5.1 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via proxx (pyproject.toml)
colorama==0.4.6 ; sys_platform == 'win32' \\
    --hash=sha256:cc
structlog==26.1.0
"""


def test_pins_are_read_with_their_digests() -> None:
    assert read_pins(LOCK) == {
        "click": Pin(version="8.5.1", digests=2),
        "colorama": Pin(version="0.4.6", digests=1),
        "structlog": Pin(version="26.1.0", digests=0),
    }


def test_an_agreeing_lock_has_no_findings() -> None:
    assert compare(requirements=["Click>=8.3,<9"], pins={"click": Pin(version="8.5.1", digests=1)}, lock="lock") == []


def test_every_disagreement_is_named() -> None:
    findings = compare(requirements=["click>=9", "rich>=14"], pins=read_pins(LOCK), lock="lock")

    assert findings == [
        "lock: click is locked at 8.5.1, pyproject.toml wants click>=9",
        "lock: rich is required by pyproject.toml and not locked",
        "lock: structlog has no digest",
    ]
