"""Sample entries, codec ids, stream types and labels, and our word for the codec behind each.

Words are ffmpeg's codec names where ffmpeg has one, so that ffprobe can be compared as a witness; `dnxhr` is told
apart from `dnxhd`. Sources: the MP4 registration authority and Apple's QuickTime list (sample entries), the Matroska
codec registry, Microsoft's and the field's fourccs (AVI), ISO/IEC 13818-1 table 2-34 and Blu-ray (stream types).
"""

from collections.abc import Mapping
from types import MappingProxyType


def _invert(table: Mapping[str, str], *, width: int = 0) -> Mapping[str, str]:
    return MappingProxyType(
        {entry.ljust(width): codec for codec, entries in table.items() for entry in entries.split()}
    )


_ISO: Mapping[str, str] = {
    "h264": "avc1 avc2 avc3 avc4 avcp dva1 dvav mvc1 mvc2 svc1 svc2 ai5p ai5q ai52 ai53 ai55 ai56 ai1p ai1q ai12 "
    "ai13 ai15 ai16 AVin aivx rv64 xalg avlg AV1x h264 H264 x264 X264",
    "hevc": "hvc1 hev1 hvc2 hev2 dvh1 dvhe lhv1 lhe1 hvt1 hvt2 hvt3 hvc3 hev3 mhv1 mhe1 HEVC H265 h265",
    "vvc": "vvc1 vvi1 vvcN vvs1 lvc1",
    "evc": "evc1 evs1 evs2",
    "lcevc": "lvc2",
    "av1": "av01 dav1 AV01",
    "vp8": "vp08 VP80",
    "vp9": "vp09 VP90",
    "vp6": "VP6F VP62 vp6f vp60 VP61",
    "prores": "apco apcs apcn apch ap4h ap4x",
    "dnxhd": "AVdn",
    "dnxhr": "AVdh",
    "dnxuncompressed": "DNxU dnxu",
    "mjpeg": "jpeg JPEG mjpa mjpg MJPG mjpe AVDJ AVRn avr  dmb1 DMB1 AVD1 ijpg xjpg",
    "mjpegb": "mjpb",
    "ljpeg": "LJPG MJLS",
    "jpeg2000": "mjp2 j2k1 j2ki j2ks MJ2C mj2c",
    "jpegxs": "jxsm jxs1 JXSM",
    "mpeg1video": "mpeg m1v m1v1 mp1v MPEG",
    "mpeg2video": "m2v1 mp2v mpg2 MPG2 mpg1 hdv1 hdv2 hdv3 hdv4 hdv5 hdv6 hdv7 hdv8 hdv9 hdva mx5n mx5p mx4n mx4p "
    "mx3n mx3p xdv1 xdv2 xdv3 xdv4 xdv5 xdv6 xdv7 xdv8 xdv9 xdva xdvb xdvc xdvd xdve xdvf xd51 xd52 xd53 xd54 xd55 "
    "xd56 xd57 xd58 xd59 xd5a xd5b xd5c xd5d xd5e xd5f xdhd xdh2 AVmp mmes mmem",
    "mpeg4": "mp4v MP4V xvid XVID DIVX divx DX50 3IV1 3IV2 3IVD FMP4 fmp4 MP4S",
    "h263": "h263 H263 s263 VIV1",
    "h261": "h261 H261",
    "dvvideo": "dvc dvcp dvpp dv5p dv5n dvhp dvhq dvh2 dvh3 dvh4 dvh5 dvh6 AVdv AVd1 dvsd DVSD DVOO",
    "cfhd": "CFHD cfhd",
    "hap": "Hap1 Hap5 HapY HapM HapA Hap7 HapH",
    "dxv": "DXD3 DXDI DXDN DXT5",
    "png": "png PNG MNG",
    "tiff": "tiff",
    "gif": "gif",
    "targa": "tga",
    "bmp": "WRLE",
    "qtrle": "rle",
    "aic": "icod",
    "pixlet": "pxlt",
    "svq1": "SVQ1 svqi svq1",
    "svq3": "SVQ3 svq3",
    "cinepak": "cvid CVID",
    "rpza": "rpza azpr",
    "smc": "smc",
    "8bps": "8BPS",
    "indeo2": "RT21",
    "indeo3": "IV31 IV32 iv31 iv32",
    "indeo4": "IV41 iv41",
    "indeo5": "IV50 iv50",
    "vc1": "vc-1 WVC1 ovc1",
    "wmv1": "WMV1",
    "wmv2": "WMV2",
    "wmv3": "WMV3",
    "theora": "theo XiTh",
    "dirac": "drac",
    "ffv1": "FFV1",
    "ffvhuff": "FFVH",
    "huffyuv": "HFYU",
    "utvideo": "ULRA ULRG ULY0 ULY2 ULY4 ULH0 ULH2 ULH4 UQY0 UQY2 UQRA UQRG UMY2 UMH2 UMY4 UMH4 UMRA UMRG",
    "magicyuv": "M8RG M8RA M8G0 M8Y0 M8Y2 M8Y4 M8YA M0RA M0RG M0G0 M0Y0 M0Y2 M0Y4 M2RA M2RG",
    "sheervideo": "Shr0 Shr1 Shr2 Shr3 Shr4 Shr5 Shr6 Shr7",
    "speedhq": "SHQ0 SHQ1 SHQ2 SHQ3 SHQ4 SHQ5 SHQ7 SHQ9",
    "notchlc": "nclc",
    "avrp": "avrp",
    "avui": "AVUI AVup",
    "avs": "avs2 avs3 cavs",
    "apv": "apv1",
    "v210": "v210 C210 bxy2",
    "v308": "v308",
    "v408": "v408",
    "v410": "v410",
    "r210": "r210",
    "r10k": "R10k R10g",
    "rawvideo": "raw 2vuy 2Vuy yuv2 yuvs yuvu yuv4 UYVY YUY2 b16g b24g b32a b48r b64a bxbg bxrg bxyv NO16 I420 "
    "IYUV YV12 v216 Y16 RGBA rgba ABGR BGRA ARGB uncv uncC Y422 NV12 nv12 XYZ2 L016 L565 L555 B565 24BG",
    "prores_raw": "aprn aprh",
    "braw": "brxq brst brvm brhq brvl brvn brlt",
    "canon_raw": "CRAW",
    "zraw": "zraw ZRAW",
    "gopro_raw": "GPRA gpr1",
}

