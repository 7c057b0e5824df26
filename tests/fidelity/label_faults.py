"""Faults of what a proxy says about itself: start timecode, drop flag, reel name, language."""

from tests.fidelity import scenes
from tests.fidelity.attempts import encoded, remuxed
from tests.fidelity.edits import add, drop, put, swap
from tests.fidelity.fault import Fault

_COPIED = ("-map", "0:v", "-map", "0:a?", "-write_tmcd", "1")

LABEL_FAULTS = (
    Fault(
        name="start timecode 1 frame late",
        scene=scenes.DROP_MOV,
        attempt=encoded(put("-timecode", "01:00:59;16")),
        caught_by=("timecode",),
        short=True,
    ),
    Fault(
        name="start timecode 1 s early",
        scene=scenes.DROP_MOV,
        attempt=encoded(put("-timecode", "01:00:58;15")),
        caught_by=("timecode",),
    ),
    Fault(
        name="start timecode 1 h late",
        scene=scenes.DROP_MOV,
        attempt=encoded(put("-timecode", "02:00:59;15")),
        caught_by=("timecode",),
    ),
    Fault(
        name="start timecode zeroed",
        scene=scenes.DNXHR_MOV,
        attempt=encoded(put("-timecode", "00:00:00:00")),
        caught_by=("timecode",),
    ),
    Fault(
        name="start timecode 1 frame early",
        scene=scenes.DROP_MXF,
        attempt=encoded(put("-timecode", "01:00:59;14")),
        caught_by=("timecode",),
    ),
    Fault(
        name="start timecode 1 frame late",
        scene=scenes.DROP60_MKV,
        attempt=encoded(put("-timecode", "00:00:59;31")),
        caught_by=("timecode",),
    ),
    Fault(
        name="start timecode counted at half the rate",
        scene=scenes.DROP60_MP4,
        attempt=encoded(put("-timecode", "00:00:59;15")),
        caught_by=("timecode",),
    ),
    Fault(
        name="start timecode past midnight restarted at 00:00:00:00",
        scene=scenes.HDR_MOV,
        attempt=encoded(put("-timecode", "00:00:00:00")),
        caught_by=("timecode",),
    ),
    Fault(
        name="timecode track missing",
        scene=scenes.DROP_MOV,
        attempt=encoded(drop("-timecode"), put("-write_tmcd", "0")),
        caught_by=("timecode", "drop_frame"),
    ),
    Fault(
        name="timecode track missing",
        scene=scenes.DROP60_MP4,
        attempt=encoded(drop("-timecode"), put("-write_tmcd", "0")),
        caught_by=("timecode", "drop_frame"),
    ),
    Fault(
        name="timecode tag missing",
        scene=scenes.DROP60_MKV,
        attempt=encoded(drop("-timecode")),
        caught_by=("timecode", "drop_frame"),
    ),
    Fault(
        name="timecode left at the writer's 00:00:00:00",
        scene=scenes.XAVC_MXF,
        attempt=encoded(drop("-timecode")),
        caught_by=("timecode",),
    ),
    Fault(
        name="timecode invented where the source has none",
        scene=scenes.PHONE_MP4,
        attempt=encoded(put("-timecode", "00:00:00:00"), put("-write_tmcd", "1")),
        caught_by=("timecode",),
        short=True,
    ),
    Fault(
        name="timecode invented where the source has none",
        scene=scenes.FILM_MKV,
        attempt=encoded(put("-timecode", "01:00:00:00")),
        caught_by=("timecode",),
    ),
    Fault(
        name="drop flag lost",
        scene=scenes.DROP_MOV,
        attempt=encoded(put("-timecode", "01:00:59:15")),
        caught_by=("timecode", "drop_frame"),
        short=True,
    ),
    Fault(
        name="drop flag lost",
        scene=scenes.DROP60_MP4,
        attempt=encoded(put("-timecode", "00:00:59:30")),
        caught_by=("timecode", "drop_frame"),
    ),
    Fault(
        name="drop flag lost",
        scene=scenes.DROP_MXF,
        attempt=encoded(put("-timecode", "01:00:59:15")),
        caught_by=("timecode", "drop_frame"),
    ),
    Fault(
        name="drop flag lost",
        scene=scenes.DROP60_MKV,
        attempt=encoded(put("-timecode", "00:00:59:30")),
        caught_by=("timecode", "drop_frame"),
    ),
    Fault(
        name="drop flag lost in a remux",
        scene=scenes.DROP_MOV,
        attempt=remuxed(*_COPIED, "-timecode", "01:00:59:15", "-metadata:s:v:0", "reel_name=A001R1AB"),
        caught_by=("timecode", "drop_frame"),
    ),
    Fault(
        name="drop flag gained",
        scene=scenes.NON_DROP_MOV,
        attempt=encoded(swap("01:00:59:15", "01:00:59;15")),
        caught_by=("timecode", "drop_frame"),
    ),
    Fault(
        name="reel name dropped",
        scene=scenes.DROP_MOV,
        attempt=encoded(drop("-metadata:s:v:0")),
        caught_by=("reel_name",),
        short=True,
    ),
    Fault(
        name="reel name dropped",
        scene=scenes.DROP_MXF,
        attempt=encoded(drop("-metadata")),
        caught_by=("reel_name",),
    ),
    Fault(
        name="reel name dropped",
        scene=scenes.DROP_MKV,
        attempt=encoded(drop("-metadata:s:v:0")),
        caught_by=("reel_name",),
    ),
    Fault(
        name="reel name changed",
        scene=scenes.DROP_MOV,
        attempt=encoded(swap("reel_name=A001R1AB", "reel_name=A001R1AC")),
        caught_by=("reel_name",),
    ),
    Fault(
        name="reel name in lower case",
        scene=scenes.DROP_MXF,
        attempt=encoded(swap("reel_name=A001R1AB", "reel_name=a001r1ab")),
        caught_by=("reel_name",),
    ),
    Fault(
        name="reel name invented where the source has none",
        scene=scenes.HEVC_MOV,
        attempt=encoded(add("-metadata:s:v:0", "reel_name=C003")),
        caught_by=("reel_name",),
    ),
    Fault(
        name="language of a track lost",
        scene=scenes.MIXED_MOV,
        attempt=encoded(drop("-metadata:s:a:1")),
        caught_by=("audio[1].language",),
    ),
)
