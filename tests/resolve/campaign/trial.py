"""One render of the campaign, drawn from a seed and a number alone: which switches, which source, which disturbance."""

import random
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from tests.resolve.clip_quirks import PROJECT_QUIRKS, RENDER_QUIRKS
from tests.resolve.host_quirks import HOST_QUIRKS
from tests.resolve.output_quirks import OUTPUT_QUIRKS
from tests.resolve.quirk_case import Ending, QuirkCase
from tests.resolve_simulator.quirks import Quirks

FILE = "a file"
CANCELLED = "cancelled"
TROUBLE = "ENGINE_UNAVAILABLE"
TYPED = frozenset(
    {
        TROUBLE,
        "PLAN_MISMATCH",
        "SOURCE_UNREADABLE",
        "RENDER_FAILED",
        "TOOL_STALLED",
        "TOOL_TIMEOUT",
        "OUTPUT_MISSING",
    }
)
FIXED = frozenset(
    {"platform", "version", "edition", "scripting", "codecs_missing", "codecs_added", "formats_without_codecs"}
)
"""What a Resolve is from its start on: drawn for a host, or not at all."""

RECIPES: tuple[dict[str, Any], ...] = (
    {"frames": 5},
    {"frames": 3, "audio": ()},
    {"frames": 8, "audio": (1, 1)},
)
NAMES = (
    "A001_C001.R3D",
    "a b.R3D",
    "it's; $(x) & co.R3D",
    "line\nbreak.R3D",
    "Größe_日本.R3D",
    "-nogui.R3D",
    'quo"te.R3D',
)
HARMLESS: tuple[dict[str, Any], ...] = (
    {"language": "ja"},
    {"language": "it"},
    {"percentage": "float"},
    {"preset_list": "dicts"},
    {"create_blocked_by": "dirty"},
    {"delete_twice": True},
    {"source_name_wins": True},
    {"reel_name_dropped": True},
    {"preset_kept": True},
    {"sticky_preset": "Audio Only"},
    {"render_seconds": 0.1},
    {"delays": {"AddRenderJob": 0.05}},
    {"none_calls": ("SetRenderSettings", "StartRendering")},
)
IDENTITIES = (Quirks(), Quirks(platform="darwin"), Quirks(platform="windows"), Quirks(version="19.1.3.7"))


class Disturbance(StrEnum):
    """What somebody else does at a random moment of the render."""

    NONE = "nothing"
    CANCEL = "cancelled at a random moment"
    KILL_RESOLVE = "Resolve killed at a random moment"
    KILL_CHILD = "child killed at a random moment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One render. `ends` are the outcomes that are right; `fresh` says that Resolve is killed before it."""

    number: int
    name: str
    quirks: Quirks
    ends: frozenset[str]
    recipe: dict[str, Any]
    source: str
    disturbance: Disturbance = Disturbance.NONE
    after_seconds: float = 0.0
    fresh: bool = False


def job_cases() -> tuple[QuirkCase, ...]:
    """The cases for whole jobs: those that end by themselves, and of which the next job sees nothing."""
    return tuple(
        case
        for case in (*PROJECT_QUIRKS, *RENDER_QUIRKS, *OUTPUT_QUIRKS)
        if case.ending in (Ending.COMPLETED, Ending.FAILED, Ending.REJECTED)
        and not (case.once or case.recovers or case.settings or _fixed(case.quirks))
    )


def draw(*, seed: int, number: int) -> Trial:
    """Return render `number` of the campaign `seed`."""
    chance = random.Random(f"{seed}/{number}")
    recipe, source = chance.choice(RECIPES), chance.choice(NAMES)
    rest = Trial(number=number, name="", quirks=Quirks(), ends=frozenset({FILE}), recipe=recipe, source=source)
    kind = chance.random()
    if kind < 0.40:
        return replace(rest, name="healthy, with harmless oddities", quirks=_odd(chance, Quirks()))
    if kind < 0.75:
        case = chance.choice(_CLIP)
        return replace(rest, name=case.name, quirks=_odd(chance, case.quirks), ends=_ends(case))
    if kind < 0.79:
        case = chance.choice(_HOST)
        fresh = chance.random() < 0.5
        return replace(rest, name=case.name, quirks=case.quirks, ends=_host_ends(case), fresh=fresh)
    if kind < 0.86:
        first, second = chance.sample(_CLIP, 2)
        both = _over(first.quirks, second.quirks)
        return replace(rest, name="two at once", quirks=both, ends=TYPED | {FILE})
    quirks = _odd(chance, Quirks(render_seconds=chance.choice((0.0, 0.3))))
    after = chance.uniform(0.0, 0.4)
    if kind < 0.96:
        what, ends = Disturbance.CANCEL, frozenset({FILE, CANCELLED})
    elif kind < 0.98:
        what, ends = Disturbance.KILL_RESOLVE, frozenset({FILE, TROUBLE})
    else:
        what, ends = Disturbance.KILL_CHILD, frozenset({FILE, TROUBLE})
    return replace(rest, name=what.value, quirks=quirks, ends=ends, disturbance=what, after_seconds=after)


def _odd(chance: random.Random, quirks: Quirks) -> Quirks:
    for change in chance.sample(HARMLESS, chance.randint(0, 3)):
        quirks = _over(Quirks(**change), quirks)
    return quirks


def _over(below: Quirks, above: Quirks) -> Quirks:
    """Both together; where both set one switch, the second one's value."""
    rest = Quirks()
    changed = {each.name: getattr(above, each.name) for each in fields(Quirks)}
    return replace(below, **{name: value for name, value in changed.items() if value != getattr(rest, name)})


def _ends(case: QuirkCase) -> frozenset[str]:
    if case.ending is Ending.COMPLETED or case.kind == "OUTPUT_MISMATCH":
        return frozenset({FILE})  # what a file must measure is the verdict's, not the bridge's
    return frozenset({case.kind}) if case.kind else TYPED | {FILE}


def _host_ends(case: QuirkCase) -> frozenset[str]:
    if case.ending is Ending.COMPLETED and not case.once:
        return frozenset({FILE})
    return frozenset({FILE, TROUBLE}) if not case.kind or case.kind != "PLAN_MISMATCH" else frozenset({case.kind})


def _fixed(quirks: Quirks) -> bool:
    rest = Quirks()
    return any(getattr(quirks, name) != getattr(rest, name) for name in FIXED)


_CLIP = tuple(
    case
    for case in (*PROJECT_QUIRKS, *RENDER_QUIRKS, *OUTPUT_QUIRKS)
    if not case.facts and not _fixed(case.quirks) and case.ending is not Ending.WAITS
)
_HOST = tuple(case for case in HOST_QUIRKS if not _fixed(case.quirks))
