"""Proxx's own facts of a finished proxy, under the names that witnesses use."""

from fractions import Fraction

from proxx.core.steps import PreparedOutput
from tests.witness.testimony import Testimony

CHROMA = {"420": "4:2:0", "422": "4:2:2", "444": "4:4:4"}


def our_facts(output: PreparedOutput) -> Testimony:
    """What measuring found.

    Raises:
        AssertionError: the proxy has no picture.
    """
    measured, facts = output.measured, output.measured.facts
    video, timecode, audio = facts.video, facts.timecode, facts.audio
    assert video is not None
    pixels = video.pixel_format or ""
    aspect = video.pixel_aspect or Fraction(1)
    return {
        "container": facts.container,
        "codec": video.codec,
        "codec profile": video.profile,
        "raster": f"{video.width}x{video.height}",
        "pixel aspect": aspect,
        "display aspect": Fraction(video.width, video.height) * aspect,
        "frame rate": video.frame_rate,
        "frame count": measured.decoded_frames,
        "duration": video.duration,
        "timecode": timecode.label if timecode is not None else None,
        "drop-frame": timecode.drop_frame if timecode is not None else None,
        "reel name": facts.reel_name,
        "rotation": video.rotation,
        "field order": video.field_order.value.lower(),
        "colour range": video.color_range,
        "colour primaries": video.color_primaries,
        "colour transfer": video.color_transfer,
        "colour matrix": video.color_matrix,
        "bit depth": video.bit_depth,
        "chroma": next(CHROMA[digits] for digits in CHROMA if digits in pixels),
        "alpha": video.has_alpha,
        "audio codecs": tuple(track.codec for track in audio),
        "audio channels": tuple(track.channels for track in audio),
        "audio layouts": tuple(track.layout for track in audio),
        "audio sample rates": tuple(track.sample_rate for track in audio),
        "audio bit depths": tuple(track.bits_per_sample for track in audio),
        "audio languages": tuple(track.language for track in audio),
        "audio lengths": tuple(track.duration for track in audio),
        "audio decoded": measured.audio_durations,
    }
