"""Real files of other people: every one is routed as the manifest says, and every sound one has its facts."""

import csv
import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest

from proxx.core.detection import Detection
from proxx.core.roots import RootPath
from proxx.core.sources import detect
from proxx.core.steps import ProbedSource
from proxx.core.violation import ViolationCode
from proxx.engine.probe import probe_source
from proxx.engine.process_runner import ProcessToolRunner
from tests.fakes.byte_source import MemoryByteSource

MEDIA = Path(os.environ.get("PROXX_TEST_MEDIA", Path(__file__).parents[2].parent / "shared" / "media"))
MANIFEST = MEDIA / "MANIFEST.csv"

pytestmark = pytest.mark.media
if not MANIFEST.is_file():
    pytest.skip(f"no test media: {MANIFEST} does not exist", allow_module_level=True)

ONLY_FFPROBE_REFUSES = {
    "broken/Matroska.mkv": ViolationCode.SOURCE_TRUNCATED,
    "mp4/chunk_out_of_range.mp4": ViolationCode.SOURCE_UNSUPPORTED,
}
"""Files whose headers are sound and whose rest is not: detection alone takes them, the full probe refuses them."""

REFUSED_AT_ADMISSION = {
    "mp4/sample_with_fake_auxiliary_tracks.mp4": (
        "all 5 pictures have one time stamp, so nothing says when each is shown"
    ),
}
"""Files that decode and have no time that a proxy could keep."""


@dataclass(frozen=True)
class Row:
    file: str
    codec: str
    fps: str
    frames: str
    resolution: str
    timecode: str
    expected: str
    decode_check: str

    @property
    def path(self) -> Path:
        return MEDIA / self.file


def _rows() -> list[Row]:
    with MANIFEST.open(newline="", encoding="utf-8") as file:
        return [Row(**{name: row[name] for name in Row.__annotations__}) for row in csv.DictReader(file)]


ROWS = _rows()
FFMPEG_ROWS = [row for row in ROWS if row.expected == "ffmpeg"]
SOUND_ROWS = [row for row in FFMPEG_ROWS if row.decode_check == "ok" and row.file not in REFUSED_AT_ADMISSION]
FAKE_ROWS = [row for row in FFMPEG_ROWS if row.decode_check != "ok"]


def _route(detection: Detection | None) -> str:
    return "reject" if detection is None or detection.engine is None else detection.engine.value


async def _probe(row: Row, *, source_matrix: int = 1) -> ProbedSource:
    return await probe_source(
        runner=ProcessToolRunner(),
        path=row.path,
        source=RootPath(root="media", path=row.file),
        ffprobe="ffprobe",
        source_matrix=source_matrix,
    )


def _ids(rows: list[Row]) -> list[str]:
    return [row.file for row in rows]


def test_the_manifest_was_read() -> None:
    assert len(ROWS) == 171


@pytest.mark.parametrize("row", ROWS, ids=_ids(ROWS))
def test_the_bytes_alone_route_the_file(row: Row) -> None:
    source = MemoryByteSource(row.path.read_bytes())
    detection = detect(name=row.file, data=source)
    expected = "ffmpeg" if row.file in ONLY_FFPROBE_REFUSES else row.expected
    assert _route(detection) == expected, detection.detail
    assert source.taken <= 1024 * 1024


ONLY_IN_MATRIX_2 = {
    "mov/dv-pal-interlaced.mov": "dvvideo",
    "mov/hdv-720p60.mov": "mpeg2video",
    "mov/jpeg2000.mov": "jpeg2000",
    "mov/xdcam-ex-1080i60.mov": "mpeg2video",
    "mxf/black-1sec.mxf": "jpeg2000",
    "other/M2TS.mts": "h264",
    "ts/sample_h264.ts": "h264",
}
"""Files that matrix 1 refuses and matrix 2 takes, with their codec."""


def test_matrix_2_takes_seven_files_more_and_changes_no_other_route() -> None:
    moved = {}
    for row in ROWS:
        data = MemoryByteSource(row.path.read_bytes())
        first, second = (detect(name=row.file, data=data, source_matrix=version) for version in (1, 2))
        if _route(first) != _route(second):
            moved[row.file] = second.codec
            assert (_route(first), _route(second)) == ("reject", "ffmpeg")
        else:
            assert (first.reason, first.codec) == (second.reason, second.codec)
    assert moved == ONLY_IN_MATRIX_2


