"""QuickTime and MP4: boxes that cover the file exactly, a movie header, and samples that all lie inside.

Source: ISO/IEC 14496-12. Boxes follow one another from the first byte; nothing marks the last one. So a file whose
movie header comes last is whole when it is there; one whose header comes first, when its samples end inside; one in
fragments, when the fragment index (`mfra`), which is written last, ends it.
"""

from proxx.core.sources.bounded_reader import BoundedReader, CutOffError, SourceFormatError
from proxx.core.sources.isobmff import read_iso_media
from proxx.core.sources.isobmff_boxes import Box, boxes
from proxx.core.sources.reading import fourcc
from proxx_watcher.domain.ends.ending import Ending, cut, doubtful, open_ended, whole

_PADDING = frozenset({b"free", b"skip", b"wide", b"junk"})
_TERMINATOR = 4
_MAX_BOXES = 1500


def iso_media_end(*, reader: BoundedReader, again: BoundedReader) -> Ending:
    """Return how the file ends. `again` is a second reader of the same bytes, with limits of its own, for the tables.

    Raises:
        OSError: the bytes cannot be read.
    """
    found: list[Box] = []
    try:
        for box in boxes(reader=reader, start=0, end=reader.size):
            if box.kind == bytes(4):
                return doubtful(f"a box header of zeros at byte {box.header}")
            if box.overruns:
                return cut(
                    f"its box {fourcc(code=box.kind)} at byte {box.header} goes to byte {box.start + box.declared}, "
                    f"the file has {reader.size} bytes"
                )
            found.append(box)
            if len(found) > _MAX_BOXES:
                return open_ended(f"more than {_MAX_BOXES} boxes; the rest was not looked at")
    except CutOffError:
        return cut(f"the header of a box is cut off at byte {reader.size}")
    except SourceFormatError as error:
        return doubtful(f"the file {error}")
    return _covered(reader, again, found)


def _covered(reader: BoundedReader, again: BoundedReader, found: list[Box]) -> Ending:
    left = reader.size - (found[-1].end if found else 0)
    if left and any(reader.peek(reader.size - left, left)):
        return cut(f"{left} bytes of an unfinished box header at the end")
    kinds = [box.kind for box in found]
    if b"moov" not in kinds:
        return cut("moov box absent")
    if b"mdat" not in kinds and b"moof" not in kinds:
        return cut("mdat box absent: it has a movie header and no media")
    zeros = left + _own_zeros(reader, found)
    said = f"{len(found)} boxes end at byte {found[-1].end}"
    if b"moof" in kinds:
        if kinds[-1] == b"mfra":
            return whole(f"fragments with their index (mfra), {said}")
        return open_ended(f"{kinds.count(b'moof')} fragments without an index (mfra): another may follow")
    return _samples(again, said, zeros, last=next(kind for kind in reversed(kinds) if kind not in _PADDING))


def _samples(again: BoundedReader, said: str, zeros: int, *, last: bytes) -> Ending:
    try:
        declared = read_iso_media(reader=again).declared_end
    except CutOffError as error:
        return cut(f"the file {error}")
    except SourceFormatError as error:
        return doubtful(f"the file {error}")
    if declared is not None and declared > again.size:
        return cut(f"its samples go to byte {declared}, the file has {again.size} bytes")
    if declared is None and last != b"moov":
        return open_ended("its tables do not say where its samples end")
    return whole(f"moov present, {said}", own_zeros=zeros)


def _own_zeros(reader: BoundedReader, found: list[Box]) -> int:
    """Return the zero bytes that padding at the end, or the terminator of QuickTime's user data, accounts for."""
    zeros = 0
    for box in reversed(found):
        if box.kind not in _PADDING:
            break
        zeros += box.end - box.start
    last = found[-1]
    if last.kind != b"moov":
        return zeros
    try:
        inner = list(boxes(reader=reader, start=last.start, end=last.end))
        if not inner or inner[-1].kind != b"udta":
            return zeros
        notes = [box for box in boxes(reader=reader, start=inner[-1].start, end=inner[-1].end) if any(box.kind)]
    except SourceFormatError:
        return zeros
    rest = inner[-1].end - (notes[-1].end if notes else inner[-1].start)
    return rest if rest <= _TERMINATOR else zeros
