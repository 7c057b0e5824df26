"""Faults of time: frames lost and doubled, wrong rates, uneven timing."""

from tests.fidelity import scenes
from tests.fidelity.attempts import encoded, remuxed
from tests.fidelity.edits import picture_first, put, swap
from tests.fidelity.fault import Fault

_COPIED = ("-map", "0:v", "-map", "0:a?")


def _lost(frame: int, tick: str) -> str:
    """Drop one frame and close the hole; `tick` is the length of a frame in seconds."""
    return f"select=not(eq(n\\,{frame})),settb={tick},setpts=N"


def _doubled(frame: int, tick: str) -> str:
    return f"loop=loop=1:size=1:start={frame},settb={tick},setpts=N"


def _uneven(tick: str) -> str:
    """Let every third frame come half a frame late, as a screen recorder does."""
    return f"settb={tick}/2,setpts=2*N+eq(mod(N\\,3)\\,1)"


TIME_FAULTS = (
    Fault(
        name="first frame lost",
        scene=scenes.DROP_MOV,
        attempt=encoded(picture_first(_lost(0, "1001/30000"))),
        caught_by=("frame_count", "declared_frame_count"),
        short=True,
    ),
    Fault(
        name="middle frame lost, hole closed",
        scene=scenes.DROP_MOV,
        attempt=encoded(picture_first(_lost(17, "1001/30000"))),
        caught_by=("frame_count", "declared_frame_count"),
    ),
    Fault(
        name="middle frame lost, hole left",
        scene=scenes.DROP_MOV,
        attempt=encoded(picture_first("select=not(eq(n\\,17))")),
        caught_by=("frame_count", "constant_frame_rate"),
    ),
    Fault(
        name="last frame lost",
        scene=scenes.DROP_MOV,
        attempt=encoded(put("-frames:v", "35")),
        caught_by=("frame_count", "declared_frame_count"),
    ),
    Fault(
        name="first frame hidden by an edit list",
        scene=scenes.DROP_MOV,
        attempt=remuxed(
            *_COPIED,
            *("-timecode", "01:00:59;15", "-metadata:s:v:0", "reel_name=A001R1AB"),
            inputs=("-ss", "0.04"),
        ),
        caught_by=("frame_count",),
    ),
    Fault(
        name="one frame doubled",
        scene=scenes.DROP_MOV,
        attempt=encoded(picture_first(_doubled(9, "1001/30000"))),
        caught_by=("frame_count", "declared_frame_count"),
    ),
    Fault(
        name="two frames short",
        scene=scenes.DROP60_MP4,
        attempt=encoded(put("-frames:v", "70")),
        caught_by=("frame_count", "declared_frame_count"),
    ),
    Fault(
        name="middle frame lost, hole closed",
        scene=scenes.FILM_MP4,
        attempt=encoded(picture_first(_lost(11, "1001/24000"))),
        caught_by=("frame_count",),
    ),
    Fault(
        name="middle frame lost, hole left",
        scene=scenes.FILM_MKV,
        attempt=encoded(picture_first("select=not(eq(n\\,11))")),
        caught_by=("frame_count", "constant_frame_rate"),
    ),
    Fault(
        name="one frame doubled",
        scene=scenes.FILM_MKV,
        attempt=encoded(picture_first(_doubled(11, "1001/24000"))),
        caught_by=("frame_count",),
    ),
    Fault(
        name="last frame lost",
        scene=scenes.DROP_MXF,
        attempt=encoded(put("-frames:v", "35")),
        caught_by=("frame_count",),
    ),
    Fault(
        name="first frame lost",
        scene=scenes.XAVC_MXF,
        attempt=encoded(picture_first(_lost(0, "1001/30000"))),
        caught_by=("frame_count",),
    ),
    Fault(
        name="last frame lost",
        scene=scenes.WEB_WEBM,
        attempt=encoded(put("-frames:v", "29")),
        caught_by=("frame_count",),
    ),
    Fault(
        name="one frame lost and another doubled",
        scene=scenes.DROP_MOV,
        attempt=encoded(picture_first("loop=loop=1:size=1:start=20," + _lost(5, "1001/30000"))),
        caught_by=("picture_witness.order",),
    ),
    Fault(
        name="rate off by 1000/1001",
        scene=scenes.DROP_MOV,
        attempt=encoded(swap("30000/1001", "30/1"), swap("1001/30000", "1/30"), put("-timecode", "01:00:59:15")),
        caught_by=("frame_rate", "drop_frame"),
        short=True,
    ),
    Fault(
        name="rate off by 1000/1001",
        scene=scenes.DROP60_MP4,
        attempt=encoded(swap("60000/1001", "60/1"), swap("1001/60000", "1/60"), put("-timecode", "00:00:59:30")),
        caught_by=("frame_rate", "drop_frame"),
    ),
    Fault(
        name="rate off by 1000/1001",
        scene=scenes.FILM_MP4,
        attempt=encoded(swap("24000/1001", "24/1"), swap("1001/24000", "1/24")),
        caught_by=("frame_rate",),
    ),
    Fault(
        name="rate off by 1000/1001",
        scene=scenes.FILM_MKV,
        attempt=encoded(swap("24000/1001", "24/1"), swap("1001/24000", "1/24")),
        caught_by=("frame_rate",),
    ),
    Fault(
        name="rate off by 1000/1001",
        scene=scenes.DROP_MXF,
        attempt=encoded(swap("30000/1001", "30/1"), swap("1001/30000", "1/30"), put("-timecode", "01:00:59:15")),
        caught_by=("frame_rate", "drop_frame"),
    ),
    Fault(
        name="rate off by 1001/1000",
        scene=scenes.DNXHR_MOV,
        attempt=encoded(swap("1/24", "1001/24000"), put("-r", "24000/1001"), put("-video_track_timescale", "24000")),
        caught_by=("frame_rate",),
    ),
    Fault(
        name="rate rounded to 2997/100",
        scene=scenes.DROP_MOV,
        attempt=encoded(
            swap("30000/1001", "2997/100"), swap("1001/30000", "100/2997"), put("-video_track_timescale", "2997")
        ),
        caught_by=("frame_rate",),
    ),
    Fault(
        name="25 frames a second for 24, same frames",
        scene=scenes.DNXHR_MOV,
        attempt=encoded(swap("1/24", "1/25"), put("-r", "25"), put("-video_track_timescale", "10000")),
        caught_by=("frame_rate",),
    ),
    Fault(
        name="twice the rate, every frame doubled",
        scene=scenes.HEVC_MOV,
        attempt=encoded(picture_first("fps=50"), swap("1/25", "1/50")),
        caught_by=("frame_count", "frame_rate"),
    ),
    Fault(
        name="variable instead of constant rate",
        scene=scenes.HEVC_MOV,
        attempt=encoded(picture_first(_uneven("1/25")), swap("1/25", "1/50")),
        caught_by=("constant_frame_rate",),
    ),
    Fault(
        name="variable instead of constant rate",
        scene=scenes.FILM_MP4,
        attempt=encoded(
            picture_first(_uneven("1001/24000")),
            put("-enc_time_base:v:0", "1001/48000"),
            put("-video_track_timescale", "48000"),
        ),
        caught_by=("constant_frame_rate",),
        short=True,
    ),
    Fault(
        name="variable instead of constant rate",
        scene=scenes.FILM_MKV,
        attempt=encoded(picture_first(_uneven("1001/24000")), put("-enc_time_base:v:0", "1001/48000")),
        caught_by=("constant_frame_rate",),
    ),
    Fault(
        name="picture begins 3 frames after the sound",
        scene=scenes.HEVC_MOV,
        attempt=encoded(picture_first("setpts=PTS+3/25/TB")),
        caught_by=("audio[0].start",),
    ),
    Fault(
        name="one frame lost and another doubled",
        scene=scenes.FILM_MP4,
        attempt=encoded(picture_first("loop=loop=1:size=1:start=20," + _lost(5, "1001/24000"))),
        caught_by=("picture_witness.order",),
        short=True,
    ),
    Fault(
        name="one frame lost and another doubled",
        scene=scenes.DROP_MXF,
        attempt=encoded(picture_first("loop=loop=1:size=1:start=20," + _lost(5, "1001/30000"))),
        caught_by=("picture_witness.order",),
    ),
    Fault(
        name="one frame lost and another doubled",
        scene=scenes.WEB_WEBM,
        attempt=encoded(picture_first("loop=loop=1:size=1:start=12," + _lost(8, "1/30"))),
        caught_by=("picture_witness.order",),
    ),
    Fault(
        name="two frames exchanged",
        scene=scenes.DROP_MOV,
        attempt=encoded(picture_first("shuffleframes=0 2 1 3")),
        caught_by=("picture_witness.order",),
    ),
)