@pytest.mark.parametrize("file", sorted(ONLY_IN_MATRIX_2))
async def test_a_file_of_matrix_2_has_facts(file: str) -> None:
    found = await _probe(next(row for row in ROWS if row.file == file), source_matrix=2)
    assert found.violations == ()
    assert found.facts is not None
    assert found.facts.video is not None
    assert found.facts.video.codec == ONLY_IN_MATRIX_2[file]


@pytest.mark.parametrize("row", SOUND_ROWS, ids=_ids(SOUND_ROWS))
async def test_a_sound_file_has_facts_that_agree_with_the_manifest(row: Row) -> None:
    found = await _probe(row)
    assert _route(found.detection) == "ffmpeg"
    assert found.violations == ()
    assert found.facts is not None
    video = found.facts.video
    assert video is not None
    first = {name: value.split(" + ")[0] for name, value in vars(row).items()}
    assert f"{video.width}x{video.height}" == first["resolution"]
    if first["frames"] != "?":
        assert video.declared_frame_count == int(first["frames"])
    assert 0 < video.frame_count <= (video.declared_frame_count or video.frame_count)
    if row.timecode:
        assert found.facts.timecode is not None
        assert found.facts.timecode.label == row.timecode
    else:
        assert found.facts.timecode is None


@pytest.mark.parametrize("row", FAKE_ROWS, ids=_ids(FAKE_ROWS))
async def test_a_file_of_headers_is_routed_and_then_refused_or_left_to_the_encode(row: Row) -> None:
    found = await _probe(row)
    assert _route(found.detection) == "ffmpeg"
    refused = {violation.code for violation in found.violations}
    decodable_in_part = {"webm/invalid-bitstream.webm", "mp4/no_timescale.mp4"}
    if row.file in decodable_in_part:
        assert refused == set()
    else:
        assert refused <= {
            ViolationCode.SOURCE_TRUNCATED,
            ViolationCode.SOURCE_UNSUPPORTED,
            ViolationCode.PROBE_FAILED,
        }
        assert len(refused) == 1


@pytest.mark.parametrize("file", sorted(ONLY_FFPROBE_REFUSES))
async def test_a_file_that_ffprobe_cannot_read_ends_without_engine(file: str) -> None:
    row = next(row for row in ROWS if row.file == file)
    found = await _probe(row)
    assert (_route(found.detection), found.facts) == ("reject", None)
    assert [violation.code for violation in found.violations] == [ONLY_FFPROBE_REFUSES[file]]


@pytest.mark.parametrize("file", sorted(REFUSED_AT_ADMISSION))
async def test_a_file_without_usable_time_is_refused_with_the_fact(file: str) -> None:
    found = await _probe(next(row for row in ROWS if row.file == file))
    assert (_route(found.detection), found.facts) == ("ffmpeg", None)
    assert [(violation.code, violation.message) for violation in found.violations] == [
        (ViolationCode.SOURCE_UNSUPPORTED, f"{Path(file).name}: {REFUSED_AT_ADMISSION[file]}")
    ]


@pytest.mark.parametrize(
    ("file", "rate", "constant", "frames"),
    [
        ("mkv/test_video.mkv", Fraction(24000, 1001), True, 500),
        ("mkv/hev1_08_05.mkv", Fraction(60000, 1001), True, 57),
        ("mkv/sample.mkv", Fraction(30), True, 30),
        ("webm/bear-vp9-odd-dimensions.webm", Fraction(30000, 1001), True, 30),
        ("webm/roadtrip-vp92-10bit.webm", Fraction(24000, 1001), True, 72),
        ("mp4/sample_edit_list.mp4", Fraction(30000, 1001), True, 77),
        ("mp4/var_fps_video.mp4", Fraction(9000, 449), False, 300),
        ("mp4/sample_12_5fps_720p_1s.mp4", Fraction(25, 2), True, 13),
        ("mov/text.mov", Fraction(60), True, 300),
        ("mxf/sample.mxf", Fraction(25), True, 2),
    ],
)
async def test_rates_and_frame_counts_that_readers_get_wrong(
    file: str, rate: Fraction, constant: bool, frames: int
) -> None:
    found = await _probe(next(row for row in ROWS if row.file == file))
    assert found.facts is not None
    assert found.facts.video is not None
    video = found.facts.video
    assert (video.frame_rate, video.constant_frame_rate, video.frame_count) == (rate, constant, frames)


async def test_a_counter_of_29_frames_is_a_warning_and_not_an_error() -> None:
    found = await _probe(next(row for row in ROWS if row.file == "mp4/karma.mp4"))
    assert found.facts is not None
    assert any("counts 29 frames a second" in warning for warning in found.facts.warnings)
