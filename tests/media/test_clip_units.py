"""The header of a real R3D file as the parts of a clip, with the ffprobe that is installed as the second witness."""

import os
import shutil
from pathlib import Path

import pytest

from proxx.core.detection import DetectionReason, Engine
from proxx.core.roots import RootPath
from proxx.engine.probe import probe_source
from proxx.engine.process_runner import ProcessToolRunner
from tests.unit.core.sources import headers

MEDIA = Path(os.environ.get("PROXX_TEST_MEDIA", Path(__file__).parents[2].parent / "shared" / "media"))
REAL = MEDIA / "raw" / "Red.r3d"

RAW_HEADERS = [header for header in headers.HEADERS if header.reason is DetectionReason.CAMERA_RAW]

pytestmark = pytest.mark.media


async def test_no_synthetic_raw_header_is_refused_for_what_the_installed_ffprobe_says(tmp_path: Path) -> None:
    refused = {}
    for header in RAW_HEADERS:
        path = tmp_path / header.name
        path.write_bytes(header.data)
        source = RootPath(root="media", path=header.name)
        found = await probe_source(runner=ProcessToolRunner(), path=path, source=source, ffprobe="ffprobe")
        path.unlink()
        if found.detection is None or found.detection.engine is not Engine.RESOLVE or found.violations:
            refused[header.title] = found
    assert refused == {}
    assert len(RAW_HEADERS) > 20


@pytest.mark.skipif(not REAL.is_file(), reason=f"no test media: {REAL} does not exist")
async def test_real_r3d_headers_are_one_clip_that_ffprobe_does_not_contradict(tmp_path: Path) -> None:
    folder = tmp_path / "A001_C001.RDC"
    folder.mkdir()
    for number in (1, 2, 3):
        shutil.copyfile(REAL, folder / f"A001_C001_{number:03d}.R3D")
    found = await probe_source(
        runner=ProcessToolRunner(), path=folder, source=RootPath(root="media", path=folder.name), ffprobe="ffprobe"
    )
    assert found.violations == ()
    assert found.detection is not None
    assert (found.detection.engine, found.detection.codec) == (Engine.RESOLVE, "redcode")
    assert found.identity is not None
    assert [part.path for part in found.identity.parts] == [
        f"A001_C001.RDC/A001_C001_{number:03d}.R3D" for number in (1, 2, 3)
    ]
