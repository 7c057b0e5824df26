"""Probing one source: what is no file, what the bytes alone decide, and how ffprobe's end is taken."""

import hashlib
import json
import os
import socket
from pathlib import Path

import pytest

from proxx.core.detection import DetectionReason, Engine
from proxx.core.facts import SourceIdentity
from proxx.core.roots import RootPath
from proxx.core.steps import ProbedSource
from proxx.core.violation import ViolationCode
from proxx.engine.probe import probe_source
from proxx.engine.tool import ToolEnd, ToolRequest, ToolResult
from tests.fakes.tool_runner import FakeToolRunner, tool_result
from tests.unit.core.sources import headers
from tests.unit.core.sources import media_bytes as made

STREAM = {
    "index": 0,
    "codec_name": "h264",
    "codec_type": "video",
    "width": 64,
    "height": 36,
    "pix_fmt": "yuv420p",
    "r_frame_rate": "25/1",
    "avg_frame_rate": "25/1",
    "time_base": "1/25",
    "duration_ts": 3,
    "nb_frames": "3",
}
PACKETS = b"pts=0|duration=1|flags=K_\npts=1|duration=1|flags=__\npts=2|duration=1|flags=__\n"


def listing(*, stream: dict[str, object] = STREAM, packets: bytes = PACKETS) -> ToolResult:
    """What ffprobe prints of a file with one track: its packets, one a line, then streams and format."""
    lines = ["{", '    "packets": [']
    for packet in packets.decode().splitlines():
        fields = {"codec_type": "video", "stream_index": 0, **dict(part.split("=") for part in packet.split("|"))}
        lines.append(f"        {json.dumps(fields)},")
    rest = json.dumps({"streams": [stream], "format": {"duration": "0.12"}})
    return tool_result(stdout="\n".join([*lines, "    ],", rest.removeprefix("{")]).encode())


def answers(*, document: ToolResult, whole: bytes = PACKETS) -> FakeToolRunner:
    def answer(request: ToolRequest) -> ToolResult:
        return document if "-show_streams" in request.argv else tool_result(stdout=whole)

    return FakeToolRunner(answer)


SOUND = listing()


async def probed(path: Path, runner: FakeToolRunner) -> ProbedSource:
    return await probe_source(
        runner=runner,
        path=path,
        source=RootPath(root="media", path=f"cards/{path.name}"),
        ffprobe="ffprobe",
        clip_index=7,
        output_exists=True,
    )


def movie(directory: Path, data: bytes | None = None, name: str = "A001.mov") -> Path:
    path = directory / name
    path.write_bytes(made.iso_file(b"avc1") if data is None else data)
    return path


async def test_a_sound_source_has_identity_detection_and_facts(tmp_path: Path) -> None:
    path = movie(tmp_path)
    runner = answers(document=SOUND)
    found = await probed(path, runner)
    state = path.stat()
    assert found.identity == SourceIdentity(
        path="cards/A001.mov",
        size_bytes=state.st_size,
        mtime_ns=state.st_mtime_ns,
        inode=state.st_ino,
        edge_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )
    assert found.detection is not None
    assert found.detection.engine is Engine.FFMPEG
    assert found.facts is not None
    assert found.facts.video is not None
    assert (found.facts.video.frame_count, found.clip_index, found.output_exists, found.violations) == (3, 7, True, ())
    assert [request.readable for request in runner.requests] == [(path,)]
    assert all(request.timeout_seconds and request.memory_limit_bytes for request in runner.requests)


def _nothing(path: Path) -> None:
    path.with_name("other").touch()


def _below_a_file(path: Path) -> None:
    path.parent.rmdir()
    path.parent.touch()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


def _dangling(path: Path) -> None:
    path.symlink_to(path.with_name("gone"))


