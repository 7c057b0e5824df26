"""What DaVinci Resolve asks of a proxy that is linked to a clip. Source: reference table of docs/RELINK.md."""

from proxx.core.relink import compare_file, compare_time
from proxx.core.relink.certificate import Effect, Strength
from proxx.core.relink.rule import Rule

_LINKING = "user reports: in03/proxima #33, #27"
_MANUAL = "vendor manual"

RULES: tuple[Rule, ...] = (
    Rule(
        name="start_timecode",
        requirement="the start timecode is the source's",
        effect=Effect.BLOCKS,
        strength=Strength.REPORTED,
        source=_LINKING,
        compare=compare_time.start_timecode,
    ),
    Rule(
        name="frame_rate",
        requirement="the frame rate is the source's",
        effect=Effect.BLOCKS,
        strength=Strength.REPORTED,
        source=_LINKING,
        compare=compare_time.frame_rate,
    ),
    Rule(
        name="frame_count",
        requirement="the proxy has as many frames as the source",
        effect=Effect.BLOCKS,
        strength=Strength.REPORTED,
        source="user reports: gopro/labs #630, in03/proxima #33, #27",
        compare=compare_time.frame_count,
    ),
    Rule(
        name="timecode_track",
        requirement="a QuickTime proxy carries its timecode in a tmcd track",
        effect=Effect.BLOCKS,
        strength=Strength.REPORTED,
        source="user report: in03/proxima #33",
        compare=compare_time.quicktime_track,
    ),
    Rule(
        name="timecode_carrier",
        requirement="a source with timecode was matched by QuickTime timecode only, not by that of MXF",
        effect=Effect.DOUBT,
        strength=Strength.REPORTED,
        source="user report: in03/proxima #33",
        compare=compare_time.quicktime_carrier,
    ),
    Rule(
        name="timecode_rate",
        requirement="the timecode counts frames at the rate of the source's timecode",
        effect=Effect.DOUBT,
        strength=Strength.REPORTED,
        source="user report: palmier-io/palmier-pro #136",
        compare=compare_time.timecode_rate,
    ),
    Rule(
        name="reel_name",
        requirement="the reel name is the source's; it counts where the project matches clips by reel",
        effect=Effect.DOUBT,
        strength=Strength.DOCUMENTED,
        source=_MANUAL,
        compare=compare_file.reel_name,
    ),
    Rule(
        name="container",
        requirement="of other containers the vendor's list decides, by version and platform",
        effect=Effect.DOUBT,
        strength=Strength.DOCUMENTED,
        source="vendor manual: list of supported formats",
        compare=compare_file.container_in(("mov", "mp4", "mxf")),
    ),
    Rule(
        name="codec",
        requirement="of other codecs the vendor's list decides, by version and platform",
        effect=Effect.DOUBT,
        strength=Strength.DOCUMENTED,
        source="vendor manual: list of supported formats",
        compare=compare_file.codec_in(("prores", "dnxhr", "dnxhd", "h264", "hevc")),
    ),
    Rule(
        name="proxy_folder",
        requirement="found by itself when it lies in a folder Proxy beside the source, under the source's name; "
        "else link it by hand or by script",
        effect=Effect.NOTE,
        strength=Strength.DOCUMENTED,
        source="vendor tool's convention",
        compare=compare_file.proxy_folder,
    ),
)
"""The table, in the order in which reasons are shown."""
