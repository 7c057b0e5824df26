"""The profiles that a scheduler knows: read once, never changed while it runs."""

from proxx.core.profile import Profile


class ProfileLibrary:
    """Profiles by name. A name stands for one recipe; there are no aliases and no fallback."""

    def __init__(self, profiles: tuple[Profile, ...]) -> None:
        """Take the profiles in any order.

        Raises:
            ValueError: two profiles share a name; the error names every such name.
        """
        names = [profile.name for profile in profiles]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ValueError(f"profile names must be unique; used more than once: {', '.join(doubled)}")
        self._profiles = tuple(sorted(profiles, key=lambda profile: profile.name))
        self._by_name = {profile.name: profile for profile in self._profiles}

    @property
    def profiles(self) -> tuple[Profile, ...]:
        """All profiles, sorted by name."""
        return self._profiles

    def names(self) -> tuple[str, ...]:
        """Return all names, sorted."""
        return tuple(self._by_name)

    def get(self, name: str) -> Profile | None:
        """Return the profile with exactly this name, or None."""
        return self._by_name.get(name)
