"""What is read of media: headers, ends of files, XML of cameras, names of parts, and everything that ffprobe says."""

import json
from dataclasses import replace
from fractions import Fraction

from proxx.core.sources.camera_xml import panasonic_label, sony_label, xmp_labels, xmp_reel
from proxx.core.sources.detect import inspect_source
from proxx.core.sources.ffprobe_facts import build_facts, choose_video, may_hide_frames, needs_recount
from proxx.core.sources.packet_log import FrameLog
from proxx.core.sources.probe_evidence import ProbeEvidence
from proxx.core.units.names import clip_name, numbered_name
from proxx.core.units.recognise import recognise
from proxx.core.units.unit_fault import name_fault
from proxx.core.units.unit_kind import UnitKind
from proxx.engine.probe.listing import Listing
from proxx_watcher.domain.ends.file_end import file_end
from tests.fakes.byte_source import MemoryByteSource
from tests.fuzzing.guided import SEEDS
from tests.fuzzing.parsers.target import Form, Target, hold, shown, text_of
from tests.fuzzing.properties import examine
from tests.unit.core.sources import media_bytes as made
from tests.unit.core.sources import test_camera_xml as xml
from tests.unit.core.sources.test_ffprobe_facts import AUDIO, DETECTION, TMCD, VIDEO
from tests.unit.engine.test_probe_source import STREAM, listing
from tests.unit.watcher import test_file_end as ends

_DETECTION, _READING = inspect_source(name="A001.mov", data=MemoryByteSource(made.iso_file(b"avc1")), source_matrix=1)
_CODECS = ("prores", "h264", "vp9", "dvvideo")


def _end(data: bytes) -> None:
    found = file_end(data=MemoryByteSource(data))
    hold(found == file_end(data=MemoryByteSource(data)), "two looks at the same end differ")
    shown(found.fact)


def _ends() -> tuple[bytes, ...]:
    return (
        ends.FTYP + ends.MOOV + ends.box(b"mdat", b"x" * 100),
        ends.mxf(status=4, footer=True, names_footer=True, index=True),
        ends.mxf(status=1, footer=False, names_footer=False, index=False),
        ends.ebml(size=b"\x81", content=b"\xec"),
        ends.avi(ends.chunk(b"LIST", b"hdrl"), ends.chunk(b"LIST", b"movi" + ends.chunk(b"00dc", b"abcd"))),
        (b"\x47" + b"\0" * 187) * 12,
    )


def _xml(data: bytes) -> None:
    text = text_of(data)
    labels = (sony_label(text=text), panasonic_label(text=text), *xmp_labels(text=text))
    for label in labels:
        hold(label is None or bool(repr(label)), "a label cannot be shown")
    xmp_reel(text=text)


def _units(data: bytes) -> None:
    """Read names of files, one a line."""
    paths = text_of(data).split("\n")[:400]
    for kinds in (frozenset(UnitKind), frozenset()):
        units, rest = recognise(paths=paths, kinds=kinds)
        parts = [part for unit in units for part in unit.files]
        hold(set(parts) | set(rest) <= set(paths), "a file that was not named is part of a clip")
        for unit in units:
            fault = name_fault(unit=unit, named=paths[0])
            hold(fault is None or bool(fault), "a fault is empty")
    for path in paths:
        clip_name(path=path)
        numbered_name(name=path)


def _units_seeds() -> tuple[bytes, ...]:
    return (
        b"A001.RDC/A001_C002_0825JT_001.R3D\nA001.RDC/A001_C002_0825JT_002.R3D\nA001.RDC/A001_C002_0825JT.RMD",
        b"c/A002C001_230101_R1AB.0000001.ari\nc/A002C001_230101_R1AB.0000002.ari\nc/x_000001.dng\nc/x_000002.dng",
        b"CONTENTS/CLIP/0001AB.XML\nCONTENTS/VIDEO/0001AB.MXF\nCONTENTS/AUDIO/0001AB00.MXF",
        b"GH010001.MP4\nGH020001.MP4\nGOPR0001.MP4\na_001.braw\na_002.braw\nC0001.MXF\nC0001M01.XML",
    )


def _ffprobe_lines(data: bytes) -> None:
    """Read a whole listing as the probe does; the first byte picks what our own reading said of the codec."""
    if data:
        _listing(text_of(data[1:]).splitlines(), data[0])


