"""Witness: MediaInfo, which reads containers and codec headers with code of its own and decodes nothing."""

import re
from fractions import Fraction
from importlib import metadata
from pathlib import Path
from typing import Any

from pymediainfo import MediaInfo

from tests.witness.testimony import Rounded, Testimony

NAME = "MediaInfo"
THOUSANDTH = Fraction(1, 1000)
_CONTAINERS = {"Matroska": "mkv", "WebM": "webm", "MXF": "mxf"}
_CODECS = {"ProRes": "prores", "AVC": "h264", "HEVC": "hevc", "AV1": "av1", "VP9": "vp9"}
_PROFILES = {
    "422 Proxy": "Proxy",
    "422 LT": "LT",
    "422": "Standard",
    "422 HQ": "HQ",
    "4444": "4444",
    "RI@LB": "DNXHR LB",
    "RI@SQ": "DNXHR SQ",
    "RI@HQ": "DNXHR HQ",
    "RI@HQX": "DNXHR HQX",
    "HD@LB": "DNXHD",
    "HD@SQ": "DNXHD",
    "HD@HQ": "DNXHD",
    "HD@HQX": "DNXHD",
    "High": "High",
    "Main": "Main",
    "0": "Profile 0",
}
_RANGES = {"Limited": "tv", "Full": "pc"}
_PRIMARIES = {"BT.709": "bt709", "BT.601 PAL": "bt470bg", "BT.601 NTSC": "smpte170m", "BT.2020": "bt2020"}
_TRANSFERS = {"BT.709": "bt709", "BT.601": "smpte170m", "PQ": "smpte2084", "HLG": "arib-std-b67"}
_MATRICES = {
    "BT.709": "bt709",
    "BT.470 System B/G": "bt470bg",
    "BT.601": "smpte170m",
    "BT.2020 non-constant": "bt2020nc",
}
_SCANS = {"Progressive": "progressive", "TFF": "top_first", "BFF": "bottom_first"}
_AUDIO = {"AAC": "aac", "Opus": "opus", "FLAC": "flac"}
_LAYOUTS = {
    "M": "mono",
    "C": "mono",
    "L R": "stereo",
    "C L R Ls Rs LFE": "5.1",
    "L R C LFE Lb Rb": "5.1",
    "L R C Lb Rb LFE": "5.1",
}
_LANGUAGES = {"fr": "fra"}
_TIMECODE = "time_code_of_first_frame"


def missing() -> str:
    """It comes with the development packages, its library inside."""
    return "" if MediaInfo.can_parse() else "the MediaInfo library does not load"


def version() -> str:
    """The version of the package that carries the library."""
    return f"pymediainfo {metadata.version('pymediainfo')}"


def testify(path: Path) -> Testimony:
    """Ask it about one file."""
    tracks = [track.to_data() for track in MediaInfo.parse(str(path), full=True).tracks]
    general = next(track for track in tracks if track["track_type"] == "General")
    video = next(track for track in tracks if track["track_type"] == "Video")
    audio = [track for track in tracks if track["track_type"] == "Audio"]
    clocks = [track for track in tracks if track.get("type") == "Time code"]
    label = next((track[_TIMECODE] for track in (*clocks, general) if _TIMECODE in track), None)
    drop = next((track["timecode_dropframe"] for track in clocks if "timecode_dropframe" in track), None)
    said = {
        "container": _container(general),
        "codec": _codec(video),
        "codec profile": _profile(video),
        "raster": f"{video['width']}x{video['height']}",
        "pixel aspect": Rounded(value=Fraction(video["pixel_aspect_ratio"]), unit=THOUSANDTH),
        "display aspect": Rounded(value=Fraction(video["display_aspect_ratio"]), unit=THOUSANDTH),
        "frame count": int(video["frame_count"]),
        "duration": _length(video, general),
        "timecode": label,
        "drop-frame": drop == "Yes" if drop is not None else None if label is None else ";" in label,
        "reel name": _reel(general, video, clocks),
        "rotation": round(float(video.get("rotation", 0))),
        "colour range": _word(_RANGES, video, "color_range"),
        "colour primaries": _word(_PRIMARIES, video, "color_primaries"),
        "colour transfer": _word(_TRANSFERS, video, "transfer_characteristics"),
        "colour matrix": _word(_MATRICES, video, "matrix_coefficients"),
        "chroma": video["chroma_subsampling"],
        "audio codecs": tuple(map(_audio_codec, audio)),
        "audio channels": tuple(int(track["channel_s"]) for track in audio),
        "audio layouts": tuple(_layout(track) for track in audio),
        "audio sample rates": tuple(int(track["sampling_rate"]) for track in audio),
        "audio bit depths": tuple(track["bit_depth"] if track["format"] == "PCM" else None for track in audio),
        "audio lengths": tuple(_length(track, general) for track in audio),
        "audio languages": tuple(_language(track) for track in audio),
    }
    return {**said, **_rate(video), **_scan(video), **_pixels(video)}


