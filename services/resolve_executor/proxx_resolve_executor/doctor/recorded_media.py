"""A media file that is to be recorded: its files, and what our own reading of its bytes says."""

from dataclasses import dataclass
from pathlib import Path

from proxx.core.detection import Engine
from proxx.core.facts import SourceIdentity
from proxx.core.plan import Plan, PlanInputs
from proxx.core.planner.clip import plan_clip
from proxx.core.profile import Profile
from proxx.core.quoting import quote
from proxx.core.roots import RootPath
from proxx.core.steps import InspectWork
from proxx.core.violation import ViolationsError
from proxx.engine.errors import StepFailedError
from proxx.engine.mounts import MountTable
from proxx.engine.probe.examine_source import examine_source
from proxx_resolve_executor.clip_facts import clip_facts
from proxx_resolve_executor.host_port import InspectedClip, Media
from proxx_resolve_executor.source_media import local_media

ROOT = "media"
UNKNOWN = "unknown"


class MediaRefusedError(Exception):
    """A file that cannot be recorded, or a clip that cannot be planned. The message says which rule it breaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedMedia:
    """One clip: its files as Resolve is given them, its identity, container and codec by our own reading."""

    source: RootPath
    media: Media
    identity: SourceIdentity
    container: str
    codec: str

    @property
    def stem(self) -> str:
        """The name of its first file, without the suffix."""
        return self.media.files[0].stem


def recorded_media(*, path: Path) -> RecordedMedia:
    """Look at a file, or at the folder or first file of a clip of several. Blocks.

    Raises:
        MediaRefusedError: it is no clip that can be read.
    """
    absolute = path.absolute()
    source = RootPath(root=ROOT, path=absolute.name)
    examined = examine_source(path=absolute, source=source, clip_index=0)
    detection, identity = examined.detection, examined.identity
    if detection is None or identity is None:
        reasons = "; ".join(violation.message for violation in examined.violations)
        raise MediaRefusedError(f"{quote(text=path.name)}: {reasons or 'it cannot be read'}")
    try:
        media = local_media(mounts=MountTable({ROOT: absolute.parent}), source=source, identity=identity)
    except StepFailedError as error:
        raise MediaRefusedError(f"{quote(text=path.name)}: {error}") from error
    raw = detection.engine is Engine.RESOLVE
    return RecordedMedia(
        source=source,
        media=media,
        identity=identity,
        container=detection.container or UNKNOWN,
        # whatever Resolve opens may be rendered here; a codec of FFmpeg's would be refused as one for FFmpeg
        codec=detection.codec or UNKNOWN if raw else UNKNOWN,
    )


def render_plan(*, recorded: RecordedMedia, clip: InspectedClip, profile: Profile) -> Plan:
    """Plan the clip with the profile's own defaults.

    Raises:
        MediaRefusedError: Resolve's facts of it cannot be used, or the planner refuses it.
    """
    work = InspectWork(
        clip_index=0,
        source=recorded.source,
        identity=recorded.identity,
        container=recorded.container,
        codec=recorded.codec,
    )
    report = clip_facts(work=work, clip=clip, sequence=recorded.media.sequence)
    if report.facts is None:
        raise MediaRefusedError("; ".join(violation.message for violation in report.violations))
    inputs = PlanInputs(
        source=recorded.source,
        output=RootPath(root=ROOT, path=f"proxy.{profile.containers[0]}"),
        facts=report.facts,
        profile=profile,
        codec=profile.codec,
        container=profile.containers[0],
        resolution=profile.default_resolution,
        fps=None,
    )
    try:
        return plan_clip(inputs=inputs)
    except ViolationsError as error:
        raise MediaRefusedError(f"{profile.name}: {error}") from error