SAMPLE_ENTRIES = _invert(_ISO, width=4)
"""QuickTime and ISO sample entry (four characters) to codec word."""

MATROSKA_IDS: Mapping[str, str] = MappingProxyType(
    {
        "V_MPEG4/ISO/AVC": "h264",
        "V_MPEGH/ISO/HEVC": "hevc",
        "V_MPEGI/ISO/VVC": "vvc",
        "V_VP8": "vp8",
        "V_VP9": "vp9",
        "V_AV1": "av1",
        "V_MPEG1": "mpeg1video",
        "V_MPEG2": "mpeg2video",
        "V_MPEG4/ISO/SP": "mpeg4",
        "V_MPEG4/ISO/ASP": "mpeg4",
        "V_MPEG4/ISO/AP": "mpeg4",
        "V_MPEG4/MS/V3": "msmpeg4v3",
        "V_REAL/RV10": "rv10",
        "V_REAL/RV20": "rv20",
        "V_REAL/RV30": "rv30",
        "V_REAL/RV40": "rv40",
        "V_PRORES": "prores",
        "V_THEORA": "theora",
        "V_FFV1": "ffv1",
        "V_MJPEG": "mjpeg",
        "V_JPEG2000": "jpeg2000",
        "V_DIRAC": "dirac",
        "V_SNOW": "snow",
        "V_CINEPAK": "cinepak",
        "V_AVS2": "avs",
        "V_AVS3": "avs",
        "V_UNCOMPRESSED": "rawvideo",
    }
)
"""Matroska CodecID to codec word; V_MS/VFW/FOURCC and V_QUICKTIME are read from their private data."""