def _ffprobe(data: bytes) -> None:
    """Read JSON in the layout of ffprobe: each packet on a line of its own."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return
    if not isinstance(document, dict):
        return
    packets = document.pop("packets", None)
    lines = ["{", '    "packets": [']
    lines += [f"        {json.dumps(packet)}," for packet in (packets if isinstance(packets, list) else [])]
    _listing([*lines, "    ],", json.dumps(document).removeprefix("{")], len(data))


def _listing(lines: list[str], pick: int) -> None:
    if _READING is None:
        return
    listed, frames = Listing(), FrameLog()
    for line in lines:
        listed.add_line(line)
        frames.add_line(line)
    try:
        document = listed.document()
    except ValueError:
        return
    codec = _CODECS[pick % len(_CODECS)]
    video = choose_video(document=document)
    packets = listed.packets(0)
    if video is not None:
        needs_recount(document=document, packets=packets)
        may_hide_frames(codec=codec, packets=packets, time_base=Fraction(1, 25))
    evidence = ProbeEvidence(
        name="A001.mov",
        clip_index=0,
        size_bytes=4000,
        detection=replace(DETECTION, codec=codec),
        reading=_READING,
        document=document,
        packets=packets,
        frames=frames if frames.frames else None,
        readable=len(lines) if pick & 64 else None,
        errors=tuple(lines[:3]),
        sound=listed.sound,
    )
    finding = build_facts(evidence=evidence)
    hold((finding.facts is None) == bool(finding.violations or finding.contradiction), "neither facts nor a reason")
    for violation in finding.violations:
        shown(violation.message)


def _documents() -> tuple[bytes, ...]:
    packets = [
        {"codec_type": "video", "stream_index": 0, "pts": at * 1001, "duration": 1001, "flags": "K_"}
        for at in range(10)
    ]
    sound = {"codec_type": "audio", "stream_index": 1, "pts": 0, "duration": 16016, "flags": "K_"}
    form = {"duration": "0.333667", "size": "4000", "tags": {"timecode": "01:00:00:00"}}
    streams: tuple[list[dict[str, object]], ...] = ([VIDEO, AUDIO, TMCD], [STREAM])
    return tuple(
        json.dumps({"packets": [*packets, sound], "streams": listed, "format": form}).encode() for listed in streams
    )


def _ffprobe_seeds() -> tuple[bytes, ...]:
    streams: tuple[dict[str, object], ...] = (STREAM, VIDEO)
    found = [bytes([number]) + _printed(stream) for number, stream in enumerate(streams)]
    rest = _printed(VIDEO).replace(b'"format"', b'"more": %s, "format"' % str([AUDIO, TMCD]).encode())
    return (*found, b"\x02" + rest)


def _printed(stream: dict[str, object]) -> bytes:
    packets = b"".join(b"pts=%d|dts=%d|duration=1001|flags=K_\n" % (at * 1001, at * 1001) for at in range(10))
    return listing(stream=stream, packets=packets).stdout


TARGETS = (
    Target(name="sources", look=examine, seeds=lambda: SEEDS, form=Form.BYTES, longest=65536),
    Target(name="file-end", look=_end, seeds=_ends, form=Form.BYTES, longest=65536),
    Target(
        name="camera-xml",
        look=_xml,
        seeds=lambda: tuple(text.encode() for text in (xml.SONY, xml.ELEMENTS, xml.ATTRIBUTES)),
        form=Form.TEXT,
        words=("<LtcChange", "xmpDM:startTimecode", "tapeName", "<!ENTITY", "&#x1b;", "<![CDATA["),
    ),
    Target(name="units", look=_units, seeds=_units_seeds, form=Form.TEXT, words=("_001.R3D", ".ari", ".dng", ".RDC/")),
    Target(name="ffprobe", look=_ffprobe, seeds=_documents, form=Form.JSON),
    Target(
        name="ffprobe-lines",
        look=_ffprobe_lines,
        seeds=_ffprobe_seeds,
        form=Form.TEXT,
        words=(
            '"streams": [',
            '"codec_type": "video"',
            '"stream_index": ',
            "N/A",
            '"pts": ',
            "1/0",
            "0/0",
            '"tags": {',
        ),
        longest=8192,
    ),
)
