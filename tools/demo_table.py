"""The table that `make demo` shows: one row a clip, from the result JSON alone."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

HEADER = ("clip", "codec", "raster", "rate", "timecode", "audio", "KiB", "sha256", "verdict")
NONE = "-"


def result_rows(result: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """One row a clip, in the order of the JobSpec."""
    return [_row(clip) for clip in result["clips"]]


def render(rows: Sequence[Sequence[str]]) -> str:
    """The rows below the header, in columns."""
    lines = [HEADER, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER))]
    rule = tuple("-" * width for width in widths)
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in (HEADER, rule, *rows)
    )


def count_checks(result: Mapping[str, Any]) -> dict[str, int]:
    """How many checks of all verdicts ended at each level."""
    counts = {"PASS": 0, "WARN": 0, "FAIL": 0}
    for clip in result["clips"]:
        for check in clip["verdict"]["checks"] if clip["verdict"] else ():
            counts[check["level"]] += 1
    return counts


def _row(clip: Mapping[str, Any]) -> tuple[str, ...]:
    name = PurePosixPath(clip["source_path"]).name
    facts, source = clip["output_facts"], clip["source_facts"]
    if not facts or not facts["video"] or not source or not source["video"]:
        return (name, *(NONE for _ in HEADER[2:]), clip["status"])
    video, timecode = facts["video"], facts["timecode"]
    return (
        name,
        f"{source['video']['codec']} > {video['codec']}",
        f"{video['width']}x{video['height']}",
        video["frame_rate"].removesuffix("/1"),
        timecode["label"] if timecode else NONE,
        "+".join(str(track["channels"]) for track in facts["audio"]) or NONE,
        str(-(-(clip["output_size_bytes"] or 0) // 1024)),
        (clip["output_sha256"] or NONE)[:12],
        _verdict(clip),
    )


def _verdict(clip: Mapping[str, Any]) -> str:
    if clip["verdict"] is None:
        return str(clip["status"])
    checks = clip["verdict"]["checks"]
    passed = sum(check["level"] == "PASS" for check in checks)
    return f"{'PASS' if clip['verdict']['passed'] else 'FAIL'} {passed}/{len(checks)}"