def _loop(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize(
    ("make", "code", "clause"),
    [
        pytest.param(_nothing, ViolationCode.SOURCE_MISSING, "does not exist", id="missing"),
        pytest.param(_below_a_file, ViolationCode.SOURCE_MISSING, "does not exist", id="below a file"),
        pytest.param(_dangling, ViolationCode.SOURCE_MISSING, "does not exist", id="dangling link"),
        pytest.param(
            _loop, ViolationCode.SOURCE_UNREADABLE, "lies behind symbolic links that lead in a circle", id="link loop"
        ),
        pytest.param(Path.mkdir, ViolationCode.SOURCE_NOT_A_FILE, "is a directory, not a file", id="directory"),
        pytest.param(_pipe, ViolationCode.SOURCE_NOT_A_FILE, "is a named pipe, not a file", id="named pipe"),
        pytest.param(_socket, ViolationCode.SOURCE_NOT_A_FILE, "is a socket, not a file", id="socket"),
        pytest.param(Path.touch, ViolationCode.SOURCE_EMPTY, "is empty (0 bytes)", id="empty"),
    ],
)
async def test_what_is_no_file_with_content_is_refused_by_name(
    tmp_path: Path, make: object, code: ViolationCode, clause: str
) -> None:
    path = tmp_path / "card" / "a.mov"
    path.parent.mkdir()
    make(path)  # type: ignore[operator]
    runner = answers(document=SOUND)
    found = await probed(path, runner)
    assert [(violation.code, violation.field) for violation in found.violations] == [(code, "sources[7]")]
    assert found.violations[0].message.startswith(f"{path} {clause}")
    assert (found.facts, runner.requests) == (None, [])


@pytest.mark.parametrize("name", ["/dev/null", "/dev/zero"])
async def test_a_device_is_never_opened(name: str) -> None:
    found = await probed(Path(name), answers(document=SOUND))
    assert [violation.message for violation in found.violations] == [f"{name} is a character device, not a file"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
async def test_a_file_without_permission_is_unreadable(tmp_path: Path) -> None:
    path = movie(tmp_path)
    path.chmod(0)
    found = await probed(path, answers(document=SOUND))
    assert [violation.code for violation in found.violations] == [ViolationCode.SOURCE_UNREADABLE]
    assert "Permission denied" in found.violations[0].message


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.mov", b"only text\n" * 50, DetectionReason.UNREADABLE),
        ("a.mov", made.iso_file(b"png "), DetectionReason.NOT_IN_MATRIX),
        ("a.mkv", made.iso_file(b"avc1"), DetectionReason.CONTRADICTION),
    ],
    ids=["text named .mov", "codec outside the matrix", "bytes against name"],
)
async def test_a_source_that_its_bytes_refuse_says_why_without_ffprobe(
    tmp_path: Path, name: str, data: bytes, reason: DetectionReason
) -> None:
    runner = answers(document=SOUND)
    found = await probed(movie(tmp_path, data, name), runner)
    assert found.detection is not None
    assert (found.detection.engine, found.detection.reason, found.facts) == (None, reason, None)
    assert [violation.code for violation in found.violations] == [ViolationCode.SOURCE_UNSUPPORTED]
    assert found.violations[0].message.startswith(f"Source format not supported: {name}: ")
    assert runner.requests == []


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(listing(stream={**STREAM, "codec_name": "unheard_of"}), id="a codec that no table of ours names"),
        pytest.param(listing(stream={"index": 0, "codec_type": "video"}), id="no codec"),
        pytest.param(tool_result(exit_code=1, stderr="Invalid data"), id="cannot open it"),
        pytest.param(tool_result(end=ToolEnd.NOT_FOUND), id="is not there"),
        pytest.param(tool_result(end=ToolEnd.TIMED_OUT), id="does not end"),
        pytest.param(tool_result(end=ToolEnd.SIGNALLED, signal=11), id="crashes"),
        pytest.param(listing(stream={**STREAM, "codec_name": "jpegxs"}), id="a coding that RAW is built on"),
        pytest.param(tool_result(stdout=b"not json"), id="prints no JSON"),
    ],
)
async def test_camera_raw_goes_to_resolve_unless_ffprobe_contradicts(tmp_path: Path, answer: ToolResult) -> None:
    runner = answers(document=answer)
    found = await probed(movie(tmp_path, made.iso_file(b"brvl"), "A001.braw"), runner)
    assert found.detection is not None
    assert (found.detection.engine, found.facts, found.violations) == (Engine.RESOLVE, None, ())
    (request,) = runner.requests
    assert ("packet" in " ".join(request.argv), "-nofind_stream_info" in request.argv) == (False, True)
    assert (request.timeout_seconds, request.stall_seconds) == (10.0, 10.0)


@pytest.mark.parametrize(
    ("entry", "name", "answer", "clause"),
    [
        pytest.param(
            b"brvl",
            "A001.braw",
            listing(stream={**STREAM, "codec_name": "hevc"}),
            "the bytes say codec braw (brvl) and ffprobe says hevc",
            id="proven RAW",
        ),
        pytest.param(
            b"zzzz",
            "A001.mov",
            tool_result(stdout=json.dumps({"streams": [STREAM], "format": {"format_name": "mxf"}}).encode()),
            "the bytes say container mov and ffprobe reads it as mxf",
            id="a codec that no table names",
        ),
    ],
)
async def test_a_witness_that_contradicts_what_resolve_would_take_leaves_no_engine(
    tmp_path: Path, entry: bytes, name: str, answer: ToolResult, clause: str
) -> None:
    found = await probed(movie(tmp_path, made.iso_file(entry), name), answers(document=answer))
    assert found.detection is not None
    assert (found.detection.engine, found.detection.reason) == (None, DetectionReason.CONTRADICTION)
    assert clause in found.violations[0].message


