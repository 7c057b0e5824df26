"""Where profiles come from: the files of this package, and a site's own directory."""

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from proxx.core.profile_library import ProfileLibrary
from proxx.core.profile_set import SUFFIX, ProfileFile, read_profiles
from proxx.core.table_reader import ProfileError
from proxx.runtime.asset_directory import DirectoryAssets, PackageAssets

ASSETS = "assets"
"""The directory of the looks' files, beside the profile files."""


def builtin_library() -> ProfileLibrary:
    """Return the profiles that Proxx ships.

    Raises:
        ProfileError: a shipped file is broken, which only a damaged installation explains.
    """
    return load_library(directory=None)


def load_library(*, directory: Path | None) -> ProfileLibrary:
    """Return the shipped profiles and those of a site: every `*.toml` file of `directory`, not below it.

    The files that looks name are read from `assets` in the same directory.

    Raises:
        ProfileError: the directory cannot be read, a file is broken, is not named after its profile, or takes a name
            that is already in use. All problems of all files are listed.
    """
    package = resources.files("proxx.profiles")
    shipped_assets = PackageAssets(package / ASSETS)
    shipped = read_profiles(files=_shipped(package, shipped_assets), known=())
    if directory is None:
        return ProfileLibrary(shipped, assets=shipped_assets.contents)
    site_assets = DirectoryAssets(directory / ASSETS)
    try:
        paths = sorted(path for path in directory.iterdir() if path.name.endswith(SUFFIX))
        files = tuple(
            ProfileFile(origin=path.name, text=path.read_text(encoding="utf-8"), assets=site_assets) for path in paths
        )
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError((f"profile directory {directory}: {error}",)) from error
    site = read_profiles(files=files, known=shipped)
    return ProfileLibrary(shipped + site, assets={**shipped_assets.contents, **site_assets.contents})


def _shipped(package: Traversable, assets: PackageAssets) -> tuple[ProfileFile, ...]:
    entries = sorted(
        (entry for entry in package.iterdir() if entry.name.endswith(SUFFIX)), key=lambda entry: entry.name
    )
    return tuple(
        ProfileFile(origin=entry.name, text=entry.read_text(encoding="utf-8"), assets=assets) for entry in entries
    )