def _container(general: dict[str, Any]) -> str:
    if general["format"] == "MPEG-4":
        return "mov" if general["format_profile"] == "QuickTime" else "mp4"
    return _CONTAINERS.get(general["format"], str(general["format"]))


def _codec(video: dict[str, Any]) -> str:
    if video["format"] == "VC-3":
        return "dnxhr" if video["format_profile"].startswith("RI") else "dnxhd"
    return _CODECS.get(video["format"], str(video["format"]))


def _profile(video: dict[str, Any]) -> str:
    text = str(video["format_profile"])
    name = text if video["format"] in ("ProRes", "VC-3") else text.partition("@")[0]
    return _PROFILES.get(name, text)


def _rate(video: dict[str, Any]) -> dict[str, object]:
    """Exact where it shows the two numbers."""
    if "framerate_num" not in video:
        return {"frame rate": Rounded(value=Fraction(video["frame_rate"]), unit=THOUSANDTH)}
    return {"frame rate": Fraction(int(video["framerate_num"]), int(video["framerate_den"]))}


def _scan(video: dict[str, Any]) -> dict[str, object]:
    """VP9 has no fields, and MediaInfo says nothing of them."""
    if "scan_type" not in video:
        return {}
    scan = str(video["scan_type"] if video["scan_type"] == "Progressive" else video.get("scan_order"))
    return {"field order": _SCANS.get(scan, scan)}


def _pixels(video: dict[str, Any]) -> dict[str, object]:
    """Depth and alpha, where it says a word."""
    depth = {"bit depth": int(video["bit_depth"])} if "bit_depth" in video else {}
    return {**depth, **({"alpha": "A" in video["color_space"]} if "color_space" in video else {})}


def _length(track: dict[str, Any], general: dict[str, Any]) -> Rounded:
    """In milliseconds; in Matroska the distance between two times that are whole milliseconds themselves."""
    unit = 2 * THOUSANDTH if general["format"] in ("Matroska", "WebM") else THOUSANDTH
    return Rounded(value=Fraction(track["duration"]) / 1000, unit=unit)


def _reel(general: dict[str, Any], video: dict[str, Any], clocks: list[dict[str, Any]]) -> str | None:
    """Where each container has it: the title of the timecode track, the name of the tape package, a tag."""
    found = (video.get("reel_name"), general.get("package_name"), *(clock.get("title") for clock in clocks))
    return next((name for name in found if name is not None), None)


def _audio_codec(track: dict[str, Any]) -> str:
    if track["format"] != "PCM":
        return _AUDIO.get(track["format"], str(track["format"]))
    order = "le" if track.get("format_settings__endianness") == "Little" else "be"
    return f"pcm_s{track['bit_depth']}{order}"


def _language(track: dict[str, Any]) -> str | None:
    """It prints the two-letter word where there is one."""
    found = track.get("language")
    return None if found is None else _LANGUAGES.get(found, str(found))


def _layout(track: dict[str, Any]) -> str | None:
    found = track.get("channel_layout")
    return None if found is None else _LAYOUTS.get(found, str(found))


def _word(table: dict[str, str], video: dict[str, Any], key: str) -> str | None:
    text = re.sub(r"\s+", " ", str(video.get(key) or "")).strip()
    return table.get(text, text) if text else None
