"""A render plan as text for people."""

from proxx.cli.text import plural
from proxx.core.plan import Expected
from proxx.core.rate import format_rate
from proxx.core.render_plan import RenderPlan, RenderSetting

_SHOWN_DIGITS = 12


def render_plan_lines(plan: RenderPlan) -> list[str]:
    """Return what Resolve is told, in the order in which it is told."""
    mode = "individual clips" if plan.individual_clips else "single clip"
    start = plan.start_timecode or "no start timecode"
    return [
        f"project  {_settings(plan.project_settings)}",
        f"preset   {plan.preset} (sha256 {plan.preset_sha256[:_SHOWN_DIGITS]}…)",
        f"codec    {plan.codec_id} in {plan.format_id}, {mode}",
        f"render   {_settings(plan.settings)}",
        f"clip     {plural(plan.frame_count, 'frame')} from {start}",
    ]


def expected_line(expected: Expected) -> str:
    """Return what the finished proxy must measure."""
    coding = " ".join(word for word in (expected.codec, expected.codec_profile) if word)
    sound = ", ".join(f"{track.codec} {plural(track.channels, 'channel')}" for track in expected.audio)
    return "; ".join(
        (
            f"{coding} in {expected.container}",
            f"{expected.width}x{expected.height} at {format_rate(rate=expected.frame_rate)}",
            plural(expected.frame_count, "frame"),
            f"start {expected.timecode or 'none, or 00:00:00:00'}",
            sound or "no sound",
        )
    )


def _settings(settings: tuple[RenderSetting, ...]) -> str:
    return " ".join(f"{setting.key}={setting.value}" for setting in settings)
