"""Time: exact rates, frame counts, and how frames reach the encoder without one being dropped or doubled.

Same as source, constant rate: the frames are numbered, frame n is shown at n / rate (FFmpeg's input option `-r`), so
neither rounded time stamps nor small jitter can drop one. Variable rate: every frame keeps its time stamp, counted from
the first picture, in the source's own time base; or the source is refused, as the profile says. Explicit rate: output
frame k shows the source frame nearest to k / rate; there are round(source frames * rate / source rate) of them, halves
up. None at all is refused.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

from proxx.core.facts import VideoFacts
from proxx.core.planner.container_rules import ContainerRules
from proxx.core.planner.refusal import Refusals
from proxx.core.profile import Profile, VariableRate
from proxx.core.rate import format_rate

_LARGEST_TIME_SCALE = 2**31 - 1
_LEAST_TIME_SCALE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Rate and count of the proxy. `numbered` frames are timed by `source_rate`; `tick` is a unit of time, seconds.

    `permitted` says that neither profile nor container refused the rate.
    """

    source_rate: Fraction
    rate: Fraction
    frame_count: int
    constant: bool
    on_grid: bool
    numbered: bool
    conform: bool
    permitted: bool
    tick: Fraction
    offset_microseconds: int

    def filters(self) -> tuple[str, ...]:
        """Return the filters that conform the rate; none when the source's is kept.

        Time stamps are put on the source's exact grid first, so that a rounded one cannot choose another frame.
        """
        if not self.conform:
            return ()
        grid = (f"settb=expr={1 / self.source_rate}",) if self.on_grid else ()
        return (*grid, f"fps=fps={self.rate}:start_time=0:round=near")

    def time_scale(self) -> int:
        """Return the ticks a second of a MOV file: every frame time is exact, and sound is placed within 0.1 ms."""
        exact = (1 / self.tick).numerator
        return exact * -(-_LEAST_TIME_SCALE // exact)


def plan_timing(
    *, video: VideoFacts, fps: Fraction | None, profile: Profile, container: ContainerRules, refusals: Refusals
) -> Timing | None:
    """Return rate and count of the proxy, or None after noting why there can be none."""
    rate = fps if fps is not None else video.frame_rate
    if video.frame_count < 1 or video.frame_rate <= 0 or rate <= 0 or video.time_base <= 0:
        refusals.add(
            "the source has no frames or no frame rate",
            expected="at least 1 frame and a rate above 0",
            actual=f"{video.frame_count} frames at {format_rate(rate=video.frame_rate)}",
        )
        return None
    on_grid = video.constant_frame_rate
    conform = fps is not None and not (on_grid and fps == video.frame_rate)
    variable = not on_grid and not conform
    permitted = _check_rate(rate=rate, variable=variable, profile=profile, container=container, refusals=refusals)
    tick = video.time_base if variable else 1 / rate
    if variable and container.ticks and (1 / tick).numerator > _LARGEST_TIME_SCALE:
        refusals.add("its time base is too fine for the container", actual=str(video.time_base))
        return None
    frame_count = _count(video=video, fps=fps if conform else None, on_grid=on_grid)
    if frame_count < 1:
        refusals.add(
            "it is shorter than half a frame at the rate asked for",
            expected="at least 1 frame",
            actual=f"{video.frame_count} frames at {format_rate(rate=video.frame_rate)} to {format_rate(rate=rate)}",
        )
        return None
    return Timing(
        source_rate=video.frame_rate,
        rate=rate,
        frame_count=frame_count,
        constant=not variable,
        on_grid=on_grid,
        numbered=on_grid and not conform,
        conform=conform,
        permitted=permitted,
        tick=tick,
        offset_microseconds=round(-(video.start_time or 0) * 1_000_000),
    )


def _check_rate(
    *, rate: Fraction, variable: bool, profile: Profile, container: ContainerRules, refusals: Refusals
) -> bool:
    """Note a rate that cannot be written; return whether it can."""
    if variable:
        who = _needs_constant(profile=profile, container=container)
        if who is None:
            return True
        refusals.add(
            f"the source's frame rate varies ({float(rate):.3f} frames a second on average), and {who}; "
            "name an explicit rate (fps_explicit), or choose a profile that keeps variable rates",
            expected="a constant frame rate",
            actual=f"variable, {float(rate):.3f} on average",
        )
        return False
    permitted = profile.frame_rates or container.frame_rates
    for legal in (profile.frame_rates, container.frame_rates):
        if legal and rate not in legal:
            refusals.add(
                f"the frame rate {format_rate(rate=rate)} is not one that can be written",
                expected=", ".join(format_rate(rate=item) for item in permitted),
                actual=format_rate(rate=rate),
            )
            return False
    return True


def _needs_constant(*, profile: Profile, container: ContainerRules) -> str | None:
    """Return who needs a constant rate, None when nobody does."""
    if not container.variable_rate:
        return f"{container.muxer} holds a constant one only"
    if profile.frame_rates:
        return "the profile permits certain rates only"
    return "the profile refuses that" if profile.variable_rate is VariableRate.REFUSE else None


def _count(*, video: VideoFacts, fps: Fraction | None, on_grid: bool) -> int:
    if fps is None:
        return video.frame_count
    stated = None if on_grid else video.duration
    seconds = stated if stated is not None else video.frame_count / video.frame_rate
    return math.floor(seconds * fps + Fraction(1, 2))
