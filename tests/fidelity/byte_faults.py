"""Faults of bytes: cut off, rotten, empty, not media, another clip, a source that changed or is damaged."""

from dataclasses import replace

from tests.fidelity import scenes
from tests.fidelity.attempts import damaged, damaged_at, from_damaged_source, swapped_with
from tests.fidelity.damage import cut, emptied, one_bit, rotten, text, zeroed
from tests.fidelity.fault import Fault
from tests.fidelity.packets import middle_picture, middle_sound
from tests.fidelity.scene import Scene
from tests.fidelity.whole_steps import changed_while_judged, changed_while_read, rotten_before_publication
from tests.footage.kind import ClipKind
from tests.footage.recipes import RECIPES

_UNREADABLE = ("unreadable",)


def _cut(scene: Scene, percent: int, *caught_by: str, short: bool = False) -> Fault:
    return Fault(
        name=f"cut off at {percent} %",
        scene=scene,
        attempt=damaged(cut(percent)),
        caught_by=caught_by or _UNREADABLE,
        short=short,
    )


CUT_FAULTS = (
    *(_cut(scenes.DROP_MOV, percent, short=percent == 90) for percent in (10, 50, 90)),
    *(_cut(scenes.FILM_MP4, percent, short=percent == 50) for percent in (10, 50, 90)),
    *(_cut(scenes.FILM_MKV, percent) for percent in (10, 50, 90)),
    *(_cut(scenes.DROP_MXF, percent) for percent in (10, 50, 90)),
    *(_cut(scenes.WEB_WEBM, percent) for percent in (10, 50, 90)),
)

ROT_FAULTS = (
    Fault(
        name="64 bytes rotten in the middle",
        scene=scenes.FILM_MP4,
        attempt=damaged(rotten(at=0.5, length=64)),
        caught_by=("decodes_to_end",),
    ),
    Fault(
        name="64 bytes rotten in the middle",
        scene=scenes.DROP_MOV,
        attempt=damaged(rotten(at=0.5, length=64)),
        caught_by=("packets",),
    ),
    Fault(
        name="64 bytes rotten in the middle",
        scene=scenes.DROP_MXF,
        attempt=damaged(rotten(at=0.5, length=64)),
        caught_by=("structure",),
    ),
    Fault(
        name="4 KiB zeroed in the middle",
        scene=scenes.DROP_MOV,
        attempt=damaged(zeroed(at=0.5, length=4096)),
        caught_by=("packets",),
    ),
    Fault(
        name="64 bytes rotten in a picture",
        scene=scenes.FILM_MP4,
        attempt=damaged_at(middle_picture, rotten(at=0.5, length=64)),
        caught_by=("decodes_to_end",),
        short=True,
    ),
    Fault(
        name="64 bytes rotten in a picture",
        scene=scenes.DROP_MXF,
        attempt=damaged_at(middle_picture, rotten(at=0.5, length=64)),
        caught_by=("decodes_to_end",),
    ),
    Fault(
        name="64 bytes rotten in a picture",
        scene=scenes.DNXHR_MOV,
        attempt=damaged_at(middle_picture, rotten(at=0.5, length=64)),
        caught_by=("decodes_to_end",),
    ),
    Fault(
        name="head of a picture rotten",
        scene=scenes.DROP_MOV,
        attempt=damaged_at(middle_picture, rotten(at=0, length=64)),
        caught_by=("decodes_to_end",),
        short=True,
    ),
    Fault(
        name="4 KiB zeroed in the middle",
        scene=scenes.FILM_MP4,
        attempt=damaged(zeroed(at=0.5, length=4096)),
        caught_by=("decodes_to_end",),
    ),
    Fault(
        name="4 KiB zeroed in the middle",
        scene=scenes.HEVC_MOV,
        attempt=damaged(zeroed(at=0.5, length=4096)),
        caught_by=("decodes_to_end",),
    ),
    Fault(
        name="4 KiB zeroed in the middle",
        scene=scenes.DROP60_MKV,
        attempt=damaged(zeroed(at=0.5, length=4096)),
        caught_by=("decodes_to_end",),
    ),
    Fault(
        name="4 KiB zeroed in the middle",
        scene=scenes.WEB_WEBM,
        attempt=damaged(zeroed(at=0.5, length=4096)),
        caught_by=_UNREADABLE,
    ),
    Fault(
        name="4 KiB zeroed in the middle",
        scene=scenes.XAVC_MXF,
        attempt=damaged(zeroed(at=0.5, length=4096)),
        caught_by=("frame_count",),
    ),
    Fault(
        name="one bit flipped after the verdict",
        scene=scenes.DROP_MOV,
        attempt=rotten_before_publication(one_bit(at=0.5)),
        caught_by=("STAGED_LOST",),
        short=True,
    ),
    Fault(
        name="64 bytes rotten in a picture",
        scene=scenes.DROP_MOV,
        attempt=damaged_at(middle_picture, rotten(at=0.5, length=64)),
        caught_by=("packets",),
    ),
    Fault(
        name="64 bytes rotten in a picture",
        scene=scenes.HEVC_MOV,
        attempt=damaged_at(middle_picture, rotten(at=0.5, length=64)),
        caught_by=("packets",),
    ),
    Fault(
        name="64 bytes rotten in a picture",
        scene=scenes.FILM_MKV,
        attempt=damaged_at(middle_picture, rotten(at=0.5, length=64)),
        caught_by=("packets",),
    ),
    Fault(
        name="64 bytes rotten in PCM sound",
        scene=scenes.DROP_MOV,
        attempt=damaged_at(middle_sound, rotten(at=0.5, length=64)),
        caught_by=("packets",),
    ),
    Fault(
        name="64 bytes rotten in AAC sound",
        scene=scenes.FILM_MKV,
        attempt=damaged_at(middle_sound, rotten(at=0.5, length=64)),
        caught_by=("packets",),
    ),
    Fault(
        name="one bit flipped in a picture",
        scene=scenes.DROP_MOV,
        attempt=damaged_at(middle_picture, one_bit(at=0.6)),
        caught_by=("packets",),
        short=True,
    ),
    Fault(
        name="one bit flipped in a picture",
        scene=scenes.DROP_MXF,
        attempt=damaged_at(middle_picture, one_bit(at=0.6)),
        caught_by=("packets",),
    ),
    Fault(
        name="one bit flipped in a picture",
        scene=scenes.FILM_MP4,
        attempt=damaged_at(middle_picture, one_bit(at=0.9)),
        caught_by=("packets",),
    ),
    Fault(
        name="one bit flipped in a picture",
        scene=scenes.WEB_WEBM,
        attempt=damaged_at(middle_picture, one_bit(at=0.9)),
        caught_by=("packets",),
    ),
    Fault(
        name="one bit flipped in a picture",
        scene=scenes.AV1_MP4,
        attempt=damaged_at(middle_picture, one_bit(at=0.9)),
        caught_by=("packets",),
    ),
    Fault(
        name="one bit flipped in a picture",
        scene=scenes.DROP60_MKV,
        attempt=damaged_at(middle_picture, one_bit(at=0.9)),
        caught_by=("packets",),
    ),
    Fault(
        name="one bit flipped in PCM sound",
        scene=scenes.XAVC_MXF,
        attempt=damaged_at(middle_sound, one_bit(at=0.5)),
        caught_by=("packets", "audio[0].sound_witness"),
    ),
    Fault(
        name="some bytes changed while it was judged",
        scene=scenes.DROP_MOV,
        attempt=changed_while_judged,
        caught_by=("OUTPUT_MISMATCH",),
        short=True,
    ),
)

