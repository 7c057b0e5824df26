"""What the witnessed proxies are made from: tiny clips of 12 to 25 frames, each with traits that a proxy can lose."""

from dataclasses import replace
from fractions import Fraction

from tests.footage.kind import ClipKind
from tests.footage.recipe import Recipe
from tests.footage.recipes import BT709, NTSC_24, NTSC_30, RECIPES

_X264 = ("-c:v", "libx264", "-preset", "veryfast", "-threads", "1", "-pix_fmt", "yuv420p")
_X265 = ("-x265-params", "pools=none:frame-threads=1:log-level=none:info=0")
_AS_709 = ("-vf", "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709")
"""FFmpeg 5.1 writes into the frame headers of ProRes what the pictures say, not what the options say."""
_PRORES = ("-c:v", "prores_ks", "-profile:v", "lt", "-pix_fmt", "yuv422p10le", "-vendor", "apl0", *BT709)


def _kind(kind: ClipKind, *, frames: int) -> Recipe:
    return replace(RECIPES[kind], frames=frames)


SOURCES: dict[str, Recipe] = {
    "drop-frame, reel, four mono tracks": replace(
        RECIPES[ClipKind.PRORES_HQ_2997_DROP],
        frames=20,
        video=(*_AS_709, *RECIPES[ClipKind.PRORES_HQ_2997_DROP].video),
    ),
    "59.94 drop-frame": _kind(ClipKind.H264_5994_DROP, frames=24),
    "non-drop at 29.97": Recipe(
        file_name="J010C001_251120_R3ND.mov",
        rate=NTSC_30,
        frames=20,
        video=(*_X264, *BT709),
        audio=("-c:a", "pcm_s24le"),
        audio_channels=(1, 2),
        timecode="00:00:59:25",
        reel_name="J010R3ND",
    ),
    "turned by 90 degrees": _kind(ClipKind.PHONE_ROTATED_30, frames=20),
    "pixel aspect 4/3, tracks of 2, 1 and 6 channels": Recipe(
        file_name="H008C002_251120_R8NO.mov",
        rate=Fraction(25),
        frames=20,
        video=("-vf", "setsar=4/3", *_PRORES),
        audio=("-c:a", "pcm_s24le", "-metadata:s:a:1", "language=fra"),
        audio_channels=(2, 1, 6),
        timecode="10:20:30:00",
    ),
    "BT.2020 PQ at 23.976 over midnight": Recipe(
        file_name="I009C001_251120_R9PQ.mov",
        rate=NTSC_24,
        frames=20,
        video=(
            *("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1", *_X265),
            *("-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc"),
            *("-color_range", "tv"),
        ),
        audio=("-c:a", "pcm_s24le"),
        audio_channels=(2,),
        timecode="23:59:59:10",
    ),
    "interlaced MPEG-2": _kind(ClipKind.MPEG2_MXF_25I, frames=15),
    "alpha": Recipe(
        file_name="K011C001_251120_R4AL.mov",
        rate=Fraction(24),
        frames=12,
        video=(
            *("-vf", "format=rgba,colorchannelmixer=aa=0.5", "-c:v", "prores_ks", "-profile:v", "4444"),
            *("-pix_fmt", "yuva444p10le", "-vendor", "apl0", *BT709),
        ),
        audio=(),
        audio_channels=(),
        timecode="01:00:00:00",
    ),
    "full range, no timecode": _kind(ClipKind.MJPEG_AVI_25, frames=15),
    "a phone's 29.99": Recipe(
        file_name="IMG_2043.mp4",
        rate=Fraction(90000, 3001),
        frames=20,
        video=(*_X264, *BT709),
        audio=("-c:a", "aac", "-b:a", "64k"),
        audio_channels=(2,),
        muxer=("-video_track_timescale", "90000"),
    ),
    "50 fps, BT.601 tags": Recipe(
        file_name="L012C001_251120_R5SD.mov",
        rate=Fraction(50),
        frames=25,
        width=512,
        height=384,
        video=(
            *(*_X264, "-color_primaries", "bt470bg", "-color_trc", "smpte170m", "-colorspace", "bt470bg"),
            *("-color_range", "tv"),
        ),
        audio=("-c:a", "pcm_s16le"),
        audio_channels=(2,),
        timecode="09:59:59:48",
        reel_name="L012",
    ),
}
"""By what is odd about each."""
