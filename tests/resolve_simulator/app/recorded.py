"""What a recorded host shows in the place of the built-in texts and types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.resolve_simulator.app.languages import status_text

if TYPE_CHECKING:
    from tests.resolve_simulator.app.world import World

# Bookkeeping of one recorded clip that must not stand for another.
OWN = frozenset({"Proxy", "Proxy Media Path", "Synced Audio", "In", "Out", "Usage"})


def recorded_clip(world: World, family: str) -> dict[str, object]:
    """Return the properties of the recorded clip of a family (its property Format), without what is its own."""
    for dump in world.fixture.clips if world.fixture else ():
        if dump.properties.get("Format") == family:
            return {key: value for key, value in dump.properties.items() if key not in OWN}
    return {}


def shaped_job(world: World, shown: dict[str, Any]) -> dict[str, Any]:
    """Return a job with the keys of the recorded one; those that the simulator does not know keep their values."""
    if world.fixture is None or not world.fixture.jobs:
        return shown
    recorded = world.fixture.jobs[-1]
    return {key: shown.get(key, value) for key, value in recorded.items() if key != "JobId"}


def status_word(world: World, status: str) -> str:
    """Return the JobStatus of the recorded host, where it showed that one, else that of the language."""
    recorded = world.fixture.statuses if world.fixture else ()
    ends = {"Ready": recorded[:1], "Complete": recorded[-1:], "Rendering": recorded[1:2]}.get(status, ())
    for each in ends if len(recorded) > 1 else ():
        return str(each.get("JobStatus", status))
    return status_text(status, world.quirks.language)


def percentage(world: World, value: float) -> int | float:
    """Return a percentage in the type that the switch, or the recorded host, has."""
    recorded = world.fixture.statuses if world.fixture else ()
    floats = any(isinstance(each.get("CompletionPercentage"), float) for each in recorded)
    return float(value) if floats or world.quirks.percentage == "float" else int(value)


def lists_dicts(world: World) -> bool:
    """Whether presets are listed as dictionaries."""
    recorded = world.fixture.render_presets if world.fixture else ()
    return world.quirks.preset_list == "dicts" or any(isinstance(each, dict) for each in recorded)
