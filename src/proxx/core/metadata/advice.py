"""Which built-in profiles suit a file: an ordered table, the first rule that applies decides."""

from collections.abc import Callable
from dataclasses import dataclass

from proxx.core.detection import Engine
from proxx.core.facts import VideoFacts
from proxx.core.metadata.editorial import has_common_rate
from proxx.core.metadata.report import Action, FlagsReport, Recommendation

LONGEST_PROXY_SIDE = 2048
"""The longer side, in pixels, up to which an editing proxy is small enough: 1920 (HD) and 2048 (2K) are."""

_EDITING = ("proxy_prores_proxy", "proxy_dnxhr_lb")
_DIVISORS = (("same", 1), ("half", 2), ("quarter", 4))


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceRule:
    """One line of the table. `applies` sees a file that was measured."""

    name: str
    applies: Callable[[VideoFacts], bool]
    action: Action
    profiles: tuple[str, ...]
    reason: str


ELSE = AdviceRule(
    name="edits_as_it_is",
    applies=lambda video: bool(video.intra_only),
    action=Action.PROXY_OPTIONAL,
    profiles=("proxy_h264_low", "proxy_prores_proxy"),
    reason="the file edits well by itself, a proxy saves space and serves review",
)
"""What is left when no other rule applies."""

RULES: tuple[AdviceRule, ...] = (
    AdviceRule(
        name="alpha",
        applies=lambda video: video.has_alpha,
        action=Action.PROXY,
        profiles=("proxy_prores_4444",),
        reason="it has an alpha channel, which ProRes 4444 alone keeps",
    ),
    AdviceRule(
        name="variable_rate",
        applies=lambda video: not video.constant_frame_rate,
        action=Action.PROXY,
        profiles=("proxy_prores_proxy", "proxy_h264_high"),
        reason="mov keeps the time of every frame, and an explicit fps makes the rate constant",
    ),
    AdviceRule(
        name="long_gop",
        applies=lambda video: not video.intra_only,
        action=Action.PROXY,
        profiles=_EDITING,
        reason="every frame of these stands alone, so that they play and scrub smoothly",
    ),
    AdviceRule(
        name="uncommon_rate",
        applies=lambda video: not has_common_rate(video=video),
        action=Action.PROXY,
        profiles=("proxy_prores_proxy",),
        reason="it keeps the uncommon rate, so that it can stand in for the source",
    ),
    AdviceRule(
        name="large_raster",
        applies=lambda video: max(video.width, video.height) > LONGEST_PROXY_SIDE,
        action=Action.PROXY,
        profiles=_EDITING,
        reason="the raster is larger than editing needs",
    ),
)
"""The table, in order."""

_RESOLVE = Recommendation(
    rule="resolve",
    action=Action.PROXY,
    profiles=("proxy_prores_proxy_resolve", "proxy_dnxhr_lb_resolve"),
    resolution=None,
    reason="camera RAW and codecs that no table names are decoded by Resolve only",
)


def recommend(*, flags: FlagsReport, video: VideoFacts | None) -> Recommendation | None:
    """Return what to do with a file; None when an engine takes it and nothing was measured."""
    if not flags.supported:
        reason = flags.skip_reason or "no engine takes this file"
        return Recommendation(rule="unsupported", action=Action.SKIP, profiles=(), resolution=None, reason=reason)
    if flags.engine is Engine.RESOLVE:
        return _RESOLVE
    if video is None:
        return None
    rule = next((rule for rule in RULES if rule.applies(video)), ELSE)
    return Recommendation(
        rule=rule.name,
        action=rule.action,
        profiles=rule.profiles,
        resolution=proxy_resolution(width=video.width, height=video.height),
        reason=rule.reason,
    )


def proxy_resolution(*, width: int, height: int) -> str:
    """Return the largest of same, half and quarter that is small enough and divides both sides into even numbers.

    Only whole divisions attach in every editing system. Where none is small enough, it is the smallest that is whole.
    """
    whole = [(word, by) for word, by in _DIVISORS if by == 1 or not (width % (2 * by) or height % (2 * by))]
    fitting = [word for word, by in whole if max(width, height) <= LONGEST_PROXY_SIDE * by]
    return fitting[0] if fitting else whole[-1][0]
