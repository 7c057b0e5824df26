"""plan_clip for Resolve over any facts: a plan or reasons, never anything else."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from proxx.core.detection import Engine
from proxx.core.facts import FieldOrder, MediaFacts, TimecodeFacts
from proxx.core.plan import Plan
from proxx.core.planner import PlanRefusedError, plan_clip, plan_digest
from proxx.core.planner.timeline import TIMELINE_RATES
from proxx.core.profile import Profile
from proxx.core.render_settings import typed_settings
from proxx.core.violation import Violation
from proxx.runtime.profile_files import builtin_library
from tests.fakes.media_facts import inputs_with
from tests.fakes.raw_facts import RAW_SOUND, RAW_VIDEO, raw_with

RESOLVE = tuple(profile for profile in builtin_library().profiles if profile.engine is Engine.RESOLVE)
KNOWN_RATES = st.sampled_from(tuple(TIMELINE_RATES))
RATES = st.one_of(KNOWN_RATES, st.fractions(min_value=-1, max_value=300, max_denominator=2000))
LABELS = st.sampled_from(("01:00:00:00", "00:01:00;00", "10:20:30;12", "23:59:59:23", "")) | st.text(max_size=12)


@st.composite
def any_facts(draw: st.DrawFn) -> MediaFacts:
    """Facts that may be wrong anywhere."""
    rate = draw(RATES)
    video = replace(
        RAW_VIDEO,
        codec=draw(st.sampled_from(("redcode", "braw", "unknown", "h264"))),
        width=draw(st.integers(-2, 20000)),
        height=draw(st.integers(-2, 20000)),
        pixel_aspect=draw(st.sampled_from((None, Fraction(1), Fraction(2)))),
        field_order=draw(st.sampled_from(FieldOrder)),
        rotation=draw(st.sampled_from((0, 0, 90))),
        frame_rate=rate,
        constant_frame_rate=draw(st.booleans()),
        frame_count=draw(st.integers(-1, 10**7)),
    )
    timecodes = st.builds(
        TimecodeFacts, label=LABELS, drop_frame=st.booleans(), rate=st.just(rate) | RATES, origin=st.just("resolve")
    )
    return raw_with(
        video=draw(st.sampled_from((video, video, video, None))),
        audio=tuple(replace(RAW_SOUND, channels=count) for count in draw(st.lists(st.integers(-1, 40), max_size=3))),
        timecode=draw(st.none() | timecodes),
        reel_name=draw(st.none() | st.text(max_size=300)),
        other_streams=tuple(draw(st.lists(st.text(max_size=8), max_size=3))),
    )


@st.composite
def sound_facts(draw: st.DrawFn) -> MediaFacts:
    """Facts of a clip with which nothing is wrong."""
    rate = draw(KNOWN_RATES)
    video = replace(
        RAW_VIDEO,
        width=8 * draw(st.integers(256, 2000)),
        height=8 * draw(st.integers(100, 1000)),
        frame_rate=rate,
        frame_count=draw(st.integers(1, 10**6)),
    )
    label = f"{draw(st.integers(0, 23)):02d}:00:00:{draw(st.integers(0, 15)):02d}"
    return raw_with(
        video=video,
        audio=tuple(replace(RAW_SOUND, channels=count) for count in draw(st.lists(st.integers(1, 36), max_size=4))),
        timecode=TimecodeFacts(label=label, drop_frame=False, rate=rate, origin="resolve"),
    )


def outcome(
    facts: MediaFacts, profile: Profile, resolution: str, fps: Fraction | None = None
) -> Plan | tuple[Violation, ...]:
    try:
        return plan_clip(inputs=inputs_with(profile=profile, facts=facts, resolution=resolution, fps=fps))
    except PlanRefusedError as refused:
        return refused.violations


def check(plan: Plan) -> None:
    assert plan.render is not None
    told = typed_settings(settings=plan.render.settings)
    assert (told["FormatWidth"], told["FormatHeight"]) == (plan.expected.width, plan.expected.height)
    assert plan.expected.width % 2 == plan.expected.height % 2 == 0
    assert plan.expected.frame_count == plan.render.frame_count > 0
    assert (plan.argv, plan.digest) == ((), plan_digest(plan))


@settings(max_examples=60, deadline=None)
@given(
    facts=any_facts(),
    profile=st.sampled_from(RESOLVE),
    resolution=st.sampled_from(("same", "half", "1920x1080", "720x576", "nonsense")),
    fps=st.none() | RATES,
)
def test_any_facts_give_a_plan_or_reasons_with_facts(
    facts: MediaFacts, profile: Profile, resolution: str, fps: Fraction | None
) -> None:
    found = outcome(facts, profile, resolution, fps)
    if isinstance(found, Plan):
        check(found)
    else:
        assert found
        assert all(violation.message and violation.expected and violation.actual for violation in found)


@settings(max_examples=30, deadline=None)
@given(facts=sound_facts(), profile=st.sampled_from(RESOLVE), resolution=st.sampled_from(("same", "half", "quarter")))
def test_a_clip_with_which_nothing_is_wrong_is_planned(facts: MediaFacts, profile: Profile, resolution: str) -> None:
    found = outcome(facts, profile, resolution)
    standard_definition = not isinstance(found, Plan) and "standard definition" in found[0].message
    assert isinstance(found, Plan) or standard_definition
    if isinstance(found, Plan):
        check(found)
