"""The profiles that a scheduler knows, and the files of their looks: read once, never changed while it runs."""

from collections.abc import Mapping
from types import MappingProxyType

from proxx.core.profile import Profile

NO_ASSETS: Mapping[str, bytes] = MappingProxyType({})
"""For libraries whose profiles have no looks."""


class ProfileLibrary:
    """Profiles by name. A name stands for one recipe; there are no aliases and no fallback."""

    def __init__(self, profiles: tuple[Profile, ...], *, assets: Mapping[str, bytes] = NO_ASSETS) -> None:
        """Take the profiles in any order, and the files of their looks by sha256 (lower-case hex).

        Raises:
            ValueError: two profiles share a name, or a look needs a file that is not given; the error names them.
        """
        names = [profile.name for profile in profiles]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ValueError(f"profile names must be unique; used more than once: {', '.join(doubled)}")
        self._profiles = tuple(sorted(profiles, key=lambda profile: profile.name))
        self._by_name = {profile.name: profile for profile in self._profiles}
        needed = {asset.sha256: asset for profile in profiles if profile.look for asset in profile.look.assets}
        missing = sorted(asset.name for sha256, asset in needed.items() if sha256 not in assets)
        if missing:
            raise ValueError(f"looks need files that are not given: {', '.join(missing)}")
        self._assets = {sha256: assets[sha256] for sha256 in needed}

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

    def variant(self, *, of: str, word: str) -> Profile | None:
        """Return the variant of the profile `of` that is asked for by `word`, or None."""
        found = (profile for profile in self._profiles if (profile.variant_of, profile.variant) == (of, word))
        return next(found, None)

    def variants(self, *, of: str) -> tuple[Profile, ...]:
        """Return every variant of the profile `of`, sorted by name."""
        return tuple(profile for profile in self._profiles if profile.variant_of == of)

    def asset(self, sha256: str) -> bytes | None:
        """Return the file of a look by its digest, or None: no look of this library needs it."""
        return self._assets.get(sha256)
