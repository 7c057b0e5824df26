"""Faults of the picture: orientation, raster, pixel aspect, colour, fields, coding, container."""

from tests.fidelity import scenes
from tests.fidelity.attempts import damaged, encoded, remuxed
from tests.fidelity.damage import turned
from tests.fidelity.edits import add, drop, picture_last, put, swap
from tests.fidelity.fault import Fault

_COPIED = ("-map", "0:v", "-map", "0:a?")

ORIENTATION_FAULTS = (
    Fault(
        name="rotation lost",
        scene=scenes.PHONE_MP4,
        attempt=damaged(turned(degrees=0)),
        caught_by=("rotation",),
        short=True,
    ),
    Fault(
        name="rotation lost",
        scene=scenes.PHONE_MOV,
        attempt=damaged(turned(degrees=0)),
        caught_by=("rotation",),
    ),
    Fault(
        name="rotated the other way",
        scene=scenes.PHONE_MP4,
        attempt=damaged(turned(degrees=270)),
        caught_by=("rotation",),
    ),
    Fault(
        name="rotated though the source is upright",
        scene=scenes.DROP60_MP4,
        attempt=damaged(turned(degrees=180)),
        caught_by=("rotation",),
    ),
    Fault(
        name="mirrored by its display matrix",
        scene=scenes.HEVC_MOV,
        attempt=damaged(turned(degrees=0, mirrored=True)),
        caught_by=("rotation",),
    ),
    Fault(
        name="rotation baked into the pixels and stated too",
        scene=scenes.PHONE_MP4,
        attempt=encoded(picture_last("transpose=clock")),
        caught_by=("raster",),
    ),
    Fault(
        name="rotation baked twice",
        scene=scenes.PHONE_MKV,
        attempt=encoded(picture_last("transpose=clock")),
        caught_by=("raster",),
    ),
    Fault(
        name="rotation baked the wrong way up",
        scene=scenes.PHONE_MKV,
        attempt=encoded(picture_last("hflip,vflip")),
        caught_by=("picture_witness.difference",),
    ),
    Fault(
        name="pixels mirrored",
        scene=scenes.DROP_MOV,
        attempt=encoded(picture_last("hflip")),
        caught_by=("picture_witness.difference",),
    ),
    Fault(
        name="all pictures black",
        scene=scenes.DROP_MOV,
        attempt=encoded(picture_last("drawbox=color=black:t=fill")),
        caught_by=("picture_witness.difference",),
    ),
    Fault(
        name="first picture frozen",
        scene=scenes.DROP_MOV,
        attempt=encoded(picture_last("loop=loop=-1:size=1,trim=end_frame=36,settb=1001/30000,setpts=N")),
        caught_by=("picture_witness.order",),
    ),
    Fault(
        name="pixels mirrored",
        scene=scenes.FILM_MP4,
        attempt=encoded(picture_last("hflip")),
        caught_by=("picture_witness.difference",),
    ),
    Fault(
        name="upside down",
        scene=scenes.HEVC_MOV,
        attempt=encoded(picture_last("vflip")),
        caught_by=("picture_witness.difference",),
    ),
    Fault(
        name="one picture black",
        scene=scenes.FILM_MP4,
        attempt=encoded(picture_last("drawbox=color=black:t=fill:enable=eq(n\\,17)")),
        caught_by=("picture_witness.difference",),
        short=True,
    ),
    Fault(
        name="first picture frozen",
        scene=scenes.WEB_WEBM,
        attempt=encoded(picture_last("loop=loop=-1:size=1,trim=end_frame=30,settb=1/30,setpts=N")),
        caught_by=("picture_witness.order",),
    ),
    Fault(
        name="a quarter of one picture grey",
        scene=scenes.DROP_MXF,
        attempt=encoded(picture_last("drawbox=color=gray:x=0:y=0:w=iw/2:h=ih/2:t=fill:enable=eq(n\\,17)")),
        caught_by=("picture_witness.difference",),
    ),
    Fault(
        name="cropped by 16 pixels and enlarged",
        scene=scenes.DROP_MOV,
        attempt=encoded(picture_last("crop=iw-16:ih-16,scale=320:180")),
        caught_by=("picture_witness.difference",),
    ),
)

