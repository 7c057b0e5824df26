"""The files of a witness: the planned side, written by the encode, and the proxy's, written by the verdict."""

from proxx.core.plan import WITNESS_PLACEHOLDER, ExpectedAudio

PICTURES = "pictures"
PACKETS = "packets"
SAMPLES = "samples"
FIRST = "first"
"""One small picture of luma, of a proxy that has no witness."""
HASH = "murmur3"
"""128 bits. Nobody attacks here; the digest of the file, which is published, is sha256."""

LOSSLESS_SAMPLES = {"pcm_s16le": "pcm_s16le", "pcm_s24le": "pcm_s24le", "flac": "pcm_s24le"}
"""Codecs of sound that give back what went in, and the uncompressed form that is hashed."""

PACKET_FILTERS = {
    "h264": "filter_units=remove_types=7-8",
    "hevc": "filter_units=remove_types=32-34",
    "av1": "filter_units=remove_types=2",
}
"""Bitstream filters (FFmpeg's words) that bring packets of an encoder and of any container into one form: parameter
sets and temporal delimiters lie elsewhere in a container. They touch the hash only, never the proxy."""

READ_FILTERS = {"h264": "h264_mp4toannexb", "hevc": "hevc_mp4toannexb"}
"""What has to come before them where packets are read from a container."""


PRIMING = {("mkv", "aac"): 1024}
"""Samples that decoding gives before the first one, by container and codec: Matroska does not say how many to skip."""


def sound_name(track: int) -> str:
    """Return the name of the file with a lossy track's samples."""
    return f"sound.{track}"


def found(name: str) -> str:
    """Return the name of the same file for the finished proxy."""
    return f"found-{name}"


def placeholder(name: str) -> str:
    """Return what stands for a file of the witness in a planned command."""
    return f"file:{WITNESS_PLACEHOLDER}-{name}"


def is_lossless(track: ExpectedAudio) -> bool:
    """Whether the track's samples must come back exactly."""
    return track.codec in LOSSLESS_SAMPLES
