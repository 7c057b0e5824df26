"""What refuses a source although its container and codec stand in the matrix.

The table "Bad input, and what happens" of docs/ENGINE_CAPABILITIES.md has a row for each.
"""

from fractions import Fraction

from proxx.core.sources import ffprobe_values as values
from proxx.core.sources.cadence import Cadence
from proxx.core.sources.clip_track import clip_track
from proxx.core.sources.packet_log import MAX_PACKETS
from proxx.core.sources.probe_evidence import ProbeEvidence
from proxx.core.sources.reading import printable
from proxx.core.sources.sound_limits import refuse_sounds
from proxx.core.sources.source_refusal import SourceRefusal
from proxx.core.sources.time_limits import refuse_time
from proxx.core.violation import ViolationCode

MOST_STREAMS = 64
"""Tracks, cover pictures and attached files of one source; each costs FFmpeg memory (901 tracks: 630 MB)."""

_ENCRYPTED_ENTRIES = ("encv", "drmi")
_TOO_MANY_STREAMS = "Number of streams exceeds max_streams parameter"


def refusal_before(*, evidence: ProbeEvidence, video: values.Record) -> SourceRefusal | None:
    """Return why the source is refused before it is asked whether it is whole: undecodable, or past the limits."""
    detection = evidence.detection
    if any(_TOO_MANY_STREAMS in line for line in evidence.errors):
        clause = f"it has more tracks and attached files than the limit, which is {MOST_STREAMS}"
        return SourceRefusal(code=ViolationCode.LIMIT_EXCEEDED, clause=clause, expected=f"at most {MOST_STREAMS}")
    if detection.sample_entry in _ENCRYPTED_ENTRIES:
        clause = f"the video track is encrypted (sample entry {detection.sample_entry}) and cannot be decoded"
        return SourceRefusal(code=ViolationCode.SOURCE_UNSUPPORTED, clause=clause)
    if values.text(source=video, key="codec_name") is None:
        clause = (
            f"the ffprobe of this executor cannot name the codec {detection.codec} behind {detection.sample_entry}, "
            "so its ffmpeg cannot decode it"
        )
        return SourceRefusal(code=ViolationCode.PROBE_FAILED, clause=clause)
    if evidence.packets.overflow:
        clause = f"the video track has more than {MAX_PACKETS} packets"
        return SourceRefusal(code=ViolationCode.LIMIT_EXCEEDED, clause=clause)
    width, height = values.whole(source=video, key="width"), values.whole(source=video, key="height")
    if evidence.packets.frames and (not width or not height or width < 0 or height < 0):
        return SourceRefusal(code=ViolationCode.PROBE_FAILED, clause="ffprobe finds no width and height")
    return None


def refusal_after(
    *, evidence: ProbeEvidence, cadence: Cadence | None, time_base: Fraction | None
) -> SourceRefusal | None:
    """Return why a whole source is refused: time that nothing states or that passes the limits, an edit list that
    nobody follows, empty sound. `time_base` is a tick of the packets, seconds."""
    return (
        _time(evidence, cadence, time_base)
        or _edits(evidence)
        or _empty_sound(evidence)
        or refuse_sounds(
            streams=values.records(value=evidence.document.get("streams")),
            extents=evidence.sound or {},
            picture_start=_picture_start(evidence, time_base),
        )
    )


def _picture_start(evidence: ProbeEvidence, time_base: Fraction | None) -> Fraction | None:
    times = evidence.packets.times
    return min(times) * time_base if times and time_base is not None else None


def _time(evidence: ProbeEvidence, cadence: Cadence | None, time_base: Fraction | None) -> SourceRefusal | None:
    unsupported = ViolationCode.SOURCE_UNSUPPORTED
    times = evidence.packets.sorted_times()
    if times is not None and len(times) > 1 and times[0] == times[-1]:
        return SourceRefusal(
            code=unsupported,
            clause=f"all {len(times)} pictures have one time stamp, so nothing says when each is shown",
            expected="a time stamp for each picture",
            actual=f"{len(times)} pictures at one moment",
        )
    if cadence is None:
        return SourceRefusal(code=unsupported, clause="nothing in the file states a frame rate")
    rate = cadence.frame_rate if times is not None and len(times) == 1 else None
    return refuse_time(times=times, time_base=time_base, rate=rate)


def _edits(evidence: ProbeEvidence) -> SourceRefusal | None:
    track = clip_track(reading=evidence.reading)
    if track is not None and any(edit.media_time < 0 for edit in track.edits[1:]):
        return SourceRefusal(
            code=ViolationCode.SOURCE_UNSUPPORTED,
            clause="the edit list pauses after the picture has begun, which FFmpeg does not follow",
            expected="a pause at the start only",
            actual=f"an edit list of {len(track.edits)} entries with a pause behind the first",
        )
    speeds = [edit.rate for edit in track.edits if edit.media_time >= 0 and edit.rate != 1] if track is not None else []
    if not speeds:
        return None
    return SourceRefusal(
        code=ViolationCode.SOURCE_UNSUPPORTED,
        clause=f"the edit list plays the picture at {float(speeds[0]):g} times its speed, which FFmpeg does not follow",
        expected="speed 1",
        actual=f"speed {float(speeds[0]):g}",
    )


def _empty_sound(evidence: ProbeEvidence) -> SourceRefusal | None:
    if evidence.sound is None:
        return None
    for stream in values.records(value=evidence.document.get("streams")):
        index = values.whole(source=stream, key="index")
        sound = values.text(source=stream, key="codec_type") == "audio"
        if not sound or index is None or index in evidence.sound:
            continue
        codec = printable(text=values.text(source=stream, key="codec_name") or "unknown", limit=40)
        return SourceRefusal(
            code=ViolationCode.SOURCE_UNSUPPORTED,
            clause=f"the audio track in stream {index} ({codec}) is empty, and a proxy leaves no track out",
            expected="at least one packet in each audio track",
            actual="0 packets",
        )
    return None
