"""A clip of several files on disk: is it whole, which bytes is it, and what do they say. Blocks; run it in a thread."""

from collections.abc import Iterator
from dataclasses import dataclass

from proxx.core.detection import Detection, DetectionReason
from proxx.core.roots import RootPath
from proxx.core.sources.detect import inspect_source
from proxx.core.sources.reading import Reading, printable
from proxx.core.sources.red_parts import PART_HEAD_BYTES, RedPart, red_fault
from proxx.core.sources.refused import refused
from proxx.core.sources.sequence import SequenceFrame, detect_sequence
from proxx.core.units import ClipUnit, UnitKind
from proxx.core.units.unit_fault import UnitFile, file_fault
from proxx.core.units.unit_kind import SEQUENCE_KINDS
from proxx.engine.clip_folder import ListedFile, file_kind, look_at
from proxx.engine.probe.source_file import ExaminedFile, FileByteSource, refuse_unit
from proxx.engine.source_identity import listed_identity
from proxx.runtime.where import Where

MOST_HEADS = 4096
"""Most frames of a sequence whose first bytes are read, spread evenly from the first to the last; beside them one of
each size of file that occurs, as many again at most."""

_COPY_AGAIN = "Copy the folder again from the camera card or its backup, or remove the clip from the job."


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSource:
    """A clip whose names are sound: the directory that they are relative to, the job's own path, that of the directory
    to the job, and the index of the clip in the job."""

    directory: Where
    unit: ClipUnit
    path: Where
    source: RootPath
    base: RootPath
    clip_index: int
    source_matrix: int


def examine_clip(*, clip: ClipSource) -> ExaminedFile:
    """Return identity and detection of a clip of several files.

    Raises:
        OSError: a file of it cannot be read.
    """
    unit = clip.unit
    media = look_at(directory=clip.directory, names=unit.parts)
    beside = look_at(directory=clip.directory, names=unit.sidecars)
    fault = file_fault(unit=unit, media=tuple(map(_unit_file, media)), sidecars=tuple(map(_unit_file, beside)))
    if fault is not None:
        return refuse_unit(clip_index=clip.clip_index, path=clip.path, fault=fault)
    identity = listed_identity(media=media, sidecars=beside, source=clip.source, base=clip.base)
    if unit.kind in SEQUENCE_KINDS:
        return ExaminedFile(identity=identity, detection=_sequence(clip, media), reading=None, violations=())
    detection, reading = _inspect(media[0], clip.source_matrix)
    if unit.kind is UnitKind.R3D and len(media) > 1:
        detection = _red(detection, media)
    if unit.kind is UnitKind.BRAW and len(media) == 1:
        detection = cut_braw(detection=detection, reading=reading, size_bytes=media[0].size_bytes)
    return ExaminedFile(identity=identity, detection=detection, reading=reading, violations=(), witness=media[0].path)


def chosen_frames(*, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Return the indexes of the frames whose first bytes are read, sorted: the same for the same sizes."""
    count = len(sizes)
    if count <= MOST_HEADS:
        return tuple(range(count))
    spread = {index * (count - 1) // (MOST_HEADS - 1) for index in range(MOST_HEADS)}
    first_of_size: dict[int, int] = {}
    for index, size in enumerate(sizes):
        first_of_size.setdefault(size, index)
        if len(first_of_size) >= MOST_HEADS:
            break
    return tuple(sorted(spread | set(first_of_size.values())))


def _sequence(clip: ClipSource, media: tuple[ListedFile, ...]) -> Detection:
    frames: list[SequenceFrame] = []
    cut = ""
    for index in chosen_frames(sizes=tuple(file.size_bytes for file in media)):
        detection, reading = _inspect(media[index], clip.source_matrix)
        if reading is None:
            return detection
        frames.append(SequenceFrame(name=media[index].name, form=reading.form, frame=reading.frame))
        cut = cut or _cut_off(media[index], reading)
    detection = detect_sequence(frames=tuple(frames), total=len(media))
    if not cut or detection.engine is None:
        return detection
    return _contradicted(detection, cut, reason=DetectionReason.TRUNCATED)


def _cut_off(file: ListedFile, reading: Reading) -> str:
    """Return how a frame ends before what its own tables point at; empty where it does not."""
    if reading.declared_end is None or reading.declared_end <= file.size_bytes:
        return ""
    return f"{printable(text=file.name)} declares data up to byte {reading.declared_end} and ends at {file.size_bytes}"


def _red(first: Detection, media: tuple[ListedFile, ...]) -> Detection:
    """Return the detection of the first part, or a contradiction where the others are not of its clip."""
    if first.engine is None:
        return first
    parts = tuple(RedPart(name=file.name, head=head) for file, head in zip(media, _heads(media), strict=True))
    fault = red_fault(parts=parts)
    return _contradicted(first, fault) if fault else first


def cut_braw(*, detection: Detection, reading: Reading | None, size_bytes: int) -> Detection:
    """Return the detection of a Blackmagic RAW file without a second half, or that it is cut off by its own tables."""
    declared = reading.declared_end if reading is not None else None
    if detection.engine is None or declared is None or declared <= size_bytes:
        return detection
    fault = (
        f"it declares data up to byte {declared} and ends at byte {size_bytes}, and no second half (.braw2) is there"
    )
    return _contradicted(detection, fault, reason=DetectionReason.TRUNCATED)


def _contradicted(
    first: Detection, fault: str, *, reason: DetectionReason = DetectionReason.CONTRADICTION
) -> Detection:
    return refused(detection=first, reason=reason, fault=fault, action=_COPY_AGAIN)


def _heads(media: tuple[ListedFile, ...]) -> Iterator[bytes]:
    for file in media:
        data = FileByteSource(file.path, follow_links=False)
        try:
            yield data.read_at(0, PART_HEAD_BYTES)
        finally:
            data.close()


def _unit_file(file: ListedFile) -> UnitFile:
    return UnitFile(name=file.name, size_bytes=file.size_bytes, special=file_kind(file))


def _inspect(file: ListedFile, source_matrix: int) -> tuple[Detection, Reading | None]:
    data = FileByteSource(file.path, follow_links=False)
    try:
        return inspect_source(name=file.name, data=data, source_matrix=source_matrix)
    finally:
        data.close()
