"""The command lines of ffprobe: only the demuxer that the bytes call for, only the decoders that media needs.

`file:` and an absolute path keep a name from being taken as a protocol or an option; the protocol list keeps a
playlist from opening anything else.
"""

from pathlib import Path

from proxx.core.sources.source_refusals import MOST_STREAMS

MAX_PIXELS = 16384 * 8192
"""Largest picture that a decoder may be asked for."""

MAX_ALLOCATION_BYTES = 224 * 1024 * 1024
"""Largest single block that ffprobe may take: one plane of 134 million pixels at 8 bits, of 117 million above. A cover
picture is one block, so it costs no more than this."""

DEMUXERS = {
    "mov": "mov",
    "mp4": "mov",
    "mkv": "matroska",
    "webm": "matroska",
    "mxf": "mxf",
    "ts": "mpegts",
    "avi": "avi",
}
"""Container of the matrix to the one demuxer that reads it."""

WITNESS_DEMUXERS = {**DEMUXERS, "r3d": "r3d"}
"""Containers about which ffprobe may be asked what they are, though it decodes not all of them."""

_VIDEO = (
    "h264,hevc,libdav1d,libaom-av1,av1,vp8,libvpx,vp9,libvpx-vp9,prores,dnxhd,mjpeg,mpeg1video,mpeg2video,mpeg4,"
    "dvvideo,cfhd,jpeg2000"
)
_PICTURES = "png,bmp,gif"
_AUDIO = (
    "aac,aac_latm,ac3,eac3,mp1,mp1float,mp2,mp2float,mp3,mp3float,alac,flac,opus,libopus,vorbis,dca,truehd,mlp,"
    "dolby_e,s302m,amrnb,amrwb,adpcm_ima_qt,adpcm_ima_wav,adpcm_ms,qdm2,qdmc,mace3,mace6,gsm,gsm_ms,wmav1,wmav2,"
    "pcm_alaw,pcm_mulaw,pcm_bluray,pcm_dvd,pcm_s8,pcm_u8,pcm_s16le,pcm_s16be,pcm_s16le_planar,pcm_s16be_planar,"
    "pcm_u16le,pcm_u16be,pcm_s24le,pcm_s24be,pcm_s24le_planar,pcm_s24daud,pcm_u24le,pcm_u24be,pcm_s32le,pcm_s32be,"
    "pcm_s32le_planar,pcm_u32le,pcm_u32be,pcm_s64le,pcm_s64be,pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be"
)
_SUBTITLES = "mov_text,subrip,srt,ass,ssa,webvtt,text,dvbsub,dvdsub,pgssub,cc_dec,libzvbi_teletextdec"
DECODERS = ",".join((_VIDEO, _PICTURES, _AUDIO, _SUBTITLES))
"""Decoders that ffprobe may open. It opens one for every stream, so subtitles and cover pictures are among them."""


def listing_argv(*, ffprobe: str, path: Path, container: str) -> tuple[str, ...]:
    """Return the command that prints every packet, one a line, then streams and format, all as one JSON document.

    `path` is absolute, `container` of the matrix.
    """
    return (
        *_guarded(ffprobe, container),
        *("-show_streams", "-show_format"),
        *("-show_entries", "packet=codec_type,stream_index,pts,dts,duration,flags", "-of", "json=compact=1"),
        *_input(path),
    )


def header_argv(*, ffprobe: str, path: Path, container: str) -> tuple[str, ...]:
    """Return the command that prints streams and format as JSON: what ffprobe takes the file for.

    It reads the header alone, no packet: one of camera RAW may be tens of megabytes, or the whole file.
    """
    return (
        *(*_guarded(ffprobe, container), "-nofind_stream_info"),
        *("-show_streams", "-show_format", "-of", "json"),
        *_input(path),
    )


def packets_argv(
    *, ffprobe: str, path: Path, container: str, stream_index: int, edit_list: bool = True
) -> tuple[str, ...]:
    """Return the command that prints one line for each packet of a stream; without the edit list if so asked."""
    return (
        *_guarded(ffprobe, container),
        *(() if edit_list else ("-ignore_editlist", "1")),
        *("-select_streams", str(stream_index)),
        *("-show_entries", "packet=pts,dts,duration,flags", "-of", "compact=p=0"),
        *_input(path),
    )


def frames_argv(*, ffprobe: str, path: Path, container: str, stream_index: int) -> tuple[str, ...]:
    """Return the command that decodes a stream and prints one line for each frame that is shown."""
    return (
        *_guarded(ffprobe, container),
        *("-select_streams", str(stream_index)),
        *("-show_entries", "frame=best_effort_timestamp", "-of", "compact=p=0"),
        *_input(path),
    )


def _guarded(ffprobe: str, container: str) -> tuple[str, ...]:
    return (
        *(ffprobe, "-hide_banner", "-v", "error"),
        *("-protocol_whitelist", "file"),
        *("-format_whitelist", WITNESS_DEMUXERS[container]),
        *("-codec_whitelist", DECODERS),
        *("-max_streams", str(MOST_STREAMS)),
        *("-max_pixels", str(MAX_PIXELS)),
        *("-max_alloc", str(MAX_ALLOCATION_BYTES)),
        *("-threads", "1"),
    )


def _input(path: Path) -> tuple[str, ...]:
    return "-i", f"file:{path}"
