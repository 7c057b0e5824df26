"""Numbered frames as one clip: CinemaDNG, which no single file proves, and ARRIRAW frames.

Source: DNG 1.7, CinemaDNG 1.1, the reference on source formats (sections 3 and 5). Which files of a folder belong
together is found in `core.units`; here they are said to be one clip of a class, or why they are not.
"""

import re
from dataclasses import dataclass

from proxx.core.detection import Detection, DetectionReason, Engine
from proxx.core.sources import forms
from proxx.core.sources.raw_matrix import RAW_BY_CODEC
from proxx.core.sources.reading import DngFrame, Form, printable
from proxx.core.sources.tiff import SENSOR_MOSAIC

FEWEST_FRAMES = 2
"""One DNG alone is a photograph."""

_NUMBERED = re.compile(r"(?P<stem>.*?)(?P<number>[0-9]{1,12})(?P<extension>\.[^.]*)", re.DOTALL)
_COMPRESSIONS = {1: "none", 7: "JPEG", 8: "Deflate", 34892: "lossy JPEG", 52546: "JPEG XL"}
"""Compressions that DNG has for pictures; GoPro's VC-5 is none of them."""

_ACTION = "Copy the folder again from the camera card or its backup, or remove the clip from the job."


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceFrame:
    """One file of a sequence: its name without folders, its form, and what a DNG says of its picture."""

    name: str
    form: Form
    frame: DngFrame | None = None


def detect_sequence(*, frames: tuple[SequenceFrame, ...], total: int | None = None) -> Detection:
    """Return what the frames are together, in the order given: CinemaDNG or ARRIRAW for Resolve, or why neither.

    With `total` the frames are a choice of so many, the first and the last among them, whose numbers were compared
    before; else their own numbers must follow each other.

    Raises:
        ValueError: there are no frames at all.
    """
    if not frames:
        raise ValueError("a sequence has at least one frame")
    form, codec = frames[0].form, "arriraw" if frames[0].form is forms.ARRIRAW else "cinemadng"
    row = RAW_BY_CODEC[codec]
    count = len(frames) if total is None else total
    fault = _fault(frames, count, numbered=total is not None)
    first, last = (printable(text=frame.name, limit=255) for frame in (frames[0], frames[-1]))
    written = first if count == 1 else f"{first} to {last}"
    said = f"{written}: container {form.word}, codec {codec if not fault else 'unknown'}"
    if fault:
        return Detection(
            engine=None,
            reason=DetectionReason.CONTRADICTION if count >= FEWEST_FRAMES else DetectionReason.STILL_PICTURE,
            container=form.word,
            codec=None,
            sample_entry=None,
            detail=f"{said}: {fault}.",
            action=_ACTION,
        )
    return Detection(
        engine=Engine.RESOLVE,
        reason=DetectionReason.CAMERA_RAW,
        container=form.word,
        codec=codec,
        sample_entry=None,
        detail=f"{said}: camera RAW in {count} frames, proven by their bytes ({row.proof}).",
    )


def _fault(frames: tuple[SequenceFrame, ...], count: int, *, numbered: bool) -> str:
    """Return the first fact that keeps the frames from being one clip; empty when nothing does."""
    first = frames[0]
    if first.form not in (forms.DNG, forms.ARRIRAW):
        return f"{first.form.name} is no frame of a camera RAW sequence"
    if first.form is forms.DNG and count < FEWEST_FRAMES:
        return "one DNG picture alone is a still and not a clip"
    other = next((frame for frame in frames if frame.form is not first.form), None)
    if other is not None:
        return f"{printable(text=other.name)} is {other.form.name} among frames that are not"
    extension, wanted = first.name.rpartition(".")[2].lower(), first.form.word
    if extension != wanted:
        return f"the bytes are those of {first.form.name} and the name says .{printable(text=extension)}"
    gap = "" if numbered else _numbering(frames)
    return gap or (_pictures(frames) if first.form is forms.DNG else "")


def _numbering(frames: tuple[SequenceFrame, ...]) -> str:
    matches = [_NUMBERED.fullmatch(frame.name) for frame in frames]
    previous = None
    for frame, match in zip(frames, matches, strict=True):
        name = printable(text=frame.name)
        if match is None:
            return f"{name} has no frame number"
        common = (match["stem"].casefold(), match["extension"].casefold())
        number = int(match["number"])
        if previous is not None and common != previous[0]:
            return f"{name} has another name than the frames before it"
        if previous is not None and number != previous[1] + 1:
            return f"{name} follows frame {previous[1]}, so frames are missing, doubled or out of order"
        previous = (common, number)
    return ""


def _pictures(frames: tuple[SequenceFrame, ...]) -> str:
    first = frames[0].frame
    for item in frames:
        name, frame = printable(text=item.name), item.frame
        if frame is None or frame.photometric != SENSOR_MOSAIC:
            photometric = frame.photometric if frame is not None else None
            return f"{name} holds no sensor mosaic (photometric {photometric}, expected {SENSOR_MOSAIC})"
        if not frame.width or not frame.height:
            return f"{name} states no width and height"
        if frame.compression not in _COMPRESSIONS:
            return f"{name} is compressed as {frame.compression}, which is no compression of DNG"
        if first is not None and _layout(frame) != _layout(first):
            return f"{name} is {_said(frame)} among frames of {_said(first)}"
        if first is not None and frame.frame_rate != first.frame_rate:
            return f"{name} states {frame.frame_rate} frames a second and the first frame {first.frame_rate}"
    return ""


def _layout(frame: DngFrame) -> tuple[int | None, int | None, int | None]:
    return frame.width, frame.height, frame.compression


def _said(frame: DngFrame) -> str:
    return f"{frame.width}x{frame.height}, compression {_COMPRESSIONS.get(frame.compression or 0, frame.compression)}"
