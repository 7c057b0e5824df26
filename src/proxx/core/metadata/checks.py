"""Sanity: what an operator should know of a file before it is used. Nothing here blocks."""

from collections.abc import Iterator
from fractions import Fraction

from proxx.core.facts import MediaFacts, VideoFacts

LONGEST_DIFFERENCE = Fraction(1, 2)
"""Seconds by which a sound track may be longer or shorter than the picture before it is said."""


def sanity_warnings(*, facts: MediaFacts) -> tuple[str, ...]:
    """Return one sentence for each fact that is unusual."""
    video = facts.video
    if video is None:
        return ()
    return tuple(_warnings(facts, video))


def _warnings(facts: MediaFacts, video: VideoFacts) -> Iterator[str]:
    if facts.timecode is None:
        yield "no start timecode: nothing can be relinked by timecode"
    if video.declared_frame_count not in (None, video.frame_count):
        yield f"the container declares {video.declared_frame_count} frames, {video.frame_count} are shown"
    if video.width % 2 or video.height % 2:
        yield f"{video.width}x{video.height} has an odd side; proxies round it down to even"
    if video.duration is not None:
        for number, track in enumerate(facts.audio, start=1):
            longer = (track.duration or video.duration) - video.duration
            if abs(longer) > LONGEST_DIFFERENCE:
                word = "longer" if longer > 0 else "shorter"
                yield f"audio track {number} is {float(abs(longer)):.3f} s {word} than the picture"