_AVI: Mapping[str, str] = {
    "h264": "H264 X264 AVC1 DAVC SMV2 VSSH Q264 V264 GAVC UMSV TSHD INMC NVTC",
    "hevc": "HEVC H265 HM10 X265",
    "av1": "AV01",
    "vp8": "VP80",
    "vp9": "VP90",
    "vp3": "VP30 VP31",
    "vp6": "VP60 VP61 VP62",
    "mjpeg": "MJPG JPEG IJPG AVRN AVDJ ACDV QIVG SLMJ CJPG DMB1 MJPA JPGL AVI1 AVI2 MTSJ JR24 LJPG FLJP FMJP MVJP",
    "mpeg4": "FMP4 DIVX DX50 XVID MP4S MP4V M4S2 3IV2 3IV1 BLZ0 UMP4 WV1F SEDG RMP4 XVIX DM4V FVFW SIPP FFDS "
    "M4CC DXGM SMP4 HDX4 DMK2 DIGI INMC EPHV EM4A SN40 QMP4 TMCP WVC4 VSPX XVXV",
    "msmpeg4v1": "MPG4 MP41",
    "msmpeg4v2": "MP42 DIV2",
    "msmpeg4v3": "MP43 DIV3 DIV4 DIV5 DIV6 MPG3 AP41 COL1 COL0 DVX3",
    "wmv1": "WMV1",
    "wmv2": "WMV2",
    "wmv3": "WMV3",
    "vc1": "WVC1 WMVA",
    "dvvideo": "DVSD DVHD DVH1 DVSL DV25 DV50 CDVC CDVH CDV5 DVC DVCP DVCS DVIS PDVC SL25 SLDV AVD1 DVPP CDV4",
    "mpeg1video": "MPG1 MPEG PIM1 VCR2",
    "mpeg2video": "MPG2 EM2V M701 MMES M2V1 XDV3",
    "h263": "H263 U263 M263 X263 T263 L263 VX1K ZYGO VIVO",
    "h261": "H261 M261",
    "jpeg2000": "MJ2C LJ2C LJ2K IPJ2 AVJ2",
    "prores": "APCO APCS APCN APCH AP4H AP4X",
    "dnxhd": "AVDN",
    "dnxhr": "AVDH",
    "cfhd": "CFHD",
    "ffv1": "FFV1",
    "ffvhuff": "FFVH",
    "huffyuv": "HFYU",
    "utvideo": "ULRA ULRG ULY0 ULY2 ULY4 ULH0 ULH2 ULH4 UQY0 UQY2 UQRA UQRG",
    "lagarith": "LAGS",
    "magicyuv": "MAGY M8RG M8RA M8G0 M8Y0 M8Y2 M8Y4 M8YA",
    "cinepak": "CVID",
    "indeo2": "RT21",
    "indeo3": "IV31 IV32",
    "indeo4": "IV41",
    "indeo5": "IV50",
    "msrle": "MRLE",
    "msvideo1": "CRAM MSVC WHAM",
    "tscc": "TSCC TSC2",
    "camstudio": "CSCD",
    "flashsv": "FSV1",
    "png": "MPNG PNG1",
    "theora": "THEO",
    "dirac": "DRAC",
    "snow": "SNOW",
    "hap": "HAP1 HAP5 HAPY HAPM HAPA",
    "v210": "V210 C210",
    "v410": "V410",
    "r210": "R210",
    "rawvideo": "DIB RGB RAW I420 IYUV YV12 YVU9 YUY2 YUYV YUNV UYVY UYNV HDYC Y800 Y8 GREY NV12 NV21 Y422 V422 BGR",
}

AVI_FOURCCS = _invert(_AVI, width=4)
"""AVI biCompression or fccHandler, upper case, to codec word. Zero (BI_RGB) is rawvideo."""

TS_STREAM_TYPES: Mapping[int, str] = MappingProxyType(
    {
        0x01: "mpeg1video",
        0x02: "mpeg2video",
        0x10: "mpeg4",
        0x1B: "h264",
        0x21: "jpeg2000",
        0x24: "hevc",
        0x32: "jpegxs",
        0x33: "vvc",
        0x35: "evc",
        0x42: "avs",
        0xD1: "dirac",
        0xD2: "avs",
        0xD4: "avs",
        0xDB: "h264",
        0xEA: "vc1",
    }
)
"""Transport stream type of the program map to codec word. Layers that only extend another stream are left out."""

TS_REGISTRATIONS: Mapping[str, str] = MappingProxyType(
    {"HEVC": "hevc", "AV01": "av1", "VC-1": "vc1", "drac": "dirac", "VANC": "", "KLVA": "", "VVC ": "vvc"}
)
"""Registration descriptor of a private stream (type 0x06) to codec word; empty: no video."""

FFPROBE_ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "dnxhd": "dnxhd dnxhr",
        "mjpegb": "mjpeg mjpegb",
        "cavs": "avs",
        "avs2": "avs",
        "avs3": "avs",
        "vp6f": "vp6",
        "vp6a": "vp6",
    }
)
"""ffprobe's codec name to every word of ours that it does not contradict; other names stand for themselves."""


def sample_entry_codec(*, entry: bytes) -> str | None:
    """Return the codec word of a QuickTime or ISO sample entry (four bytes), None when no table names it."""
    if entry in (b"2vu\x00", b"raw\x00", b"\x00\x00\x00\x00"):
        return "rawvideo"
    return SAMPLE_ENTRIES.get(entry.decode("latin-1"))


def avi_codec(*, code: bytes) -> str | None:
    """Return the codec word of an AVI fourcc (four bytes), None when no table names it."""
    if code in (bytes(4), b"\x03\x00\x00\x00"):
        return "rawvideo"
    if code in (b"\x01\x00\x00\x00", b"\x02\x00\x00\x00"):
        return "msrle"
    return AVI_FOURCCS.get(code.rstrip(b"\x00").decode("latin-1").upper().ljust(4))