COLOUR_FAULTS = (
    Fault(
        name="range flag flipped to full",
        scene=scenes.DROP60_MP4,
        attempt=encoded(swap("setparams=range=tv", "setparams=range=pc"), put("-color_range", "pc")),
        caught_by=("color_range",),
        short=True,
    ),
    Fault(
        name="range flag flipped to full",
        scene=scenes.FILM_MKV,
        attempt=encoded(swap("setparams=range=tv", "setparams=range=pc"), put("-color_range", "pc")),
        caught_by=("color_range",),
    ),
    Fault(
        name="full range kept and flagged",
        scene=scenes.FULL_RANGE_MP4,
        attempt=encoded(
            swap("out_range=tv", "out_range=pc"),
            swap("setparams=range=tv", "setparams=range=pc"),
            put("-color_range", "pc"),
        ),
        caught_by=("color_range",),
    ),
    Fault(
        name="full-range pixels flagged as limited",
        scene=scenes.FULL_RANGE_MP4,
        attempt=encoded(swap("out_range=tv", "out_range=pc")),
        caught_by=("picture_witness.contrast",),
    ),
    Fault(
        name="primaries changed",
        scene=scenes.DROP60_MP4,
        attempt=encoded(swap("color_primaries=bt709", "color_primaries=bt2020"), put("-color_primaries", "bt2020")),
        caught_by=("color_primaries",),
    ),
    Fault(
        name="transfer changed",
        scene=scenes.DROP60_MP4,
        attempt=encoded(swap("color_trc=bt709", "color_trc=smpte2084"), put("-color_trc", "smpte2084")),
        caught_by=("color_transfer",),
    ),
    Fault(
        name="matrix changed",
        scene=scenes.DROP60_MP4,
        attempt=encoded(swap("colorspace=bt709", "colorspace=smpte170m"), put("-colorspace", "smpte170m")),
        caught_by=("color_matrix",),
    ),
    Fault(
        name="PQ labelled as BT.709",
        scene=scenes.HDR_MOV,
        attempt=encoded(swap("color_trc=smpte2084", "color_trc=bt709"), put("-color_trc", "bt709")),
        caught_by=("color_transfer",),
    ),
    Fault(
        name="wide gamut labelled as BT.709",
        scene=scenes.HDR_MOV,
        attempt=encoded(swap("color_primaries=bt2020", "color_primaries=bt709"), put("-color_primaries", "bt709")),
        caught_by=("color_primaries",),
    ),
    Fault(
        name="colour tags lost",
        scene=scenes.HDR_MOV,
        attempt=encoded(
            swap(
                "color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc",
                "color_primaries=unknown:color_trc=unknown:colorspace=unknown",
            ),
            put("-color_primaries", "unknown"),
            put("-color_trc", "unknown"),
            put("-colorspace", "unknown"),
        ),
        caught_by=("color_primaries", "color_transfer", "color_matrix"),
    ),
    Fault(
        name="colour tags lost",
        scene=scenes.FILM_MKV,
        attempt=encoded(
            swap(
                "color_primaries=bt709:color_trc=bt709:colorspace=bt709",
                "color_primaries=unknown:color_trc=unknown:colorspace=unknown",
            ),
            put("-color_primaries", "unknown"),
            put("-color_trc", "unknown"),
            put("-colorspace", "unknown"),
        ),
        caught_by=("color_primaries", "color_transfer", "color_matrix"),
    ),
    Fault(
        name="colour tags invented where the source states none",
        scene=scenes.WEB_WEBM,
        attempt=encoded(swap("color_primaries=unknown", "color_primaries=bt2020"), put("-color_primaries", "bt2020")),
        caught_by=("color_primaries",),
    ),
    Fault(
        name="colours lost",
        scene=scenes.FILM_MP4,
        attempt=encoded(picture_last("hue=s=0")),
        caught_by=("picture_witness.difference",),
    ),
    Fault(
        name="colour differences exchanged",
        scene=scenes.DROP_MOV,
        attempt=encoded(picture_last("swapuv")),
        caught_by=("picture_witness.difference",),
    ),
    Fault(
        name="limited-range pixels squeezed once more",
        scene=scenes.FILM_MP4,
        attempt=encoded(picture_last("scale=in_range=pc:out_range=tv")),
        caught_by=("picture_witness.contrast",),
    ),
)

