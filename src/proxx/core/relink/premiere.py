"""What Premiere Pro asks of a proxy that is attached to a clip. Source: reference table of docs/RELINK.md."""

from proxx.core.relink import compare_file, compare_picture, compare_sound, compare_time
from proxx.core.relink.certificate import Effect, Strength
from proxx.core.relink.rule import Rule

_HELP = "vendor help: Adobe, ingest and proxy workflow"

RULES: tuple[Rule, ...] = (
    Rule(
        name="audio_channels",
        requirement="tracks and channels are the source's; a mismatch is not allowed",
        effect=Effect.BLOCKS,
        strength=Strength.DOCUMENTED,
        source=_HELP,
        compare=compare_sound.audio_channels,
    ),
    Rule(
        name="audio_layout",
        requirement="channel layouts are the source's",
        effect=Effect.DOUBT,
        strength=Strength.DOCUMENTED,
        source=_HELP,
        compare=compare_sound.audio_layout,
    ),
    Rule(
        name="frame_size",
        requirement="frame size with pixel aspect divides the source's evenly; others attach and cause trouble",
        effect=Effect.DOUBT,
        strength=Strength.DOCUMENTED,
        source=_HELP,
        compare=compare_picture.frame_size,
    ),
    Rule(
        name="field_order",
        requirement="the field order is the source's; others attach and cause trouble",
        effect=Effect.DOUBT,
        strength=Strength.DOCUMENTED,
        source=_HELP,
        compare=compare_picture.field_order,
    ),
    Rule(
        name="frame_rate",
        requirement="the frame rate is the source's; others attach and cause trouble",
        effect=Effect.DOUBT,
        strength=Strength.DOCUMENTED,
        source=_HELP,
        compare=compare_time.frame_rate,
    ),
    Rule(
        name="duration",
        requirement="the length is the source's; others attach and cause trouble",
        effect=Effect.DOUBT,
        strength=Strength.DOCUMENTED,
        source=_HELP,
        compare=compare_time.duration,
    ),
    Rule(
        name="container",
        requirement="of other containers the vendor's list of import formats decides, by version",
        effect=Effect.DOUBT,
        strength=Strength.DOCUMENTED,
        source="vendor help: Adobe, supported file formats",
        compare=compare_file.container_in(("mov", "mp4", "mxf")),
    ),
    Rule(
        name="codec",
        requirement="of other codecs the vendor's list of import formats decides, by version",
        effect=Effect.DOUBT,
        strength=Strength.DOCUMENTED,
        source="vendor help: Adobe, supported file formats",
        compare=compare_file.codec_in(("prores", "dnxhr", "dnxhd", "h264", "hevc")),
    ),
    Rule(
        name="proxy_suffix",
        requirement="named like the proxies of Premiere's own ingest; else attach it by hand (Proxy, Attach Proxies)",
        effect=Effect.NOTE,
        strength=Strength.DOCUMENTED,
        source=_HELP,
        compare=compare_file.proxy_suffix,
    ),
)
"""The table, in the order in which reasons are shown."""
