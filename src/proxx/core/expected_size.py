"""How large a proxy will be, roughly: before it exists, for the budget of a staging directory (docs/ORDERING.md).

An estimate from above for common footage: bits for each pixel of each frame by codec, or the rate that the profile
states, and uncompressed sound. The plan's ceiling is many times larger: it only stops a tool that runs wild.
"""

from fractions import Fraction
from itertools import pairwise

from proxx.core.plan import Plan
from proxx.core.profile import Profile
from proxx.core.render_codecs import RENDER_CODECS

CODEC_BITS = {
    "prores_proxy": Fraction(8, 10), "prores_lt": Fraction(17, 10), "prores_standard": Fraction(24, 10),
    "prores_hq": Fraction(40, 10), "prores_4444": Fraction(60, 10), "dnxhd": Fraction(36, 10),
    "h264": Fraction(3, 10), "h265": Fraction(2, 10), "vp9": Fraction(2, 10), "av1": Fraction(2, 10),
}  # fmt: skip
"""Bits a pixel by the JobSpec's word. ProRes: the target rates of Apple's white paper at HD and 29.97, rounded up."""

DNXHR_BITS = {
    "dnxhr_lb": Fraction(8, 10), "dnxhr_sq": Fraction(24, 10), "dnxhr_hq": Fraction(36, 10),
    "dnxhr_hqx": Fraction(36, 10), "dnxhr_444": Fraction(72, 10),
}  # fmt: skip
"""Bits a pixel by FFmpeg's `-profile:v`, from Avid's table of DNxHR rates at 1920x1080."""

RENDER_QUALITY_BITS = Fraction(8, 10)
"""H.264 and H.265 as Resolve encodes them at its own choice of rate: far above ours."""

UNKNOWN_BITS = Fraction(16)
"""An engine or codec that is not in the tables: two bytes a pixel."""

SAMPLE_BYTES = 4
CONTAINER_BYTES = 1024 * 1024
UNITS = {"k": 1000, "M": 1_000_000, "G": 1_000_000_000}


def expected_bytes(*, plan: Plan, profile: Profile) -> int:
    """Return how many bytes the output of `plan` is expected to have."""
    expected = plan.expected
    seconds = expected.frame_count / expected.frame_rate
    rate = _stated_rate(profile)
    if rate is not None:
        picture = rate * seconds
    else:
        picture = _bits(profile) * expected.width * expected.height * expected.frame_count
    sound = sum(
        track.channels * track.sample_rate * max(seconds, track.duration or Fraction(0)) for track in expected.audio
    )
    return int(picture / 8 + sound * SAMPLE_BYTES) + CONTAINER_BYTES


def _stated_rate(profile: Profile) -> Fraction | None:
    """Return the bits a second that the encoder is told; DNxHD's own rate only picks a flavour (dnxhd_table.py)."""
    if profile.codec in ("dnxhd", "dnxhr"):
        return None
    stated = [_argument(profile, name) for name in ("-maxrate", "-maxrate:v", "-b:v")]
    rates = [rate for rate in map(_number, stated) if rate]
    return max(rates, default=None)


def _bits(profile: Profile) -> Fraction:
    pair = RENDER_CODECS.get((profile.render.get("format", ""), profile.render.get("codec", "")))
    if pair is not None and pair.profile is None:
        return RENDER_QUALITY_BITS
    if pair is not None and pair.measured == "dnxhr":
        return DNXHR_BITS.get(f"{pair.profile}".lower().replace(" ", "_"), UNKNOWN_BITS)
    return DNXHR_BITS.get(_argument(profile, "-profile:v"), CODEC_BITS.get(profile.codec, UNKNOWN_BITS))


def _argument(profile: Profile, name: str) -> str:
    return next((value for word, value in pairwise(profile.arguments) if word == name), "")


def _number(text: str) -> Fraction:
    digits, unit = (text[:-1], UNITS[text[-1]]) if text[-1:] in UNITS else (text, 1)
    return Fraction(int(digits) * unit) if digits.isascii() and digits.isdecimal() else Fraction(0)
