"""Where profiles come from: the files of this package, and a site's own directory."""

from importlib import resources
from pathlib import Path

from proxx.core.profile import Profile
from proxx.core.profile_library import ProfileLibrary
from proxx.core.profile_reader import ProfileError, read_profile

SUFFIX = ".toml"


def builtin_library() -> ProfileLibrary:
    """Return the profiles that Proxx ships.

    Raises:
        ProfileError: a shipped file is broken, which only a damaged installation explains.
    """
    return ProfileLibrary(_builtin())


def load_library(*, directory: Path | None) -> ProfileLibrary:
    """Return the shipped profiles and those of a site: every `*.toml` file of `directory`, not below it.

    Raises:
        ProfileError: the directory cannot be read, a file is broken, is not named after its profile, or takes a name
            that is already in use. All problems of all files are listed.
    """
    shipped = _builtin()
    if directory is None:
        return ProfileLibrary(shipped)
    try:
        paths = sorted(path for path in directory.iterdir() if path.name.endswith(SUFFIX))
        texts = [(path.name, path.read_text(encoding="utf-8")) for path in paths]
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError((f"profile directory {directory}: {error}",)) from error
    site = _read(texts)
    taken = {profile.name for profile in shipped}
    clashes = tuple(
        f"{profile.name}{SUFFIX}: name: {profile.name} is a shipped profile; a name stands for one recipe"
        for profile in site
        if profile.name in taken
    )
    if clashes:
        raise ProfileError(clashes)
    return ProfileLibrary(shipped + site)


def _builtin() -> tuple[Profile, ...]:
    files = (entry for entry in resources.files("proxx.profiles").iterdir() if entry.name.endswith(SUFFIX))
    return _read([(entry.name, entry.read_text(encoding="utf-8")) for entry in sorted(files, key=lambda e: e.name)])


def _read(texts: list[tuple[str, str]]) -> tuple[Profile, ...]:
    profiles: list[Profile] = []
    problems: list[str] = []
    for origin, text in texts:
        try:
            profile = read_profile(text=text, origin=origin)
        except ProfileError as error:
            problems += error.problems
            continue
        if origin != f"{profile.name}{SUFFIX}":
            problems.append(f"{origin}: name: the file of {profile.name} must be named {profile.name}{SUFFIX}")
        profiles.append(profile)
    if problems:
        raise ProfileError(tuple(problems))
    return tuple(profiles)