PRORES_RAW = made.ftyp() + made.movie(made.track(made.sample_entry(b"aprn"), offset=5000, sizes=(100,)))
ARRIRAW_MXF = headers.mxf("0d01030102220100", "0401020102010101")
FOOTER_AT = 16 + 4 + 24  # key, length, and what stands before the footer's offset in a partition pack


@pytest.mark.parametrize(
    ("name", "data", "declared"),
    [
        pytest.param("A001.mov", PRORES_RAW, 5100, id="ProRes RAW without its last samples"),
        pytest.param(
            "A001.mxf",
            ARRIRAW_MXF[:FOOTER_AT] + (9000).to_bytes(8) + ARRIRAW_MXF[FOOTER_AT + 8 :],
            9001,
            id="ARRIRAW MXF without its footer",
        ),
    ],
)
async def test_a_raw_file_that_ends_before_its_own_tables_do_is_truncated(
    tmp_path: Path, name: str, data: bytes, declared: int
) -> None:
    found = await probed(movie(tmp_path, data, name), answers(document=tool_result(exit_code=1)))
    assert found.detection is not None
    assert (found.detection.engine, found.detection.reason) == (None, DetectionReason.TRUNCATED)
    assert found.detection.detail.endswith(f": it declares data up to byte {declared} and ends at byte {len(data)}.")
    assert [violation.code for violation in found.violations] == [ViolationCode.SOURCE_TRUNCATED]


async def test_a_file_that_ffprobe_cannot_open_is_unreadable(tmp_path: Path) -> None:
    failed = tool_result(exit_code=1, stderr="[mov] moov atom not found\nInvalid data")
    found = await probed(movie(tmp_path), answers(document=failed))
    assert found.detection is not None
    assert (found.detection.engine, found.detection.reason) == (None, DetectionReason.UNREADABLE)
    assert found.detection.detail == (
        "A001.mov: container mov, codec h264 (avc1): ffprobe cannot read it: [mov] moov atom not found."
    )
    assert [violation.code for violation in found.violations] == [ViolationCode.SOURCE_UNSUPPORTED]


async def test_a_witness_that_contradicts_the_bytes_leaves_no_engine(tmp_path: Path) -> None:
    found = await probed(movie(tmp_path), answers(document=listing(stream={**STREAM, "codec_name": "hevc"})))
    assert found.detection is not None
    assert (found.detection.engine, found.detection.reason) == (None, DetectionReason.CONTRADICTION)
    assert "ffprobe says hevc" in found.violations[0].message


@pytest.mark.parametrize(
    ("document", "clause"),
    [
        (tool_result(end=ToolEnd.NOT_FOUND), "cannot be probed: ffprobe was not found"),
        (tool_result(end=ToolEnd.TIMED_OUT), "cannot be probed: ffprobe was stopped after 2 s; the limit for its"),
        (tool_result(end=ToolEnd.SIGNALLED, signal=9), "cannot be probed: ffprobe ended by SIGNALLED after 2 s"),
        (tool_result(stdout=b"not json"), "ffprobe printed no JSON"),
    ],
    ids=["not found", "timed out", "killed", "no JSON"],
)
async def test_a_tool_that_gives_no_answer_says_nothing_about_the_source(
    tmp_path: Path, document: ToolResult, clause: str
) -> None:
    path = movie(tmp_path)
    found = await probed(path, answers(document=document))
    assert found.detection is not None
    assert found.detection.engine is Engine.FFMPEG
    assert [violation.code for violation in found.violations] == [ViolationCode.PROBE_FAILED]
    assert found.violations[0].message.startswith(f"{path} {clause}")


@pytest.mark.parametrize(
    ("whole", "codes"),
    [
        pytest.param(PACKETS, [], id="an edit list hides a frame"),
        pytest.param(PACKETS[:50], [ViolationCode.SOURCE_TRUNCATED], id="the frame is gone"),
    ],
)
async def test_missing_packets_are_counted_again_without_the_edit_list(
    tmp_path: Path, whole: bytes, codes: list[ViolationCode]
) -> None:
    runner = answers(document=listing(packets=PACKETS[:50]), whole=whole)
    found = await probed(movie(tmp_path), runner)
    assert [violation.code for violation in found.violations] == codes
    assert len(runner.requests) == 2


async def test_a_file_that_grows_while_it_is_probed_has_no_facts(tmp_path: Path) -> None:
    path = movie(tmp_path)

    def answer(request: ToolRequest) -> ToolResult:
        with path.open("ab") as file:
            file.write(b"more")
        return SOUND

    found = await probed(path, FakeToolRunner(answer))
    assert found.facts is None
    assert [violation.code for violation in found.violations] == [ViolationCode.PROBE_FAILED]
    assert "changed while it was probed: size was" in found.violations[0].message