FILE_FAULTS = (
    Fault(
        name="zero bytes",
        scene=scenes.DROP_MOV,
        attempt=damaged(emptied),
        caught_by=_UNREADABLE,
        short=True,
    ),
    Fault(
        name="a web page instead of media",
        scene=scenes.FILM_MP4,
        attempt=damaged(text),
        caught_by=_UNREADABLE,
    ),
    Fault(
        name="the proxy of the next take",
        scene=scenes.DROP_MOV,
        attempt=swapped_with(
            replace(RECIPES[ClipKind.PRORES_HQ_2997_DROP], file_name="A001C002.mov", timecode="01:01:20;05"),
            container="mov",
        ),
        caught_by=("timecode",),
        short=True,
    ),
    Fault(
        name="the proxy of a shorter take of a camera without timecode",
        scene=scenes.FILM_MP4,
        attempt=swapped_with(
            replace(RECIPES[ClipKind.H264_LONG_GOP_23976], file_name="B002C004.mp4", frames=24), container="mp4"
        ),
        caught_by=("frame_count", "audio[0].duration"),
    ),
    Fault(
        name="source changed while it was read",
        scene=scenes.DROP_MOV,
        attempt=changed_while_read,
        caught_by=("SOURCE_CHANGED",),
        short=True,
    ),
    Fault(
        name="source rotten in the middle",
        scene=scenes.FILM_MP4,
        attempt=from_damaged_source(rotten(at=0.5, length=256)),
        caught_by=("source_decode_errors",),
        short=True,
    ),
    Fault(
        name="source rotten in its PCM sound",
        scene=scenes.XAVC_MXF,
        attempt=from_damaged_source(zeroed(at=0.5, length=4096)),
        caught_by=(),
        needs=(
            "checksums made in the camera or at ingest (MHL). Any bytes are PCM sound, so nothing in the file says "
            "that these are not the recorded ones, and the proxy is a true copy of what the file holds now. No system "
            "that looks at the file alone can tell; a change after it was probed is caught (SOURCE_CHANGED)"
        ),
    ),
)

BYTE_FAULTS = (*CUT_FAULTS, *ROT_FAULTS, *FILE_FAULTS)
