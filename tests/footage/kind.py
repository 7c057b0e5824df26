"""The kinds of camera-like footage that tests and the demo generate."""

from enum import StrEnum


class ClipKind(StrEnum):
    """One kind of clip, each with a trait of its own that a proxy has to keep."""

    PRORES_HQ_2997_DROP = "prores_hq_2997_drop"
    H264_LONG_GOP_23976 = "h264_long_gop_23976"
    HEVC_10BIT_25 = "hevc_10bit_25"
    DNXHR_24 = "dnxhr_24"
    MPEG2_MXF_25I = "mpeg2_mxf_25i"
    MJPEG_AVI_25 = "mjpeg_avi_25"
    VP9_WEBM_30 = "vp9_webm_30"
    XAVC_MXF_2997 = "xavc_mxf_2997"
    H264_5994_DROP = "h264_5994_drop"
    PHONE_ROTATED_30 = "phone_rotated_30"
