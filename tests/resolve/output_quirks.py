"""What lies on disk after a render that calls itself complete."""

from tests.resolve.quirk_case import Ending, QuirkCase
from tests.resolve_simulator.quirks import Quirks


def _missing(value: str, name: str, says: str) -> QuirkCase:
    return QuirkCase(
        name=name,
        quirks=Quirks(output=value),
        does="looks for exactly one file with bytes in it",
        ending=Ending.FAILED,
        kind="OUTPUT_MISSING",
        says=says,
    )


def _other(value: str, name: str, says: str, *, short: bool = False, quirks: Quirks | None = None) -> QuirkCase:
    return QuirkCase(
        name=name,
        quirks=quirks or Quirks(output=value),
        does="measures the file, and refuses it",
        ending=Ending.FAILED,
        kind="OUTPUT_MISMATCH",
        says=says,
        short=short,
    )


OUTPUT_QUIRKS: tuple[QuirkCase, ...] = (
    _missing("missing", "complete, and no file", "there is no file"),
    QuirkCase(
        name="a file of another name",
        quirks=Quirks(output="other_name"),
        does="takes the one file of its private directory, whatever its stem",
    ),
    _missing("two_files", "two files", "Resolve left 2 files"),
    _missing("zero_length", "an empty file", "is empty"),
    _missing("subfolder", "a file in a folder", "which is no file"),
    _other("truncated", "half a file", "cut off"),
    _other("short", "one frame short", "frame_count expected 5, measured 4", short=True),
    _other(
        "short",
        "one frame long",
        "frame_count expected 5, measured 6",
        quirks=Quirks(output="short", output_delta=1),
    ),
    _other("wrong_timecode", "another start timecode", "timecode expected 01:00:00:00, measured 00:00:00:00"),
    _other("no_timecode", "no timecode", "timecode expected 01:00:00:00, measured not stated"),
    _other("no_audio", "no sound", "audio_track_count expected 1, measured 0"),
    _other("fewer_channels", "fewer channels", "audio[0].channels expected 2, measured 1"),
    _other("no_video", "no picture", "without a video track"),
    _other("wrong_raster", "another raster", "raster expected 256x144, measured 272x144"),
    _other("wrong_rate", "another rate", "frame_rate expected 25/1, measured 24/1"),
    _other("slate", "one slate all through", "pictures_differ expected pictures that differ, measured all the same"),
    QuirkCase(
        name="black all through",
        quirks=Quirks(output="black"),
        does="says so with a warning, and delivers: a lens cap looks like that",
    ),
    _other("wrong_codec", "another codec", "codec expected dnxhr, measured mjpeg"),
)
