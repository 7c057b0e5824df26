"""Whether a file edits well by itself. The rule: every frame stands alone, the rate is constant, the rate is common."""

from fractions import Fraction

from proxx.core.facts import VideoFacts
from proxx.core.metadata.numbers import rate_text
from proxx.core.metadata.report import EditorialReason, EditorialReport

COMMON_RATES = (
    Fraction(24000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(30),
    Fraction(48),
    Fraction(50),
    Fraction(60000, 1001),
    Fraction(60),
)
"""Rates at which editing systems offer sequences, frames a second."""

VARIABLE_RATE = "the frame rate is not constant"
"""The sentence of the probe, so that one fact is said once."""


def has_common_rate(*, video: VideoFacts) -> bool:
    """Return whether the rate is one at which sequences are made. An average is no rate."""
    return video.constant_frame_rate and video.frame_rate in COMMON_RATES


def editorial_report(*, video: VideoFacts | None) -> EditorialReport:
    """Return whether the file edits well, with every rule that it does not meet."""
    if video is None:
        reason = EditorialReason(rule="measured", message="no video track was measured")
        return EditorialReport(friendly=None, reasons=(reason,))
    reasons: list[EditorialReason] = []
    if video.intra_only is None:
        reasons.append(EditorialReason(rule="intra", message="the file does not say whether every frame stands alone"))
    elif not video.intra_only:
        reasons.append(EditorialReason(rule="intra", message="long GOP: frames depend on others and decode slowly"))
    if not video.constant_frame_rate:
        reasons.append(EditorialReason(rule="constant_rate", message=VARIABLE_RATE))
    elif not has_common_rate(video=video):
        common = ", ".join(rate_text(rate) for rate in COMMON_RATES)
        message = f"uncommon frame rate {rate_text(video.frame_rate)}; common are {common}"
        reasons.append(EditorialReason(rule="common_rate", message=message))
    only_unknown = video.intra_only is None and len(reasons) == 1
    return EditorialReport(friendly=None if only_unknown else not reasons, reasons=tuple(reasons))
