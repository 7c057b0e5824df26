"""What other programs print: FFmpeg's progress, packets, hashes and findings, Resolve's answers and process lists."""

import contextlib
import json
import plistlib
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path, PurePath

from proxx.core.picture_log import PictureLog
from proxx.core.reproduce.frame_hashes import FrameHashes
from proxx.core.witness.stream_hash import read_stream_hashes
from proxx.engine.fingerprint import ToolchainError, describe_toolchain
from proxx.engine.framecrc import FramecrcCounter
from proxx.engine.linked import NotElfError, listed_libraries, read_elf
from proxx.engine.progress import ProgressParser
from proxx_resolve_executor.audio_tracks import AudioUnclearError, audio_tracks
from proxx_resolve_executor.bridge.process_lists import macos_processes, windows_processes
from proxx_resolve_executor.bridge.values import AnswerError, entries, names, plain, shown, text_fields, texts
from proxx_resolve_executor.bridge.wire import (
    Answered,
    CallBegun,
    CallEnded,
    Fault,
    Faulted,
    Question,
    WireError,
    question_line,
    read_question,
    read_reply,
    reply_line,
)
from proxx_resolve_executor.discovery import _bundle_version
from proxx_resolve_executor.host_fixture import HostFixtureError, parse_fixture
from tests.fuzzing.parsers.records import _place
from tests.fuzzing.parsers.target import Form, Target, hold, text_of

_LINES = b"""#tb 0: 1/25
#media_type 0: video
#tb 1: 1/48000
#media_type 1: audio
0,          0,          0,        1,     6144, 0x4a2b3c1d
1,          0,          0,     1024,     4096, 0x00000001
frame=10
fps=25.0
speed=1.5x
progress=continue
frame:3 pts:3 pts_time:0.12
proxx_track=1
lavfi.black_start=0.04
lavfi.black_end=1.5
lavfi.silence_start.1=0.1
lavfi.ssim.All=0.998
lavfi.psnr.psnr_avg=inf
0,v,MD5=d41d8cd98f00b204e9800998ecf8427e
ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2025
libavutil      57. 28.100 / 57. 28.100
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f0000000000)
  512 Fri Nov 20 20:24:00 2026     /Applications/DaVinci Resolve.app/Contents/MacOS/Resolve -nogui
"""


def _printed(data: bytes) -> None:
    """Feed lines to everything that reads a tool's output by lines."""
    lines = text_of(data).split("\n")
    counter, hashes, pictures, progress = FramecrcCounter(), FrameHashes(), PictureLog(tracks=2), None
    parser = ProgressParser(expected_frames=100)
    for line in lines:
        counter.feed(line)
        hashes.feed(line)
        pictures.feed(line)
        progress = parser.feed(line) or progress
    hold(counter.pictures >= 0 and isinstance(counter.audio_durations, tuple), "counts are none")
    pictures.findings(seconds=Fraction(4))
    hold(progress is None or 0 <= progress.fraction <= 1, "a fraction is beyond 0 and 1")
    text = "\n".join(lines)
    read_stream_hashes(text=text)
    listed_libraries(listing=text)
    macos_processes(text)
    with contextlib.suppress(ToolchainError):
        describe_toolchain(version_lines=lines, build_lines=lines, cpu_class="x", libraries={})


def _elf(data: bytes) -> None:
    path = _place("elf")
    path.write_bytes(data)
    try:
        read_elf(path=path)
    except NotElfError:
        return
    finally:
        path.unlink()


def _elves() -> tuple[bytes, ...]:
    head = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\0\x3e\0\x01\0\0\0" + bytes(8) + (64).to_bytes(8, "little")
    head = head.ljust(52, b"\0") + b"\x40\0\x38\0\x01\0\0\0\0\0\0\0"
    entry = b"\x03\0\0\0\x04\0\0\0" + (120).to_bytes(8, "little") + bytes(16) + (12).to_bytes(8, "little")
    return (head + entry.ljust(56, b"\0") + b"/lib64/ld.so",)


