"""Clips of several files, whole jobs: parts of an R3D, frames of a CinemaDNG, a BRAW with its sidecar."""

from pathlib import Path

import pytest

from proxx.core.jobs import JobState
from tests.resolve.studio import RED_HEADER, studio
from tests.resolve_simulator.source_facts import SourceFacts
from tests.unit.core.sources.headers import dng
from tests.unit.core.sources.media_bytes import iso_file

pytestmark = [pytest.mark.process, pytest.mark.media]


def red_parts(directory: Path) -> Path:
    """Two parts in the folder of a camera card; Resolve is given the first and finds the other."""
    folder = directory / "A001_C001_1120AB.RDC"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"A001_C001_1120AB_00{number}.R3D").write_bytes(RED_HEADER)
    SourceFacts(rate="24/1", frames=6).write(folder / "A001_C001_1120AB_001.R3D")
    return folder


def dng_frames(directory: Path) -> Path:
    """Four frames, numbered from 7 on."""
    folder = directory / "B001"
    folder.mkdir()
    for number in range(7, 11):
        (folder / f"B001_{number:06d}.dng").write_bytes(dng())
    SourceFacts(rate="25/1", audio=(), format="DNG", codec="CinemaDNG").write(folder / "B001_000007.dng")
    return folder


def braw(directory: Path) -> Path:
    """A file with the sidecar that the camera's software leaves beside it."""
    file = directory / "C001.braw"
    file.write_bytes(iso_file(b"brvl", brand=b"qt  "))
    file.with_suffix(".sidecar").write_text("{}")
    SourceFacts(rate="25/1", frames=5, audio=(2,), format="Blackmagic RAW", codec="BRAW").write(file)
    return file


async def test_clips_of_several_files_become_one_proxy_each(tmp_path: Path) -> None:
    async with studio(tmp_path) as place:
        sources = [make(tmp_path / "in") for make in (red_parts, dng_frames, braw)]
        async with place.executor():
            key = await place.submit(*sources)
            result = await place.result(key)

    assert [(clip.failure, clip.verdict is not None and clip.verdict.passed) for clip in result.clips] == [
        (None, True)
    ] * 3, result.violations
    assert result.final_status is JobState.COMPLETED
    frames = [
        clip.output_facts.video.frame_count for clip in result.clips if clip.output_facts and clip.output_facts.video
    ]
    assert frames == [6, 4, 5]
    assert place.left() == ["A001_C001_1120AB_proxy.mov", "B001_proxy.mov", "C001_proxy.mov"]
