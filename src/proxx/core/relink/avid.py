"""What Media Composer asks of media that a clip is relinked to. Source: reference table of docs/RELINK.md."""

from proxx.core.relink import compare_file, compare_time
from proxx.core.relink.certificate import Effect, Strength
from proxx.core.relink.rule import Rule

_RELINK = "user reports: relink by tape or reel, timecode and source file name"
_MEDIA = "DaVinci Resolve manual: MXF OP-Atom is usual for DNxHD"

RULES: tuple[Rule, ...] = (
    Rule(
        name="container",
        requirement="media of a clip is MXF; other files are linked as clips of their own",
        effect=Effect.BLOCKS,
        strength=Strength.DOCUMENTED,
        source=_MEDIA,
        compare=compare_file.container_in(("mxf",)),
    ),
    Rule(
        name="codec",
        requirement="the codec is DNxHD or DNxHR",
        effect=Effect.BLOCKS,
        strength=Strength.DOCUMENTED,
        source=_MEDIA,
        compare=compare_file.codec_in(("dnxhd", "dnxhr")),
    ),
    Rule(
        name="start_timecode",
        requirement="the start timecode is the source's",
        effect=Effect.BLOCKS,
        strength=Strength.REPORTED,
        source=_RELINK,
        compare=compare_time.start_timecode,
    ),
    Rule(
        name="op_atom",
        requirement="managed media is OP-Atom; OP1a goes through plug-in linking",
        effect=Effect.DOUBT,
        strength=Strength.REPORTED,
        source="user reports: OP1a through plug-in linking",
        compare=compare_file.op_atom,
    ),
    Rule(
        name="reel_name",
        requirement="the tape or reel name is the source's; without it nothing relinks by tape",
        effect=Effect.DOUBT,
        strength=Strength.REPORTED,
        source="user reports: pyaaf2 #61, #81",
        compare=compare_file.reel_name,
    ),
    Rule(
        name="frame_rate",
        requirement="the frame rate is the source's: timecode counts at it",
        effect=Effect.DOUBT,
        strength=Strength.REPORTED,
        source=_RELINK,
        compare=compare_time.frame_rate,
    ),
    Rule(
        name="source_name",
        requirement="the name begins with the source's, for relinking by source file name",
        effect=Effect.NOTE,
        strength=Strength.REPORTED,
        source=_RELINK,
        compare=compare_file.source_stem,
    ),
)
"""The table, in the order in which reasons are shown."""
