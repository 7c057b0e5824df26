"""The command of the optional picture checks: a second look at the finished proxy, beside its source where likeness is
asked. Its lines are read by proxx.core.picture_log."""

from proxx.core.picture_checks import PictureChecks
from proxx.core.picture_log import TRACK_KEY
from proxx.core.plan import OUTPUT_PLACEHOLDER
from proxx.core.planner.codec_rules import DEMUXERS
from proxx.core.planner.command import (
    FILTER_THREADS,
    LARGEST_PIXELS,
    MOST_STREAMS,
    SCALER,
    Parts,
    source_input,
    video_filters,
)

_BLACK_PICTURE = "0.98"
_BLACK_PIXEL = "0.10"
_FREEZE_NOISE = "-60dB"
_SILENCE_NOISE = "-60dB"
_SOUND_BLOCKS_A_SECOND = 10  # a block carries one start and one end at most
_PRINT = "mode=print:direct=1:file=pipe\\\\:1"


def build_checks_argv(parts: Parts) -> tuple[str, ...]:
    """Return the command, or nothing where the profile asks for no check. `file:{output}` is the staged proxy.

    Black is 98 % of a picture below 10 % of the scale, frozen and silent are 60 dB below full scale; a stretch shorter
    than a tenth of a second cannot be asked of the sound.
    """
    checks = parts.inputs.profile.picture_checks
    if checks is None:
        return ()
    likeness = checks.least_ssim is not None or checks.least_psnr_db is not None
    detectors = checks.black_milliseconds is not None or checks.freeze_milliseconds is not None
    proxy = 1 if likeness else 0
    graphs = [
        *([_detectors(checks, proxy)] if detectors else []),
        *(_likeness(checks, parts, proxy) if likeness else []),
    ]
    sound = _sound(checks, parts, proxy)
    ends = [*(["[seen]"] if detectors else []), *(["[alike]"] if likeness else [])]
    ends += [f"[heard{number}]" for number in range(len(sound))]
    if not ends:
        return ()
    return (
        *("ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "repeat+level+error"),
        *("-filter_complex_threads", FILTER_THREADS),
        *(source_input(parts) if likeness else ()),
        *_proxy_input(parts),
        *("-filter_complex", f"sws_flags={SCALER};" + ";".join((*graphs, *sound))),
        *(word for end in ends for word in ("-map", end)),
        *("-fps_mode", "passthrough", "-f", "null", "-"),
    )


def _proxy_input(parts: Parts) -> tuple[str, ...]:
    demuxer = DEMUXERS[parts.inputs.container]
    return (
        *("-protocol_whitelist", "file", "-format_whitelist", demuxer),
        *("-max_streams", str(MOST_STREAMS), "-max_pixels", str(LARGEST_PIXELS)),
        *("-threads", str(parts.inputs.profile.threads), "-noautorotate", "-guess_layout_max", "0"),
        *("-f", demuxer, "-i", f"file:{OUTPUT_PLACEHOLDER}"),
    )


def _detectors(checks: PictureChecks, proxy: int) -> str:
    filters = []
    if checks.black_milliseconds is not None:
        filters.append(f"blackdetect=d=0:pic_th={_BLACK_PICTURE}:pix_th={_BLACK_PIXEL}")
    if checks.freeze_milliseconds is not None:
        filters.append(f"freezedetect=n={_FREEZE_NOISE}:d={_seconds(checks.freeze_milliseconds)}")
    return f"[{proxy}:v:0]{','.join(filters)},metadata={_PRINT}[seen]"


def _likeness(checks: PictureChecks, parts: Parts, proxy: int) -> list[str]:
    """Compare picture by picture, by number: both sides have the same ones, whatever their containers' clocks."""
    video = parts.inputs.facts.video
    numbered = f"format=pix_fmts={parts.inputs.profile.pixel_format.replace('yuva', 'yuv')},settb=expr=1/25,setpts=N"
    source = f"[0:{video.stream_index if video is not None else 0}]{video_filters(parts)},{numbered}"
    if checks.least_ssim is None or checks.least_psnr_db is None:
        measure = "ssim" if checks.least_ssim is not None else "psnr"
        compare = [f"[shown][given]{measure},metadata={_PRINT}[alike]"]
        return [f"{source}[given]", f"[{proxy}:v:0]{numbered}[shown]", *compare]
    return [
        f"{source},split[given][again]",
        f"[{proxy}:v:0]{numbered}[shown]",
        "[shown][given]ssim[once]",
        f"[once][again]psnr,metadata={_PRINT}[alike]",
    ]


def _sound(checks: PictureChecks, parts: Parts, proxy: int) -> list[str]:
    if checks.silence_milliseconds is None:
        return []
    shortest = _seconds(checks.silence_milliseconds)
    return [
        f"[{proxy}:a:{number}]asetnsamples=n={track.expected.sample_rate // _SOUND_BLOCKS_A_SECOND}:p=0"
        f",ametadata=mode=add:key={TRACK_KEY}:value={number}"
        f",silencedetect=n={_SILENCE_NOISE}:d={shortest}:mono=1,ametadata={_PRINT}[heard{number}]"
        for number, track in enumerate(parts.sound.tracks)
    ]


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds // 1000}.{milliseconds % 1000:03d}"
