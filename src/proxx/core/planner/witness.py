"""The witness in the command: further outputs of the same run, and the proxy's own through FFmpeg's tee.

The picture that the decoder gives is split: one way is the planned one to the encoder, the other ends in thumbnails, so
that a wrong turn, range, field or order on the first shows (a look is drawn on both). `tee` hands every coded packet to
the proxy's container and to a hash. The proxy's bytes are those of a command without a witness: tests/media.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from proxx.core.plan import OUTPUT_PLACEHOLDER, ExpectedWitness
from proxx.core.planner.picture import Picture
from proxx.core.planner.sound import Track
from proxx.core.witness import files
from proxx.core.witness.sound import SAMPLE_RATE
from proxx.core.witness.thumbnail import thumbnail_raster

THUMBNAIL_SCALER = "area+accurate_rnd+full_chroma_int+bitexact"
SEEN, MADE = "[witness]", "[picture]"

_HEADER_APART: Mapping[str, str] = MappingProxyType(
    {"mov": "+global_header", "mp4": "+global_header", "matroska": "+global_header", "webm": "+global_header"}
)
"""By muxer: the codec flag that FFmpeg sets by itself where it writes to one container only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Where the picture is split. Filters `before` are of both ways, `after` of the encoder's only; empty for none.

    `whole` makes whole pictures of fields, for both ways (empty: it does not happen). `source_range` and `matrix` are
    the scaler's words for what the picture is at the split.
    """

    stream: str
    whole: str
    before: str
    after: str
    source_range: str
    in_matrix: str
    out_matrix: str


def header_flag(muxer: str) -> str:
    """Return the codec flag that a proxy in this container needs behind tee."""
    return _HEADER_APART.get(muxer, "")


def expected_witness(*, picture: Picture, drawn: bool, pairs: bool) -> ExpectedWitness:
    """Return what the thumbnails show: the picture without its bars, or all of it where a look is `drawn` on it."""
    bars = picture.padded and not drawn
    width, height = (picture.inner_width, picture.inner_height) if bars else (picture.width, picture.height)
    left, top = picture.offset if bars else (0, 0)
    columns, rows = thumbnail_raster(width=width, height=height)
    return ExpectedWitness(columns=columns, rows=rows, left=left, top=top, width=width, height=height, pairs=pairs)


def witness_graph(*, scene: Scene, expected: ExpectedWitness, scaler: str) -> str:
    """Return the graph with both ways. `scaler` are the flags of the scalers that FFmpeg puts in by itself."""
    thumbnail = (
        f"scale=w={expected.columns}:h={expected.rows}:flags={THUMBNAIL_SCALER}:interl=0"
        f":in_range={scene.source_range}:out_range=tv"
        f":in_color_matrix={scene.in_matrix}:out_color_matrix={scene.out_matrix},format=pix_fmts=yuv420p"
    )
    made = f"{_chain('[made]', scene.after)}{MADE}"
    head = f"sws_flags={scaler};"
    if not expected.pairs:
        common = _chain(scene.stream, scene.whole, scene.before, "split")
        return f"{head}{common}[made][seen];{made};[seen]{thumbnail}{SEEN}"
    return (
        f"{head}{scene.stream}split[raw][fields];"
        f"{_chain('[fields]', scene.whole, scene.before, 'split')}[made][seen];{made};"
        f"[seen]{thumbnail}[thumbnail];{_chain('[raw]', scene.before, thumbnail)}[woven];"
        f"[thumbnail][woven]vstack{SEEN}"
    )


def tee(*, muxer: str, arguments: tuple[str, ...], codec: str) -> tuple[str, ...]:
    """Return the proxy's output: its container with `arguments` (pairs), beside the hash of the same packets."""
    pairs = zip(arguments[::2], arguments[1::2], strict=True)
    container = ":".join((f"f={muxer}", "fflags=+bitexact", *(f"{name[1:]}={value}" for name, value in pairs)))
    normal = files.PACKET_FILTERS.get(codec)
    hashed = f"f=streamhash:hash={files.HASH}" + (f":bsfs/v={normal}" if normal is not None else "")
    word = f"[{container}]file:{OUTPUT_PLACEHOLDER}|[{hashed}]{files.placeholder(files.PACKETS)}"
    return ("-f", "tee", word)


def further_outputs(*, tracks: tuple[Track, ...], tick: str) -> tuple[str, ...]:
    """Return the outputs beside the proxy's: thumbnails, hashed samples, and lossy sound at a low rate."""
    words: list[str] = ["-map", SEEN, "-fps_mode", "passthrough", "-enc_time_base:v:0", tick]
    words += ("-c:v:0", "rawvideo", "-f", "rawvideo", files.placeholder(files.PICTURES))
    lossless = [track for track in tracks if files.is_lossless(track.expected)]
    for number, track in enumerate(lossless):
        words += ("-map", f"0:{track.stream_index}", f"-filter:a:{number}", track.filters)
        words += (f"-c:a:{number}", files.LOSSLESS_SAMPLES[track.expected.codec])
        words += (f"-ar:a:{number}", str(track.expected.sample_rate))
    if lossless:
        words += ("-f", "streamhash", "-hash", files.HASH, files.placeholder(files.SAMPLES))
    for number, track in enumerate(tracks):
        if not files.is_lossless(track.expected):
            low = f"{track.filters},aresample=osr={SAMPLE_RATE}"
            words += ("-map", f"0:{track.stream_index}", "-filter:a:0", low)
            words += ("-c:a:0", "pcm_s16le", "-f", "s16le", files.placeholder(files.sound_name(number)))
    return tuple(words)


def _chain(start: str, *filters: str) -> str:
    return start + (",".join(item for item in filters if item) or "null")
