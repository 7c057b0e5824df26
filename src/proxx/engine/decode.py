"""The verdict's one decode of a staged proxy: counts and lengths of everything, and the proxy's side of the witness.

A render has no witness: nobody but Resolve can open its source. Of its pictures the decode says whether they differ,
and shows the first one, small.
"""

from pathlib import Path

from proxx.core.command_paths import FILE_PROTOCOL, witness_file
from proxx.core.detection import Engine
from proxx.core.facts import MediaFacts
from proxx.core.plan import ExpectedWitness, Plan
from proxx.core.planner.codec_rules import DEMUXERS
from proxx.core.planner.command import FILTER_THREADS, MOST_STREAMS
from proxx.core.planner.witness import THUMBNAIL_SCALER
from proxx.core.witness import files
from proxx.core.witness.sound import SAMPLE_RATE
from proxx.engine.tool import ToolRequest

FIRST_COLUMNS, FIRST_ROWS = 16, 9


def decode_request(
    *, ffmpeg: str, path: Path, plan: Plan, facts: MediaFacts, memory_limit_bytes: int | None = None
) -> ToolRequest:
    """Return one decode of everything in the proxy at `path`, whose `facts` say which tracks there are.

    Pictures are counted as they leave the decoder: none dropped, none repeated. wrapped_avframe spares copying them,
    and rawvideo makes the checksums those of the pictures. The files of the witness are written beside the proxy.
    """
    demuxer = DEMUXERS[plan.expected.container]
    witness = plan.expected.witness
    rendered = plan.engine is Engine.RESOLVE
    further = _first(path) if rendered else ()
    if witness is not None:
        further = _further(path=path, plan=plan, facts=facts, witness=witness)
    return ToolRequest(
        argv=(
            *(ffmpeg, "-hide_banner", "-nostdin", "-y", "-loglevel", "repeat+error"),
            *("-protocol_whitelist", "file", "-format_whitelist", demuxer, "-max_streams", str(MOST_STREAMS)),
            *("-threads", str(plan.threads), "-filter_threads", FILTER_THREADS),
            *("-noautorotate", "-guess_layout_max", "0", "-f", demuxer, "-i", f"{FILE_PROTOCOL}{path}"),
            *("-map", "0:v", "-map", "0:a?", "-fps_mode", "passthrough", "-enc_time_base:v", "-1"),
            *("-c:v", "rawvideo" if rendered else "wrapped_avframe"),
            *("-c:a", "pcm_s16le", "-max_muxing_queue_size", "4096"),
            *("-f", "framecrc", "pipe:1"),
            *further,
        ),
        readable=(path,),
        writable=tuple(Path(word.removeprefix(FILE_PROTOCOL)) for word in further if word.startswith(FILE_PROTOCOL)),
        timeout_seconds=plan.timeout_seconds,
        stall_seconds=plan.stall_seconds,
        memory_limit_bytes=memory_limit_bytes,
        output_limit_bytes=plan.ceiling_bytes,
    )


def _first(path: Path) -> tuple[str, ...]:
    chain = f"scale=w={FIRST_COLUMNS}:h={FIRST_ROWS}:flags={THUMBNAIL_SCALER}:out_range=tv,format=pix_fmts=gray"
    return (
        *("-map", "0:v:0", "-frames:v:0", "1", "-filter:v:0", chain, "-c:v:0", "rawvideo"),
        *("-f", "rawvideo", _found(path, files.FIRST)),
    )


def _further(*, path: Path, plan: Plan, facts: MediaFacts, witness: ExpectedWitness) -> tuple[str, ...]:
    return (
        *_pictures(path=path, plan=plan, facts=facts, witness=witness),
        *_packets(path=path, facts=facts),
        *_sound(path=path, plan=plan, found=len(facts.audio)),
    )


def _pictures(*, path: Path, plan: Plan, facts: MediaFacts, witness: ExpectedWitness) -> tuple[str, ...]:
    video, expected = facts.video, plan.expected
    raster = (expected.width, expected.height)
    as_planned = video is not None and (video.width, video.height) == raster
    shown = f"crop=w={witness.width}:h={witness.height}:x={witness.left}:y={witness.top}:exact=1,"
    barred = (witness.width, witness.height) != raster
    scaled = f"scale=w={witness.columns}:h={witness.rows}:flags={THUMBNAIL_SCALER}:interl=0:in_range=tv:out_range=tv"
    chain = f"{shown if barred and as_planned else ''}{scaled},format=pix_fmts=yuv420p"
    return (
        *("-map", "0:v:0", "-filter:v:0", chain),
        *("-fps_mode", "passthrough", "-enc_time_base:v:0", "-1", "-c:v:0", "rawvideo"),
        *("-f", "rawvideo", _found(path, files.PICTURES)),
    )


def _packets(*, path: Path, facts: MediaFacts) -> tuple[str, ...]:
    codec = facts.video.codec if facts.video is not None else ""
    chain = [item for item in (files.READ_FILTERS.get(codec), files.PACKET_FILTERS.get(codec)) if item is not None]
    return (
        *("-map", "0:v", "-map", "0:a?", "-c", "copy", "-copyinkf", *(("-bsf:v:0", ",".join(chain)) if chain else ())),
        *("-f", "streamhash", "-hash", files.HASH, _found(path, files.PACKETS)),
    )


def _sound(*, path: Path, plan: Plan, found: int) -> tuple[str, ...]:
    words: list[str] = []
    tracks = list(enumerate(plan.expected.audio[:found]))
    lossless = [(number, track) for number, track in tracks if files.is_lossless(track)]
    for place, (number, track) in enumerate(lossless):
        words += ("-map", f"0:a:{number}", f"-c:a:{place}", files.LOSSLESS_SAMPLES[track.codec])
    if lossless:
        words += ("-f", "streamhash", "-hash", files.HASH, _found(path, files.SAMPLES))
    for number, track in tracks:
        if not files.is_lossless(track):
            priming = files.PRIMING.get((plan.expected.container, track.codec), 0)
            heard = f"atrim=start_sample={priming},aresample=osr={SAMPLE_RATE}"
            words += ("-map", f"0:a:{number}", "-filter:a:0", heard, "-c:a:0", "pcm_s16le")
            words += ("-f", "s16le", _found(path, files.sound_name(number)))
    return tuple(words)


def _found(path: Path, name: str) -> str:
    return f"{FILE_PROTOCOL}{witness_file(path, files.found(name))}"