FORMAT_FAULTS = (
    Fault(
        name="half the planned raster",
        scene=scenes.DROP_MOV,
        attempt=encoded(swap("w=320:h=180", "w=160:h=90")),
        caught_by=("raster",),
    ),
    Fault(
        name="the source's raster kept",
        scene=scenes.FILM_MP4,
        attempt=encoded(swap("w=320:h=180", "w=640:h=360")),
        caught_by=("raster",),
    ),
    Fault(
        name="raster two lines short",
        scene=scenes.DROP_MXF,
        attempt=encoded(swap("w=640:h=360", "w=640:h=358")),
        caught_by=("raster",),
    ),
    Fault(
        name="letterboxed into another raster",
        scene=scenes.FILM_MKV,
        attempt=encoded(picture_last("pad=320:240:0:30")),
        caught_by=("raster",),
    ),
    Fault(
        name="pixel aspect lost",
        scene=scenes.ANAMORPHIC_MOV,
        attempt=encoded(swap("setsar=sar=4/3", "setsar=sar=1/1")),
        caught_by=("pixel_aspect",),
    ),
    Fault(
        name="pixel aspect lost",
        scene=scenes.ANAMORPHIC_MP4,
        attempt=encoded(swap("setsar=sar=4/3", "setsar=sar=1/1")),
        caught_by=("pixel_aspect",),
    ),
    Fault(
        name="pixel aspect inverted",
        scene=scenes.ANAMORPHIC_MOV,
        attempt=encoded(swap("setsar=sar=4/3", "setsar=sar=3/4")),
        caught_by=("pixel_aspect",),
    ),
    Fault(
        name="pixel aspect invented",
        scene=scenes.DROP60_MP4,
        attempt=encoded(swap("setsar=sar=1/1", "setsar=sar=16/15")),
        caught_by=("pixel_aspect",),
    ),
    Fault(
        name="flagged as interlaced",
        scene=scenes.FIELDS_MOV,
        attempt=encoded(picture_last("setfield=tff"), put("-flags:v", "+bitexact+ildct+global_header")),
        caught_by=("field_order",),
        short=True,
    ),
    Fault(
        name="flagged as interlaced",
        scene=scenes.DROP60_MP4,
        attempt=encoded(picture_last("setfield=tff"), put("-flags:v", "+bitexact+ildct+ilme+global_header")),
        caught_by=("field_order",),
    ),
    Fault(
        name="fields woven into progressive frames",
        scene=scenes.FIELDS_MOV,
        attempt=encoded(swap("bwdif=mode=send_frame:parity=tff:deint=all,", "")),
        caught_by=("field_order",),
    ),
    Fault(
        name="fields woven into frames said to be progressive",
        scene=scenes.FIELDS_MOV,
        attempt=encoded(swap("bwdif=mode=send_frame:parity=tff:deint=all", "setfield=prog")),
        caught_by=("picture_witness.fields",),
    ),
    Fault(
        name="fields woven into frames said to be progressive",
        scene=scenes.FIELDS_MP4,
        attempt=encoded(swap("bwdif=mode=send_frame:parity=tff:deint=all", "setfield=prog")),
        caught_by=("picture_witness.fields",),
    ),
    Fault(
        name="H.264 for ProRes",
        scene=scenes.DROP_MOV,
        attempt=encoded(put("-c:v:0", "libx264"), drop("-profile:v"), drop("-vendor"), swap("yuv422p10le", "yuv420p")),
        caught_by=("codec",),
        short=True,
    ),
    Fault(
        name="H.265 for H.264",
        scene=scenes.FILM_MP4,
        attempt=encoded(
            put("-c:v:0", "libx265"), drop("-profile:v"), drop("-x264-params"), put("-x265-params", "log-level=error")
        ),
        caught_by=("codec",),
    ),
    Fault(
        name="MPEG-2 for DNxHR",
        scene=scenes.DROP_MXF,
        attempt=encoded(put("-c:v:0", "mpeg2video"), drop("-profile:v")),
        caught_by=("codec",),
    ),
    Fault(
        name="VP8 for VP9",
        scene=scenes.WEB_WEBM,
        attempt=encoded(put("-c:v:0", "libvpx"), drop("-row-mt"), drop("-tile-columns")),
        caught_by=("unreadable",),
    ),
    Fault(
        name="ProRes HQ for ProRes Proxy",
        scene=scenes.DROP_MOV,
        attempt=encoded(put("-profile:v", "3")),
        caught_by=("codec_profile",),
    ),
    Fault(
        name="DNxHR SQ for DNxHR LB",
        scene=scenes.DROP_MXF,
        attempt=encoded(put("-profile:v", "dnxhr_sq")),
        caught_by=("codec_profile",),
    ),
    Fault(
        name="10-bit for 8-bit H.264",
        scene=scenes.FILM_MP4,
        attempt=encoded(drop("-profile:v"), swap("yuv420p", "yuv420p10le")),
        caught_by=("pixel_format",),
    ),
    Fault(
        name="4:4:4 for 4:2:0 H.264",
        scene=scenes.FILM_MP4,
        attempt=encoded(drop("-profile:v"), swap("yuv420p", "yuv444p")),
        caught_by=("pixel_format",),
    ),
    Fault(
        name="Matroska under the name of a MOV file",
        scene=scenes.HEVC_MOV,
        attempt=encoded(
            put("-f", "matroska"),
            drop("-tag:v"),
            drop("-video_track_timescale"),
            drop("-movie_timescale"),
            drop("-write_tmcd"),
        ),
        caught_by=("unreadable",),
    ),
    Fault(
        name="MOV under the name of a Matroska file",
        scene=scenes.FILM_MKV,
        attempt=encoded(put("-f", "mov")),
        caught_by=("unreadable",),
    ),
    Fault(
        name="Matroska under the name of a WebM file",
        scene=scenes.WEB_WEBM,
        attempt=encoded(put("-f", "matroska")),
        caught_by=("brand",),
    ),
    Fault(
        name="MOV under the name of an MXF file",
        scene=scenes.DROP_MXF,
        attempt=encoded(put("-f", "mov")),
        caught_by=("unreadable",),
    ),
    Fault(
        name="MOV brand under the name of an MP4 file",
        scene=scenes.FILM_MP4,
        attempt=encoded(put("-f", "mov")),
        caught_by=("brand",),
    ),
    Fault(
        name="a second video track",
        scene=scenes.FILM_MP4,
        attempt=remuxed(*_COPIED, "-map", "0:v"),
        caught_by=("video_track_count",),
        short=True,
    ),
    Fault(
        name="a second video track",
        scene=scenes.DROP_MKV,
        attempt=remuxed(*_COPIED, "-map", "0:v"),
        caught_by=("video_track_count",),
    ),
    Fault(
        name="a cover picture",
        scene=scenes.FILM_MP4,
        attempt=encoded(
            add("-map", "0:v", "-c:v:1", "png", "-profile:v:1", "0", "-filter:v:1", "scale=64:36", "-frames:v:1", "1"),
            add("-disposition:v:1", "attached_pic"),
        ),
        caught_by=("video_track_count",),
    ),
)

PICTURE_FAULTS = (*ORIENTATION_FAULTS, *COLOUR_FAULTS, *FORMAT_FAULTS)
