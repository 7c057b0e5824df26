"""What holds for every file: an answer, the same one again, within the limits, and never an exception."""

import time
import tracemalloc

from proxx.core.detection import Detection
from proxx.core.sources.bounded_reader import MAX_BYTES, MAX_READS
from proxx.core.sources.clip_track import clip_track
from proxx.core.sources.detect import inspect_source
from proxx.core.sources.reading import Reading
from proxx.core.sources.routing import rejection
from proxx.core.sources.sequence import SequenceFrame, detect_sequence
from proxx.core.sources.timecode_track import track_labels
from tests.fakes.byte_source import MemoryByteSource

_EXTENSIONS = "mov mp4 mkv webm mxf ts avi r3d ari braw crm nev dng cine arx zraw m2ts"
NAMES = (*(f"A001_0001.{extension}" for extension in _EXTENSIONS.split()), "clip", ".mov", "a\n\x1b[31m\udcff.mov")
LONGEST_DETAIL = 1500
LINES = 300_000
"""Lines of the readers that one look may run: 20 ms of CPU at some 60 ns a line, told without a clock."""

CPU_SECONDS = 0.020
MEMORY_BYTES = 16 * 1024 * 1024


class BrokenPropertyError(AssertionError):
    """A file for which something does not hold that holds for every file."""


def examine(data: bytes) -> tuple[Detection, Reading | None]:
    """Look at a file as the product does. The first byte picks the name, the rest is the file.

    Raises:
        BrokenPropertyError: a property does not hold.
    """
    return _examine(*_split(data))


def _split(data: bytes) -> tuple[str, bytes]:
    return NAMES[data[0] % len(NAMES)] if data else "", data[1:]


def _examine(name: str, data: bytes) -> tuple[Detection, Reading | None]:
    source = MemoryByteSource(data)
    detection, reading = inspect_source(name=name, data=source, source_matrix=1 + len(data) % 2)
    _hold(detection.detail.isprintable(), "the detail has invisible characters")
    _hold(len(detection.detail) < LONGEST_DETAIL, f"the detail has {len(detection.detail)} characters")
    _hold((detection.engine is None) == bool(detection.action), "a rejection and only a rejection has an action")
    _hold(source.taken <= MAX_BYTES, f"{source.taken} bytes were read")
    _hold(source.calls <= MAX_READS, f"{source.calls} reads were made")
    if detection.engine is None:
        rejection(detection=detection, index=0)
    if reading is not None:
        _follow(name, reading)
    return detection, reading


def _follow(name: str, reading: Reading) -> None:
    """Do with the reading what the probe does with it."""
    clip_track(reading=reading)
    if reading.timecode_track is not None:
        track_labels(track=reading.timecode_track)
    if reading.frame is not None:
        frame = SequenceFrame(name=name, form=reading.form, frame=reading.frame)
        found = detect_sequence(frames=(frame, frame))
        _hold(found.engine is None, "a frame and itself are one clip")


def examine_twice(data: bytes) -> None:
    """Look twice: the answers are equal.

    Raises:
        BrokenPropertyError: they are not.
    """
    _hold(examine(data) == examine(data), "two looks at the same bytes differ")


def cpu_seconds(data: bytes, *, tries: int = 5) -> float:
    """Return the CPU time of one look, the least of several while it is above the limit."""
    taken = [_timed(data)]
    while taken[-1] > CPU_SECONDS and len(taken) < tries:
        taken.append(_timed(data))
    return min(taken)


def _timed(data: bytes) -> float:
    begun = time.thread_time()
    examine(data)
    return time.thread_time() - begun


def memory_bytes(data: bytes) -> int:
    """Return the most memory that one look holds at a time, without the file itself."""
    name, file = _split(data)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        _examine(name, file)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def check_cost(data: bytes) -> tuple[float, int]:
    """Return CPU seconds and bytes of memory of one look.

    Raises:
        BrokenPropertyError: one of them is above its limit.
    """
    seconds, held = cpu_seconds(data), memory_bytes(data)
    _hold(seconds <= CPU_SECONDS, f"{seconds * 1000:.1f} ms of CPU")
    _hold(held <= MEMORY_BYTES, f"{held} bytes of memory")
    return seconds, held


def _hold(holds: bool, otherwise: str) -> None:
    if not holds:
        raise BrokenPropertyError(otherwise)
