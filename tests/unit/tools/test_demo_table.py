"""The demo's table says what the result says, also of clips that did not come far."""

from typing import Any

from tools.demo_table import count_checks, render, result_rows

CHECKS = [
    {"name": "frames", "level": "PASS", "expected": "36", "actual": "36"},
    {"name": "colour", "level": "WARN", "expected": "bt709", "actual": "unknown"},
]
COMPLETED: dict[str, Any] = {
    "source_path": "/footage/A001.mov",
    "status": "COMPLETED",
    "source_facts": {"video": {"codec": "prores"}},
    "output_facts": {
        "video": {"codec": "h264", "width": 320, "height": 180, "frame_rate": "30000/1001"},
        "timecode": {"label": "01:00:59;15"},
        "audio": [{"channels": 1}, {"channels": 2}],
    },
    "output_size_bytes": 2049,
    "output_sha256": "0123456789abcdef",
    "verdict": {"passed": True, "checks": CHECKS},
}
SKIPPED: dict[str, Any] = {
    "source_path": "/footage/B002.mov",
    "status": "SKIPPED",
    "source_facts": None,
    "output_facts": None,
    "output_size_bytes": None,
    "output_sha256": None,
    "verdict": None,
}
RESULT = {"clips": [COMPLETED, SKIPPED]}


def test_rows_carry_what_was_measured() -> None:
    assert result_rows(RESULT) == [
        (
            *("A001.mov", "prores > h264", "320x180", "30000/1001", "01:00:59;15"),
            *("1+2", "3", "0123456789ab", "PASS 1/2"),
        ),
        ("B002.mov", "-", "-", "-", "-", "-", "-", "-", "SKIPPED"),
    ]


def test_columns_line_up() -> None:
    header, _, row, _ = render(result_rows(RESULT)).splitlines()

    assert header.index("raster") == row.index("320x180")
    assert header.index("verdict") == row.index("PASS 1/2")


def test_checks_are_counted_by_level() -> None:
    assert count_checks(RESULT) == {"PASS": 1, "WARN": 1, "FAIL": 0}
