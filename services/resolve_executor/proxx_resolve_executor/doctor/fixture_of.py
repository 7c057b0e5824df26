"""From what was seen of a host to its fixture, without what identifies it. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from proxx_resolve_executor.discovery import Platform
from proxx_resolve_executor.doctor.anonymous import Anonymiser
from proxx_resolve_executor.doctor.call_returns import call_returns
from proxx_resolve_executor.doctor.resolve_checks import Seen
from proxx_resolve_executor.host_fixture import ClipDump, HostFixture

PLATFORMS = {Platform.LINUX: "linux", Platform.MACOS: "darwin", Platform.WINDOWS: "windows"}


def fixture_of(*, seen: Seen, platform: Platform, recorded: datetime, names: Mapping[str, str]) -> HostFixture:
    """Return the fixture. `names` are those of host and user, each with what stands for it.

    Stems of media become `clip_1` and so on, in the order in which they were imported.
    """
    recording = seen.recording
    stems = {stem: f"clip_{number}" for number, stem in enumerate(recording.stems, start=1)}
    anonymous = Anonymiser(words={**stems, **names})
    clips = tuple(
        ClipDump(
            label=clip.label,
            properties=anonymous.fields(clip.properties),
            audio_mapping=anonymous.text(clip.audio_mapping),
        )
        for clip in recording.clips
    )
    return HostFixture(
        recorded_time=recorded.isoformat(timespec="seconds"),
        platform=PLATFORMS[platform],
        product=seen.product,
        version=seen.version,
        python=seen.python,
        formats=seen.formats,
        codecs=seen.codecs,
        project_settings=anonymous.fields(recording.settings),
        clips=clips,
        render_presets=tuple(anonymous.value(preset) for preset in recording.presets),
        jobs=tuple(anonymous.fields(job) for job in recording.jobs),
        statuses=tuple(anonymous.fields(status) for status in recording.statuses),
        returns=call_returns(calls=seen.calls) if recording.rendered else {},
        probes=cast(dict[str, str], anonymous.fields({**_listed(seen), **recording.probes})),
    )


def _listed(seen: Seen) -> dict[str, str]:
    """What the tables say of ProRes."""
    found = sorted({f"{one}/{codec}" for one, listed in seen.codecs.items() for codec in listed.values()})
    prores = [pair for pair in found if "ProRes" in pair]
    return {"prores": ", ".join(prores) or "not listed", "pairs": str(len(found))}
