"""The scenes of the faults: camera-like sources, each with the trait that its faults take away."""

from dataclasses import replace
from fractions import Fraction

from tests.fidelity.scene import Scene
from tests.footage.kind import ClipKind
from tests.footage.recipe import Recipe
from tests.footage.recipes import BT709, NTSC_24, RECIPES

_X265 = ("-x265-params", "pools=none:frame-threads=1:log-level=none:info=0")
_PRORES = ("-c:v", "prores_ks", "-profile:v", "lt", "-pix_fmt", "yuv422p10le", "-vendor", "apl0", *BT709)

MIXED_SOUND = Recipe(
    file_name="G007C004_251120_R7LM.mov",
    rate=Fraction(25),
    frames=30,
    video=_PRORES,
    audio=("-c:a", "pcm_s24le", "-metadata:s:a:1", "language=fra"),
    audio_channels=(2, 1, 6),
    timecode="10:20:30:00",
)
ANAMORPHIC = replace(
    MIXED_SOUND,
    file_name="H008C002_251120_R8NO.mov",
    video=("-vf", "setsar=4/3", *_PRORES),
    audio=("-c:a", "pcm_s24le"),
    audio_channels=(1,),
)
HDR = Recipe(
    file_name="I009C001_251120_R9PQ.mov",
    rate=NTSC_24,
    frames=24,
    video=(
        *("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1", *_X265),
        *("-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc", "-color_range", "tv"),
    ),
    audio=("-c:a", "pcm_s24le"),
    audio_channels=(2,),
    timecode="23:59:59:10",
)


def _scene(name: str, source: ClipKind | Recipe, profile: str, container: str, resolution: str = "half") -> Scene:
    recipe = RECIPES[source] if isinstance(source, ClipKind) else source
    return Scene(name=name, recipe=recipe, profile=profile, container=container, resolution=resolution)


DROP_MOV = _scene("drop_mov", ClipKind.PRORES_HQ_2997_DROP, "proxy_prores_proxy", "mov")
DROP_MXF = _scene("drop_mxf", ClipKind.PRORES_HQ_2997_DROP, "proxy_dnxhr_lb", "mxf", "same")
DROP_MKV = _scene("drop_mkv", ClipKind.PRORES_HQ_2997_DROP, "proxy_h264_low", "mkv")
DROP60_MP4 = _scene("drop60_mp4", ClipKind.H264_5994_DROP, "proxy_h264_low", "mp4")
DROP60_MKV = _scene("drop60_mkv", ClipKind.H264_5994_DROP, "proxy_h265_low", "mkv")
FILM_MP4 = _scene("film_mp4", ClipKind.H264_LONG_GOP_23976, "proxy_h264_low", "mp4")
FILM_MKV = _scene("film_mkv", ClipKind.H264_LONG_GOP_23976, "proxy_h264_high", "mkv")
HEVC_MOV = _scene("hevc_mov", ClipKind.HEVC_10BIT_25, "proxy_h265_low", "mov")
AV1_MP4 = _scene("av1_mp4", ClipKind.HEVC_10BIT_25, "proxy_av1_low", "mp4")
DNXHR_MOV = _scene("dnxhr_mov", ClipKind.DNXHR_24, "proxy_dnxhr_lb", "mov", "same")
XAVC_MXF = _scene("xavc_mxf", ClipKind.XAVC_MXF_2997, "proxy_dnxhr_lb", "mxf", "same")
WEB_WEBM = _scene("web_webm", ClipKind.VP9_WEBM_30, "proxy_vp9_low", "webm")
PHONE_MP4 = _scene("phone_mp4", ClipKind.PHONE_ROTATED_30, "proxy_h264_low", "mp4")
PHONE_MOV = _scene("phone_mov", ClipKind.PHONE_ROTATED_30, "proxy_prores_lt", "mov")
FIELDS_MOV = _scene("fields_mov", ClipKind.MPEG2_MXF_25I, "proxy_prores_proxy", "mov")
FULL_RANGE_MP4 = _scene("full_range_mp4", ClipKind.MJPEG_AVI_25, "proxy_h264_low", "mp4")
MIXED_MOV = _scene("mixed_mov", MIXED_SOUND, "proxy_prores_proxy", "mov")
ANAMORPHIC_MOV = _scene("anamorphic_mov", ANAMORPHIC, "proxy_prores_proxy", "mov")
ANAMORPHIC_MP4 = _scene("anamorphic_mp4", ANAMORPHIC, "proxy_h264_low", "mp4")
HDR_MOV = _scene("hdr_mov", HDR, "proxy_prores_hq", "mov")
PHONE_MKV = _scene("phone_mkv", ClipKind.PHONE_ROTATED_30, "proxy_h264_low", "mkv")
NON_DROP_MOV = _scene(
    "non_drop_mov",
    replace(RECIPES[ClipKind.PRORES_HQ_2997_DROP], timecode="01:00:59:15"),
    "proxy_prores_proxy",
    "mov",
)
TWO_TONES_MOV = _scene(
    "two_tones_mov",
    replace(
        ANAMORPHIC,
        video=_PRORES,
        audio=("-filter:a", "pan=stereo|c0=c0|c1=0*c0", "-c:a", "pcm_s24le"),
        audio_channels=(2,),
    ),
    "proxy_prores_proxy",
    "mov",
)
TWO_TONES_MP4 = _scene("two_tones_mp4", TWO_TONES_MOV.recipe, "proxy_h264_low", "mp4")
LONG_MOV = _scene(
    "long_mov", replace(ANAMORPHIC, video=_PRORES, frames=250, width=128, height=72), "proxy_prores_proxy", "mov"
)
LONG_MP4 = _scene("long_mp4", LONG_MOV.recipe, "proxy_h264_low", "mp4")
FIELDS_MP4 = _scene("fields_mp4", ClipKind.MPEG2_MXF_25I, "proxy_h264_low", "mp4")
