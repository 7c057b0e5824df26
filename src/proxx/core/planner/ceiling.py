"""A size that no correct output reaches: a tool that passes it runs wild, and is stopped."""

from proxx.core.plan import Expected

LEAST_CEILING_BYTES = 64 * 1024 * 1024
_AUDIO_BYTES_PER_SAMPLE = 4


def ceiling_bytes(*, expected: Expected, bytes_per_pixel: int) -> int:
    """Return the size of all pictures and sounds uncompressed, plus a quarter and 64 MiB.

    `bytes_per_pixel` is that of an unpacked pixel.
    """
    pixels = expected.width * expected.height * expected.frame_count
    seconds = expected.frame_count / expected.frame_rate
    samples = sum(max(seconds, track.duration or 0) * track.sample_rate * track.channels for track in expected.audio)
    raw = pixels * bytes_per_pixel + int(samples) * _AUDIO_BYTES_PER_SAMPLE
    return LEAST_CEILING_BYTES + raw + raw // 4
