"""The recipe of every clip kind. Small rasters and a second or two: enough to carry the trait, cheap to encode."""

from fractions import Fraction

from tests.footage.kind import ClipKind
from tests.footage.recipe import Recipe

NTSC_24 = Fraction(24000, 1001)
NTSC_30 = Fraction(30000, 1001)
NTSC_60 = Fraction(60000, 1001)
BT709 = ("-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv")

RECIPES: dict[ClipKind, Recipe] = {
    ClipKind.PRORES_HQ_2997_DROP: Recipe(
        file_name="A001C001_251120_R1AB.mov",
        rate=NTSC_30,
        frames=36,
        video=("-c:v", "prores_ks", "-profile:v", "hq", "-pix_fmt", "yuv422p10le", "-vendor", "apl0", *BT709),
        audio=("-c:a", "pcm_s24le"),
        audio_channels=(1, 1, 1, 1),
        timecode="01:00:59;15",  # runs over a minute that drops two labels
        reel_name="A001R1AB",
    ),
    ClipKind.H264_LONG_GOP_23976: Recipe(
        file_name="B002C003_251120_R2CD.mp4",
        rate=NTSC_24,
        frames=36,
        video=(
            *("-c:v", "libx264", "-preset", "veryfast", "-threads", "1", "-pix_fmt", "yuv420p"),
            *("-g", "24", "-bf", "3", *BT709),
        ),
        audio=("-c:a", "aac", "-b:a", "128k"),
        audio_channels=(2,),
    ),
    ClipKind.HEVC_10BIT_25: Recipe(
        file_name="C003C007_251120_R3EF.mov",
        rate=Fraction(25),
        frames=30,
        video=(
            *("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1"),
            *("-x265-params", "pools=none:frame-threads=1:log-level=none:info=0", *BT709),
        ),
        audio=("-c:a", "pcm_s24le"),
        audio_channels=(2,),
        timecode="01:00:00:00",
    ),
    ClipKind.DNXHR_24: Recipe(
        file_name="D004C001_251120_R4GH.mov",
        rate=Fraction(24),
        frames=30,
        video=("-c:v", "dnxhd", "-profile:v", "dnxhr_sq", "-pix_fmt", "yuv422p", *BT709),
        audio=("-c:a", "pcm_s16le"),
        audio_channels=(1, 1),
        timecode="13:24:35:12",
    ),
    ClipKind.MPEG2_MXF_25I: Recipe(
        file_name="Clip0001.MXF",
        rate=Fraction(25),
        frames=30,
        width=720,
        height=576,
        interlaced=True,
        video=(
            *("-c:v", "mpeg2video", "-threads", "1", "-pix_fmt", "yuv422p", "-flags:v", "+bitexact+ilme+ildct"),
            *("-g", "12", "-bf", "2", "-b:v", "12M"),
            *("-top", "1"),  # FFmpeg 5.1 does not hand the field order of the frames on to this encoder
        ),
        audio=("-c:a", "pcm_s16le"),
        audio_channels=(1, 1),
        timecode="10:00:00:00",
        muxer=("-f", "mxf"),
    ),
    ClipKind.MJPEG_AVI_25: Recipe(
        file_name="MVI_0042.avi",
        rate=Fraction(25),
        frames=25,
        video=("-c:v", "mjpeg", "-threads", "1", "-q:v", "4", "-pix_fmt", "yuvj420p"),
        audio=("-c:a", "pcm_s16le"),
        audio_channels=(1,),
    ),
    ClipKind.VP9_WEBM_30: Recipe(
        file_name="screen_capture.webm",
        rate=Fraction(30),
        frames=30,
        video=(
            *("-c:v", "libvpx-vp9", "-threads", "1", "-deadline", "realtime", "-cpu-used", "8"),
            *("-b:v", "1M", "-pix_fmt", "yuv420p"),
        ),
        audio=("-c:a", "libopus", "-b:a", "96k"),
        audio_channels=(2,),
    ),
    ClipKind.XAVC_MXF_2997: Recipe(
        file_name="E005C011.MXF",
        rate=NTSC_30,
        frames=30,
        video=(
            *("-c:v", "libx264", "-preset", "veryfast", "-threads", "1", "-pix_fmt", "yuv422p10le"),
            # Intra only, as XAVC-I: FFmpeg writes no display order into the MXF index of H.264 with B frames.
            *("-g", "1", "-bf", "0", *BT709),
        ),
        audio=("-c:a", "pcm_s24le"),
        audio_channels=(1, 1),
        timecode="09:59:30;00",
        muxer=("-f", "mxf"),
    ),
    ClipKind.H264_5994_DROP: Recipe(
        file_name="F006C002_251120_R6JK.mov",
        rate=NTSC_60,
        frames=72,
        video=("-c:v", "libx264", "-preset", "veryfast", "-threads", "1", "-pix_fmt", "yuv420p", "-g", "30", *BT709),
        audio=("-c:a", "pcm_s16le"),
        audio_channels=(2,),
        timecode="00:00:59;30",  # runs over a minute that drops four labels
    ),
    ClipKind.PHONE_ROTATED_30: Recipe(
        file_name="IMG_2042.mp4",
        rate=Fraction(30),
        frames=30,
        video=("-c:v", "libx264", "-preset", "veryfast", "-threads", "1", "-pix_fmt", "yuv420p", *BT709),
        audio=("-c:a", "aac", "-b:a", "64k"),
        audio_channels=(1,),
        rotation=90,
    ),
}
