"""One tiny clip for each row of the source matrix, version 2 (which has every row of version 1)."""

import subprocess
from pathlib import Path

CLIP_TIMEOUT_SECONDS = 60
FRAMES = 6

_SMALL, _PAL, _HD = "256x144", "720x576", "1920x1080"
_H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-threads", "1", "-pix_fmt", "yuv420p")
_HEVC = (
    *("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p"),
    *("-x265-params", "pools=none:frame-threads=1:log-level=none:info=0"),
)
_VP9 = ("-c:v", "libvpx-vp9", "-threads", "1", "-deadline", "realtime", "-cpu-used", "8", "-pix_fmt", "yuv420p")
_AV1 = ("-c:v", "libaom-av1", "-threads", "1", "-cpu-used", "8", "-usage", "realtime", "-pix_fmt", "yuv420p")
_PRORES = ("-c:v", "prores_ks", "-profile:v", "proxy", "-pix_fmt", "yuv422p10le")
_DNXHR = ("-c:v", "dnxhd", "-profile:v", "dnxhr_lb", "-pix_fmt", "yuv422p")
_DNXHD = ("-c:v", "dnxhd", "-b:v", "36M", "-pix_fmt", "yuv422p")
_MPEG2 = ("-c:v", "mpeg2video", "-threads", "1", "-g", "6", "-bf", "2", "-b:v", "8M")
_MJPEG = ("-c:v", "mjpeg", "-threads", "1", "-q:v", "4", "-pix_fmt", "yuvj420p")
_DV = ("-c:v", "dvvideo", "-pix_fmt", "yuv420p")
_CINEFORM = ("-c:v", "cfhd", "-pix_fmt", "yuv422p10le")
_JPEG2000 = ("-c:v", "jpeg2000", "-threads", "1", "-pix_fmt", "yuv422p")

CLIPS: dict[tuple[str, str], tuple[str, str, tuple[str, ...]]] = {
    ("mp4", "h264"): ("C0001.MP4", _SMALL, _H264),
    ("mp4", "hevc"): ("IMG_2042.mp4", _SMALL, (*_HEVC, "-tag:v", "hvc1")),
    ("mp4", "av1"): ("capture.mp4", _SMALL, _AV1),
    ("mov", "h264"): ("IMG_2043.MOV", _SMALL, _H264),
    ("mov", "hevc"): ("IMG_2044.MOV", _SMALL, (*_HEVC, "-tag:v", "hvc1")),
    ("mov", "prores"): ("A001C001_251120_R1AB.mov", _SMALL, _PRORES),
    ("mov", "dnxhr"): ("A002C001.mov", _SMALL, _DNXHR),
    ("mov", "mjpeg"): ("DSC_0001.MOV", _SMALL, _MJPEG),
    ("mkv", "h264"): ("2025-11-20.mkv", _SMALL, _H264),
    ("mkv", "hevc"): ("2025-11-21.mkv", _SMALL, _HEVC),
    ("mkv", "vp9"): ("2025-11-22.mkv", _SMALL, _VP9),
    ("mkv", "av1"): ("2025-11-23.mkv", _SMALL, _AV1),
    ("mxf", "dnxhd"): ("A003C001.mxf", _HD, _DNXHD),
    ("mxf", "dnxhr"): ("A003C002.mxf", _SMALL, _DNXHR),
    ("mxf", "mpeg2video"): ("Clip0001.MXF", _SMALL, (*_MPEG2, "-pix_fmt", "yuv422p")),
    ("mxf", "h264"): ("A004C001.MXF", _SMALL, (*_H264, "-g", "1", "-bf", "0")),
    ("webm", "vp9"): ("screen.webm", _SMALL, _VP9),
    ("webm", "av1"): ("screen-av1.webm", _SMALL, _AV1),
    ("ts", "mpeg2video"): ("00001.ts", _SMALL, (*_MPEG2, "-pix_fmt", "yuv420p")),
    ("avi", "mjpeg"): ("MVI_0042.avi", _SMALL, _MJPEG),
    ("mov", "mpeg2video"): ("XDCAM_0001.mov", _SMALL, (*_MPEG2, "-pix_fmt", "yuv422p", "-tag:v", "xd5b")),
    ("mov", "dvvideo"): ("tape.mov", _PAL, _DV),
    ("mov", "cfhd"): ("GOPR0001.mov", _SMALL, _CINEFORM),
    ("mov", "jpeg2000"): ("scan.mov", _SMALL, _JPEG2000),
    ("mxf", "prores"): ("A005C001_251120_R1AB.mxf", _SMALL, ("-c:v", "prores", "-pix_fmt", "yuv422p10le")),
    ("mxf", "dvvideo"): ("0001AB.MXF", _PAL, _DV),
    ("mxf", "jpeg2000"): ("master.mxf", _SMALL, _JPEG2000),
    ("ts", "h264"): ("00001.MTS", _SMALL, (*_H264, "-f", "mpegts", "-mpegts_m2ts_mode", "1")),
    ("avi", "dvvideo"): ("tape.avi", _PAL, _DV),
    ("avi", "cfhd"): ("GOPR0002.avi", _SMALL, _CINEFORM),
}
"""Container and codec to file name, raster and encoder. FFmpeg 5.1 writes ProRes into MXF only from `prores`, not from
`prores_ks`; the label in the file is that of RDD 44 all the same."""


def make_matrix_clip(container: str, codec: str, directory: Path) -> Path:
    """Write the clip of a row below `directory` and return its path.

    Raises:
        RuntimeError: ffmpeg refused; carries its message.
        FileNotFoundError: there is no ffmpeg on PATH.
    """
    name, raster, encoder = CLIPS[container, codec]
    path = directory / name
    picture = f"testsrc2=size={raster}:rate=25,trim=end_frame={FRAMES}"
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", picture, *encoder, str(path)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=CLIP_TIMEOUT_SECONDS, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"ffmpeg could not make {name} (exit code {done.returncode}): {done.stderr.strip()}")
    return path