def _wire(data: bytes) -> None:
    for line in data.split(b"\n"):
        with contextlib.suppress(WireError):
            question = read_question(line)
            hold(read_question(question_line(question)) == question, "a question written and read is another one")
        with contextlib.suppress(WireError):
            read_reply(reply_line(read_reply(line)))


def _wire_seeds() -> tuple[bytes, ...]:
    replies = (
        CallBegun(id=1, call="GetVersion()"),
        CallEnded(id=1, result="[20]"),
        Answered(id=1, value={"a": [1, None, "b"]}),
        Faulted(id=1, fault=Fault.SCRIPT, text="no"),
    )
    asked = question_line(Question(id=1, operation="visit", arguments={"path": "/a"}))
    return (asked, *(reply_line(reply) for reply in replies))


def _answers(data: bytes) -> None:
    """Read JSON as what Resolve returned, as a fixture of a host, and as its mapping of audio."""
    text = text_of(data)
    with contextlib.suppress(HostFixtureError):
        parse_fixture(text=text)
    for properties in ({}, {"Audio Ch": "2", "Sample Rate": "48000", "Audio Bit Depth": "24"}):
        with contextlib.suppress(AudioUnclearError):
            audio_tracks(mapping=text, properties=properties)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    plain(value)
    shown(value)
    windows_processes(value)
    for read in (entries, texts, text_fields):
        with contextlib.suppress(AnswerError):
            read(value)
    with contextlib.suppress(AnswerError):
        names(value, keys=("RenderPresetName", "name"))


def _answer_seeds() -> tuple[bytes, ...]:
    mapping = {
        "embedded_audio_channels": 2,
        "linked_audio": {},
        "track_mapping": {"1": {"channel_idx": [1, 2], "mute": False, "type": "Stereo"}},
    }
    process = {"ProcessId": 7, "ExecutablePath": "C:\\Resolve.exe", "CommandLine": "Resolve -nogui", "Started": "1"}
    fixture = {
        "schema_version": 1, "recorded_time": "now", "platform": "linux", "product": "DaVinci Resolve Studio",
        "version": "20.0", "python": "3.11", "formats": {"mov": "QuickTime"}, "codecs": {"mov": {"a": "b"}},
        "project_settings": {"timelineFrameRate": "24"},
        "clips": [{"label": "a", "properties": {}, "audio_mapping": "{}"}],
    }  # fmt: skip
    values: tuple[object, ...] = (mapping, [process], fixture, {"1": "a", "2": "b"}, [{"name": "x"}])
    return tuple(json.dumps(value).encode() for value in values)


class _OnePlace:
    """One file, whatever is asked for."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, path: PurePath, limit: int) -> bytes | None:
        return self._data[:limit]


def _plist(data: bytes) -> None:
    _bundle_version(_OnePlace(data), Path("Info.plist"))  # type: ignore[arg-type]  # nothing else is asked


def _plists() -> tuple[bytes, ...]:
    fields: Mapping[str, object] = {"CFBundleShortVersionString": "20.0.1", "n": [1, {"a": b"x"}]}
    return tuple(plistlib.dumps(dict(fields), fmt=form) for form in (plistlib.FMT_XML, plistlib.FMT_BINARY))


TARGETS = (
    Target(
        name="tool-lines",
        look=_printed,
        seeds=lambda: (_LINES,),
        form=Form.TEXT,
        words=("#tb 0: ", "#media_type ", "lavfi.", "frame=", "N/A", "speed=", "progress=end"),
        longest=8192,
    ),
    Target(name="elf", look=_elf, seeds=_elves, form=Form.BYTES, longest=4096),
    Target(name="resolve-wire", look=_wire, seeds=_wire_seeds, form=Form.JSON),
    Target(name="resolve-answers", look=_answers, seeds=_answer_seeds, form=Form.JSON),
    Target(name="plist", look=_plist, seeds=_plists, form=Form.TEXT, words=("<date>", "<integer>", "<dict>", "<key>")),
)
