"""The preset that is bound to a media folder: what it leaves out, and what it makes of a clip."""

from proxx.core.presets.category_presets import DuplicatesPreset, ExclusionsPreset, RepeatedSources
from proxx.core.presets.errors import PresetNotFoundError, PresetValidationError
from proxx.core.presets.preset_library import PresetLibrary
from proxx.core.profile_library import ProfileLibrary
from proxx_watcher.app.media_ports import Recipes
from proxx_watcher.app.ports import Clock
from proxx_watcher.domain.media_settings import MediaSettings
from proxx_watcher.domain.media_spec import MediaJob, NoJob, ReadyClip, media_job
from proxx_watcher.domain.selection import excluded_by_preset

_AGAIN_SECONDS = 60.0


class MediaRecipe:
    """Reads presets and profiles anew once a minute, so that one that was missing is found when it is there."""

    def __init__(self, *, settings: MediaSettings, recipes: Recipes, clock: Clock) -> None:
        """Take the binding; nothing is read yet."""
        self._settings = settings
        self._recipes = recipes
        self._clock = clock
        self._library: PresetLibrary | None = None
        self._next_read = 0.0
        self._profiles: ProfileLibrary | None = None
        self._left_out: dict[str, str] = {}
        self.problem = "" if settings.preset else "no preset is bound to this folder, so no job is made"

    async def refresh(self) -> None:
        """Read the presets when it is time. What is wrong with them stands in `problem`."""
        if not self._settings.preset or self._clock.monotonic() < self._next_read:
            return
        self._next_read = self._clock.monotonic() + _AGAIN_SECONDS
        self._profiles = None
        try:
            self._library = await self._recipes.presets()
            self._library.global_preset(preset_id=self._settings.preset)
            self.problem = ""
        except PresetNotFoundError:
            self.problem = f"preset {self._settings.preset} does not exist, so no job is made"
        except PresetValidationError as error:
            self.problem = f"the presets cannot be read, so no job is made: {str(error).splitlines()[0]}"
        self._left_out.clear()

    def exists(self, preset: str) -> bool:
        """Return whether there is a global preset of this id."""
        return self._library is not None and preset in {item.id for item in self._library.global_presets}

    def excluded(self, name: str) -> str:
        """Return by which rule of the preset a file of this name is left out; empty when by none."""
        if self.problem or self._library is None:
            return ""
        if name not in self._left_out:
            preset = self._library.global_preset(preset_id=self._settings.preset)
            self._left_out[name] = excluded_by_preset(
                name=name,
                exclusions=self._library.part(preset=preset, kind=ExclusionsPreset),
                duplicates=self._library.part(preset=preset, kind=DuplicatesPreset),
            )
        return self._left_out[name]

    def refuses_repeated(self) -> bool:
        """Return whether the DUPLICATES preset refuses a source that is there twice, in place of keeping the first."""
        if self.problem or self._library is None:
            return False
        preset = self._library.global_preset(preset_id=self._settings.preset)
        duplicates = self._library.part(preset=preset, kind=DuplicatesPreset)
        return duplicates.repeated_sources is RepeatedSources.REFUSE

    async def job(self, *, clip: ReadyClip) -> MediaJob | NoJob:
        """Return what the preset makes of a clip.

        Raises:
            SchedulerAwayError: it does not tell its profiles.
        """
        if self.problem or self._library is None:
            return NoJob(reason=self.problem or "the presets were not read yet", left_out=False)
        if self._profiles is None:
            self._profiles = await self._recipes.profiles()
        return media_job(
            clip=clip,
            preset=self._settings.preset,
            library=self._library,
            profiles=self._profiles,
            base_directory=self._settings.output_directory,
            created_at=self._clock.now().isoformat(timespec="seconds"),
        )
