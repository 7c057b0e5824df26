"""Every way in which FFmpeg makes a proxy: each shipped profile with each of its containers."""

from dataclasses import dataclass

from proxx.core.detection import Engine
from proxx.core.profile import Profile
from proxx.runtime.profile_files import builtin_library


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One profile, container and resolution."""

    profile: Profile
    container: str
    resolution: str

    @property
    def name(self) -> str:
        """For tables and test ids."""
        return f"{self.profile.name} in {self.container}"


WAYS = tuple(
    Way(
        profile=profile,
        container=container,
        resolution="same" if "same" in profile.resolutions else profile.default_resolution,
    )
    for profile in builtin_library().profiles
    if profile.engine is Engine.FFMPEG and profile.look is None
    for container in profile.containers
)
